//! Intermediate tensors, for telling where a network goes wrong.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt::Arguments;

use fathom::geometry::{Intrinsics, Rigid};
use fathom::model::{Conditioning, Generated, Maps, ModelError, Preset, Rays, Shown, Step, TensorSource, Watch};

use crate::golden::{self, Case, Verdict};
use crate::networks::common::{Networks, flat, given_poses, input, reference};

/// Collects the intermediate tensors that a case asks for; parts of one tensor arrive one after the other.
struct Recorder<'a> {
    case: &'a Case,
    seen: RefCell<HashMap<String, Vec<f32>>>,
}

impl Watch for Recorder<'_> {
    fn step(&self, _step: Step) -> Result<(), ModelError> {
        Ok(())
    }

    fn tensor(&self, name: Arguments<'_>, tensor: &dyn Shown) {
        let name = name.to_string();
        if self.case.has(&name) {
            self.seen.borrow_mut().entry(name).or_default().append(&mut flat(tensor));
        }
    }
}

pub fn stage_case(case: &Case, preset: Preset, networks: &mut Networks, verdict: &mut Verdict) {
    let (seed, is_tiny) = (case.number("seed"), case.text("probe") == Some("tiny"));
    let (network, weights) = (networks.generated(preset, seed, is_tiny), Generated::new(preset, seed, is_tiny));
    let recorder = Recorder { case, seen: RefCell::default() };
    let poses = stage_poses(case);
    let conditioning = Conditioning {
        reference: Some(reference(case)),
        poses: poses.as_deref(),
        export_features: &[],
        ..Conditioning::default()
    };
    let encoded = network.encode(&input(case), &conditioning, &recorder).expect("a run of the backbone");
    let views = encoded.views.into_iter();
    let maps: Vec<Maps> = views.map(|view| network.decode(view, &recorder).expect("a run of the head")).collect();
    let seen = recorder.seen.into_inner();
    let mut names: Vec<_> = case.names().collect();
    names.sort_unstable();
    for name in names {
        if name == "aux_logits" {
            continue;
        }
        let values = seen.get(name).unwrap_or_else(|| panic!("{}: the run shows no {name}", case.file.display()));
        verdict.check(case, name, &before_scale(name, values.clone(), &weights), 1e-4);
    }
    if case.has("aux_logits") {
        verdict.check(case, "aux_logits", &ray_logits(&maps), 1e-4);
    }
}

/// Branches of blocks are kept before LayerScale, which networks on candle have in their weights.
fn before_scale(name: &str, values: Vec<f32>, weights: &Generated) -> Vec<f32> {
    let branches = [("_attn", "ls1"), ("_mlp", "ls2")];
    let Some((block, scale)) = branches.iter().find_map(|(end, scale)| Some((name.strip_suffix(end)?, scale))) else {
        return values;
    };
    let index = block.strip_prefix("block").expect("a block");
    let scale = weights.read(&format!("model.backbone.pretrained.blocks.{index}.{scale}.gamma")).expect("LayerScale");
    let scale: Vec<f32> = scale.to_vec1().expect("numbers");
    values.iter().zip(scale.iter().cycle()).map(|(x, scale)| x / scale).collect()
}

/// The seven raw channels of the auxiliary branch, from what was made of them.
fn ray_logits(maps: &[Maps]) -> Vec<f32> {
    let views = maps.iter().map(|m| m.rays.as_ref().expect("rays"));
    views
        .flat_map(|Rays { rays, confidence, .. }| {
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
