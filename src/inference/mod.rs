//! A loaded model, settings and views to a `Prediction`; passes, post-processing, cancellation points.

mod prediction;
mod settings;

pub use prediction::{Camera, CameraSource, DepthUnit, Prediction, StageSeconds, ViewPrediction};
pub use settings::{DeviceChoice, Precision, ReferenceView, Settings};
