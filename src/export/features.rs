//! What single blocks of the backbone made of the photos: as arrays, and as pictures of their three principal components
//! (specification §6.5).

use std::collections::BTreeSet;
use std::io::{self, Seek, Write};
use std::sync::Arc;

use image::imageops::{FilterType, resize};
use image::{DynamicImage, Rgb, RgbImage};

use super::files::Files;
use super::jpg::{beside, write_jpg};
use super::npy::Archive;
use super::{AnimationFormat, AnimationWriter, ExportError};
use crate::geometry::{Principal, percentiles};
use crate::inference::{FeatureMap, ViewPrediction};

/// Components are clipped to these percentiles.
const SHOWN: [f32; 2] = [10.0, 90.0];
/// A component that differs by less is shown as if it differed by this.
const LEAST_RANGE: f32 = 1e-4;
/// What stands for infinity.
const HUGE: f32 = 1e6;

/// Writes `feat_layer_<block>`, S×h×w×C in f32, of views of one size.
///
/// # Errors
/// What the writer answers; views of different sizes are `InvalidData`.
pub fn write_features(to: impl Write + Seek, views: &[Arc<ViewPrediction>]) -> io::Result<()> {
    let mut archive = Archive::new(to);
    for block in blocks(views) {
        let maps: Vec<&FeatureMap> = views.iter().filter_map(|view| map_of(view, block)).collect();
        let Some(first) = maps.first() else { continue };
        let shape = [maps.len(), first.height, first.width, first.channels];
        archive.array(
            &format!("feat_layer_{block}"),
            &shape,
            maps.iter().flat_map(|map| map.values.iter().copied()),
        )?;
    }
    archive.finish()
}

/// Writes `feat_vis/feat_layer_<block>/000000.jpg`, …: what the network saw, and to the right of it the three principal
/// components over all views as red, green and blue. With ffmpeg, and where there are several pictures of one size, also a film of them.
pub(super) fn write_feature_pictures(
    files: &mut Files<'_>,
    views: &[Arc<ViewPrediction>],
    fps: u32,
) -> Result<(), ExportError> {
    for block in blocks(views) {
        let stem = format!("feat_vis/feat_layer_{block}");
        let pictures = pictures(views, block);
        for (view, picture) in &pictures {
            files.write(format!("{stem}/{view:06}.jpg"), |to| write_jpg(to, picture))?;
        }
        let Some((_, first)) = pictures.first() else { continue };
        // One picture does not move.
        let has_one_size =
            pictures.len() > 1 && pictures.iter().all(|(_, picture)| picture.dimensions() == first.dimensions());
        if has_one_size && AnimationFormat::Mp4.is_possible() {
            let size = [first.width(), first.height()];
            let pixels = size.map(f64::from).iter().product::<f64>() * pictures.len() as f64;
            let about = (pixels * AnimationFormat::Mp4.bytes_per_pixel()) as u64;
            files.add(format!("{stem}.mp4"), about, |path| {
                let mut film = AnimationWriter::create(path, AnimationFormat::Mp4, size, fps)?;
                let mut pictures = pictures.into_iter();
                pictures.try_for_each(|(_, picture)| film.add(DynamicImage::from(picture).into_rgba8()))?;
                film.finish().map(drop)
            })?;
        }
    }
    Ok(())
}

/// Blocks of which any view has the output.
fn blocks(views: &[Arc<ViewPrediction>]) -> BTreeSet<usize> {
    views.iter().flat_map(|view| view.extras.features.iter().map(|map| map.block)).collect()
}

fn map_of(view: &ViewPrediction, block: usize) -> Option<&FeatureMap> {
    view.extras.features.iter().find(|map| map.block == block)
}

/// With the places of their views.
fn pictures(views: &[Arc<ViewPrediction>], block: usize) -> Vec<(usize, RgbImage)> {
    let of_view = |(place, view)| Some((place, Arc::as_ref(view), map_of(view, block)?));
    let maps: Vec<(usize, &ViewPrediction, &FeatureMap)> = views.iter().enumerate().filter_map(of_view).collect();
    let Some(channels) = maps.first().map(|(.., map)| map.channels) else { return Vec::new() };
    let vectors: Vec<f32> = maps.iter().flat_map(|(.., map)| map.values.iter().map(|&value| finite(value))).collect();
    let principal = Principal::of(&vectors, channels);
    let projected: Vec<[f32; 3]> = vectors.chunks_exact(channels).map(|vector| principal.project(vector)).collect();
    let ranges: [[f32; 2]; 3] = std::array::from_fn(|i| {
        percentiles(projected.iter().map(|components| components[i]), SHOWN).unwrap_or_default()
    });
    let mut rest = projected.as_slice();
    let mut pictures = Vec::with_capacity(maps.len());
    for (place, view, map) in maps {
        let (here, others) = rest.split_at(map.height * map.width);
        rest = others;
        let small = RgbImage::from_fn(map.width as u32, map.height as u32, |x, y| {
            let components = here[y as usize * map.width + x as usize];
            Rgb(std::array::from_fn(|i| shade(components[i], ranges[i])))
        });
        let large = resize(&small, view.width, view.height, FilterType::Nearest);
        pictures.push((place, beside(&view.image, &large)));
    }
    pictures
}

fn finite(value: f32) -> f32 {
    if value.is_nan() { 0.0 } else { value.clamp(-HUGE, HUGE) }
}

fn shade(component: f32, [low, high]: [f32; 2]) -> u8 {
    let part = (component.clamp(low, high.max(low)) - low) / (high - low).max(LEAST_RANGE);
    (part * 255.0) as u8
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::examples::synthetic;
    use crate::export::ExportWatch;
    use crate::input::ViewId;

    /// Features that grow from left to right along one channel and from top to bottom along another.
    fn view() -> Arc<ViewPrediction> {
        let mut view = synthetic::render(0, 56, 28).into_prediction(ViewId(0), "a.jpg".into());
        let values = (0..8).flat_map(|i| [10.0 * (i % 4) as f32, 7.0, (i / 4) as f32]);
        let map = FeatureMap { block: 5, height: 2, width: 4, channels: 3, values: values.collect() };
        view.extras.features = Arc::new(vec![map]);
        Arc::new(view)
    }

    #[test]
    fn components_become_colours_beside_the_image() {
        let (place, picture) = pictures(&[view()], 5).remove(0);
        assert_eq!(place, 0);
        assert_eq!(picture.dimensions(), (112, 28));
        assert_eq!(picture.get_pixel(3, 3), view().image.get_pixel(3, 3));
        let at = |x: u32, y: u32| picture.get_pixel(56 + 7 + 14 * x, 7 + 14 * y).0;
        assert_eq!((at(0, 0)[0], at(3, 0)[0]), (0, 255), "the strongest component is red");
        assert_eq!(at(1, 0)[0], at(1, 1)[0]);
        assert!(at(1, 0)[1] != at(1, 1)[1], "the second one is green");
        assert_eq!(at(0, 0)[2], 0, "there is no third");
        assert!(pictures(&[view()], 6).is_empty());
    }

    #[test]
    fn a_film_that_is_only_counted_is_not_made() {
        let watch = ExportWatch::default();
        let mut files = Files::count(&watch);
        write_feature_pictures(&mut files, &[view(), view()], 10).expect("counted");
        let pictures = 2 * 112 * 28;
        assert!(files.bytes > 0 && files.bytes < 3 * pictures, "{}", files.bytes);
        assert!(!std::path::Path::new("feat_vis").exists());
    }

    #[test]
    fn numbers_that_are_none_do_not_spoil_the_rest() {
        assert_eq!([f32::NAN, f32::INFINITY, -2.0].map(finite), [0.0, HUGE, -2.0]);
        assert_eq!([shade(0.5, [0.0, 1.0]), shade(3.0, [0.0, 1.0]), shade(1.0, [1.0, 1.0])], [127, 255, 0]);
    }
}
