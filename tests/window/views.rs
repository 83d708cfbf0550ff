//! Views as a run gives them, drawn.

use std::path::PathBuf;

use fathom::geometry::{Intrinsics, Rigid};
use fathom::inference::{Camera, Extras, LensSource, PhotoPart, PoseSource, ViewPrediction};
use fathom::input::ViewId;
use image::{Rgb, RgbImage};

/// A ball over a floor under a sky: colours and depth, different for each index.
pub fn scene(index: usize, width: u32, height: u32) -> (RgbImage, Vec<f32>) {
    let shift = index as f32 * 0.12;
    let mut depth = Vec::with_capacity((width * height) as usize);
    let image = RgbImage::from_fn(width, height, |x, y| {
        let (u, v) = (x as f32 / width as f32, y as f32 / height as f32);
        let (dx, dy) = (u - 0.35 - shift, (v - 0.55) * height as f32 / width as f32);
        let radius = (dx * dx + dy * dy).sqrt();
        if radius < 0.18 {
            let bulge = (1.0 - (radius / 0.18).powi(2)).sqrt();
            depth.push(2.2 - 0.6 * bulge);
            let light = 0.35 + 0.65 * bulge;
            Rgb([(215.0 * light) as u8, (120.0 * light) as u8, (70.0 * light) as u8])
        } else if v > 0.5 {
            depth.push((0.6 / (v - 0.45)).clamp(1.0, 12.0));
            let tile = ((u * 12.0 / (v + 0.1)) as i32 + (8.0 / (v - 0.42)) as i32) % 2 == 0;
            Rgb(if tile { [120, 128, 120] } else { [86, 96, 92] })
        } else {
            depth.push(12.0);
            Rgb([(110.0 + 90.0 * v) as u8, (150.0 + 70.0 * v) as u8, 205])
        }
    });
    (image, depth)
}

/// The view with this number, in metres; the camera of each is the same.
pub fn prediction(view: u64) -> ViewPrediction {
    let (width, height) = (252, 189);
    let (image, depth) = scene(view as usize, width, height);
    let confidence = depth.iter().map(|d| 1.0 + 6.0 / d).collect();
    let sky = depth.iter().map(|d| *d >= 12.0).collect();
    ViewPrediction {
        view: ViewId(view),
        path: PathBuf::from(format!("view {}.png", view + 1)),
        scene: 0,
        photo_size: [320, 240],
        photo_part: PhotoPart::whole([320, 240]),
        photo_turn: Default::default(),
        bent: None,
        width,
        height,
        image,
        depth,
        confidence: Some(confidence),
        sky: Some(sky),
        disparity: None,
        background: None,
        extras: Extras::default(),
        camera: Camera {
            intrinsics: Intrinsics::from_horizontal_fov(1.0, width, height),
            camera_from_world: Rigid::IDENTITY,
            lens: LensSource::Predicted,
            pose: PoseSource::Predicted,
        },
    }
}
