//! The scene, drawn from one of its places: every pixel's colour, and its exact depth.

use glam::{DMat3, DVec3, Vec3};
use image::RgbImage;
use rayon::prelude::*;

use super::{SyntheticView, light, table_top};
use crate::geometry::{Intrinsics, Rigid};

/// Number of places from which the scene is seen.
pub const VIEWS: usize = table_top::EYES.len();

/// Focal length in units of the longer side of the picture.
const FOCAL: f32 = 1.05;
/// Picture samples around a pixel's centre, in pixels (a rotated grid).
const SAMPLES: [[f64; 2]; 4] = [[-0.125, -0.375], [0.375, -0.125], [0.125, 0.375], [-0.375, 0.125]];

/// Draws the view with this index (counted round [`VIEWS`]) at `width`×`height` pixels.
pub fn render(view: usize, width: u32, height: u32) -> SyntheticView {
    let eye = Vec3::from(table_top::EYES[view % VIEWS]);
    let camera_from_world = Rigid::looking_at(eye, Vec3::from(table_top::TARGET), Vec3::Y);
    let intrinsics = Intrinsics::centred(FOCAL * width.max(height) as f32, width, height);
    let things = table_top::things();

    let world_from_camera = camera_from_world.inverse();
    let rotation = DMat3::from_cols_array(&world_from_camera.rotation.to_cols_array().map(f64::from));
    let origin = world_from_camera.translation.as_dvec3();
    // A direction with z = 1 in the camera's frame: the distance along it is z-depth.
    let direction = |u: f64, v: f64| {
        let k = &intrinsics;
        let x = (u - f64::from(k.cx)) / f64::from(k.fx);
        let y = (v - f64::from(k.cy)) / f64::from(k.fy);
        rotation * DVec3::new(x, y, 1.0)
    };

    let rows: Vec<(Vec<u8>, Vec<f32>)> = (0..height)
        .into_par_iter()
        .map(|v| {
            let (mut pixels, mut depths) = (Vec::with_capacity(width as usize * 3), Vec::with_capacity(width as usize));
            for u in 0..width {
                let (x, y) = (f64::from(u), f64::from(v));
                let depth = light::nearest(&things, origin, direction(x, y)).map_or(f64::INFINITY, |(hit, _)| hit.t);
                depths.push(depth as f32);
                let mut sum = DVec3::ZERO;
                for (i, [dx, dy]) in SAMPLES.into_iter().enumerate() {
                    let key = [i64::from(u), i64::from(v), (view % VIEWS * SAMPLES.len() + i) as i64];
                    sum += light::colour(&things, origin, direction(x + dx, y + dy), key);
                }
                pixels.extend(to_8_bit(sum / SAMPLES.len() as f64));
            }
            (pixels, depths)
        })
        .collect();
    let mut image = RgbImage::new(width, height);
    let mut depth = Vec::with_capacity(width as usize * height as usize);
    let row_bytes = (width as usize * 3).max(1);
    for (row, (pixels, depths)) in image.chunks_exact_mut(row_bytes).zip(rows) {
        row.copy_from_slice(&pixels);
        depth.extend(depths);
    }
    SyntheticView { image, depth, intrinsics, camera_from_world }
}

/// Linear light to 8 bits: highlights roll off (Reinhard, white at 3), gamma 2.
fn to_8_bit(linear: DVec3) -> [u8; 3] {
    linear.to_array().map(|c| {
        let rolled = c * (1.0 + c / 9.0) / (1.0 + c) * 1.35;
        (rolled.clamp(0.0, 1.0).sqrt() * 255.0 + 0.5) as u8
    })
}
