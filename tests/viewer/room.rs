//! A room with a box and a ball, cast ray by ray: exact depth and colours for any camera.

use std::path::PathBuf;
use std::sync::Arc;

use fathom::geometry::{Intrinsics, Rigid};
use fathom::inference::{Camera, Extras, LensSource, PhotoPart, PoseSource, ViewPrediction};
use fathom::input::ViewId;
use glam::Vec3;
use image::{Rgb, RgbImage};

/// The room as seen from `eye` towards `target`; the world's y points down as in the reference camera's frame.
pub fn photograph(id: u64, eye: Vec3, target: Vec3, width: u32, height: u32) -> Arc<ViewPrediction> {
    let pose = Rigid::looking_at(eye, target, Vec3::NEG_Y);
    let intrinsics = Intrinsics::from_horizontal_fov(1.1, width, height);
    let mut depth = Vec::new();
    let image = RgbImage::from_fn(width, height, |x, y| {
        let ray = pose.rotation.transpose() * intrinsics.unproject(x as f32, y as f32, 1.0);
        let (distance, colour) = cast(eye, ray);
        depth.push(distance);
        Rgb(colour)
    });
    // `from_fn` walks row by row, so the depths are in order.
    Arc::new(ViewPrediction {
        view: ViewId(id),
        path: PathBuf::from(format!("room-{id}.png")),
        scene: 0,
        photo_size: [width, height],
        photo_part: PhotoPart::whole([width, height]),
        photo_turn: Default::default(),
        bent: None,
        width,
        height,
        image,
        confidence: Some(depth.iter().map(|d| 1.0 + 4.0 / d).collect()),
        depth,
        sky: None,
        disparity: None,
        background: None,
        extras: Extras::default(),
        camera: Camera {
            intrinsics,
            camera_from_world: pose,
            lens: LensSource::Predicted,
            pose: PoseSource::Predicted,
        },
    })
}

/// Distance in units of `ray` (z-depth, when its z in the camera is 1) and shaded colour of what it meets first.
fn cast(eye: Vec3, ray: Vec3) -> (f32, [u8; 3]) {
    let mut nearest = (f32::INFINITY, Vec3::ONE, Vec3::Z);
    let mut meet = |t: f32, colour: Vec3, normal: Vec3| {
        if t > 1e-3 && t < nearest.0 {
            nearest = (t, colour, normal);
        }
    };
    for (axis, at, colour) in [
        (Vec3::Y, 1.0, Vec3::new(0.62, 0.52, 0.42)),
        (Vec3::Z, 4.0, Vec3::new(0.55, 0.66, 0.75)),
        (Vec3::X, -2.5, Vec3::new(0.80, 0.70, 0.55)),
        (Vec3::X, 2.5, Vec3::new(0.62, 0.72, 0.58)),
    ] {
        let t = (at - eye.dot(axis)) / ray.dot(axis);
        let p = eye + ray * t;
        let tile = ((p.x * 2.0 + 0.01).floor() + (p.y * 2.0 + 0.01).floor() + (p.z * 2.0 + 0.01).floor()) as i32;
        meet(t, colour * if tile.rem_euclid(2) == 0 { 1.0 } else { 0.82 }, axis);
    }
    let (t, normal) = slab(eye, ray, Vec3::new(-1.3, 0.0, 1.6), Vec3::new(-0.3, 1.0, 2.6));
    meet(t, Vec3::new(0.85, 0.36, 0.28), normal);
    let centre = Vec3::new(0.9, 0.4, 2.2);
    let (a, b, c) = (ray.dot(ray), ray.dot(eye - centre), (eye - centre).length_squared() - 0.36);
    let root = (b * b - a * c).sqrt();
    meet((-b - root) / a, Vec3::new(0.25, 0.55, 0.62), (eye + ray * ((-b - root) / a) - centre).normalize_or_zero());
    let (t, colour, normal) = nearest;
    let light = 0.55 + 0.45 * normal.dot(Vec3::new(-0.4, -0.8, -0.45)).abs();
    (t, (colour * light * 255.0).to_array().map(|v| v as u8))
}

fn slab(eye: Vec3, ray: Vec3, min: Vec3, max: Vec3) -> (f32, Vec3) {
    let (a, b) = ((min - eye) / ray, (max - eye) / ray);
    let (enter, leave) = (a.min(b), a.max(b));
    let t = enter.max_element();
    let normal = [Vec3::X, Vec3::Y, Vec3::Z][usize::from(t > enter.x) + usize::from(t > enter.x && t > enter.y)];
    if t <= leave.min_element() { (t, normal) } else { (f32::INFINITY, Vec3::Z) }
}
