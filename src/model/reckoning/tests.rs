use std::time::Duration;

use naga::back::{msl, spv};
use naga::valid::{Capabilities, ValidationFlags, Validator};

use super::super::candle::array::Kind;
use super::super::kept::Backend;
use super::super::{Da2Output, Format};
use super::*;

const KEPT: Kept = Kept {
    backend: Backend::Card,
    kind: Kind::Cpu,
    format: Format::F32,
    stored: Format::F32,
    rays: true,
    poses: false,
    gaussians: false,
};

fn shape(views: usize, height: usize, width: usize) -> PassShape {
    PassShape { views, height, width, tile_bytes: 1 << 20, threads: 2 }
}

/// An Apple M1: what a slow card that people have can do.
const FLOPS: f64 = 2.6e12;
const BANDWIDTH: f64 = 68e9;

#[test]
fn what_a_base_network_takes_is_within_bounds() {
    let without_rays = Kept { rays: false, ..KEPT };
    let of = |kept: Kept, views| Reckoning::of(Preset::Da3Base, kept, &shape(views, 336, 504)).expect("reckoned");
    for (format, most) in [(Format::F32, 520_000_000), (Format::F16, 300_000_000), (Format::Int8, 220_000_000)] {
        let reckoned = of(Kept { format, ..without_rays }, 1);
        let bytes = reckoned.weight_bytes + reckoned.pass_bytes();
        assert!(
            bytes <= most,
            "{format:?}: {} of weights and {} of arrays",
            reckoned.weight_bytes,
            reckoned.pass_bytes()
        );
    }
    let many = of(without_rays, 24);
    assert!(many.weight_bytes + many.pass_bytes() <= 1_600_000_000, "24 views: {:?}", many.blocks);
    let one = of(without_rays, 1);
    assert!(one.dispatches() <= 300, "{} dispatches", one.dispatches());
    let by_kernel = |(stage, asked): &(Stage, Reckoned)| {
        let mut sums = std::collections::BTreeMap::<_, (usize, Cost)>::new();
        for (name, cost) in &asked.dispatches {
            let sum = sums.entry(*name).or_default();
            *sum = (sum.0 + 1, sum.1 + *cost);
        }
        format!("{stage:?}: {sums:?}")
    };
    let told: Vec<String> = one.stages.iter().map(by_kernel).collect();
    assert!(one.total().bytes <= 1_600_000_000, "{} bytes moved: {}", one.total().bytes, told.join("\n"));
}

/// Sums over the published names against what a network on paper asked for.
#[test]
fn weights_are_known_before() {
    for preset in [Preset::Da3Small, Preset::Da3Giant, Preset::Da3MonoLarge, Preset::Da2Small(Da2Output::Disparity)] {
        for format in [Format::F32, Format::F16, Format::Int8] {
            let kept = Kept { format, poses: preset.is_any_view(), gaussians: preset.has_gaussians(), ..KEPT };
            let reckoned = Reckoning::of(preset, kept, &shape(1, 28, 28)).expect("reckoned").weight_bytes as f64;
            let summed = super::super::weight_bytes(preset, kept) as f64;
            assert!(
                (summed / reckoned - 1.0).abs() < 0.02,
                "{preset:?} {format:?}: {summed} summed, {reckoned} asked for"
            );
        }
    }
}

#[test]
fn no_work_is_longer_than_a_display_can_wait_for() {
    for (preset, views) in [(Preset::Da3Base, 1), (Preset::Da3Base, 24), (Preset::Da3Giant, 1)] {
        let reckoned = Reckoning::of(preset, KEPT, &shape(views, 336, 504)).expect("reckoned");
        for (stage, asked) in &reckoned.stages {
            for (name, cost) in &asked.dispatches {
                let time = cost.time(FLOPS, BANDWIDTH);
                assert!(
                    time <= Duration::from_millis(10),
                    "{preset:?}, {views} views, {stage:?}: {name} takes {time:?}"
                );
            }
        }
    }
}

/// Every kernel of every network in every format, as naga gives it to Apple's compiler and to Vulkan.
#[test]
fn all_kernels_become_metal_and_spir_v() {
    let presets = [
        Preset::Da3Small,
        Preset::Da3Base,
        Preset::Da3Giant,
        Preset::Da3MonoLarge,
        Preset::Da3MetricLarge,
        Preset::Da2Small(Da2Output::Disparity),
        Preset::Da2Base(Da2Output::Metric { max_depth: 20.0 }),
    ];
    let mut texts = std::collections::BTreeMap::new();
    for preset in presets {
        for format in [Format::F32, Format::F16, Format::Bf16, Format::Int8] {
            let kept = Kept { format, poses: preset.is_any_view(), gaussians: preset.has_gaussians(), ..KEPT };
            let reckoned = Reckoning::of(preset, kept, &shape(3, 28, 42)).expect("reckoned");
            texts.extend(reckoned.kernels.into_iter().map(|(name, text)| (text, name)));
        }
    }
    assert!(texts.len() > 30, "{} kernels", texts.len());
    for (text, name) in &texts {
        let module =
            naga::front::wgsl::parse_str(text).unwrap_or_else(|error| panic!("{name}: {}", error.emit_to_string(text)));
        let info = Validator::new(ValidationFlags::all(), Capabilities::SHADER_FLOAT16_IN_FLOAT32)
            .validate(&module)
            .unwrap_or_else(|error| panic!("{name}: {}", error.emit_to_string(text)));
        for version in [(2, 4), (3, 1)] {
            let options =
                msl::Options { lang_version: version, fake_missing_bindings: true, ..msl::Options::default() };
            let written = msl::write_string(&module, &info, &options, &msl::PipelineOptions::default());
            written.unwrap_or_else(|error| panic!("{name} in MSL {version:?}: {error}"));
        }
        let spirv = spv::write_vec(&module, &info, &spv::Options::default(), None);
        spirv.unwrap_or_else(|error| panic!("{name} in SPIR-V: {error}"));
    }
}
