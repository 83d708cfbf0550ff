//! The options of `fathom depth` about cameras: whose they are, and in which world they lie.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::lens::LensArguments;
use crate::geometry::Reading;
use crate::inference::{CamerasFrom, ReferenceView, RefineCameras, Settings};

#[derive(Debug, Args)]
pub(super) struct CameraArguments {
    /// Which view ties down the scene, with three or more views
    #[arg(long, value_enum, value_name = "VIEW", default_value_t)]
    reference_view: Reference,
    /// Cameras from the network's rays instead of its camera head: slower, and often more exact
    #[arg(long)]
    ray_pose: bool,
    /// Where the cameras of photos of one place come from: the model where it predicts them and else what photos share (auto), what
    /// photos share (matches), or the model alone
    #[arg(long, value_enum, default_value_t, conflicts_with = "independent")]
    cameras_from: CamerasOf,
    /// Adjust predicted cameras by what photos share, and refit depth to that: where it is a clear gain (auto), known cameras as well
    /// (always; the same as the option alone), or never
    #[arg(long, value_enum, value_name = "WHEN", default_value_t, num_args = 0..=1, default_missing_value = "always")]
    refine_cameras: Refine,
    /// Cameras that are known: a cameras.json of an earlier run, the folder of a COLMAP model, or a transforms.json. Depth
    /// comes out in their world
    #[arg(long, value_name = "PATH", conflicts_with_all = ["independent", "overlap"])]
    cameras: Option<PathBuf>,
    /// In which convention the poses of the known cameras are written
    #[arg(long, value_enum, value_name = "HOW", default_value_t, requires = "cameras")]
    cameras_as: Convention,
    /// Depth in the scale of the known cameras; on unless --no-align-to-input-ext-scale is given
    #[arg(long, overrides_with = "no_align_to_input_ext_scale")]
    align_to_input_ext_scale: bool,
    /// Known cameras are carried into the predicted scene, whose scale stays
    #[arg(long, requires = "cameras")]
    no_align_to_input_ext_scale: bool,
    #[command(flatten)]
    lens: LensArguments,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
#[value(rename_all = "snake_case")]
enum Reference {
    First,
    Middle,
    #[default]
    SaddleBalanced,
    SaddleSimRange,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum CamerasOf {
    #[default]
    Auto,
    Matches,
    Model,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Refine {
    #[default]
    Auto,
    Always,
    Never,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Convention {
    /// World to camera, x right, y down, z forward: as COLMAP and Fathom write them
    #[default]
    W2c,
    /// Camera to world, the same axes
    C2w,
    /// World to camera, y up, z back
    OpenglW2c,
    /// Camera to world, y up, z back
    OpenglC2w,
}

impl CameraArguments {
    /// Fills in what these options say.
    pub fn fill(&self, settings: &mut Settings) {
        settings.reference_view = match self.reference_view {
            Reference::First => ReferenceView::First,
            Reference::Middle => ReferenceView::Middle,
            Reference::SaddleBalanced => ReferenceView::SaddleBalanced,
            Reference::SaddleSimRange => ReferenceView::SaddleSimRange,
        };
        settings.cameras_from = match self.cameras_from {
            CamerasOf::Auto => CamerasFrom::Auto,
            CamerasOf::Matches => CamerasFrom::Matches,
            CamerasOf::Model => CamerasFrom::Model,
        };
        settings.refine_cameras = match self.refine_cameras {
            Refine::Auto => RefineCameras::Auto,
            Refine::Always => RefineCameras::Always,
            Refine::Never => RefineCameras::Never,
        };
        settings.ray_pose = self.ray_pose;
        settings.lens = self.lens.lens();
        settings.lens_model = self.lens.model();
        settings.known_cameras = self.cameras.clone();
        settings.cameras_as = match self.cameras_as {
            Convention::W2c => Reading::AsGiven,
            Convention::C2w => Reading::Inverse,
            Convention::OpenglW2c => Reading::OpenGl,
            Convention::OpenglC2w => Reading::OpenGlInverse,
        };
        settings.given_scale = !self.no_align_to_input_ext_scale;
    }
}
