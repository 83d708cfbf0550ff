//! What `fathom bench` can be told, and the matrix that follows from it.

use std::path::PathBuf;

use clap::Args;

use crate::catalog::{self, BUILT_IN, Entry, Family, ModelId};
use crate::cli::numbers::number;
use crate::cli::values::{Device, Number, model};

pub(in crate::cli) const BENCH_NOTES: &str = "\
Every measurement runs in a process of its own, so that peak memory is its own. The built-in model
has its real weights, the others get generated ones: time does not depend on them.

With --reckon nothing is measured: what a graphics card is asked for follows from shapes, and times from
what a card does in a second. Nothing real is faster; good kernels reach half of that and more.

Examples:
  fathom bench                              a small matrix, some minutes
  fathom bench --model da3-base --size 504x504 --views 1 --views 8 --precision f32 --precision bf16
  fathom bench --full --runs 3 --json figures.json
  fathom bench --memory                     estimated and measured peaks
  fathom bench --memory --small             a few of them, within a minute
  fathom bench --devices                    all that networks can run on here, side by side
  fathom bench --device gpu                 on a graphics card, by Fathom's own shaders
  fathom bench --device gpu --reckon --model da3-base --views 8 --tflops 10 --gbps 300
                                            what such a card would take at least";

/// The networks of the whole matrix; the small one leaves out the last.
const MODELS: [&str; 4] = [BUILT_IN, "da3-small", "da3-base", "da3-large"];
const SIZES: [Size; 3] = [Size::new(504, 336), Size::new(504, 504), Size::new(518, 518)];
const VIEWS: [u16; 3] = [1, 4, 8];

#[derive(Debug, Args)]
pub(in crate::cli) struct BenchArguments {
    /// Model by its id, again for more [default: da2-small, da3-small, da3-base; with --devices
    /// the first of them]
    #[arg(short, long = "model", value_name = "ID", value_parser = model)]
    pub models: Vec<&'static Entry>,
    /// Size of the network's images in pixels, multiples of 14, again for more [default: 504x336, or 518x518 with Depth
    /// Anything V2]
    #[arg(long = "size", value_name = "WxH", value_parser = size)]
    pub sizes: Vec<Size>,
    /// Views that go through the network together, again for more [default: 1 and 4, or 1 with single-view models]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub views: Vec<u16>,
    /// Number format of the backbone, again for more
    #[arg(long = "precision", value_enum, value_name = "PRECISION", default_value = "f32")]
    pub precisions: Vec<Number>,
    /// Where the network runs
    #[arg(long, value_enum, default_value_t)]
    pub device: Device,
    /// On a CPU, run on candle's operations instead of Fathom's own: what they gain
    #[arg(long)]
    pub plain: bool,
    /// Runs that are counted; one more goes before them
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..))]
    pub runs: u16,
    /// Processor threads [default: all]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub threads: Option<u16>,
    /// The whole matrix: DA3-Large too, three sizes, 1, 4 and 8 views
    #[arg(long)]
    pub full: bool,
    /// Memory instead of time: whole runs of `fathom depth` over a matrix of models, precisions, sizes and views, their
    /// peaks beside what was estimated before them; some minutes
    #[arg(long, conflicts_with_all = ["full", "plain", "models", "sizes", "views", "precisions", "runs"])]
    pub memory: bool,
    /// With --memory: a few runs of the small models, within a minute
    #[arg(long, requires = "memory")]
    pub small: bool,
    /// One table of all that this machine can run networks on: the processor, what the build is for, and each graphics card;
    /// with the greatest error of depth against the processor's
    #[arg(long, conflicts_with_all = ["full", "memory", "plain", "device", "json"])]
    pub devices: bool,
    /// Nothing is measured: work, memory and least times of passes on a graphics card, reckoned without one and without a
    /// model file
    #[arg(long, conflicts_with_all = ["full", "memory", "devices", "plain", "runs", "threads", "weights_dir", "json"])]
    pub reckon: bool,
    /// With --reckon: what the card calculates in a second, in 10¹² operations [default: 2.6, an Apple M1's]
    #[arg(long, value_name = "T", requires = "reckon", value_parser = speed)]
    pub tflops: Option<f32>,
    /// With --reckon: what goes through its memory in a second, in 10⁹ bytes [default: 68, an Apple M1's]
    #[arg(long, value_name = "B", requires = "reckon", value_parser = speed)]
    pub gbps: Option<f32>,
    /// Folder in which generated weights stay, to be used again; without it they are written anew and deleted
    #[arg(long, value_name = "DIR")]
    pub weights_dir: Option<PathBuf>,
    /// File for the figures as JSON
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
}

impl BenchArguments {
    pub fn models(&self) -> Vec<&'static Entry> {
        let listed = match (self.full, self.devices) {
            (true, _) => &MODELS[..],
            (false, false) => &MODELS[..3],
            // Enough to choose by.
            (false, true) => &MODELS[..1],
        };
        or(&self.models, || listed.iter().filter_map(|&id| catalog::find(&ModelId(id.into()))).collect())
    }

    /// Sizes and numbers of views to measure a model with.
    pub fn shapes(&self, entry: &Entry) -> Vec<(Size, u16)> {
        let sizes = or(&self.sizes, || match entry.family {
            _ if self.full => SIZES.to_vec(),
            Family::DepthAnythingV2 => vec![SIZES[2]],
            Family::AnyView | Family::SingleWithSky => vec![SIZES[0]],
        });
        let views = or(&self.views, || match entry.family {
            _ if self.full => VIEWS.to_vec(),
            Family::AnyView => VIEWS[..2].to_vec(),
            Family::SingleWithSky | Family::DepthAnythingV2 => VIEWS[..1].to_vec(),
        });
        sizes.iter().flat_map(|&size| views.iter().map(move |&views| (size, views))).collect()
    }
}

/// What was asked for, else the default.
fn or<T: Clone>(asked: &[T], default: impl FnOnce() -> Vec<T>) -> Vec<T> {
    if asked.is_empty() { default() } else { asked.to_vec() }
}

/// Pixels of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) struct Size {
    pub width: usize,
    pub height: usize,
}

impl Size {
    const fn new(width: usize, height: usize) -> Self {
        Self { width, height }
    }
}

fn size(text: &str) -> Result<Size, &'static str> {
    let side = |text: &str| text.parse().ok().filter(|&side: &usize| side > 0 && side.is_multiple_of(14));
    let sides = text.split_once('x').and_then(|(width, height)| Some(Size::new(side(width)?, side(height)?)));
    sides.ok_or("expected WIDTHxHEIGHT, both multiples of 14, as in 504x336")
}

fn speed(text: &str) -> Result<f32, String> {
    number(text, 0.001..=1e6)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_multiples_of_a_patch() {
        assert_eq!(size("504x336"), Ok(Size { width: 504, height: 336 }));
        for text in ["504", "504x", "0x14", "504x337", "-14x14", "14x14x14"] {
            assert!(size(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_whole_matrix_is_that_of_four_models_three_sizes_and_three_counts_of_views() {
        let mut arguments = BenchArguments {
            models: Vec::new(),
            sizes: Vec::new(),
            views: Vec::new(),
            precisions: vec![Number::F32],
            device: Device::Cpu,
            plain: false,
            runs: 1,
            threads: None,
            full: true,
            memory: false,
            small: false,
            devices: false,
            reckon: false,
            tflops: None,
            gbps: None,
            weights_dir: None,
            json: None,
        };
        let entries = arguments.models();
        assert_eq!(entries.len(), 4);
        assert!(entries.iter().all(|entry| arguments.shapes(entry).len() == 9));
        arguments.full = false;
        arguments.sizes = vec![Size { width: 56, height: 56 }];
        assert_eq!(arguments.shapes(entries[1]), [(arguments.sizes[0], 1), (arguments.sizes[0], 4)]);
    }
}
