//! What lies under the cursor: which pixel of which view is seen there.

use glam::{Vec2, Vec3};

use super::RenderError;
use super::canvas::Canvas;
use super::read_back::read_numbers;
use crate::scene::{CloudScene, OrbitCamera, usable_depth};

/// Pixels around the cursor in which the nearest point is looked for.
const REACH: u32 = 6;

/// The sample of a depth map that the picture shows at some place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pick {
    /// In the world: the un-projected pixel, exactly.
    pub position: Vec3,
    /// z-depth from the eye of the 3D view.
    pub depth: f32,
    /// Index of the view that the point comes from.
    pub view: usize,
    /// Column and row in the view's depth map.
    pub pixel: [u32; 2],
}

impl Pick {
    /// Of the point with that number, counted over all pixels of all views.
    pub(super) fn of_number(scene: &CloudScene, camera: &OrbitCamera, number: u32) -> Option<Self> {
        let mut at = number as usize;
        for (index, view) in scene.views().iter().enumerate() {
            if let Some(&depth) = view.depth.get(at) {
                let pixel = [at as u32 % view.width, at as u32 / view.width];
                let [x, y] = pixel.map(|v| v as f32);
                let in_camera = view.camera.intrinsics.unproject(x, y, usable_depth(depth));
                let position = view.camera.camera_from_world.inverse().apply(in_camera);
                let depth = (position - camera.eye).dot(camera.forward());
                return Some(Self { position, depth, view: index, pixel });
            }
            at -= view.depth.len();
        }
        None
    }
}

/// Two samples whose depths differ by no more than this part belong to one surface.
const SAME_SURFACE: f32 = 0.05;

/// The sample shown nearest to `pixel`; `None` where none is near.
///
/// Splats overlap, so of the samples of that surface the one whose middle is nearest is taken, not the one whose rim happens to
/// lie there.
pub fn pick(
    device: &wgpu::Device,
    queue: &wgpu::Queue,
    canvas: &Canvas,
    scene: &CloudScene,
    camera: &OrbitCamera,
    pixel: [u32; 2],
) -> Result<Option<Pick>, RenderError> {
    let [width, height] = canvas.size;
    if pixel[0] >= width || pixel[1] >= height {
        return Ok(None);
    }
    let origin = pixel.map(|at| at.saturating_sub(REACH));
    let size = [(pixel[0] + REACH + 1).min(width) - origin[0], (pixel[1] + REACH + 1).min(height) - origin[1]];
    // Splats grow by less than this, so the rectangle holds the numbers of all that is shown in its inner part.
    let [keys, sources, numbers] =
        read_numbers(device, queue, [&canvas.nearest, &canvas.sources, &canvas.numbers], width, origin, size)?;
    let mut shown: Vec<(u32, u32)> = (0u32..)
        .zip(keys.iter().zip(&sources))
        .filter(|(_, (key, _))| **key != 0)
        .filter_map(|(i, (_, source))| {
            let at = [origin[0] + i % size[0], origin[1] + i / size[0]];
            let inside = [(source % width).checked_sub(origin[0])?, (source / width).checked_sub(origin[1])?];
            let number = (inside[0] < size[0]).then(|| numbers.get((inside[1] * size[0] + inside[0]) as usize))??;
            Some((at[0].abs_diff(pixel[0]).pow(2) + at[1].abs_diff(pixel[1]).pow(2), *number))
        })
        .collect();
    shown.sort_unstable();
    let picks: Vec<Pick> = shown.iter().filter_map(|&(_, number)| Pick::of_number(scene, camera, number)).collect();
    let Some(first) = picks.first() else { return Ok(None) };
    let viewport = Vec2::new(width as f32, height as f32);
    let cursor = Vec2::new(pixel[0] as f32, pixel[1] as f32) + 0.5;
    let away = |pick: &Pick| {
        let (screen, _) = camera.project(pick.position, viewport.x / viewport.y)?;
        Some(((screen + 1.0) / 2.0 * viewport).distance_squared(cursor))
    };
    let near = picks.iter().filter(|pick| (pick.depth - first.depth).abs() <= SAME_SURFACE * first.depth.abs());
    let nearest = near.filter_map(|pick| Some((away(pick)?, pick))).min_by(|a, b| a.0.total_cmp(&b.0));
    Ok(nearest.map(|(_, pick)| *pick))
}
