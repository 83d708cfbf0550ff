//! Between candle's tensors and slices of numbers on the host.

use candle_core::{Result, Storage, Tensor};

/// Shows the numbers of an f32 tensor on the CPU, row-major. Copies only what does not lie together.
pub fn with_host<T>(x: &Tensor, look: impl FnOnce(&[f32]) -> T) -> Result<T> {
    let x = x.contiguous()?;
    let (storage, layout) = x.storage_and_layout();
    let Storage::Cpu(numbers) = &*storage else {
        candle_core::bail!("a kernel for the CPU was given a tensor on {:?}", x.device().location());
    };
    let numbers = numbers.as_slice::<f32>()?;
    Ok(look(&numbers[layout.start_offset()..][..x.elem_count()]))
}
