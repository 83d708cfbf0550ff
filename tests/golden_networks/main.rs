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
#[path = "../support/golden.rs"]
mod golden;
mod network;
mod stages;

use fathom::model::Preset;

use common::Networks;
use golden::{Case, Verdict};

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
        (Some(preset), _) if case.text("process_res").is_some() => api::api_case(case, preset, networks, verdict),
        (Some(preset), _) if case.has("feat0") || case.has("depth_raw") => {
            network::network_case(case, preset, networks, verdict);
        }
        (Some(preset), _) if case.text("S").is_some() => stages::stage_case(case, preset, networks, verdict),
        (None, Some("net" | "api")) => da2::real_weights_case(case, networks, verdict),
        (None, Some("synthetic")) => da2::synthetic_case(case, networks, verdict),
        _ => return false,
    }
    true
}
