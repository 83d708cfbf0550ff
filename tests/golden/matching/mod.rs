//! XFeat, LighterGlue and what is made of them, against golden files: those of the repository, or others of the same format.
//!
//! `scripts/matching-goldens.sh` names others, and their weights. With weights that are not those of the golden files, which
//! the program's own are not, only keypoints and matches are compared: 98 of 100 must be the same.
#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "golden files that cannot be read end the test; errors are printed"
)]

mod golden_file;
mod stages;

use std::collections::{HashMap, HashSet};

use fathom::matching::{FeatureSettings, Features, Match, mutual_nearest};
use fathom::model::Silent;
use fathom::model::lighterglue::DESCRIPTOR;

use golden_file::{Golden, Listener};

/// Of keypoints and matches, with the weights of the golden files, and with others.
const LEAST_SHARES: [f64; 2] = [0.995, 0.98];

/// Fails where fewer than this share of `wanted` are among `found`, or where there are a tenth more.
fn require_share<T: Eq + std::hash::Hash>(what: &str, found: &HashSet<T>, wanted: &HashSet<T>, least: f64) {
    let share = found.intersection(wanted).count() as f64 / wanted.len() as f64;
    println!("{what}: {:.2} % of {}, {} found", 100.0 * share, wanted.len(), found.len());
    assert!(!wanted.is_empty() && share >= least, "{what}: {share} of {} are the same", wanted.len());
    assert!(10 * found.len() <= 11 * wanted.len(), "{what}: {} are too many", found.len());
}

/// A photo's peaks in its pixels, as the authors scale them, in hundredths.
fn peaks(golden: &Golden, photo: &str, heard: &HashMap<String, Vec<f32>>) -> Vec<[i32; 2]> {
    let image = golden.photo(photo);
    let scale = [image.width(), image.height()].map(|side| side as f32 / (side / 32 * 32) as f32);
    heard["peaks"].chunks(2).map(|at| hundredths([at[0] * scale[0], at[1] * scale[1]])).collect()
}

fn hundredths(at: [f32; 2]) -> [i32; 2] {
    at.map(|x| (100.0 * x).round() as i32)
}

/// What the program finds in a photo, and its peaks before they are brought between pixels.
fn features(golden: &Golden, photo: &str) -> (Features, Vec<[i32; 2]>) {
    let listener = Listener::default();
    let settings = FeatureSettings { top_k: golden.shape(&format!("{photo}.keypoints"))[0], long_side: 1024 };
    let found = golden.matcher.features(&golden.photo(photo), None, settings, &listener).expect("features");
    let peaks = peaks(golden, photo, &listener.heard());
    (found, peaks)
}

/// The features of the golden file, which its matches belong to.
fn stored(golden: &Golden, photo: &str) -> Features {
    let image = golden.photo(photo);
    Features {
        size: [image.width(), image.height()],
        keypoints: golden.pairs(&format!("{photo}.keypoints")),
        scores: golden.values(&format!("{photo}.scores")),
        descriptors: golden.values(&format!("{photo}.descriptors")),
    }
}

fn descriptor(features: &Features, i: usize) -> &[f32] {
    &features.descriptors[i * DESCRIPTOR..][..DESCRIPTOR]
}

/// Whatever their lengths, which are rounded in golden files.
fn cosine(a: &[f32], b: &[f32]) -> f32 {
    let product = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
    product(a, b) / (product(a, a) * product(b, b)).sqrt()
}

fn numbers(matches: &[Match]) -> HashSet<[usize; 2]> {
    matches.iter().map(|found| [found.a, found.b]).collect()
}

#[test]
fn golden_keypoints() {
    let Some(golden) = Golden::find() else { return };
    for photo in ["a", "b"] {
        let (found, peaks) = features(&golden, photo);
        let wanted: Vec<[i32; 2]> = golden.pairs(&format!("{photo}.keypoints")).into_iter().map(hundredths).collect();
        let [ours, theirs] = [&peaks, &wanted].map(|all| all.iter().copied().collect::<HashSet<_>>());
        require_share(&format!("{photo}: keypoints"), &ours, &theirs, LEAST_SHARES[usize::from(!golden.is_exact)]);
        if !golden.is_exact {
            continue;
        }
        let place: HashMap<[i32; 2], usize> = peaks.iter().copied().zip(0..).collect();
        let stored = stored(&golden, photo);
        let between = golden.has(&format!("{photo}.exact")).then(|| golden.pairs(&format!("{photo}.exact")));
        let (mut worst_score, mut least_cosine, mut worst_place) = (0f32, 1f32, 0f32);
        for (theirs, at) in wanted.iter().enumerate() {
            let Some(&ours) = place.get(at) else { continue };
            least_cosine = least_cosine.min(cosine(descriptor(&found, ours), descriptor(&stored, theirs)));
            worst_score = worst_score.max((found.scores[ours] - stored.scores[theirs]).abs());
            for (ours, theirs) in between.iter().flat_map(|all| found.keypoints[ours].iter().zip(&all[theirs])) {
                worst_place = worst_place.max((ours - theirs).abs());
            }
        }
        println!("{photo}: scores {worst_score:.1e}, least cosine {least_cosine}, between pixels {worst_place:.1e}");
        assert!(worst_score < 1e-3 && least_cosine > 0.9999 && worst_place < 2e-3);
    }
}

/// Pairs and their probabilities.
fn compare_matches(golden: &Golden, name: &str, found: &[Match]) {
    let wanted = golden.numbers(&format!("{name}.matches"));
    let least = if golden.is_exact { 0.99 } else { LEAST_SHARES[1] };
    require_share(name, &numbers(found), &wanted.iter().copied().collect(), least);
    if golden.is_exact {
        let scores: HashMap<[usize; 2], f32> =
            wanted.into_iter().zip(golden.values(&format!("{name}.match_scores"))).collect();
        let off = found.iter().filter_map(|m| Some((m.score - scores.get(&[m.a, m.b])?).abs()));
        let worst = off.fold(0.0, f32::max);
        println!("{name}: probabilities {worst:.1e}");
        assert!(worst < 5e-3);
    }
}

#[test]
fn golden_matches_of_stored_features() {
    let Some(golden) = Golden::find() else { return };
    let [a, b] = ["a", "b"].map(|photo| stored(&golden, photo));
    let found = golden.matcher.matches(&a, &b, &Silent).expect("matches");
    compare_matches(&golden, "lg_pruned", &found);
    for (name, least_cosine) in [("mutual", -1.0), ("mutual_cos082", 0.82)] {
        let wanted = golden.numbers(&format!("{name}.matches")).into_iter().collect();
        require_share(name, &numbers(&mutual_nearest(&a, &b, least_cosine)), &wanted, 0.99);
    }
}

#[test]
fn golden_matches_from_photos_on() {
    let Some(golden) = Golden::find() else { return };
    let [a, b] = ["a", "b"].map(|photo| features(&golden, photo));
    let stored = ["a", "b"].map(|photo| golden.pairs(&format!("{photo}.keypoints")));
    let between = if golden.has("lg_between.matches") { "lg_between.matches" } else { "lg_pruned.matches" };
    // The authors' keypoints lie on whole pixels, ours between them: some of the least likely matches are others for that
    // alone, where golden files have none of points between pixels.
    let least_between = if golden.has("lg_between.matches") { LEAST_SHARES[1] } else { 0.95 };
    for (name, is_between, least) in [("lg_pruned.matches", false, LEAST_SHARES[1]), (between, true, least_between)] {
        let at = |pair: [usize; 2]| [0, 1].map(|photo| hundredths(stored[photo][pair[photo]]));
        let wanted: HashSet<_> = golden.numbers(name).into_iter().map(at).collect();
        let [of_a, of_b] = [&a, &b].map(|(found, peaks)| {
            let on_pixels = peaks.iter().map(|at| at.map(|x| x as f32 / 100.0)).collect();
            Features { keypoints: if is_between { found.keypoints.clone() } else { on_pixels }, ..found.clone() }
        });
        let found = golden.matcher.matches(&of_a, &of_b, &Silent).expect("matches");
        let ours = found.iter().map(|m| [a.1[m.a], b.1[m.b]]).collect();
        require_share(&format!("from photos on, between pixels: {is_between}"), &ours, &wanted, least);
    }
}

#[test]
fn matches_of_a_rectified_pair_lie_in_the_same_rows_and_to_the_left() {
    let golden = Golden::of_the_repository();
    let [(a, _), (b, _)] = ["a", "b"].map(|photo| features(&golden, photo));
    let found = golden.matcher.matches(&a, &b, &Silent).expect("matches");
    let is_right = |m: &&Match| {
        let ([xa, ya], [xb, yb]) = (a.keypoints[m.a], b.keypoints[m.b]);
        (ya - yb).abs() < 1.0 && xa - xb > -1.0
    };
    let right = found.iter().filter(is_right).count();
    println!("{right} of {}", found.len());
    assert!(found.len() > 80 && right * 10 > found.len() * 8, "{right} of {}", found.len());
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let golden = Golden::of_the_repository();
    let with_threads = |count| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(count).build().expect("threads");
        pool.install(|| {
            let [(a, _), (b, _)] = ["a", "b"].map(|photo| features(&golden, photo));
            let found = golden.matcher.matches(&a, &b, &Silent).expect("matches");
            (a, b, found)
        })
    };
    let one = with_threads(1);
    assert!(with_threads(2) == one && with_threads(5) == one);
}
