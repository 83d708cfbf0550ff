//! Which options of the command line do what the advice of a problem says; the window has controls for the same.

use crate::inference::{InferenceError, Notice, Short};
use crate::model::{ModelError, Trouble};

type Options = &'static [&'static str];

/// What makes a run smaller.
const SMALLER: Options = &["--views-per-pass", "--resolution", "--model"];

pub(super) fn for_error(error: &InferenceError) -> Options {
    match error {
        InferenceError::UnknownModel(_) => &["--model"],
        InferenceError::NoWeights { .. } => &["--weights FILE"],
        InferenceError::Device { .. } => &["--device cpu"],
        InferenceError::Resolution { .. } | InferenceError::TooLargeForOthers { .. } => &["--resolution"],
        InferenceError::Model(error) => for_model(error),
        InferenceError::Cameras(_) => &["--cameras"],
        InferenceError::OtherConversion { .. } => &["--model, --weights"],
        InferenceError::Conversion { .. } => &["--out"],
        InferenceError::NoLensModel(_) => &["--lens-model"],
        InferenceError::NoSuchBlock { .. } => &["--export-feat"],
        InferenceError::Unusable { .. } => &["--model", "--resolution"],
        // What would fit is listed, each with the option that does it.
        InferenceError::DoesNotFit { .. } | InferenceError::OutOfMemory { .. } => &[],
        InferenceError::Input(_)
        | InferenceError::TooElongated { .. }
        | InferenceError::OddShape { .. }
        | InferenceError::Catalog(_)
        | InferenceError::NoCamera { .. }
        | InferenceError::CameraMisfit { .. }
        | InferenceError::NothingToDo
        | InferenceError::NotLoaded
        | InferenceError::Cancelled => &[],
    }
}

pub(super) fn for_model(error: &ModelError) -> Options {
    match error {
        ModelError::Missing { .. }
        | ModelError::Surplus { .. }
        | ModelError::Shape { .. }
        | ModelError::Type { .. } => &["--model", "--weights"],
        ModelError::NotSafetensors { .. }
        | ModelError::Truncated { .. }
        | ModelError::NotFinite { .. }
        | ModelError::Read { .. } => &["--weights"],
        ModelError::OutOfMemory { .. } => SMALLER,
        ModelError::Int8NeedsKernels => &["--device cpu", "--precision f16"],
        ModelError::Device(_) | ModelError::Gpu(_) | ModelError::Stopped { .. } => match error.trouble() {
            Some(Trouble::Memory) => &["--views-per-pass", "--resolution", "--model", "--device"],
            Some(Trouble::TooLong) => &["--views-per-pass", "--resolution", "--device cpu"],
            _ => &["--device cpu"],
        },
        ModelError::ImageSize { .. } | ModelError::PoseCount { .. } | ModelError::Cancelled => &[],
    }
}

/// Of those whose own words do not name one.
pub(super) fn for_notice(notice: &Notice) -> Options {
    match notice {
        Notice::FellBackToCpu { .. } => &["--device cpu"],
        Notice::WentOnWithCpu { is_of_memory: true, .. } => &["--model", "--resolution"],
        Notice::WentOnWithCpu { .. } => &["--device"],
        Notice::NoBf16 { .. } => &["--precision f16"],
        Notice::WithoutMask { .. } => &["--masks"],
        Notice::WithoutDepth { .. } => &["--known-depths", "--sensor-depth"],
        Notice::SeparateScenes { .. } | Notice::NotAligned { .. } => &["--views-per-pass", "--overlap"],
        Notice::FewerViews { short: Short::Time { .. }, .. }
        | Notice::SmallerTiles { short: Short::Time { .. }, .. }
        | Notice::TriedAgain { short: Short::Time { .. } } => &["--views-per-pass"],
        Notice::LowerResolution { .. } => &["--model"],
        Notice::WithoutCamera { .. } => &["--cameras"],
        _ => &[],
    }
}
