//! What the kinds of cases share: networks, inputs, tolerances.

use std::path::Path;
use std::sync::Arc;

use candle_core::{Device, Tensor};
use fathom::geometry::{Intrinsics, Rigid};
use fathom::inference::WeightFile;
use fathom::inference::selftest::images;
use fathom::model::gpu::{Card, Checks, Described, Gpu};
use fathom::model::{Backend, Da2Output, Generated, Maps, Network, Options, Preset, Reference, Shown, TensorSource};

use crate::golden::{Case, Verdict};

/// The latest network, kept while cases ask for the same weights on the same backend.
pub struct Networks {
    pub backend: Backend,
    current: Option<(String, Network)>,
    card: Option<Arc<Gpu>>,
}

impl Networks {
    pub fn new() -> Self {
        Self { backend: Backend::Kernels, current: None, card: None }
    }

    pub fn generated(&mut self, preset: Preset, seed: u64, tiny: bool) -> &Network {
        self.get(format!("{preset:?} {seed} {tiny}"), preset, || Generated::new(preset, seed, tiny))
    }

    /// The built-in model with its real weights.
    pub fn built_in(&mut self) -> &Network {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/models/depth-anything-v2-small.safetensors");
        let preset = Preset::Da2Small(Da2Output::Disparity);
        self.get("built-in".into(), preset, || WeightFile::open(&path).expect("the built-in model"))
    }

    /// The processor's Vulkan, which every machine that runs tests has.
    fn card(&mut self) -> Arc<Gpu> {
        let open = || {
            let software = Described::all().into_iter().find(|card| card.is_software);
            let card =
                Card::open(&software.expect("a software Vulkan driver (scripts/setup.sh test)")).expect("it opens");
            Gpu::new(card, Checks::Off)
        };
        Arc::clone(self.card.get_or_insert_with(open))
    }

    fn get<S: TensorSource>(&mut self, key: String, preset: Preset, source: impl FnOnce() -> S) -> &Network {
        let key = format!("{key} on {:?}", self.backend);
        if self.current.as_ref().is_none_or(|(current, _)| *current != key) {
            // Two giants do not fit into memory together.
            self.current = None;
            let kernels = self.backend == Backend::Kernels;
            let card = (self.backend == Backend::Card).then(|| self.card());
            let options = Options {
                kernels,
                card: card.as_ref(),
                poses: true,
                rays: true,
                gaussians: true,
                ..Options::default()
            };
            let network = Network::new(&source(), preset, &Device::Cpu, &options).expect("weights of the preset");
            self.current = Some((key, network));
        }
        &self.current.as_ref().expect("just made").1
    }
}

/// Tolerances for an image of this many pixels, by what is compared.
pub struct Tolerances {
    large: bool,
}

impl Tolerances {
    pub fn of(case: &Case) -> Self {
        Self { large: case.number::<usize>("H") * case.number::<usize>("W") >= 280 * 504 }
    }

    pub fn maps(&self) -> f64 {
        if self.large { 5e-4 } else { 1e-4 }
    }

    pub fn rays(&self) -> f64 {
        if self.large { 3e-4 } else { 1e-4 }
    }

    pub fn ray_confidence(&self) -> f64 {
        if self.large { 1e-4 } else { 3e-5 }
    }
}

/// The strategy for the reference view that a case names.
pub fn reference(case: &Case) -> Reference {
    match case.text("strategy") {
        Some("first") => Reference::First,
        Some("middle") => Reference::Middle,
        Some("saddle_balanced") | None => Reference::SaddleBalanced,
        Some("saddle_sim_range") => Reference::SaddleSimRange,
        Some(other) => panic!("{}: strategy {other}", case.file.display()),
    }
}

/// The case's images as the network's input [S, 3, H, W].
pub fn input(case: &Case) -> Tensor {
    let (s, h, w) = (case.number::<usize>("S"), case.number::<usize>("H"), case.number::<usize>("W"));
    let values: Vec<f32> = images::float_image(s, h, w, case.number("image"));
    Tensor::from_vec(values, (s, 3, h, w), &Device::Cpu).expect("an image tensor")
}

/// Known cameras that go straight into the camera encoder.
pub fn given_poses(case: &Case) -> Option<Vec<(Rigid, Intrinsics)>> {
    if !case.has("in_extrinsics") {
        return None;
    }
    let (extrinsics, intrinsics) = (case.values("in_extrinsics"), case.values("in_intrinsics"));
    Some(extrinsics.chunks(16).zip(intrinsics.chunks(9)).map(|(e, k)| (rigid(e), pinhole(k))).collect())
}

pub fn rigid(rows: &[f32]) -> Rigid {
    Rigid::from_rows(std::array::from_fn(|r| std::array::from_fn(|c| rows[4 * r + c])))
}

pub fn pinhole(rows: &[f32]) -> Intrinsics {
    Intrinsics::from_rows(std::array::from_fn(|r| std::array::from_fn(|c| rows[3 * r + c])))
}

pub fn flat(shown: &dyn Shown) -> Vec<f32> {
    shown.numbers().expect("numbers")
}

/// The numbers of images.
pub fn pixels(images: &Tensor) -> Vec<f32> {
    images.flatten_all().and_then(|images| images.to_vec1()).expect("numbers")
}

pub fn joined(maps: &[Maps], part: impl Fn(&Maps) -> Option<&Vec<f32>>) -> Option<Vec<f32>> {
    maps.iter().map(part).collect::<Option<Vec<_>>>().map(|views| views.into_iter().flatten().copied().collect())
}

/// The outputs of single blocks, in the given order of views.
pub fn check_exported(
    case: &Case,
    prefix: &str,
    blocks: &[usize],
    maps: &[Maps],
    tolerance: f64,
    verdict: &mut Verdict,
) {
    for &block in blocks {
        let of_block = |maps: &Maps| maps.features.iter().find(|map| map.block == block).map(|map| map.values.clone());
        let views: Vec<Vec<f32>> = maps.iter().map(|maps| of_block(maps).expect("the block's output")).collect();
        verdict.check(case, &format!("{prefix}{block}"), &views.concat(), tolerance);
    }
}

#[test]
fn a_case_says_which_view_is_the_reference() {
    let of = |strategy| reference(&Case::with(&[("strategy", strategy)]));
    assert_eq!(of("first"), Reference::First);
    assert_eq!(of("middle"), Reference::Middle);
    assert_eq!(of("saddle_balanced"), Reference::SaddleBalanced);
    assert_eq!(of("saddle_sim_range"), Reference::SaddleSimRange);
    assert_eq!(of(""), Reference::SaddleBalanced, "the usual one");
    assert!(std::panic::catch_unwind(|| of("last")).is_err(), "what is not known is not passed over");
}
