//! What each format of weights costs in exactness: whole networks on the kernels, against the same networks in f32.
#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a failed expectation is a failed test; errors are printed"
)]

use std::path::Path;

use candle_core::{Device, Tensor};
use fathom::inference::WeightFile;
use fathom::inference::selftest::images::{float_image, rgb_image};
use fathom::input::preprocess::normalise;
use fathom::model::{Conditioning, Da2Output, Format, Generated, Maps, Network, Options, Preset, Silent, TensorSource};

/// Formats, and the greatest relative error that is rounding and no mistake.
const BOUNDS: [(Format, f64); 3] = [(Format::F16, 3e-3), (Format::Bf16, 2e-2), (Format::Int8, 4e-2)];

/// What a network gives, view after view.
fn outputs(
    weights: &dyn TensorSource,
    preset: Preset,
    format: Format,
    images: &Tensor,
) -> Vec<(&'static str, Vec<f32>)> {
    let options = Options { format, ..Options::default() };
    let network = Network::new(weights, preset, &Device::Cpu, &options).expect("weights of the preset");
    let encoded = network.encode(images, &Conditioning::default(), &Silent).expect("a run of the backbone");
    let views = encoded.views.into_iter();
    let maps: Vec<Maps> = views.map(|view| network.decode(view, &Silent).expect("a run of the head")).collect();
    let joined = |part: fn(&Maps) -> Option<&Vec<f32>>| -> Option<Vec<f32>> {
        maps.iter().map(part).collect::<Option<Vec<_>>>().map(|views| views.into_iter().flatten().copied().collect())
    };
    let outputs = [
        ("depth", joined(|maps| Some(&maps.depth))),
        ("confidence", joined(|maps| maps.confidence.as_ref())),
        ("sky", joined(|maps| maps.sky.as_ref())),
        ("poses", encoded.poses.map(|poses| poses.concat())),
    ];
    outputs.into_iter().filter_map(|(name, values)| Some((name, values?))).collect()
}

/// Root mean square of the difference, relative to that of `exact`.
fn relative_error(exact: &[f32], values: &[f32]) -> f64 {
    assert_eq!(exact.len(), values.len());
    let square = |x: f32| f64::from(x) * f64::from(x);
    let difference: f64 = exact.iter().zip(values).map(|(&e, &v)| square(e - v)).sum();
    (difference / exact.iter().map(|&e| square(e)).sum::<f64>()).sqrt()
}

fn is_published_in_f16(weights: &dyn TensorSource) -> bool {
    weights.contents().values().all(|tensor| tensor.element == "F16")
}

fn check(name: &str, weights: &dyn TensorSource, preset: Preset, images: &Tensor) {
    let exact = outputs(weights, preset, Format::F32, images);
    for (format, bound) in BOUNDS {
        for ((quantity, values), (_, exact)) in outputs(weights, preset, format, images).iter().zip(&exact) {
            let error = relative_error(exact, values);
            println!("{name}, {format:?}: {quantity} {error:.1e} of {bound:.0e}");
            assert!(error <= bound, "{name}, {format:?}: {quantity} is {error:.2e} off");
            // Weights that are published in f16 lose nothing there; all else would have been f32 in disguise.
            let is_stored_so = format == Format::F16 && is_published_in_f16(weights);
            assert_eq!(error == 0.0, is_stored_so, "{name}, {format:?}: {quantity} is {error:.2e} off");
        }
    }
}

#[test]
fn the_built_in_model_keeps_its_depth_in_every_format() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/models/depth-anything-v2-small.safetensors");
    let weights = WeightFile::open(&path).expect("the built-in model");
    for (width, height) in [(378, 266), (518, 518)] {
        let photo = image::RgbImage::from_raw(width, height, rgb_image(0, height as usize, width as usize, 5));
        let shape = (1, 3, height as usize, width as usize);
        let images = Tensor::from_vec(normalise(&photo.expect("a photo")), shape, &Device::Cpu).expect("a tensor");
        check(&format!("built-in {width}×{height}"), &weights, Preset::Da2Small(Da2Output::Disparity), &images);
    }
}

#[test]
fn any_view_networks_keep_depth_confidence_and_poses_in_every_format() {
    for (seed, image, [views, height, width]) in [(9, 0, [2, 56, 84]), (10, 1, [5, 56, 84]), (9, 3, [1, 280, 504])] {
        let values: Vec<f32> = float_image(views, height, width, image);
        let images = Tensor::from_vec(values, (views, 3, height, width), &Device::Cpu).expect("a tensor");
        let weights = Generated::new(Preset::Da3Small, seed, false);
        check(&format!("DA3-Small, {views} of {width}×{height}"), &weights, Preset::Da3Small, &images);
    }
}

#[test]
fn sky_survives_every_format() {
    let (height, width) = (70, 98);
    let images = Tensor::from_vec(float_image(1, height, width, 0), (1, 3, height, width), &Device::Cpu);
    let weights = Generated::new(Preset::Da3MonoLarge, 14, false);
    check("DA3-Mono-Large", &weights, Preset::Da3MonoLarge, &images.expect("a tensor"));
}
