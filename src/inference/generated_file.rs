//! Weight files of generated numbers: what a published file would look like to the program, without the download.

use std::borrow::Cow;
use std::path::Path;

use safetensors::View;
use safetensors::tensor::Dtype;

use crate::model::{Preset, TensorSpec, generated_values, tensor_specs};

/// Writes a weight file of `preset`. One tensor at a time is in memory.
pub fn write_generated(path: &Path, preset: Preset, seed: u64) -> std::io::Result<()> {
    let specs: Vec<_> = tensor_specs(preset).into_iter().filter(|spec| !spec.optional).collect();
    let tensors = specs.iter().map(|spec| (spec.name.as_str(), Lazy { spec, seed }));
    safetensors::serialize_to_file(tensors, None, path).map_err(std::io::Error::other)
}

/// A tensor whose numbers are made when they are written.
struct Lazy<'a> {
    spec: &'a TensorSpec,
    seed: u64,
}

impl View for Lazy<'_> {
    fn dtype(&self) -> Dtype {
        Dtype::F32
    }

    fn shape(&self) -> &[usize] {
        &self.spec.shape
    }

    fn data(&self) -> Cow<'_, [u8]> {
        let values = generated_values(&self.spec.name, &self.spec.shape, self.seed, false);
        values.iter().flat_map(|value| value.to_le_bytes()).collect()
    }

    fn data_len(&self) -> usize {
        self.spec.shape.iter().product::<usize>() * size_of::<f32>()
    }
}
