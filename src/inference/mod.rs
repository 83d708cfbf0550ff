//! A loaded model, settings and views to a `Prediction`; passes, post-processing, cancellation points.

mod prediction;
mod settings;
mod sky;
mod weight_file;

pub use prediction::{Camera, CameraSource, DepthUnit, Prediction, StageSeconds, ViewPrediction};
pub use settings::{DeviceChoice, Precision, ReferenceView, Settings};
pub use sky::fill_sky;
pub use weight_file::WeightFile;
