//! Depth Anything V2: the built-in model with its real weights, other sizes with generated ones.

use candle_core::{Device, Tensor};
use fathom::inference::selftest::images;
use fathom::input::preprocess::{normalise, prepare_da2};
use fathom::input::resize::bilinear;
use fathom::model::{Conditioning, Da2Output, Preset, Silent};

use crate::golden::{Case, Verdict};
use crate::networks::common::Networks;
use crate::networks::network::check_features;

/// The built-in model: on an image of exactly the network's size, or on any image with the resize that belongs to it.
pub fn real_weights_case(case: &Case, networks: &mut Networks, verdict: &mut Verdict) {
    let network = networks.built_in();
    let sizes = |key: &str| -> [usize; 2] { serde_json::from_str(case.text(key).expect("sizes")).expect("two sizes") };
    let ([photo_width, photo_height], [width, height]) = (sizes("wh"), sizes("net_wh"));
    let pixels = images::rgb_image(case.number("view"), photo_height, photo_width, case.number("image"));
    let photo = image::RgbImage::from_raw(photo_width as u32, photo_height as u32, pixels).expect("an image");
    let is_resized = case.text("mode") == Some("api");
    let tensor = if is_resized { prepare_da2(&photo, case.number("res")).tensor } else { normalise(&photo) };
    verdict.check(case, "input", &tensor, 1e-4);
    let tensor = Tensor::from_vec(tensor, (1, 3, height, width), &Device::Cpu).expect("a tensor of the network's size");
    let mut encoded = network.encode(&tensor, &Conditioning::default(), &Silent).expect("a run of the backbone");
    check_features(case, &encoded, verdict);
    let maps = network.decode(encoded.views.remove(0), &Silent).expect("a run of the head");
    verdict.check(case, "disparity", &maps.depth, 1e-4);
    if is_resized {
        let photo_size = [photo_width as u32, photo_height as u32];
        let native = bilinear(&maps.depth, [width as u32, height as u32], photo_size);
        verdict.check(case, "disparity_native", &native, 1e-4);
    }
}

pub fn synthetic_case(case: &Case, networks: &mut Networks, verdict: &mut Verdict) {
    let max_depth: f32 = case.number("max_depth");
    let output = if max_depth > 0.0 { Da2Output::Metric { max_depth } } else { Da2Output::Disparity };
    let variant = case.text("variant").expect("a variant");
    let preset = Preset::da2(variant, output).unwrap_or_else(|| panic!("{}: {variant}", case.file.display()));
    let network = networks.generated(preset, case.number("seed"), false);
    let (h, w) = (case.number::<usize>("H"), case.number::<usize>("W"));
    let image = images::float_image(1, h, w, case.number("image"));
    let image = Tensor::from_vec(image, (1, 3, h, w), &Device::Cpu).expect("an image tensor");
    let mut encoded = network.encode(&image, &Conditioning::default(), &Silent).expect("a run of the backbone");
    check_features(case, &encoded, verdict);
    let maps = network.decode(encoded.views.remove(0), &Silent).expect("a run of the head");
    verdict.check(case, "depth", &maps.depth, 1e-4);
}
