//! Small hand-made predictions for the tests of this room.

use std::path::PathBuf;

use image::RgbImage;

use crate::geometry::{Intrinsics, Rigid};
use crate::inference::{Camera, Extras, LensSource, PhotoPart, PoseSource, ViewPrediction};
use crate::input::ViewId;

/// A view of a wall at z-depth `depth`, seen from the origin with a focal length of one image width.
pub fn flat_view(width: u32, height: u32, depth: f32) -> ViewPrediction {
    ViewPrediction {
        view: ViewId(1),
        path: PathBuf::from("wall.png"),
        scene: 0,
        photo_size: [width, height],
        photo_part: PhotoPart::whole([width, height]),
        photo_turn: Default::default(),
        bent: None,
        width,
        height,
        image: RgbImage::from_fn(width, height, |x, y| image::Rgb([x as u8, y as u8, 7])),
        depth: vec![depth; (width * height) as usize],
        confidence: None,
        sky: None,
        disparity: None,
        background: None,
        extras: Extras::default(),
        camera: Camera {
            intrinsics: Intrinsics::centred(width as f32, width, height),
            camera_from_world: Rigid::IDENTITY,
            lens: LensSource::Predicted,
            pose: PoseSource::Predicted,
        },
    }
}
