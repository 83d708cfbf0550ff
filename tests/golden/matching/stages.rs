//! Every stage of both networks that golden files hold, where they were made with the same weights.

use std::collections::HashMap;

use fathom::matching::{FeatureSettings, Match};
use fathom::model::lighterglue::{Going, LighterGlue, Points};
use fathom::model::xfeat::XFeat;

use crate::matching::golden_file::{Golden, Listener, sources};

/// Numbers of each point inside LighterGlue.
const WIDTH: usize = 96;

/// Absolute and relative.
type Tolerance = [f32; 2];

const STAGE: Tolerance = [2e-3, 1e-3];

fn tolerance(stage: &str) -> Tolerance {
    match stage {
        "resized_grey" => [1e-5, 0.0],
        "normed_grey" => [1e-4, 0.0],
        "reliability" | "heatmap" => [5e-4, 0.0],
        _ => STAGE,
    }
}

/// Differences in units of the tolerance; fails where one is greater.
fn compare(name: &str, pairs: impl Iterator<Item = (f32, f32)>, [absolute, relative]: Tolerance) {
    let (mut worst, mut count) = (0f32, 0);
    for (ours, golden) in pairs {
        let off = (ours - golden).abs() / (absolute + relative * golden.abs());
        // What is no number must never pass.
        worst = if off.is_nan() { f32::INFINITY } else { worst.max(off) };
        count += 1;
    }
    println!("{name}: {worst:.3} of the tolerance, {count} numbers");
    assert!(count > 0 && worst <= 1.0, "{name} is off by {worst} times the tolerance");
}

/// What a name means: the stage, and how many of its places are left out between two that are stored.
fn stage_of(name: &str) -> (&str, usize) {
    let (stage, step) = name.rsplit_once(".every").unwrap_or((name, "1"));
    (stage.trim_start_matches("stage."), step.parse().expect("a number of places"))
}

#[test]
fn golden_stages_of_xfeat() {
    let Some(golden) = Golden::find().filter(|golden| golden.is_exact) else { return };
    let network = XFeat::new(&*sources()[0]).expect("weights of XFeat");
    let mut compared = 0;
    for photo in ["a", "b"] {
        let image = golden.photo(photo);
        let listener = Listener::default();
        let settings = FeatureSettings { top_k: 1, long_side: 1024 };
        golden.matcher.features(&image, None, settings, &listener).expect("features");
        let mut heard = listener.heard();
        let [width, height] = [image.width(), image.height()].map(|side| side as usize / 32 * 32);
        let maps = network.forward(heard["resized_grey"].clone(), [height, width], &fathom::model::Silent);
        let maps = maps.expect("maps");
        heard.insert("heatmap".into(), maps.heat);
        heard.insert("reliability".into(), maps.reliability);
        let sum = heard["block1 + skip1"].iter().zip(&heard["skip1"]).map(|(sum, skip)| sum - skip).collect();
        heard.insert("block1".into(), sum);
        let own = golden.names().filter_map(|name| Some((name, name.strip_prefix(photo)?.strip_prefix('.')?)));
        for (name, rest) in own {
            let (stage, step) = stage_of(rest);
            let Some(ours) = heard.get(stage) else { continue };
            compare(name, strided(&golden, name, ours, step, [height, width]), tolerance(stage));
            compared += 1;
        }
    }
    assert!(compared >= 12, "only {compared} stages were compared");
}

/// Our number [y, x, channel] beside the golden file's [channel, y, x], or without channels.
fn strided<'a>(
    golden: &Golden,
    name: &str,
    ours: &'a [f32],
    step: usize,
    [height, width]: [usize; 2],
) -> impl Iterator<Item = (f32, f32)> + 'a {
    let shape = golden.shape(name).to_vec();
    let (channels, rows, columns) = match shape[..] {
        [rows, columns] => (1, rows, columns),
        [channels, rows, columns] => (channels, rows, columns),
        _ => panic!("{name} has the shape {shape:?}"),
    };
    // Maps are the picture's, or some power of two smaller.
    let smaller = ((height * width * channels / ours.len()) as f64).sqrt() as usize;
    let across = width / smaller;
    assert_eq!((height / smaller).div_ceil(step) * across.div_ceil(step), rows * columns, "{name}");
    let at = move |i: usize| {
        let (channel, y, x) = (i / (rows * columns), i / columns % rows, i % columns);
        ours[(y * step * across + x * step) * channels + channel]
    };
    golden.values(name).into_iter().enumerate().map(move |(i, golden)| (at(i), golden))
}

#[test]
fn golden_stages_of_lighterglue() {
    let Some(golden) = Golden::find().filter(|golden| golden.is_exact) else { return };
    let network = LighterGlue::new(&*sources()[1]).expect("weights of LighterGlue");
    let image = golden.photo("a");
    let size = [image.width() as f32, image.height() as f32];
    let positions = ["a", "b"].map(|photo| golden.pairs(&format!("{photo}.keypoints")));
    let descriptors = ["a", "b"].map(|photo| golden.values(&format!("{photo}.descriptors")));
    let of_a = Points { positions: &positions[0], descriptors: &descriptors[0], size };
    let of_b = Points { positions: &positions[1], descriptors: &descriptors[1], size };
    let listener = Listener::default();
    let assignment = network.forward(of_a, of_b, Going::All, &listener).expect("an assignment");
    let heard = listener.heard();

    let first: Vec<f32> = golden.values("lg.input_proj_a.first16");
    compare("input_proj", heard["input_proj"].iter().copied().zip(first), [1e-3, 0.0]);
    layers(&golden, &heard, positions[0].len());
    let name = "lg.log_assignment.every8";
    let (columns, values) = (golden.shape(name)[1], golden.values(name));
    let places = values.iter().enumerate().map(|(i, &value)| ([8 * (i / columns), 8 * (i % columns)], value));
    // Some files have a row and a column more, of points without a match; and what is as good as impossible is not compared.
    let inside = places.filter(|([a, b], value)| *a < positions[0].len() && *b < positions[1].len() && *value > -12.0);
    compare(name, inside.map(|([a, b], value)| (assignment.log_probability(a, b), value)), [2e-2, 0.0]);
    let all = assignment.mutual_best().into_iter().map(|([a, b], log)| Match { a, b, score: log.exp() });
    crate::matching::compare_matches(&golden, "lg", &all.filter(|found| found.score > 0.1).collect::<Vec<_>>());
}

fn layers(golden: &Golden, heard: &HashMap<String, Vec<f32>>, points_of_a: usize) {
    for layer in 0..6 {
        let (a, b) = heard[&format!("layer{layer}")].split_at(points_of_a * WIDTH);
        for (photo, ours) in [("a", a), ("b", b)] {
            let name = format!("lg.layer{layer}.{photo}.every32");
            let stored = golden.values(&name);
            let rows = ours.chunks_exact(WIDTH).step_by(32).flatten().copied();
            compare(&name, rows.zip(stored), STAGE);
        }
    }
}
