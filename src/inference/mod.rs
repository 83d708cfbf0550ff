//! A loaded model, settings and views to a `Prediction`; passes, post-processing, cancellation points.

mod align;
mod bench;
mod device;
mod engine;
mod error;
mod finish;
mod generated_file;
mod prediction;
mod prepare;
mod run;
pub mod selftest;
mod settings;
mod sky;
mod weight_file;

pub use align::{Alignment, Misfit, align, carry};
pub use bench::{BenchJob, BenchStage, Measured, StageTimes};
pub use engine::{Engine, Used};
pub use error::{InferenceError, Notice};
pub use finish::{ASSUMED_FOV_DEGREES, depth_from_disparity, unit_of};
pub use generated_file::write_generated;
pub use prediction::{Camera, CameraSource, DepthUnit, Prediction, StageSeconds, ViewPrediction};
pub use prepare::{LEAST_RESOLUTION, MOST_RESOLUTION, Photo, default_resolution};
pub use run::{Listener, RunStage};
pub use settings::{DeviceChoice, Precision, ReferenceView, Settings};
pub use sky::fill_sky;
pub use weight_file::WeightFile;
