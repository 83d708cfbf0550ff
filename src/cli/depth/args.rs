//! The options of `fathom depth`, and the settings that follow from them.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::catalog::ModelId;
use crate::cli::cameras::CameraArguments;
use crate::cli::files::FileArguments;
use crate::cli::photos::PhotoArguments;
use crate::cli::values::{Device, Number, model_id, session_file};
use crate::export::Format;
use crate::inference::Settings;
use crate::input::Method;

#[derive(Debug, Args)]
pub(in crate::cli) struct DepthArguments {
    /// Photos, and folders of photos
    #[arg(required = true)]
    pub photos: Vec<PathBuf>,
    /// Folder for the results; made if missing, and empty unless --overwrite is given
    #[arg(short, long, value_name = "DIR", required_unless_present_any = ["dry_run", "session"])]
    pub out: Option<PathBuf>,
    /// Write a session, too, or alone: one file that the window and 'fathom render' open, with exact numbers
    #[arg(long, value_name = "FILE.fathom", value_parser = session_file)]
    pub session: Option<PathBuf>,
    /// Model by its id, see 'fathom models'
    #[arg(short, long, value_name = "ID", default_value_t, value_parser = model_id)]
    pub model: ModelId,
    /// Model file (safetensors) for this model, instead of the installed one
    #[arg(long, value_name = "FILE")]
    pub weights: Option<PathBuf>,
    /// Where the network runs
    #[arg(long, value_enum, default_value_t)]
    pub device: Device,
    /// Number format of the backbone; auto is f32, or bf16 with CUDA
    #[arg(long, value_enum, default_value_t)]
    pub precision: Number,
    /// Full f32 products with CUDA; without this their inputs are rounded to ten bits (TF32), which is several times faster
    #[arg(long)]
    pub no_tf32: bool,
    /// Process resolution in pixels: more detail, more time and memory [default: 504, or 518 with Depth Anything V2]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(14..=16_384))]
    pub resolution: Option<u32>,
    /// How photos are brought to the resolution; Depth Anything V2 has a rule of its own
    #[arg(long, value_enum, default_value_t)]
    pub method: Rule,
    /// Views that the network sees together: a number, 'all', or 'auto' for as many as fit into memory
    #[arg(long, value_name = "N", default_value = "auto", value_parser = views_per_pass)]
    pub views_per_pass: PerPass,
    /// Views that a pass shares with those before it, by which both become one scene [default: a quarter of a pass]
    #[arg(long, value_name = "N")]
    pub overlap: Option<usize>,
    /// Every photo is a scene of its own: for photos that do not belong together
    #[arg(long)]
    pub independent: bool,
    /// Part of the free memory that the run may plan with, in percent
    #[arg(long, value_name = "PERCENT", default_value_t = 75, value_parser = clap::value_parser!(u8).range(10..=90))]
    pub memory: u8,
    /// Go on at a lower resolution when memory runs out and nothing else helps
    #[arg(long)]
    pub may_lower_resolution: bool,
    /// Only say how the run would go and what it would need
    #[arg(long)]
    pub dry_run: bool,
    #[command(flatten)]
    pub of_photos: PhotoArguments,
    #[command(flatten)]
    pub cameras: CameraArguments,
    /// Write into a folder that is not empty, replacing files of the same names
    #[arg(long)]
    pub overwrite: bool,
    /// Say nothing but problems
    #[arg(short, long)]
    pub quiet: bool,
    #[command(flatten)]
    pub files: FileArguments,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) enum PerPass {
    Auto,
    All,
    Number(usize),
}

fn views_per_pass(text: &str) -> Result<PerPass, &'static str> {
    match text {
        "auto" => Ok(PerPass::Auto),
        "all" => Ok(PerPass::All),
        _ => match text.parse() {
            Ok(views) if views > 0 => Ok(PerPass::Number(views)),
            _ => Err("expected a number from 1 up, 'all' or 'auto'"),
        },
    }
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(in crate::cli) enum Rule {
    #[default]
    #[value(name = "upper_bound_resize")]
    UpperResize,
    #[value(name = "upper_bound_crop")]
    UpperCrop,
    #[value(name = "lower_bound_resize")]
    LowerResize,
    #[value(name = "lower_bound_crop")]
    LowerCrop,
}

impl DepthArguments {
    /// The settings of a run over this number of photos.
    pub fn settings(&self, photos: usize) -> Settings {
        let mut settings = Settings {
            model: self.model.clone(),
            weights: self.weights.clone(),
            device: self.device.into(),
            precision: self.precision.into(),
            tf32: !self.no_tf32,
            resolution: self.resolution,
            method: match self.method {
                Rule::UpperResize => Method::UpperBoundResize,
                Rule::UpperCrop => Method::UpperBoundCrop,
                Rule::LowerResize => Method::LowerBoundResize,
                Rule::LowerCrop => Method::LowerBoundCrop,
            },
            views_per_pass: match self.views_per_pass {
                PerPass::Auto => None,
                PerPass::All => Some(photos),
                PerPass::Number(views) => Some(views),
            },
            overlap: self.overlap,
            independent: self.independent,
            memory_percent: self.memory,
            may_lower_resolution: self.may_lower_resolution,
            gaussians: self.files.wants(Format::GsPly),
            features: self.files.features(),
            ..Settings::default()
        };
        self.of_photos.fill(&mut settings);
        self.cameras.fill(&mut settings);
        settings
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::args::{Arguments, Command};
    use crate::inference::{DeviceChoice, Lens, Precision, ReferenceView};
    use crate::input::Shapes;
    use clap::Parser;

    fn depth(words: &[&str]) -> Result<DepthArguments, clap::Error> {
        let all = ["fathom", "depth", "a.jpg", "--out", "o"].into_iter().chain(words.iter().copied());
        Arguments::try_parse_from(all).map(|arguments| match arguments.command {
            Some(Command::Depth(depth)) => *depth,
            other => panic!("{other:?}"),
        })
    }

    #[test]
    fn defaults_are_the_settings_defaults() {
        assert_eq!(depth(&[]).expect("valid").settings(3), Settings::default());
    }

    #[test]
    fn options_reach_the_settings() {
        let words = "--model da3-base --weights w.safetensors --device cpu --precision bf16 --no-tf32 --resolution 700 \
                     --method lower_bound_crop --views-per-pass 4 --overlap 1 --independent --memory 50 --may-lower-resolution \
                     --reference-view saddle_sim_range --shapes crop --keep-order --masks m --known-depths k.csv --sensor-depth s --ray-pose --focal 28 --formats gs_ply,feat_vis --export-feat 5,3,5";
        let settings = depth(&words.split_whitespace().collect::<Vec<_>>()).expect("valid").settings(9);
        let expected = Settings {
            model: ModelId("da3-base".into()),
            weights: Some("w.safetensors".into()),
            device: DeviceChoice::Cpu,
            precision: Precision::Bf16,
            tf32: false,
            resolution: Some(700),
            method: Method::LowerBoundCrop,
            shapes: Shapes::Crop,
            masks: Some("m".into()),
            known_depths: Some("k.csv".into()),
            sensor_depth: Some("s".into()),
            keep_order: true,
            views_per_pass: Some(4),
            overlap: Some(1),
            independent: true,
            memory_percent: 50,
            may_lower_resolution: true,
            reference_view: ReferenceView::SaddleSimRange,
            ray_pose: true,
            lens: Some(Lens::Focal35(28.0)),
            gaussians: true,
            features: vec![3, 5],
            ..Settings::default()
        };
        let known = depth(&["--cameras", "c.json", "--no-align-to-input-ext-scale"]).expect("valid").settings(1);
        assert!(known.known_cameras.is_some() && !known.given_scale);
        assert_eq!(settings, expected);
        let all = depth(&["--views-per-pass", "all"]).expect("valid").settings(9);
        assert_eq!(all.views_per_pass, Some(9));
    }

    #[test]
    fn nonsense_is_refused() {
        for words in [
            &["--views-per-pass", "0"][..],
            &["--memory", "100"],
            &["--resolution", "13"],
            &["--method", "stretch"],
            &["--frobnicate"],
        ] {
            assert_eq!(depth(words).expect_err("nonsense").exit_code(), 2, "{words:?}");
        }
    }
}
