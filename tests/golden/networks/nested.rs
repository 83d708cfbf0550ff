//! Two networks side by side: each by itself, and the metres that they come to together.

use candle_core::Tensor;
use fathom::geometry::decode_pose;
use fathom::inference::{TwiceSeen, bring_to_metres, fill_sky};
use fathom::model::{Conditioning, Encoded, Maps, Network, Preset, Reference, Silent};

use crate::golden::{Case, Verdict};
use crate::networks::common::{Networks, Tolerances, flat, input, joined, pixels, reference};

pub fn nested_case(case: &Case, preset: Preset, networks: &mut Networks, verdict: &mut Verdict) {
    let network = networks.generated(preset, case.number("seed"), case.text("probe") == Some("tiny"));
    let images = input(case);
    verdict.check(case, "input_sample", &pixels(&images), 1e-6);
    let tolerance = Tolerances::of(case).maps();
    let (width, height) = (case.number("W"), case.number("H"));
    let views: usize = case.number("S");

    let encoded = seen_together(case, network, &images);
    let poses = encoded.poses.as_ref().expect("poses").clone();
    verdict.check(case, "da3.cam_feat", &flat(encoded.camera_tokens.as_deref().expect("camera tokens")), 5e-5);
    verdict.check(case, "da3.pose_enc", &poses.concat(), 1e-4);
    let maps: Vec<Maps> = encoded.views.into_iter().map(|view| decoded(network, view)).collect();
    let depth = joined(&maps, |m| Some(&m.depth)).expect("depth");
    let mut confidence = joined(&maps, |m| m.confidence.as_ref()).expect("confidence");
    verdict.check(case, "da3.depth", &depth, tolerance);
    verdict.check(case, "da3.depth_conf", &confidence, tolerance);

    // The second network sees views one by one.
    let metric = network.metric().expect("a second network");
    let seen: Vec<Maps> = (0..views)
        .map(|view| {
            let image = images.narrow(0, view, 1).expect("a view");
            let mut encoded = metric.encode(&image, &Conditioning::default(), &Silent).expect("a run of the second");
            decoded(metric, encoded.views.remove(0))
        })
        .collect();
    let mut metric_depth = joined(&seen, |m| Some(&m.depth)).expect("depth");
    let sky = joined(&seen, |m| m.sky.as_ref()).expect("sky");
    verdict.check(case, "metric.depth_raw", &metric_depth, tolerance);
    verdict.check(case, "metric.sky", &sky, 1e-4);
    fill_sky(&mut [(&mut metric_depth, &sky)]);
    verdict.check(case, "metric.depth", &metric_depth, tolerance);

    let mut cameras: Vec<_> = poses.iter().map(|pose| decode_pose(pose, width, height)).collect();
    let mut depth = depth;
    let pixels = depth.len() / views;
    let twice_seen = depth.chunks_mut(pixels).zip(confidence.chunks_mut(pixels)).zip(&mut cameras).enumerate();
    let mut twice_seen: Vec<_> = twice_seen
        .map(|(view, ((depth, confidence), (pose, k)))| TwiceSeen {
            depth,
            confidence,
            camera_from_world: pose,
            focal: (k.fx + k.fy) / 2.0,
            metric: &metric_depth[view * pixels..][..pixels],
            sky: &sky[view * pixels..][..pixels],
        })
        .collect();
    let scale = bring_to_metres(&mut twice_seen).expect("not only sky");
    verdict.check(case, "scale_factor", &[scale], 1e-4);
    verdict.check(case, "depth", &depth, 1e-4);
    verdict.check(case, "depth_conf", &confidence, 1e-4);
    let extrinsics: Vec<f32> = cameras.iter().flat_map(|(pose, _)| pose.rows().concat()).collect();
    verdict.check(case, "extrinsics", &extrinsics, 1e-4);
}

/// What the first network makes of all views, tied to the one that the case's strategy chooses.
fn seen_together(case: &Case, network: &Network, images: &Tensor) -> Encoded {
    let conditioning = Conditioning { reference: Some(reference(case)), ..Conditioning::default() };
    network.encode(images, &conditioning, &Silent).expect("a run of the first network")
}

fn decoded(network: &Network, view: fathom::model::EncodedView) -> Maps {
    network.decode(view, &Silent).expect("a run of a head")
}

/// The stored nested case has two views, of which the first is always the reference. With three the strategy counts; a
/// small network shows it as well as the giant.
#[test]
fn three_views_are_tied_to_the_one_that_the_strategy_names() {
    let mut networks = Networks::new();
    let network = networks.generated(Preset::Da3Small, 9, false);
    let poses = |strategy: &str| {
        let shape = [("S", "3"), ("H", "28"), ("W", "42"), ("image", "0"), ("strategy", strategy)];
        let case = Case::with(&shape);
        seen_together(&case, network, &input(&case)).poses.expect("poses").concat()
    };
    let asked = |reference| {
        let case = Case::with(&[("S", "3"), ("H", "28"), ("W", "42"), ("image", "0")]);
        let conditioning = Conditioning { reference: Some(reference), ..Conditioning::default() };
        network.encode(&input(&case), &conditioning, &Silent).expect("a run").poses.expect("poses").concat()
    };
    let (first, middle) = (poses("first"), poses("middle"));
    assert_eq!(first, asked(Reference::First));
    assert_eq!(middle, asked(Reference::Middle));
    assert_ne!(first, middle, "it makes a difference");
}
