//! What a run gives: plain arrays per view, never a tensor.

use std::path::PathBuf;
use std::sync::Arc;

use image::RgbImage;
use serde::{Deserialize, Serialize};

use crate::geometry::{Intrinsics, Rigid};
use crate::input::ViewId;

/// The result of one run, views in the order in which they were asked for (views that failed are absent).
#[derive(Clone, Debug)]
pub struct Prediction {
    /// Display name of the model that made it.
    pub model: String,
    pub unit: DepthUnit,
    pub views: Vec<Arc<ViewPrediction>>,
    pub seconds: StageSeconds,
    /// Largest resident memory of the process seen during the run, in bytes.
    pub peak_bytes: u64,
}

/// Depth and what belongs to it for one view. All maps are row-major, `width`·`height` long.
#[derive(Clone, Debug)]
pub struct ViewPrediction {
    pub view: ViewId,
    pub path: PathBuf,
    /// Views with the same number share one world frame and one depth scale.
    pub scene: usize,
    /// Width and height of the photo as shown (EXIF orientation applied), in pixels.
    pub photo_size: [u32; 2],
    pub width: u32,
    pub height: u32,
    /// The 8-bit image that the network saw, `width`×`height`.
    pub image: RgbImage,
    /// z-depth, finite and > 0, in the prediction's [`DepthUnit`].
    pub depth: Vec<f32>,
    /// ≥ 1, larger is surer; any-view models only.
    pub confidence: Option<Vec<f32>>,
    /// Sky (≥ 0.5 of the sky head), mono and metric models only.
    pub sky: Option<Vec<bool>>,
    /// Relative inverse depth as the network gave it (larger is nearer, 0 is infinitely far); Depth Anything V2
    /// relative models only. `depth` is derived from it.
    pub disparity: Option<Vec<f32>>,
    /// Pixels without a surface: sky, or a disparity of (almost) zero. Left out of clouds.
    pub background: Option<Vec<bool>>,
    pub camera: Camera,
}

/// The camera of one view.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Camera {
    /// Pixels of the processed image (`ViewPrediction::width`×`height`).
    pub intrinsics: Intrinsics,
    /// Extrinsics, w2c, OpenCV frame; the identity where the model predicts no pose.
    pub camera_from_world: Rigid,
    pub source: CameraSource,
}

/// Where a camera comes from; shown, because an assumed lens is not a measured one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CameraSource {
    /// Pose and intrinsics predicted by the network.
    Predicted,
    /// Focal length from the photo's EXIF, no pose.
    Exif,
    /// A field of view was assumed, no pose.
    Assumed,
}

/// What a depth of 1 means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DepthUnit {
    Metres,
    /// Up to an unknown scale: one for all views of a scene.
    #[default]
    Relative,
}

impl DepthUnit {
    /// The word shown behind a number.
    pub fn label(self) -> &'static str {
        match self {
            Self::Metres => "m",
            Self::Relative => "relative",
        }
    }
}

/// Wall-clock seconds per stage of one run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StageSeconds {
    pub load_model: f64,
    pub decode: f64,
    pub backbone: f64,
    pub head: f64,
    pub finish: f64,
    pub total: f64,
}
