//! Every golden case of the networks: the program's numbers against the reference's, at full model size.
//!
//! Case files are found, not listed: in `tests/goldens`, or in the folder that `FATHOM_GOLDENS` names. What a file is
//! follows from its metadata, so vectors of other seeds and shapes run without a change here. Tolerances are relative
//! to the root mean square of each stored tensor.

#[path = "support/golden.rs"]
mod golden;
#[path = "support/images.rs"]
mod images;
#[path = "support/weights.rs"]
mod weights;

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt::Arguments;
use std::path::Path;

use candle_core::{Device, Tensor};
use fathom::geometry::{Intrinsics, Rigid, decode_pose};
use fathom::inference::{WeightFile, fill_sky};
use fathom::model::{
    Conditioning, Da2Output, Encoded, Maps, ModelError, Network, Options, Preset, Reference, Silent, Step, Watch,
};

use golden::{Case, Verdict};
use weights::Generated;

#[test]
fn golden_networks() {
    let mut verdict = Verdict::default();
    let mut understood = 0;
    let mut networks = Networks::default();
    for case in golden::cases() {
        understood += usize::from(compare(&case, &mut networks, &mut verdict));
    }
    assert!(understood > 0, "{} holds no case that this test understands", golden::folder().display());
    assert!(verdict.compared > 0, "the cases hold nothing that was compared");
    println!("{understood} cases, {} comparisons", verdict.compared);
    verdict.conclude();
}

/// Runs one case; `false` where it is none of a network.
fn compare(case: &Case, networks: &mut Networks, verdict: &mut Verdict) -> bool {
    let preset = case.text("preset").and_then(Preset::da3);
    match (preset, case.text("mode")) {
        (Some(preset), _) if case.has("feat0") || case.has("depth_raw") => {
            network_case(case, preset, networks, verdict);
        }
        (Some(preset), _) if case.text("S").is_some() => stage_case(case, preset, networks, verdict),
        (None, Some("net")) => real_weights_case(case, networks, verdict),
        (None, Some("synthetic")) => synthetic_da2_case(case, networks, verdict),
        _ => return false,
    }
    true
}

/// The latest network, kept while cases ask for the same weights.
#[derive(Default)]
struct Networks {
    current: Option<(String, Network)>,
}

impl Networks {
    fn generated(&mut self, preset: Preset, seed: u64, tiny: bool) -> &Network {
        self.get(format!("{preset:?} {seed} {tiny}"), preset, || Generated::new(preset, seed, tiny))
    }

    /// The built-in model with its real weights.
    fn built_in(&mut self) -> &Network {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/models/depth-anything-v2-small.safetensors");
        let preset = Preset::Da2Small(Da2Output::Disparity);
        self.get("built-in".into(), preset, || WeightFile::open(&path).expect("the built-in model"))
    }

    fn get<S: fathom::model::TensorSource>(
        &mut self,
        key: String,
        preset: Preset,
        source: impl FnOnce() -> S,
    ) -> &Network {
        if self.current.as_ref().is_none_or(|(current, _)| *current != key) {
            // Two giants do not fit into memory together.
            self.current = None;
            let options = Options { poses: true, rays: true, ..Options::default() };
            let network = Network::new(&source(), preset, &Device::Cpu, &options).expect("weights of the preset");
            self.current = Some((key, network));
        }
        &self.current.as_ref().expect("just made").1
    }
}

/// Tolerances for an image of this many pixels, by what is compared.
struct Tolerances {
    large: bool,
}

impl Tolerances {
    fn of(case: &Case) -> Self {
        Self { large: case.number::<usize>("H") * case.number::<usize>("W") >= 280 * 504 }
    }

    fn maps(&self) -> f64 {
        if self.large { 5e-4 } else { 1e-4 }
    }

    fn rays(&self) -> f64 {
        if self.large { 3e-4 } else { 1e-4 }
    }

    fn ray_confidence(&self) -> f64 {
        if self.large { 1e-4 } else { 3e-5 }
    }
}

fn reference(case: &Case) -> Reference {
    match case.text("strategy") {
        Some("first") => Reference::First,
        Some("middle") => Reference::Middle,
        Some("saddle_balanced") | None => Reference::SaddleBalanced,
        Some("saddle_sim_range") => Reference::SaddleSimRange,
        Some(other) => panic!("{}: strategy {other}", case.file.display()),
    }
}

/// The case's images as the network's input [S, 3, H, W].
fn input(case: &Case) -> Tensor {
    let (s, h, w) = (case.number::<usize>("S"), case.number::<usize>("H"), case.number::<usize>("W"));
    let values: Vec<f32> = images::float_image(s, h, w, case.number("image"));
    Tensor::from_vec(values, (s, 3, h, w), &Device::Cpu).expect("an image tensor")
}

/// Known cameras that go straight into the camera encoder.
fn given_poses(case: &Case) -> Option<Vec<(Rigid, Intrinsics)>> {
    if !case.has("in_extrinsics") {
        return None;
    }
    let (extrinsics, intrinsics) = (case.values("in_extrinsics"), case.values("in_intrinsics"));
    Some(extrinsics.chunks(16).zip(intrinsics.chunks(9)).map(|(e, k)| (rigid(e), pinhole(k))).collect())
}

fn rigid(rows: &[f32]) -> Rigid {
    Rigid::from_rows(std::array::from_fn(|r| std::array::from_fn(|c| rows[4 * r + c])))
}

fn pinhole(rows: &[f32]) -> Intrinsics {
    Intrinsics::from_rows(std::array::from_fn(|r| std::array::from_fn(|c| rows[3 * r + c])))
}

fn flat(tensor: &Tensor) -> Vec<f32> {
    tensor.flatten_all().and_then(|t| t.to_vec1()).expect("numbers")
}

fn joined(maps: &[Maps], part: impl Fn(&Maps) -> Option<&Vec<f32>>) -> Option<Vec<f32>> {
    maps.iter().map(part).collect::<Option<Vec<_>>>().map(|views| views.into_iter().flatten().copied().collect())
}

fn network_case(case: &Case, preset: Preset, networks: &mut Networks, verdict: &mut Verdict) {
    let network = networks.generated(preset, case.number("seed"), case.text("probe") == Some("tiny"));
    let images = input(case);
    verdict.check(case, "input_sample", &flat(&images), 1e-6);
    let poses = given_poses(case);
    let block: usize = case.number("aux_layer");
    let conditioning =
        Conditioning { reference: Some(reference(case)), poses: poses.as_deref(), export_features: &[block] };
    let encoded = network.encode(&images, &conditioning, &Silent).expect("a run of the backbone");
    for (i, level) in encoded.levels.iter().enumerate() {
        verdict.check(case, &format!("feat{i}"), &flat(level), 1e-4);
    }
    verdict.check(case, &format!("aux_layer_{block}"), &flat(&encoded.exported[0].1), 1e-4);
    let maps: Vec<Maps> =
        (0..case.number("S")).map(|view| network.decode(&encoded, view, &Silent).expect("a run of the head")).collect();
    if preset.is_any_view() {
        any_view_outputs(case, &encoded, &maps, verdict);
    } else {
        sky_outputs(case, &maps, verdict);
    }
}

fn any_view_outputs(case: &Case, encoded: &Encoded, maps: &[Maps], verdict: &mut Verdict) {
    let tolerances = Tolerances::of(case);
    let (width, height) = (case.number("W"), case.number("H"));
    if let Some(tokens) = &encoded.given_tokens {
        verdict.check(case, "cam_token", &flat(tokens), 5e-5);
    }
    verdict.check(case, "cam_feat", &flat(encoded.camera_tokens.as_ref().expect("camera tokens")), 5e-5);
    let poses = encoded.poses.as_ref().expect("poses");
    verdict.check(case, "pose_enc", &poses.concat(), 1e-4);
    let cameras: Vec<_> = poses.iter().map(|pose| decode_pose(pose, width, height)).collect();
    let extrinsics: Vec<f32> = cameras.iter().flat_map(|(pose, _)| pose.rows().concat()).collect();
    let intrinsics: Vec<f32> = cameras.iter().flat_map(|(_, k)| k.rows().concat()).collect();
    verdict.check(case, "extrinsics", &extrinsics, 1e-4);
    verdict.check(case, "intrinsics", &intrinsics, 1e-5);

    let depth = joined(maps, |m| Some(&m.depth)).expect("depth");
    verdict.check(case, "depth", &depth, tolerances.maps());
    let confidence = joined(maps, |m| m.confidence.as_ref()).expect("confidence");
    verdict.check(case, "depth_conf", &confidence, tolerances.maps());
    let rays = joined(maps, |m| m.rays.as_ref().map(|r| &r.0)).expect("rays");
    verdict.check(case, "ray", &rays, tolerances.rays());
    let ray_confidence = joined(maps, |m| m.rays.as_ref().map(|r| &r.1)).expect("confidence of rays");
    verdict.check(case, "ray_conf", &ray_confidence, tolerances.ray_confidence());
}

fn sky_outputs(case: &Case, maps: &[Maps], verdict: &mut Verdict) {
    let tolerances = Tolerances::of(case);
    let mut depth = joined(maps, |m| Some(&m.depth)).expect("depth");
    let sky = joined(maps, |m| m.sky.as_ref()).expect("sky");
    verdict.check(case, "depth_raw", &depth, tolerances.maps());
    verdict.check(case, "sky", &sky, 1e-4);
    let filled = fill_sky(&mut [(&mut depth, &sky)]);
    verdict.require(case, "this case has sky to fill", filled.is_some());
    verdict.check(case, "depth", &depth, tolerances.maps());
}

/// Collects the intermediate tensors that a case asks for; parts of one tensor arrive one after the other.
struct Recorder<'a> {
    case: &'a Case,
    seen: RefCell<HashMap<String, Vec<Tensor>>>,
}

impl Watch for Recorder<'_> {
    fn step(&self, _step: Step) -> Result<(), ModelError> {
        Ok(())
    }

    fn tensor(&self, name: Arguments<'_>, tensor: &Tensor) {
        let name = name.to_string();
        if self.case.has(&name) {
            self.seen.borrow_mut().entry(name).or_default().push(tensor.clone());
        }
    }
}

fn stage_case(case: &Case, preset: Preset, networks: &mut Networks, verdict: &mut Verdict) {
    let network = networks.generated(preset, case.number("seed"), case.text("probe") == Some("tiny"));
    let recorder = Recorder { case, seen: RefCell::default() };
    let poses = stage_poses(case);
    let conditioning = Conditioning { reference: Some(reference(case)), poses: poses.as_deref(), export_features: &[] };
    let encoded = network.encode(&input(case), &conditioning, &recorder).expect("a run of the backbone");
    let maps: Vec<Maps> = (0..case.number("S"))
        .map(|view| network.decode(&encoded, view, &recorder).expect("a run of the head"))
        .collect();
    let seen = recorder.seen.into_inner();
    let mut names: Vec<_> = case.names().collect();
    names.sort_unstable();
    for name in names {
        if name == "aux_logits" {
            continue;
        }
        let parts = seen.get(name).unwrap_or_else(|| panic!("{}: the run shows no {name}", case.file.display()));
        verdict.check(case, name, &parts.iter().flat_map(flat).collect::<Vec<_>>(), 1e-4);
    }
    if case.has("aux_logits") {
        verdict.check(case, "aux_logits", &ray_logits(&maps), 1e-4);
    }
}

/// The seven raw channels of the auxiliary branch, from what was made of them.
fn ray_logits(maps: &[Maps]) -> Vec<f32> {
    let views = maps.iter().map(|m| m.rays.as_ref().expect("rays"));
    views
        .flat_map(|(rays, confidence)| {
            rays.chunks(6).zip(confidence).flat_map(|(ray, c)| ray.iter().copied().chain([(c - 1.0).ln()]))
        })
        .collect()
}

/// Stage files with poses do not repeat them: they stand in the network case of the same name.
fn stage_poses(case: &Case) -> Option<Vec<(Rigid, Intrinsics)>> {
    case.text("poses")?;
    let name = case.text("case").expect("a case name").to_owned();
    let is_twin = |other: &Case| other.text("case") == Some(name.as_str()) && other.has("in_extrinsics");
    let twin = golden::cases().into_iter().find(is_twin);
    given_poses(&twin.unwrap_or_else(|| panic!("{}: the network case {name} is missing", case.file.display())))
}

fn da2_features(case: &Case, encoded: &Encoded, verdict: &mut Verdict) {
    for (i, level) in encoded.levels.iter().enumerate() {
        verdict.check(case, &format!("feat{i}"), &flat(level), 1e-4);
    }
}

/// The built-in model on an image of exactly the network's size.
fn real_weights_case(case: &Case, networks: &mut Networks, verdict: &mut Verdict) {
    let network = networks.built_in();
    let [w, h]: [usize; 2] = serde_json::from_str(case.text("net_wh").expect("net_wh")).expect("two sizes");
    let image = images::rgb_image(case.number("view"), h, w, case.number("image"));
    let image = image::RgbImage::from_raw(w as u32, h as u32, image).expect("an image");
    let tensor = fathom::input::preprocess::normalise(&image);
    verdict.check(case, "input", &tensor, 1e-5);
    let tensor = Tensor::from_vec(tensor, (1, 3, h, w), &Device::Cpu).expect("an image tensor");
    let encoded = network.encode(&tensor, &Conditioning::default(), &Silent).expect("a run of the backbone");
    da2_features(case, &encoded, verdict);
    let maps = network.decode(&encoded, 0, &Silent).expect("a run of the head");
    verdict.check(case, "disparity", &maps.depth, 1e-4);
}

fn synthetic_da2_case(case: &Case, networks: &mut Networks, verdict: &mut Verdict) {
    let max_depth: f32 = case.number("max_depth");
    let output = if max_depth > 0.0 { Da2Output::Metric { max_depth } } else { Da2Output::Disparity };
    let variant = case.text("variant").expect("a variant");
    let preset = Preset::da2(variant, output).unwrap_or_else(|| panic!("{}: {variant}", case.file.display()));
    let network = networks.generated(preset, case.number("seed"), false);
    let (h, w) = (case.number::<usize>("H"), case.number::<usize>("W"));
    let image = images::float_image(1, h, w, case.number("image"));
    let image = Tensor::from_vec(image, (1, 3, h, w), &Device::Cpu).expect("an image tensor");
    let encoded = network.encode(&image, &Conditioning::default(), &Silent).expect("a run of the backbone");
    da2_features(case, &encoded, verdict);
    let maps = network.decode(&encoded, 0, &Silent).expect("a run of the head");
    verdict.check(case, "depth", &maps.depth, 1e-4);
}
