//! What lies under the cursor.

use glam::{Vec2, Vec3};

use super::RenderError;
use super::read_back::read_texels;
use super::targets::Targets;
use crate::scene::OrbitCamera;

/// Pixels around the cursor in which the nearest point is looked for.
const REACH: u32 = 4;

/// A point of the cloud on the screen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pick {
    /// In the world.
    pub position: Vec3,
    /// z-depth from the camera of the 3D view.
    pub depth: f32,
    /// Index of the view that the point comes from.
    pub view: usize,
}

/// The point nearest to `pixel` in what `camera` drew into `targets`; `None` where none is near.
pub fn pick(
    device: &wgpu::Device,
    queue: &wgpu::Queue,
    targets: &Targets,
    camera: &OrbitCamera,
    pixel: [u32; 2],
) -> Result<Option<Pick>, RenderError> {
    let [width, height] = targets.size;
    if pixel[0] >= width || pixel[1] >= height {
        return Ok(None);
    }
    let origin = pixel.map(|at| at.saturating_sub(REACH));
    let size = [(pixel[0] + REACH + 1).min(width) - origin[0], (pixel[1] + REACH + 1).min(height) - origin[1]];
    let texels = read_texels(device, queue, &targets.geometry, origin, size)?;
    let candidates = texels.chunks_exact(8).enumerate().filter_map(|(i, texel)| {
        let [depth, number]: [u32; 2] = bytemuck::pod_read_unaligned(texel);
        let depth = f32::from_bits(depth);
        let at = [origin[0] + i as u32 % size[0], origin[1] + i as u32 / size[0]];
        let distance = at[0].abs_diff(pixel[0]).pow(2) + at[1].abs_diff(pixel[1]).pow(2);
        (depth > 0.0).then_some((distance, depth, number, at))
    });
    let nearest = candidates.min_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
    Ok(nearest.map(|(_, depth, number, at)| {
        let size = Vec2::new(width as f32, height as f32);
        let screen = (Vec2::new(at[0] as f32, at[1] as f32) + 0.5) / size * 2.0 - 1.0;
        let position = camera.eye + camera.ray(screen, size.x / size.y) * depth;
        Pick { position, depth, view: (number as usize).saturating_sub(1) }
    }))
}
