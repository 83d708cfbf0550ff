//! Textures back to the processor: for picking and screenshots.

use std::time::Duration;

use super::RenderError;

/// After this long a driver is taken for stuck.
const PATIENCE: Duration = Duration::from_secs(20);

/// The texels of a rectangle, row by row without padding. Blocks until the adapter has drawn what was submitted.
///
/// Errors: [`RenderError::ReadBack`] when the driver fails or is stuck.
pub fn read_texels(
    device: &wgpu::Device,
    queue: &wgpu::Queue,
    texture: &wgpu::Texture,
    origin: [u32; 2],
    [width, height]: [u32; 2],
) -> Result<Vec<u8>, RenderError> {
    let row = width * texture.format().block_copy_size(None).unwrap_or(4);
    let padded_row = row.next_multiple_of(wgpu::COPY_BYTES_PER_ROW_ALIGNMENT);
    let buffer = device.create_buffer(&wgpu::BufferDescriptor {
        label: Some("read back"),
        size: u64::from(padded_row) * u64::from(height),
        usage: wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::MAP_READ,
        mapped_at_creation: false,
    });
    let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor { label: Some("read back") });
    encoder.copy_texture_to_buffer(
        wgpu::TexelCopyTextureInfo {
            texture,
            mip_level: 0,
            origin: wgpu::Origin3d { x: origin[0], y: origin[1], z: 0 },
            aspect: wgpu::TextureAspect::All,
        },
        wgpu::TexelCopyBufferInfo {
            buffer: &buffer,
            layout: wgpu::TexelCopyBufferLayout { offset: 0, bytes_per_row: Some(padded_row), rows_per_image: None },
        },
        wgpu::Extent3d { width, height, depth_or_array_layers: 1 },
    );
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
    Ok(mapped.chunks_exact(padded_row as usize).flat_map(|padded| &padded[..row as usize]).copied().collect())
}
