//! A loaded model, settings and views to a `Prediction`; passes, post-processing, cancellation points.

mod align;
mod bench;
mod convert;
mod cost;
mod depth_fit;
mod device;
mod devices;
mod driver;
mod engine;
mod error;
mod estimate;
mod finish;
mod generated_file;
mod given;
mod hidden;
mod joint;
mod known_depths;
mod lens;
mod lens_model;
mod nested;
mod plan;
mod prediction;
mod prepare;
mod recover;
mod remedy;
mod rim;
mod run;
pub mod selftest;
mod settings;
mod shrink;
mod sky;
mod sweeping;
mod weight_file;
mod weights;

pub use crate::input::preprocess::PhotoPart;
pub use crate::model::{FeatureMap, RawGaussians};
pub use align::{Alignment, Misfit};
pub use bench::{BenchJob, BenchStage, Measured, StageTimes};
pub use convert::{Conversion, FewerBits, convert};
pub use depth_fit::{Brought, DepthFit};
pub use devices::{Devices, in_pool};
pub use driver::Driver;
pub use engine::{Engine, Used};
pub use error::{InferenceError, Notice, Short};
pub use finish::{ASSUMED_FOV_DEGREES, depth_from_disparity, unit_of};
pub use generated_file::write_generated;
pub use lens::Lens;
pub use nested::{TwiceSeen, bring_to_metres};
pub use plan::{Job, Plan, VIEWS_PER_PASS};
pub use prediction::{
    Camera, CameraSource, DepthUnit, Extras, GaussianMaps, PassAlignment, Prediction, RanOn, RunMemory, StageSeconds,
    ViewPrediction,
};
pub use prepare::{LEAST_RESOLUTION, MOST_RESOLUTION, Photo, default_resolution};
pub use remedy::{Change, Remedy};
pub use run::{Listener, RunStage};
pub use settings::{DeviceChoice, Precision, ReferenceView, Settings};
pub use sky::fill_sky;
pub use weight_file::WeightFile;
