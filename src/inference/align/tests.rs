//! Passes over the synthetic scene, spoilt in known ways, must come back to where they belong.

use std::ops::Range;
use std::path::PathBuf;
use std::sync::OnceLock;

use glam::{DMat3, DVec3};

use super::*;
use crate::examples::synthetic;
use crate::input::ViewId;

/// Bounds for a whole chain of passes: scale in parts, rotation in degrees, places in parts of the scene's size.
const SCALE: f64 = 0.005;
const DEGREES: f64 = 0.2;
const PLACE: f64 = 0.005;
/// Distance of the table from the cameras, in metres.
const SCENE_SIZE: f64 = 2.0;
/// Every seed is another set of frames, scales and errors.
const SEEDS: u64 = 4;

/// SplitMix64.
struct Random(u64);

impl Random {
    fn between(&mut self, low: f64, high: f64) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        low + (high - low) * ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }

    fn normal(&mut self) -> f64 {
        (-2.0 * (1.0 - self.between(0.0, 1.0)).ln()).sqrt() * self.between(0.0, std::f64::consts::TAU).cos()
    }

    fn vector(&mut self) -> DVec3 {
        DVec3::new(self.normal(), self.normal(), self.normal())
    }

    /// Scales from 0.1 to 10, any rotation, origins some metres away.
    fn similarity(&mut self) -> Similarity {
        Similarity {
            scale: 10_f64.powf(self.between(-1.0, 1.0)),
            rotation: DMat3::from_axis_angle(self.vector().normalize_or_zero(), self.between(0.0, 3.1)),
            translation: self.vector() * 3.0,
        }
    }
}

/// The eight views of the table, exact.
fn truth() -> &'static [ViewPrediction] {
    static VIEWS: OnceLock<Vec<ViewPrediction>> = OnceLock::new();
    VIEWS.get_or_init(|| {
        let view = |i| synthetic::render(i, 128, 96).into_prediction(ViewId(i as u64), PathBuf::from("table.png"));
        (0..synthetic::VIEWS).map(view).collect()
    })
}

/// What is wrong with a pass.
#[derive(Clone, Copy)]
struct Flaws {
    /// Standard deviation of the noise by which each depth is multiplied.
    noise: f64,
    /// Share of pixels whose depth is anything.
    gross: f64,
    /// Share of the pixels, those farthest to the right, that show something which has moved.
    moved: f64,
}

const NONE: Flaws = Flaws { noise: 0.0, gross: 0.0, moved: 0.0 };
const USUAL: Flaws = Flaws { noise: 0.02, gross: 0.1, moved: 0.0 };

/// Photos `range` as one pass sees them, in a frame and a scale of its own, and the similarity that leads there. What has
/// moved is about `away` metres from its place.
fn pass(range: Range<usize>, flaws: Flaws, away: f64, random: &mut Random) -> (Vec<ViewPrediction>, Similarity) {
    let own = random.similarity();
    let displacement = DVec3::new(0.1 * random.normal(), 0.1 * random.normal(), away);
    let views = truth()[range].iter().map(|exact| {
        let pair = Pair::new(exact, exact).expect("one size");
        let places: Vec<DVec3> = pixels(exact).map(|(at, depth)| pair.points(at, depth, 1.0)[0]).collect();
        let border = percentile(places.iter().map(|p| p.x as f32), 100.0 * (1.0 - flaws.moved as f32)).expect("places");
        let towards = (exact.camera.camera_from_world.rotation.as_dmat3() * displacement).z;
        let mut view = exact.clone();
        for (depth, place) in view.depth.iter_mut().zip(places) {
            let mut spoilt = f64::from(*depth);
            if place.x > f64::from(border) {
                spoilt += towards;
            }
            spoilt *= 1.0 + flaws.noise * random.normal();
            if random.between(0.0, 1.0) < flaws.gross {
                spoilt *= random.between(0.2, 4.0);
            }
            *depth = spoilt.max(0.01) as f32;
        }
        view.confidence = Some(view.depth.iter().map(|_| random.between(2.0, 6.0) as f32).collect());
        carry(&mut view, &own);
        view
    });
    (views.collect(), own)
}

fn pixels(view: &ViewPrediction) -> impl Iterator<Item = ([usize; 2], f64)> {
    let width = view.width as usize;
    view.depth.iter().enumerate().map(move |(i, depth)| ([i % width, i / width], f64::from(*depth)))
}

fn inverse(of: &Similarity) -> Similarity {
    let rotation = of.rotation.transpose();
    Similarity { scale: of.scale.recip(), rotation, translation: -(rotation * of.translation) / of.scale }
}

/// Errors of scale (parts), rotation (degrees) and places (parts of the scene's size) of a pass in the scene, given how
/// either came about.
fn errors(found: &Similarity, pass: &Similarity, scene: &Similarity) -> [f64; 3] {
    let still = inverse(scene).after(&found.after(pass));
    let r = still.rotation;
    let sine = DVec3::new(r.y_axis.z - r.z_axis.y, r.z_axis.x - r.x_axis.z, r.x_axis.y - r.y_axis.x).length() / 2.0;
    let cosine = (r.x_axis.x + r.y_axis.y + r.z_axis.z - 1.0) / 2.0;
    let cameras = truth().iter().map(|view| view.camera.camera_from_world.camera_centre().as_dvec3());
    let places = cameras.chain([DVec3::ZERO, DVec3::Y]);
    let moved = places.map(|place| (still.apply(place) - place).length()).fold(0.0, f64::max);
    [(still.scale - 1.0).abs(), sine.atan2(cosine).to_degrees(), moved / SCENE_SIZE]
}

/// The worst errors over a chain of passes of `size` photos that overlap by `overlap`.
fn chain(size: usize, overlap: usize, flaws: [Flaws; 2], seed: u64) -> Result<[f64; 3], Misfit> {
    let mut random = Random(seed);
    let (mut scene, own) = pass(0..size, flaws[0], 0.0, &mut random);
    let (mut worst, mut passes) = ([0.0; 3], 1);
    while scene.len() < truth().len() {
        let start = scene.len() - overlap;
        // To and fro, so that pass and scene never have it in the same place.
        let away = 0.4 * f64::from(passes % 2);
        let (mut views, other) = pass(start..(start + size).min(truth().len()), flaws[1], away, &mut random);
        let shared: Vec<_> = views.iter().zip(&scene[start..]).collect();
        let found = align(&shared)?;
        for (worst, error) in worst.iter_mut().zip(errors(&found.similarity, &other, &own)) {
            *worst = f64::max(*worst, error);
        }
        views.iter_mut().for_each(|view| carry(view, &found.similarity));
        scene.extend(views.drain(overlap..));
        passes += 1;
    }
    assert!(passes >= 3, "not a chain");
    Ok(worst)
}

/// All chains over all seeds stay within the bounds.
#[track_caller]
fn stays_true(what: &str, flaws: [Flaws; 2]) {
    let mut worst = [0.0; 3];
    for (size, overlap) in [(4, 1), (3, 1), (4, 2), (5, 3)] {
        for seed in 0..SEEDS {
            let errors = chain(size, overlap, flaws, seed).unwrap_or_else(|misfit| panic!("{what}, {seed}: {misfit}"));
            worst = std::array::from_fn(|i| f64::max(worst[i], errors[i]));
        }
    }
    let [scale, degrees, place] = worst;
    assert!(scale < SCALE && degrees < DEGREES && place < PLACE, "{what}: {scale}, {degrees}°, {place}");
}

#[test]
fn chains_of_passes_stay_true() {
    stays_true("exact", [NONE; 2]);
    stays_true("noise and gross errors", [USUAL; 2]);
    stays_true("exact scene", [NONE, USUAL]);
}

#[test]
fn what_moved_between_passes_takes_nothing_along() {
    stays_true("a third has moved", [Flaws { moved: 0.33, ..USUAL }; 2]);
    stays_true("moved, exact otherwise", [Flaws { moved: 0.4, ..NONE }; 2]);
}

/// One photo as two passes see it, the second of which is the scene's.
fn one_photo(flaws: Flaws, seed: u64) -> ([ViewPrediction; 2], [Similarity; 2]) {
    let mut random = Random(seed);
    let (mut moving, other) = pass(3..4, flaws, 0.4, &mut random);
    let (mut scene, own) = pass(3..4, flaws, 0.0, &mut random);
    ([moving.remove(0), scene.remove(0)], [other, own])
}

#[track_caller]
fn comes_back([moving, scene]: &[ViewPrediction; 2], [other, own]: &[Similarity; 2]) -> Alignment {
    let found = align(&[(moving, scene)]).expect("an alignment");
    let [scale, degrees, place] = errors(&found.similarity, other, own);
    assert!(scale < SCALE && degrees < DEGREES && place < PLACE, "{scale} {degrees} {place} {found:?}");
    found
}

#[test]
fn unsure_pixels_count_little_and_impossible_ones_nothing() {
    for seed in 0..SEEDS {
        let (mut views, truth) = one_photo(USUAL, seed);
        let mut random = Random(seed + 100);
        for view in &mut views {
            let confidence = view.confidence.as_mut().expect("confidence");
            let mut background = vec![false; view.depth.len()];
            for (i, (depth, confidence)) in view.depth.iter_mut().zip(confidence).enumerate() {
                if random.between(0.0, 1.0) < 0.6 {
                    *depth *= random.between(0.2, 4.0) as f32;
                    *confidence = random.between(1.0, 1.05) as f32;
                } else if random.between(0.0, 1.0) < 0.02 {
                    *depth *= 3.0;
                    *confidence = 1e6;
                }
                match i % 40 {
                    0 => *depth = [f32::NAN, f32::INFINITY, 0.0, -1.0][i / 40 % 4],
                    1 => *confidence = [f32::NAN, f32::INFINITY, 0.0, f32::NEG_INFINITY][i / 40 % 4],
                    2 => (*depth, background[i]) = (1e9, true),
                    _ => {}
                }
            }
            view.background = Some(background);
        }
        comes_back(&views, &truth);
    }
}

#[test]
fn a_wall_in_one_photo_is_enough() {
    for seed in 0..SEEDS {
        let (mut views, truth) = one_photo(NONE, seed);
        let mut random = Random(seed);
        let tilt = [random.between(-0.3, 0.3), random.between(-0.3, 0.3)];
        for (view, way) in views.iter_mut().zip(&truth) {
            let places: Vec<[usize; 2]> = pixels(view).map(|(at, _)| at).collect();
            for (depth, [u, v]) in view.depth.iter_mut().zip(places) {
                let ray = view.camera.intrinsics.unproject(u as f32, v as f32, 1.0).as_dvec3();
                let exact = 2.0 * way.scale / (1.0 + tilt[0] * ray.x + tilt[1] * ray.y);
                *depth = (exact * (1.0 + 0.02 * random.normal())) as f32;
            }
        }
        let found = comes_back(&views, &truth);
        assert!(found.inliers > 0.85 && (0.015..0.025).contains(&found.residual), "{found:?}");
    }
}

#[test]
fn no_unit_matters_and_nothing_is_left_to_chance() {
    let (views, _) = one_photo(USUAL, 7);
    let found = align(&[(&views[0], &views[1])]).expect("an alignment");
    assert_eq!(align(&[(&views[0], &views[1])]), Ok(found));
    let mut larger = views[1].clone();
    let times = |scale| Similarity { scale, ..Similarity::IDENTITY };
    carry(&mut larger, &times(1000.0));
    let again = align(&[(&views[0], &larger)]).expect("an alignment");
    assert!((again.similarity.scale / found.similarity.scale / 1000.0 - 1.0).abs() < 1e-4);
    assert!((again.inliers - found.inliers).abs() < 1e-3 && (again.residual - found.residual).abs() < 1e-4);
    assert_eq!(found.matches, (views[0].width * views[0].height) as usize, "all of so few pixels");
}

#[test]
fn a_carried_view_shows_its_world_where_the_scene_has_it() {
    let (view, way) = (&truth()[2], Random(3).similarity());
    let mut carried = view.clone();
    carry(&mut carried, &way);
    let pair = Pair::new(view, &carried).expect("one size");
    for ((at, from), (_, to)) in pixels(view).zip(pixels(&carried)).step_by(97) {
        let [before, after] = pair.points(at, (from * to).sqrt(), to / from);
        assert!((way.apply(before) - after).length() < 1e-5 * way.scale.max(1.0) * 10.0);
    }
}

#[test]
fn what_does_not_belong_together_is_refused() {
    let views = truth();
    for (i, j) in (0..views.len()).flat_map(|i| (i + 3..views.len()).map(move |j| (i, j))) {
        let misfit = align(&[(&views[i], &views[j])]).expect_err("other photos");
        assert!(matches!(misfit, Misfit::Disagree { .. }), "{i} {j}: {misfit}");
    }
    let mut random = Random(5);
    let mut dice = views[0].clone();
    dice.depth.iter_mut().for_each(|depth| *depth = random.between(0.5, 5.0) as f32);
    let misfit = align(&[(&dice, &views[0])]).expect_err("no depth at all");
    assert!(matches!(misfit, Misfit::Disagree { inliers, .. } if inliers < 0.3), "{misfit}");
    let text = "the passes agree on only 26 % of what the shared photos show, and 40 % are needed";
    assert_eq!(Misfit::Disagree { inliers: 0.26, least: 0.4 }.to_string(), text);
}

#[test]
fn too_little_in_common_is_refused() {
    let few = |matches| Err(Misfit::TooFew { matches, least: 300 });
    let view = &truth()[0];
    assert_eq!(align(&[]), few(0));
    let unsure = ViewPrediction { confidence: Some(vec![1.0; view.depth.len()]), ..view.clone() };
    assert_eq!(align(&[(&unsure, view)]), few(0));
    let mut sure = vec![1.0; view.depth.len()];
    sure[5000..5299].fill(3.0);
    let corner = ViewPrediction { confidence: Some(sure), ..view.clone() };
    assert_eq!(align(&[(view, &corner)]), few(299));
    let sky = ViewPrediction { background: Some(vec![true; view.depth.len()]), ..view.clone() };
    assert_eq!(align(&[(view, &sky)]), few(0));
    let narrow = ViewPrediction { width: 96, height: 128, ..view.clone() };
    assert_eq!(align(&[(view, &narrow)]), few(0));
    let cut_off = ViewPrediction { depth: vec![1.0; 100], confidence: Some(vec![2.0; 50]), ..view.clone() };
    assert_eq!(align(&[(&cut_off, view)]), few(50));
}

#[test]
fn hostile_views_are_refused_quietly() {
    let view = &truth()[0];
    let mut parallel = view.clone();
    (parallel.camera.intrinsics.fx, parallel.camera.intrinsics.fy) = (1e30, 1e30);
    assert_eq!(align(&[(&parallel, &parallel)]), Err(Misfit::Degenerate), "all on one line");
    let mut blind = view.clone();
    blind.camera.intrinsics.fx = 0.0;
    assert_eq!(align(&[(&blind, view)]), Err(Misfit::Degenerate), "rays to nowhere");
    for value in [f32::NAN, f32::INFINITY] {
        let mut lost = view.clone();
        lost.camera.camera_from_world.translation.x = value;
        assert_eq!(align(&[(view, &lost)]), Err(Misfit::Degenerate));
    }
    let mut mirrored = view.clone();
    mirrored.depth.chunks_exact_mut(view.width as usize).for_each(<[f32]>::reverse);
    assert!(align(&[(&mirrored, view)]).map_or(true, |found| found.similarity.is_finite()));
    let flat = ViewPrediction { depth: vec![f32::MIN_POSITIVE; view.depth.len()], ..view.clone() };
    let far = ViewPrediction { depth: vec![f32::MAX; view.depth.len()], ..view.clone() };
    assert!(align(&[(&flat, &far)]).map_or(true, |found| found.similarity.is_finite()));
}
