//! Why a model did not load or a run gave nothing.

use std::path::PathBuf;

use super::DeviceChoice;
use crate::catalog::ModelId;
use crate::input::InputError;
use crate::model::ModelError;

#[derive(Debug, thiserror::Error)]
pub enum InferenceError {
    #[error("there is no model called {0}")]
    UnknownModel(ModelId),
    #[error("the weights of {model} are not on this machine")]
    NoWeights { model: &'static str, published_at: &'static str, places: Vec<PathBuf> },
    #[error("{choice} cannot be used: {reason}")]
    Device { choice: DeviceChoice, reason: String },
    #[error("a resolution of {resolution} px is outside {least} to {most} px")]
    Resolution { resolution: u32, least: u32, most: u32 },
    #[error(transparent)]
    Model(#[from] ModelError),
    #[error(transparent)]
    Input(#[from] InputError),
    #[error(
        "{path}: the photo is so elongated that the network would have to see {width}×{height} px",
        path = path.display()
    )]
    TooElongated { path: PathBuf, width: u32, height: u32 },
    #[error("no photo could be used")]
    NothingToDo,
    #[error("the network gave no usable depth for {path}: {flaw}", path = path.display())]
    Unusable { path: PathBuf, flaw: &'static str },
    #[error("the run was cancelled")]
    Cancelled,
}

impl InferenceError {
    pub fn is_cancelled(&self) -> bool {
        matches!(self, Self::Cancelled | Self::Model(ModelError::Cancelled))
    }
}

/// Something that the person should know although the run goes on.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Notice {
    #[error("the {wanted} could not be used ({reason}); the run uses the CPU")]
    FellBackToCpu { wanted: &'static str, reason: String },
    #[error("the photos have different shapes; all were cropped around their centre to {width}×{height} px")]
    Cropped { width: u32, height: u32 },
    #[error(
        "{passes} passes of up to {views} views were run; each pass is a scene of its own, with its own scale and \
         world frame"
    )]
    SeparateScenes { passes: usize, views: usize },
    #[error(
        "no lens was given for {views} of the photos; metres were derived from an assumed horizontal field of view of \
         {degrees}°, so their scale is a guess"
    )]
    AssumedScale { views: usize, degrees: u32 },
}
