//! How long a network takes, stage by stage, on images of one size: what `fathom bench` measures.

use std::cell::Cell;
use std::fmt::Arguments;
use std::path::PathBuf;
use std::time::Instant;

use candle_core::{Device, Tensor};
use serde::{Deserialize, Serialize};

use super::device::allow_tf32;
use super::devices::Opened;
use super::sweeping::Sweeping;
use super::weights::open_weights;
use super::{DeviceChoice, Devices, InferenceError, Precision, Settings};
use crate::catalog::{self, ModelId};
use crate::memory::{PeakWatch, peak_since_start};
use crate::model::{Conditioning, ModelError, Network, Options, Reference, Shown, Step, VitConfig, Watch};

/// One thing to measure, in a process of its own: then the peak of memory is its own, too.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BenchJob {
    pub model: ModelId,
    /// A weight file instead of the catalogue's place.
    pub weights: Option<PathBuf>,
    /// Pixels of the network's images, multiples of 14.
    pub width: usize,
    pub height: usize,
    /// Views that go through the network together.
    pub views: usize,
    pub device: DeviceChoice,
    pub precision: Precision,
    /// On a CPU, run on candle's operations instead of our kernels.
    pub plain: bool,
    /// Runs that count; one more goes before them.
    pub runs: usize,
}

/// What a job took.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    /// What `Auto` became.
    pub device: DeviceChoice,
    pub precision: Precision,
    pub load_secs: f64,
    /// The run before those that count, which finds cold caches.
    pub first_secs: f64,
    pub runs: Vec<StageTimes>,
    /// Largest resident memory of the process.
    pub peak_bytes: u64,
    /// What a graphics card was asked for by our own shaders; `None` elsewhere.
    pub card_bytes: Option<u64>,
    /// Mean of all depth maps of the last run: a number to compare precisions by.
    pub mean_depth: f64,
    /// Some thousand depths of the last run, spread over all maps: numbers to compare devices by.
    pub depths: Vec<f32>,
}

/// Seconds of one run over all its views, one number for each of [`BenchStage::ALL`]. Where work is queued on a device, a
/// stage counts what the processor waits for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StageTimes(pub [f64; 8]);

impl StageTimes {
    pub fn total(&self) -> f64 {
        self.0.iter().sum()
    }
}

/// The stages of a run, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BenchStage {
    /// Patches, class token, positions.
    Embedding,
    /// Blocks that look at one view.
    Local,
    /// Blocks that look at all views.
    Global,
    /// Features for the heads, and the camera decoder.
    Camera,
    /// Tokens to the head's four levels.
    Levels,
    /// Four levels to one map.
    Fusion,
    /// The map at the image's size.
    Neck,
    /// Depth and confidence.
    Output,
}

impl BenchStage {
    pub const ALL: [Self; 8] = [
        Self::Embedding,
        Self::Local,
        Self::Global,
        Self::Camera,
        Self::Levels,
        Self::Fusion,
        Self::Neck,
        Self::Output,
    ];

    pub fn label(self) -> &'static str {
        match self {
            Self::Embedding => "embedding",
            Self::Local => "local",
            Self::Global => "global",
            Self::Camera => "camera",
            Self::Levels => "levels",
            Self::Fusion => "fusion",
            Self::Neck => "neck",
            Self::Output => "output",
        }
    }
}

impl BenchJob {
    /// Loads the network and runs it. A device that is named is measured or is an error; `Auto` may be the CPU.
    pub fn measure(&self) -> Result<Measured, InferenceError> {
        let peak = PeakWatch::start();
        let started = Instant::now();
        let entry = catalog::find(&self.model).ok_or(InferenceError::UnknownModel(self.model.clone()))?;
        let (model, weights) = (self.model.clone(), self.weights.clone());
        let (device, precision) = (self.device, self.precision);
        let settings = Settings { model, weights, device, precision, ..Settings::default() };
        let devices = Devices::here();
        let opened = match self.device {
            DeviceChoice::Auto => devices.open(&settings)?.0,
            named => devices.open_exactly(named)?,
        };
        let (precision, _) = self.precision.resolve(&opened);
        allow_tf32(settings.tf32);
        let kernels = !self.plain && !opened.is_card();
        let options = Options { format: precision.format(), kernels, card: opened.gpu(), ..Options::default() };
        // As in the program, the file is closed once it is read.
        let file = open_weights(&settings, entry)?;
        let network = opened.work(|| Network::new(&file, entry.preset, opened.device(), &options))?;
        drop(file);
        let load_secs = started.elapsed().as_secs_f64();

        let images = opened.work(|| waves(self.views, [self.height, self.width], opened.device()))?;
        let (first, mut drawn) = run(&network, &images, &opened)?;
        let mut runs = Vec::with_capacity(self.runs);
        for _ in 0..self.runs {
            let (times, latest) = run(&network, &images, &opened)?;
            runs.push(times);
            drawn = latest;
        }
        let sampled = peak.stop();
        Ok(Measured {
            device: opened.choice(),
            precision,
            load_secs,
            first_secs: first.total(),
            runs,
            peak_bytes: peak_since_start().unwrap_or(sampled),
            card_bytes: opened.gpu().map(|gpu| gpu.weight_bytes() + gpu.made()),
            mean_depth: drawn.mean,
            depths: drawn.some,
        })
    }
}

/// Views [S, 3, H, W] to measure with: waves in the range of normalised photos, other ones in each view and channel.
pub(super) fn waves(views: usize, [height, width]: [usize; 2], device: &Device) -> Result<Tensor, ModelError> {
    let pixel = |i: usize| {
        let (x, y, plane) = (i % width, i / width % height, i / (width * height));
        (x as f32 / 23.0 + plane as f32).sin() + (y as f32 / 17.0 - plane as f32).cos()
    };
    let values: Vec<f32> = (0..views * 3 * height * width).map(pixel).collect();
    Ok(Tensor::from_vec(values, (views, 3, height, width), device)?)
}

/// What is kept of the depth maps of a run.
#[derive(Default)]
pub(super) struct Drawn {
    mean: f64,
    pub some: Vec<f32>,
}

impl Drawn {
    /// Of all maps together, about.
    const SOME: usize = 4096;

    /// One map of so many.
    fn add(&mut self, depth: &[f32], of: usize) {
        let sum: f64 = depth.iter().map(|&depth| f64::from(depth)).sum();
        self.mean += sum / (depth.len() * of) as f64;
        let step = (depth.len() * of).div_ceil(Self::SOME).max(1);
        self.some.extend(depth.iter().step_by(step));
    }
}

/// One run over all views: its times, and its depth. The second of two networks sees the views one by one.
pub(super) fn run(network: &Network, images: &Tensor, opened: &Opened) -> Result<(StageTimes, Drawn), ModelError> {
    let (mut times, drawn) = opened.work(|| pass(network, images, opened))?;
    if let Some(second) = network.metric() {
        for view in 0..images.dim(0)? {
            let (more, _) = opened.work(|| pass(second, &images.narrow(0, view, 1)?, opened))?;
            times.0.iter_mut().zip(more.0).for_each(|(sum, secs)| *sum += secs);
        }
    }
    Ok((times, drawn))
}

fn pass(network: &Network, images: &Tensor, opened: &Opened) -> Result<(StageTimes, Drawn), ModelError> {
    let views = images.dim(0)?;
    let clock = Clock::start(network.preset().backbone());
    // As in a run, whose peak this one's is compared with.
    let watch = Sweeping { watch: &clock, opened };
    // The same reference in every precision, so that their depth can be compared.
    let conditioning = Conditioning { reference: Some(Reference::First), ..Conditioning::default() };
    let encoded = network.encode(images, &conditioning, &watch)?;
    let mut drawn = Drawn::default();
    for view in encoded.views {
        clock.enter(BenchStage::Levels);
        let maps = network.decode(view, &watch)?;
        drawn.add(&maps.depth, views);
    }
    // Closes the last stage.
    clock.enter(BenchStage::Output);
    Ok((clock.times.get(), drawn))
}

/// Adds up the time between the steps of a run.
struct Clock {
    backbone: VitConfig,
    /// What the last block's output is called.
    last_block: String,
    now: Cell<(BenchStage, Instant)>,
    times: Cell<StageTimes>,
}

impl Clock {
    fn start(backbone: VitConfig) -> Self {
        Self {
            backbone,
            last_block: format!("block{}", backbone.blocks - 1),
            now: Cell::new((BenchStage::Embedding, Instant::now())),
            times: Cell::default(),
        }
    }

    /// Ends the stage that goes on and begins another.
    fn enter(&self, next: BenchStage) {
        let now = Instant::now();
        let (stage, since) = self.now.replace((next, now));
        let mut times = self.times.get();
        times.0[stage as usize] += (now - since).as_secs_f64();
        self.times.set(times);
    }
}

impl Watch for Clock {
    fn step(&self, step: Step) -> Result<(), ModelError> {
        self.enter(match step {
            Step::Block { index, .. } if self.backbone.is_global(index) => BenchStage::Global,
            Step::Block { .. } => BenchStage::Local,
            Step::Features { .. } => BenchStage::Camera,
            Step::Head { index: 0..4, .. } => BenchStage::Levels,
            Step::Head { index: 4..8, .. } => BenchStage::Fusion,
            Step::Head { index: 8, .. } => BenchStage::Neck,
            Step::Head { .. } => BenchStage::Output,
        });
        Ok(())
    }

    /// No step follows the last block; its output tells when it is done.
    fn tensor(&self, name: Arguments<'_>, _tensor: &dyn Shown) {
        if name.to_string() == self.last_block {
            self.enter(BenchStage::Camera);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_add_up_to_the_total() -> Result<(), InferenceError> {
        let job = BenchJob {
            model: ModelId::default(),
            weights: None,
            width: 42,
            height: 28,
            views: 2,
            device: DeviceChoice::Cpu,
            precision: Precision::Auto,
            plain: false,
            runs: 2,
        };
        let started = Instant::now();
        let measured = job.measure()?;
        let all = started.elapsed().as_secs_f64();
        assert!(measured.precision == Precision::F32 && measured.runs.len() == 2);
        let sum: f64 = measured.runs.iter().map(StageTimes::total).sum();
        assert!(measured.load_secs + measured.first_secs + sum <= all);
        for (stage, secs) in BenchStage::ALL.into_iter().zip(measured.runs[1].0) {
            // The built-in model looks at one view at a time.
            assert_eq!(secs > 0.0, stage != BenchStage::Global, "{stage:?}: {secs}");
        }
        assert!(measured.mean_depth.is_finite() && measured.peak_bytes > 50 << 20);
        assert_eq!((measured.depths.len(), measured.card_bytes), (2 * 42 * 28, None), "small maps are there whole");
        Ok(())
    }
}
