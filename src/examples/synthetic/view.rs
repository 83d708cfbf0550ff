//! A view of the scene: its picture, and everything that is true about it.

use std::path::PathBuf;

use image::RgbImage;

use crate::geometry::{Intrinsics, Rigid};
use crate::inference::{Camera, Extras, LensSource, PhotoPart, PoseSource, ViewPrediction};
use crate::input::ViewId;

/// One view with everything that is true about it.
#[derive(Clone, Debug)]
pub struct SyntheticView {
    pub image: RgbImage,
    /// z-depth in metres at every pixel's centre, row-major; every pixel has one.
    pub depth: Vec<f32>,
    pub intrinsics: Intrinsics,
    pub camera_from_world: Rigid,
}

impl SyntheticView {
    /// The view as a perfect network would predict it: metric depth, confidence left out.
    pub fn into_prediction(self, view: ViewId, path: PathBuf) -> ViewPrediction {
        let (width, height) = self.image.dimensions();
        ViewPrediction {
            view,
            path,
            scene: 0,
            photo_size: [width, height],
            photo_part: PhotoPart::whole([width, height]),
            photo_turn: Default::default(),
            bent: None,
            width,
            height,
            image: self.image,
            depth: self.depth,
            confidence: None,
            sky: None,
            disparity: None,
            background: None,
            extras: Extras::default(),
            camera: Camera {
                intrinsics: self.intrinsics,
                camera_from_world: self.camera_from_world,
                lens: LensSource::Predicted,
                pose: PoseSource::Predicted,
            },
        }
    }
}
