//! How large an export will be, before it is written: a few views are written to nowhere, and stand for all.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::content::write_content;
use super::files::Files;
use super::images::images_bytes;
use super::stereo::eye_size;
use super::summary::SceneSummary;
use super::{AnimationFormat, ExportError, ExportWatch, Format, Options};
use crate::inference::{Prediction, ViewPrediction};

/// Views, or scenes, that stand for all others.
const SAMPLES: usize = 3;
/// More pixels than this of a photo, and one view stands for all: otherwise it would take as long as the export.
const MANY_PIXELS: f64 = 4e6;
/// Bytes of a summary, and of each view in it.
const SUMMARY: [u64; 2] = [4_000, 1_600];

/// What an export is expected to take, in bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expected {
    pub by_format: BTreeMap<Format, u64>,
    /// Photos beside cameras.
    pub photos: u64,
    pub summary: u64,
}

impl Expected {
    pub fn total(&self) -> u64 {
        self.by_format.values().sum::<u64>() + self.photos + self.summary
    }
}

/// What an export of `prediction` with these options would take; `known`: formats that have been asked for before with the same
/// options otherwise. Points of overlapping views that share a cube ([`Thinning::voxel`](crate::scene::Thinning)) are counted more than
/// once.
///
/// # Errors
/// As [`export_all`](super::export_all); [`ExportError::Cancelled`] where `watch` was stopped.
pub fn expected(
    prediction: &Prediction,
    options: &Options,
    known: &BTreeMap<Format, u64>,
    watch: &ExportWatch,
) -> Result<Expected, ExportError> {
    if prediction.views.is_empty() {
        return Err(ExportError::Empty);
    }
    let of_format = |&format: &Format| {
        let bytes = known.get(&format).map_or_else(|| bytes_of(prediction, format, options, watch), |&bytes| Ok(bytes));
        Ok((format, bytes?))
    };
    let has_cameras = [Format::Colmap, Format::ColmapText, Format::Transforms];
    let has_photos = options.images && has_cameras.iter().any(|format| options.formats.contains(format));
    let is_shown = |view: &&Arc<ViewPrediction>| !options.hidden.contains(&view.view);
    let shown = || prediction.views.iter().filter(is_shown);
    Ok(Expected {
        by_format: options.formats.iter().map(of_format).collect::<Result<_, ExportError>>()?,
        photos: if has_photos { shown().map(|view| images_bytes(view, options.as_taken)).sum() } else { 0 },
        summary: SUMMARY[0] + SUMMARY[1] * prediction.views.len() as u64,
    })
}

fn bytes_of(
    prediction: &Prediction,
    format: Format,
    options: &Options,
    watch: &ExportWatch,
) -> Result<u64, ExportError> {
    let options = &Options { formats: [format].into(), images: false, mirror: false, ..options.clone() };
    match format {
        Format::StereoMp4 if !AnimationFormat::Mp4.is_possible() => Ok(0),
        Format::StereoMp4 => Ok(of_film(prediction, options, AnimationFormat::Mp4)),
        Format::StereoGif => Ok(of_film(prediction, options, AnimationFormat::Gif)),
        Format::Ply
        | Format::Xyz
        | Format::Las
        | Format::Glb
        | Format::GsPly
        | Format::Colmap
        | Format::ColmapText
        | Format::Transforms
        | Format::Chan => of_scenes(prediction, format, options, watch),
        Format::DepthPng
        | Format::ColourPng
        | Format::ColourJpg
        | Format::Tiff
        | Format::Exr
        | Format::Pfm
        | Format::Npy
        | Format::SkyPng
        | Format::StereoPng
        | Format::StereoJpg => of_views(prediction, options, options.full_size, watch),
        // These have the size that the network saw.
        Format::DepthVis
        | Format::Npz
        | Format::MiniNpz
        | Format::Features
        | Format::FeatVis
        | Format::Cameras
        | Format::MeshGlb
        | Format::MeshPly
        | Format::MeshObj => of_views(prediction, options, false, watch),
    }
}

/// Files that grow with the pixels of each view.
fn of_views(
    prediction: &Prediction,
    options: &Options,
    is_photo_size: bool,
    watch: &ExportWatch,
) -> Result<u64, ExportError> {
    let all: Vec<&Arc<ViewPrediction>> = prediction.views.iter().collect();
    let largest = all.iter().map(|view| pixels(view, options.full_size)).fold(0.0, f64::max);
    let some = sample(&all, if largest > MANY_PIXELS { 1 } else { SAMPLES });
    let (bytes, _) = measure(prediction, &some, options, watch)?;
    Ok(scaled(bytes, sum(&some, is_photo_size), sum(&all, is_photo_size)))
}

/// Files that grow with the points of each scene, up to what is the most.
fn of_scenes(
    prediction: &Prediction,
    format: Format,
    options: &Options,
    watch: &ExportWatch,
) -> Result<u64, ExportError> {
    let numbers: BTreeSet<usize> = prediction.views.iter().map(|view| view.scene).collect();
    let is_shown = |view: &&Arc<ViewPrediction>| !options.hidden.contains(&view.view);
    let of_scene =
        |scene: &usize| prediction.views.iter().filter(|view| view.scene == *scene).filter(is_shown).collect();
    let scenes: Vec<Vec<&Arc<ViewPrediction>>> =
        numbers.iter().map(of_scene).filter(|views: &Vec<_>| !views.is_empty()).collect();
    let some = sample(&scenes, SAMPLES);
    let mut bytes = 0;
    for views in &some {
        let sampled = sample(views, SAMPLES);
        let (measured, scenes) = measure(prediction, &sampled, options, watch)?;
        let whole = scaled(measured, sum(&sampled, false), sum(views, false));
        let points = scenes.first().and_then(|about| points(about, format));
        let most = most_points(format, options);
        bytes += points.zip(most).map_or(whole, |(points, most)| {
            // More points than are written cost nothing.
            let at_most = scaled(measured, points.max(1) as f64, most.max(points) as f64);
            whole.min(at_most)
        });
    }
    let pixels_of = |scenes: &[Vec<&Arc<ViewPrediction>>]| scenes.iter().map(|views| sum(views, false)).sum();
    Ok(scaled(bytes, pixels_of(&some), pixels_of(&scenes)))
}

fn points(about: &SceneSummary, format: Format) -> Option<usize> {
    match format {
        Format::Ply | Format::Xyz | Format::Las => about.points,
        Format::Glb => about.glb.as_ref().map(|cloud| cloud.points),
        Format::Colmap | Format::ColmapText => about.colmap.as_ref().map(|cloud| cloud.points),
        _ => None,
    }
}

/// Of one scene.
fn most_points(format: Format, options: &Options) -> Option<usize> {
    match format {
        Format::Ply | Format::Xyz | Format::Las => Some(options.thinning.most),
        Format::Glb => Some(options.rule.most_points),
        Format::Colmap | Format::ColmapText => options.rule.most_colmap_points,
        _ => None,
    }
}

fn of_film(prediction: &Prediction, options: &Options, film: AnimationFormat) -> u64 {
    // Each picture has the size of the first one.
    let first = prediction.views.first().map_or(0.0, |view| {
        let size = if options.full_size { view.photo_size } else { [view.width, view.height] };
        let layout = options.stereo.layout;
        layout.size(eye_size(layout, size)).map(f64::from).iter().product()
    });
    (first * prediction.views.len() as f64 * film.bytes_per_pixel()) as u64
}

/// What these views alone would take.
fn measure(
    prediction: &Prediction,
    views: &[&Arc<ViewPrediction>],
    options: &Options,
    watch: &ExportWatch,
) -> Result<(u64, Vec<SceneSummary>), ExportError> {
    let views = views.iter().map(|view| Arc::clone(view)).collect();
    let some = Prediction { views, matched: None, ..prediction.clone() };
    let mut files = Files::count(watch);
    let content = write_content(&mut files, &some, options)?;
    Ok((files.bytes, content.scenes))
}

/// At most so many, evenly from all.
fn sample<T: Clone>(all: &[T], most: usize) -> Vec<T> {
    let number = all.len().min(most);
    (0..number).filter_map(|at| all.get((2 * at + 1) * all.len() / (2 * number)).cloned()).collect()
}

fn sum(views: &[&Arc<ViewPrediction>], is_photo_size: bool) -> f64 {
    views.iter().map(|view| pixels(view, is_photo_size)).sum()
}

fn pixels(view: &ViewPrediction, is_photo_size: bool) -> f64 {
    let [width, height] = if is_photo_size { view.photo_size } else { [view.width, view.height] };
    f64::from(width) * f64::from(height)
}

fn scaled(bytes: u64, part: f64, whole: f64) -> u64 {
    if part > 0.0 { (bytes as f64 * whole / part) as u64 } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::examples::synthetic;
    use crate::export::{RunNotes, export_all};
    use crate::input::ViewId;
    use crate::scene::{Filters, Thinning};

    /// Eight views of one scene that differ in size and in what they show.
    fn prediction() -> Prediction {
        let view = |index: usize| {
            let width = if index.is_multiple_of(3) { 200 } else { 160 };
            let view = synthetic::render(index, width, 120)
                .into_prediction(ViewId(index as u64), format!("{index}.jpg").into());
            Arc::new(ViewPrediction {
                confidence: Some(view.depth.iter().map(|depth| 1.0 + 6.0 / depth).collect()),
                ..view
            })
        };
        Prediction { model: "DA3-Small".into(), views: (0..8).map(view).collect(), ..Prediction::default() }
    }

    fn written(prediction: &Prediction, options: &Options) -> u64 {
        let dir = tempfile::tempdir().expect("a folder");
        let written = export_all(prediction, &dir.path().join("out"), &RunNotes::default(), options).expect("exported");
        written.files.iter().map(|file| file.metadata().expect("there").len()).sum()
    }

    fn reckoned(prediction: &Prediction, options: &Options) -> u64 {
        expected(prediction, options, &BTreeMap::new(), &ExportWatch::default()).expect("reckoned").total()
    }

    /// The factor between what is expected and what comes.
    const FACTOR: f64 = 1.5;

    #[track_caller]
    fn is_near(prediction: &Prediction, options: &Options) {
        let (expected, real) = (reckoned(prediction, options) as f64, written(prediction, options) as f64);
        let is_near = expected < real * FACTOR && real < expected * FACTOR;
        assert!(is_near, "{:?}: {expected} expected, {real} written", options.formats);
    }

    #[test]
    fn every_format_is_as_large_as_was_said() {
        let prediction = prediction();
        for format in Format::ALL {
            is_near(&prediction, &Options { formats: [format].into(), ..Options::default() });
        }
        is_near(&prediction, &Options { formats: Format::ALL.into(), ..Options::default() });
    }

    #[test]
    fn filters_hidden_views_and_the_most_points_count() {
        let prediction = prediction();
        let formats: BTreeSet<Format> = [Format::Ply, Format::Glb, Format::Colmap].into();
        let all = Options { formats, filters: Filters::NONE, ..Options::default() };
        let few = Options {
            thinning: Thinning { voxel: None, most: 2000 },
            hidden: [ViewId(1), ViewId(2)].into(),
            filters: Filters { confidence_percentile: 60.0, every: 2, ..Filters::default() },
            ..all.clone()
        };
        is_near(&prediction, &all);
        is_near(&prediction, &few);
        let ply = |options: &Options| {
            let ply = Options { formats: [Format::Ply].into(), ..options.clone() };
            reckoned(&prediction, &ply)
        };
        assert!(ply(&few) < ply(&all) / 4);
    }

    #[test]
    fn films_of_large_photos_are_no_larger_than_players_take_them() {
        let options = Options { formats: [Format::StereoGif].into(), full_size: true, ..Options::default() };
        let mut prediction = prediction();
        let mut of_size = |size: [u32; 2]| {
            prediction.views.iter_mut().for_each(|view| Arc::make_mut(view).photo_size = size);
            bytes_of(&prediction, Format::StereoGif, &options, &ExportWatch::default()).expect("reckoned")
        };
        let [small, large, huge] = [[800, 600], [8000, 6000], [16_000, 12_000]].map(&mut of_size);
        assert!(large > 2 * small && large == huge, "{small}, {large}, {huge}");
        assert!(large as f64 <= 8.0 * 4096.0 * 2304.0 * AnimationFormat::Gif.bytes_per_pixel(), "{large}");
    }

    #[test]
    fn what_is_known_is_not_reckoned_again_and_a_word_ends_it() {
        let options = Options { formats: [Format::Ply, Format::Npz].into(), ..Options::default() };
        let known = [(Format::Ply, 5), (Format::Glb, 7)].into();
        let watch = ExportWatch::default();
        let said = expected(&prediction(), &options, &known, &watch).expect("reckoned");
        assert_eq!((said.by_format[&Format::Ply], said.by_format.get(&Format::Glb)), (5, None));
        watch.stop();
        assert!(matches!(expected(&prediction(), &options, &known, &watch), Err(ExportError::Cancelled)));
    }

    #[test]
    fn samples_are_spread_over_all() {
        assert_eq!(sample(&[0, 1, 2, 3, 4, 5, 6, 7, 8], 3), [1, 4, 7]);
        assert_eq!(sample(&[0, 1], 3), [0, 1]);
        assert!(sample::<u8>(&[], 3).is_empty());
    }
}
