//! `--fov`, `--focal` and `--lens-model`: the lens that photos were taken with.

use clap::Args;

use super::numbers::number;
use super::values::model_id;
use crate::catalog::ModelId;
use crate::inference::Lens;

/// The lens in numbers.
#[derive(Debug, Default, Args)]
#[group(multiple = false)]
pub(super) struct GivenLens {
    /// Field of view across the longer side of the photos, in degrees, in place of what EXIF says [default: EXIF, or what can be
    /// found out]
    #[arg(long, value_name = "DEGREES", value_parser = degrees)]
    fov: Option<f32>,
    /// The same as a focal length on 35 mm film, in millimetres
    #[arg(long, value_name = "MM", value_parser = millimetres)]
    focal: Option<f32>,
}

#[derive(Debug, Default, Args)]
pub(super) struct LensArguments {
    #[command(flatten)]
    given: GivenLens,
    /// Model that predicts cameras: it finds the lens of photos without EXIF, for models that predict none
    #[arg(long, value_name = "ID", value_parser = model_id, conflicts_with_all = ["fov", "focal"])]
    lens_model: Option<ModelId>,
}

impl GivenLens {
    pub fn lens(&self) -> Option<Lens> {
        self.fov.map(Lens::FieldOfView).or(self.focal.map(Lens::Focal35))
    }
}

impl LensArguments {
    pub fn model(&self) -> Option<ModelId> {
        self.lens_model.clone()
    }

    pub fn lens(&self) -> Option<Lens> {
        self.given.lens()
    }
}

fn degrees(text: &str) -> Result<f32, String> {
    number(text, Lens::FIELDS_OF_VIEW)
}

fn millimetres(text: &str) -> Result<f32, String> {
    number(text, Lens::FOCALS_35)
}
