//! Textures back to the processor: for picking and screenshots.

use std::time::Duration;

use super::RenderError;

/// After this long a driver is taken for stuck.
const PATIENCE: Duration = Duration::from_secs(20);

/// All texels of a texture, row by row without padding. Blocks until the adapter has drawn what was submitted.
///
/// Errors: [`RenderError::ReadBack`] when the driver fails or is stuck.
pub fn read_texels(
    device: &wgpu::Device,
    queue: &wgpu::Queue,
    texture: &wgpu::Texture,
) -> Result<Vec<u8>, RenderError> {
    let row = texture.width() * texture.format().block_copy_size(None).unwrap_or(4);
    let padded_row = row.next_multiple_of(wgpu::COPY_BYTES_PER_ROW_ALIGNMENT);
    let bytes = read(device, queue, u64::from(padded_row) * u64::from(texture.height()), |encoder, buffer| {
        encoder.copy_texture_to_buffer(
            texture.as_image_copy(),
            wgpu::TexelCopyBufferInfo {
                buffer,
                layout: wgpu::TexelCopyBufferLayout {
                    offset: 0,
                    bytes_per_row: Some(padded_row),
                    rows_per_image: None,
                },
            },
            texture.size(),
        );
    })?;
    Ok(bytes.chunks_exact(padded_row as usize).flat_map(|padded| &padded[..row as usize]).copied().collect())
}

/// A rectangle (left and top, width and height) of a buffer that holds rows of `width` numbers, row by row. Blocks as
/// [`read_texels`] does.
///
/// Errors: [`RenderError::ReadBack`] when the driver fails or is stuck.
pub fn read_numbers<const N: usize>(
    device: &wgpu::Device,
    queue: &wgpu::Queue,
    buffers: [&wgpu::Buffer; N],
    width: u32,
    origin: [u32; 2],
    size: [u32; 2],
) -> Result<[Vec<u32>; N], RenderError> {
    let row = u64::from(size[0]) * 4;
    let part = row * u64::from(size[1]);
    let bytes = read(device, queue, part * N as u64, |encoder, target| {
        for (buffer, start) in buffers.iter().zip((0..).map(|i| i * part)) {
            for y in 0..size[1] {
                let from = (u64::from(origin[1] + y) * u64::from(width) + u64::from(origin[0])) * 4;
                encoder.copy_buffer_to_buffer(buffer, from, target, start + u64::from(y) * row, row);
            }
        }
    })?;
    let numbers = |i: usize| {
        let part = &bytes[i * part as usize..(i + 1) * part as usize];
        part.as_chunks().0.iter().map(|&bytes| u32::from_ne_bytes(bytes)).collect()
    };
    Ok(std::array::from_fn(numbers))
}

fn read(
    device: &wgpu::Device,
    queue: &wgpu::Queue,
    size: u64,
    copy: impl FnOnce(&mut wgpu::CommandEncoder, &wgpu::Buffer),
) -> Result<Vec<u8>, RenderError> {
    let buffer = device.create_buffer(&wgpu::BufferDescriptor {
        label: Some("read back"),
        size,
        usage: wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::MAP_READ,
        mapped_at_creation: false,
    });
    let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor { label: Some("read back") });
    copy(&mut encoder, &buffer);
    let submission = queue.submit([encoder.finish()]);
    let (sender, receiver) = crossbeam_channel::bounded(1);
    buffer.slice(..).map_async(wgpu::MapMode::Read, move |result| {
        // The receiver lives until this has run, or the caller has given up on the driver.
        let _ = sender.send(result);
    });
    let failed = |reason: String| RenderError::ReadBack { reason };
    device
        .poll(wgpu::PollType::Wait { submission_index: Some(submission), timeout: Some(PATIENCE) })
        .map_err(|e| failed(e.to_string()))?;
    receiver.recv_timeout(PATIENCE).map_err(|e| failed(e.to_string()))?.map_err(|e| failed(e.to_string()))?;
    let mapped = buffer.slice(..).get_mapped_range().map_err(|e| failed(e.to_string()))?;
    Ok(mapped.to_vec())
}
