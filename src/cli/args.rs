//! The command line as data.

use std::path::PathBuf;

use clap::builder::styling::{AnsiColor, Styles};
use clap::{Args, Parser, Subcommand, ValueEnum};

use super::bench::{BENCH_NOTES, BenchArguments};
use super::cameras::CameraArguments;
use super::convert::{CONVERT_NOTES, ConvertArguments};
use super::example::ExampleArguments;
use super::files::{DEPTH_NOTES, FileArguments};
use super::models::{MODELS_NOTES, ModelsArguments};
use super::photos::PhotoArguments;
use super::refine::{REFINE_NOTES, RefineArguments};
use super::render::{RENDER_NOTES, RenderArguments};
use super::solve::{SOLVE_NOTES, SolveArguments};
use crate::catalog::ModelId;
use crate::export::Format;
use crate::inference::{DeviceChoice, Precision, Settings};
use crate::input::Method;
use crate::render::AdapterChoice;
use crate::session;

const EXAMPLES: &str = "\
Examples:
  fathom                                    open the window
  fathom holiday/*.jpg                      open the window with these photos
  fathom holiday.fathom                     open the window with a saved session, or with a folder of results
  fathom depth room.jpg --out result        depth of one photo, no window
  fathom depth a.jpg b.jpg c.jpg --out result --model da3-small
                                            three views of one scene: depth, cameras, a cloud
  fathom render result --out picture.png    a picture of the scene, no window
  fathom cameras holiday/ --out cameras     where photos were taken, from the photos alone
  fathom refine result --out exact          cameras of earlier results made exact by what photos share
  fathom models                             which models there are
  fathom models get da3-small               fetch one
  fathom selftest                           whether this machine's devices calculate as they should
  fathom example --out scene                photos with exact depth and cameras, to compare with

Exit codes:
  0  done
  1  failed
  2  the command line cannot be used as given
  3  done, but some photos failed; stderr names them";

const SELFTEST_NOTES: &str = "\
Whole networks run on small images. Errors are root mean squares relative to what is expected: stored numbers of the
reference implementation (GOLDEN), and what the CPU makes of it at f32 (CPU F32). The worse one must stay within the
bound of its precision. It takes up to a minute for each precision and 1.5 GB of memory.

Exit codes: 0 all is well, 1 a result is wrong or the device that was asked for cannot be used";

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

/// Photos to depth maps, camera poses and a 3D scene, on your own machine.
///
/// Without a command, opens the window with the photos and folders, or with the session that is named.
#[derive(Debug, Parser)]
#[command(name = "fathom", version, styles = STYLES, after_help = EXAMPLES, args_conflicts_with_subcommands = true)]
pub(super) struct Arguments {
    /// Photos and folders of photos to open in the window; or a saved session, or a folder of results
    pub photos: Vec<PathBuf>,
    /// What draws the window: auto, software, or a part of a graphics adapter's name [default: WGPU_ADAPTER_NAME, else the
    /// choice in the View menu]
    #[arg(long, value_name = "NAME", value_parser = adapter)]
    pub adapter: Option<AdapterChoice>,
    #[command(subcommand)]
    pub command: Option<Command>,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Compute depth and write it to files, without a window
    #[command(after_help = DEPTH_NOTES)]
    Depth(Box<DepthArguments>),
    /// Draw a picture or a film of results, without a window
    #[command(after_help = RENDER_NOTES)]
    Render(Box<RenderArguments>),
    /// Find where photos were taken, by the points that they share
    #[command(after_help = SOLVE_NOTES)]
    Cameras(SolveArguments),
    /// Adjust the cameras of earlier results by the points that their photos share
    #[command(after_help = REFINE_NOTES)]
    Refine(Box<RefineArguments>),
    /// List the models, fetch, verify and remove them
    #[command(after_help = MODELS_NOTES)]
    Models(ModelsArguments),
    /// Write a model's weights in fewer bits
    #[command(after_help = CONVERT_NOTES)]
    Convert(ConvertArguments),
    /// Write the synthetic example scene: photos, exact depth and cameras
    Example(ExampleArguments),
    /// Compare what every device and precision of this machine calculates with stored numbers and with the CPU
    #[command(after_help = SELFTEST_NOTES)]
    Selftest(SelftestArguments),
    /// Time the networks on this machine: whole, stage by stage, with their peak memory
    #[command(after_help = BENCH_NOTES)]
    Bench(BenchArguments),
    /// Measure one thing for `bench`, in this process
    #[command(hide = true)]
    BenchOne { job: String },
}

#[derive(Debug, Args)]
pub(super) struct DepthArguments {
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
    /// Weight file (safetensors) for this model, instead of the installed one
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

#[derive(Debug, Args)]
pub(super) struct SelftestArguments {
    /// Only this device; auto is all of this build
    #[arg(long, value_enum, default_value_t)]
    pub device: Device,
    /// Write the results to this file, too
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
}

/// Any text will do here; whether the catalog knows it is looked up later.
pub(super) fn model_id(text: &str) -> Result<ModelId, std::convert::Infallible> {
    Ok(ModelId(text.into()))
}

/// Which adapters there are is looked up later.
pub(super) fn adapter(text: &str) -> Result<AdapterChoice, std::convert::Infallible> {
    Ok(AdapterChoice::of(text))
}

/// By its ending the window knows what it is.
pub(super) fn session_file(text: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(text);
    session::has_ending(&path).then_some(path).ok_or_else(|| format!("sessions end in .{}", session::ENDING))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PerPass {
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
pub(super) enum Device {
    #[default]
    Auto,
    Cpu,
    Cuda,
    Metal,
}

impl From<Device> for DeviceChoice {
    fn from(device: Device) -> Self {
        match device {
            Device::Auto => Self::Auto,
            Device::Cpu => Self::Cpu,
            Device::Cuda => Self::Cuda,
            Device::Metal => Self::Metal,
        }
    }
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(super) enum Number {
    #[default]
    Auto,
    F32,
    F16,
    Bf16,
    Int8,
}

impl From<Number> for Precision {
    fn from(number: Number) -> Self {
        match number {
            Number::Auto => Self::Auto,
            Number::F32 => Self::F32,
            Number::F16 => Self::F16,
            Number::Bf16 => Self::Bf16,
            Number::Int8 => Self::Int8,
        }
    }
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(super) enum Rule {
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
    use crate::inference::{Lens, ReferenceView};
    use crate::input::Shapes;
    use clap::CommandFactory;

    fn depth(words: &[&str]) -> Result<DepthArguments, clap::Error> {
        let all = ["fathom", "depth", "a.jpg", "--out", "o"].into_iter().chain(words.iter().copied());
        Arguments::try_parse_from(all).map(|arguments| match arguments.command {
            Some(Command::Depth(depth)) => *depth,
            other => panic!("{other:?}"),
        })
    }

    #[test]
    fn clap_finds_no_contradiction() {
        Arguments::command().debug_assert();
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

    #[test]
    fn photos_without_a_command_are_for_the_window() {
        let arguments = Arguments::try_parse_from(["fathom", "a.jpg", "b"]).expect("valid");
        assert!(arguments.command.is_none() && arguments.photos.len() == 2 && arguments.adapter.is_none());
        let arguments = Arguments::try_parse_from(["fathom", "--adapter", "intel", "a.jpg"]).expect("valid");
        assert_eq!((arguments.photos.len(), arguments.adapter), (1, Some(AdapterChoice::Named("intel".into()))));
    }
}
