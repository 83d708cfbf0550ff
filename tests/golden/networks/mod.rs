//! Every golden case of the networks: the program's numbers against the reference's, at full model size.
//!
//! Case files are found, not listed: in `tests/goldens`, or in the folder that `FATHOM_GOLDENS` names. What a file is
//! follows from its metadata, so vectors of other seeds and shapes run without a change here. Tolerances are relative
//! to the root mean square of each stored tensor.
#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "cases that cannot be read end the test; errors are printed"
)]

mod api;
mod common;
mod da2;
mod nested;
mod network;
mod stages;

use fathom::model::{Backend, Preset};

use crate::golden::{self, Case, Verdict};
use common::Networks;

/// Images that candle's operations, and shaders on a processor, take no long time over.
const SMALL_PIXELS: usize = 84 * 112;
/// Set where there is time for large images by shaders, or a graphics card: a quarter of an hour on two processors.
const LARGE_ON_CARDS: &str = "FATHOM_LARGE_ON_CARDS";

#[test]
fn golden_networks() {
    let mut verdict = Verdict::default();
    let mut understood = 0;
    let mut networks = Networks::new();
    for case in golden::cases() {
        for backend in backends_of(&case) {
            networks.backend = backend;
            verdict.label = format!("{backend:?}: ");
            understood += usize::from(compare(&case, &mut networks, &mut verdict));
        }
    }
    assert!(understood > 0, "{} holds no case that this test understands", golden::folder().display());
    assert!(verdict.compared > 0, "the cases hold nothing that was compared");
    println!("{understood} runs of cases, {} comparisons", verdict.compared);
    verdict.conclude();
}

/// Networks run on the kernels, as they do on a CPU, and by our shaders on the processor's Vulkan, as they do on graphics cards. Candle's
/// operations are held to the small cases, and so are shaders by default; only candle shows intermediate tensors, which the others
/// never hold.
fn backends_of(case: &Case) -> Vec<Backend> {
    if is_stage(case) {
        return vec![Backend::Candle];
    }
    let side = |key| case.text(key).map_or(usize::MAX, |side| side.parse().unwrap_or(usize::MAX));
    let is_small = side("H").saturating_mul(side("W")) <= SMALL_PIXELS;
    let mut backends = vec![Backend::Kernels];
    backends.extend((is_small || std::env::var_os(LARGE_ON_CARDS).is_some()).then_some(Backend::Card));
    backends.extend(is_small.then_some(Backend::Candle));
    backends
}

fn is_stage(case: &Case) -> bool {
    case.text("S").is_some() && !case.has("feat0") && !case.has("depth_raw") && !case.has("da3.depth")
}

/// Runs one case; `false` where it is none of a network.
fn compare(case: &Case, networks: &mut Networks, verdict: &mut Verdict) -> bool {
    let preset = case.text("preset").and_then(Preset::da3);
    match (preset, case.text("mode")) {
        (Some(preset), _) if case.text("process_res").is_some() => api::api_case(case, preset, networks, verdict),
        (Some(preset), _) if case.has("da3.depth") => nested::nested_case(case, preset, networks, verdict),
        (Some(preset), _) if is_stage(case) => stages::stage_case(case, preset, networks, verdict),
        (Some(preset), _) if case.has("feat0") || case.has("depth_raw") => {
            network::network_case(case, preset, networks, verdict);
        }
        (None, Some("net" | "api")) => da2::real_weights_case(case, networks, verdict),
        (None, Some("synthetic")) => da2::synthetic_case(case, networks, verdict),
        _ => return false,
    }
    true
}
