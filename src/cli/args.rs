//! The command line as data.

use std::path::PathBuf;

use clap::builder::styling::{AnsiColor, Styles};
use clap::{Parser, Subcommand};

use super::bench::{BENCH_NOTES, BenchArguments};
use super::convert::{CONVERT_NOTES, ConvertArguments};
use super::depth::{DEPTH_NOTES, DepthArguments};
use super::example::ExampleArguments;
use super::models::{MODELS_NOTES, ModelsArguments};
use super::refine::{REFINE_NOTES, RefineArguments};
use super::render::{RENDER_NOTES, RenderArguments};
use super::selftest::{SELFTEST_NOTES, SelftestArguments};
use super::solve::{SOLVE_NOTES, SolveArguments};
use super::values::adapter;
use crate::render::AdapterChoice;

const EXAMPLES: &str = "\
Examples:
  fathom                                    open the window
  fathom holiday/*.jpg                      open the window with these photos
  fathom holiday.fathom                     open it with a saved session, or a folder of results
  fathom depth room.jpg --out result        depth of one photo, no window
  fathom depth holiday/ --out scene --model da3-small
                                            one scene of many photos: depth, cameras, a cloud
  fathom render result --out picture.png    a picture of the scene, no window
  fathom render result --out round.mp4 --turntable
                                            a film once around it
  fathom cameras holiday/ --out cameras     where photos were taken, from the photos alone
  fathom refine result --out exact          cameras of earlier results made exact
  fathom models                             which models there are
  fathom models get da3-small               fetch one
  fathom selftest                           whether this machine's devices calculate as they should
  fathom example --out photos               photos with exact depth and cameras, to try things with
Metres, Blender, COLMAP, a depth film, little memory: 'fathom depth --help' has an example of each.

Exit codes:
  0  done
  1  failed
  2  the command line cannot be used as given
  3  done, but some photos failed; stderr names them";

/// Longer lines are not read well, however wide the terminal is.
const WIDEST: usize = 100;

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

/// Photos to depth maps, camera poses and a 3D scene, on your own machine.
///
/// Without a command, opens the window with the photos and folders, or with the session that is named.
#[derive(Debug, Parser)]
#[command(name = "fathom", version, styles = STYLES, after_help = EXAMPLES, max_term_width = WIDEST, args_conflicts_with_subcommands = true)]
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
    /// Write a model's file in fewer bits
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

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn clap_finds_no_contradiction() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn photos_without_a_command_are_for_the_window() {
        let arguments = Arguments::try_parse_from(["fathom", "a.jpg", "b"]).expect("valid");
        assert!(arguments.command.is_none() && arguments.photos.len() == 2 && arguments.adapter.is_none());
        let arguments = Arguments::try_parse_from(["fathom", "--adapter", "intel", "a.jpg"]).expect("valid");
        assert_eq!((arguments.photos.len(), arguments.adapter), (1, Some(AdapterChoice::Named("intel".into()))));
    }
}
