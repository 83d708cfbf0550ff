//! Summary and arrays together: the views of a prediction.

use std::fs::File;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use image::RgbImage;

use super::ReopenError;
use super::arrays::{ArrayFault, Arrays};
use super::summary::{self, Stored, StoredView};
use crate::export::{PhotoFile, RunNotes};
use crate::geometry::BentLens;
use crate::inference::{Extras, PhotoPart, Prediction, ViewPrediction};
use crate::input::ViewId;

/// What was exported into a folder.
#[derive(Debug)]
pub struct Reopened {
    pub prediction: Prediction,
    /// The photos of its views, as far as the summary speaks of their files; paths are from the folder.
    pub photo_files: Vec<Option<PhotoFile>>,
    pub notes: RunNotes,
}

/// The results that were exported into `folder`, their views in their order; `ids` names each of them.
///
/// Depth is what was exported: rounded to 8 decimals, confidence to 2. A view's `path` is the bare name of its photo.
///
/// # Errors
/// See [`ReopenError`]. Memory is taken for values that are there, never for what a header claims.
pub fn reopen(folder: &Path, mut ids: impl FnMut() -> ViewId) -> Result<Reopened, ReopenError> {
    let stored = summary::read(folder)?;
    let mut views: Vec<Option<Arc<ViewPrediction>>> = vec![None; stored.views.len()];
    let named: Vec<(ViewId, &StoredView)> = stored.views.iter().map(|view| (ids(), view)).collect();
    for (file, members) in files(&stored) {
        let of_file: Vec<_> = members.iter().map(|&index| named[index]).collect();
        for (index, view) in members.into_iter().zip(read_views(&folder.join(file), &of_file)?) {
            views[index] = Some(Arc::new(view));
        }
    }
    let has_view = stored.views.iter().zip(&views).filter(|(_, view)| view.is_some());
    let photo_files = has_view.map(|(stored, _)| stored.photo_file.clone()).collect();
    let prediction = Prediction {
        matched: stored.matched(),
        unit: stored.unit(),
        set_scales: stored.set_scales(),
        fits: stored.fits(),
        model: stored.model,
        views: views.into_iter().flatten().collect(),
        seconds: stored.seconds,
        alignments: stored.alignments,
        peak_bytes: stored.peak_memory_bytes,
        memory: stored.memory,
        // Written down as a word, which the notes keep.
        ran_on: Vec::new(),
    };
    Ok(Reopened { prediction, photo_files, notes: stored.notes })
}

/// The npz files in the order in which they are first named, each with the places of its views.
fn files(stored: &Stored) -> Vec<(&str, Vec<usize>)> {
    let mut files: Vec<(&str, Vec<usize>)> = Vec::new();
    let mut place = std::collections::HashMap::new();
    for (index, view) in stored.views.iter().enumerate() {
        let Some(npz) = view.npz.as_deref() else { continue };
        let at = *place.entry(npz).or_insert_with(|| {
            files.push((npz, Vec::new()));
            files.len() - 1
        });
        files[at].1.push(index);
    }
    files
}

/// The views of one file, which have one size.
fn read_views(path: &Path, named: &[(ViewId, &StoredView)]) -> Result<Vec<ViewPrediction>, ReopenError> {
    let damaged = |reason: &str| ReopenError::Damaged { path: path.to_owned(), reason: reason.into() };
    let Some([width, height]) = named.first().map(|(_, view)| view.processed_size) else {
        return Ok(Vec::new());
    };
    if named.iter().any(|(_, view)| view.processed_size != [width, height]) {
        return Err(damaged("the summary says that its views have different sizes"));
    }
    let fault = |fault| match fault {
        ArrayFault::Memory => ReopenError::Memory { path: path.to_owned() },
        ArrayFault::Content(reason) => damaged(&reason),
    };
    let (count, sides) = (named.len(), [height as usize, width as usize]);
    let mut arrays = open(path)?;
    let images = arrays.maps::<u8>("image", count, &[sides[0], sides[1], 3]).map_err(fault)?;
    let images = images.ok_or_else(|| ReopenError::Older { path: path.to_owned(), array: "image" })?;
    let depths = arrays.maps::<f32>("depth", count, &sides).map_err(fault)?;
    let depths = depths.ok_or_else(|| damaged("it has no depth"))?;
    let mut confidence = each(arrays.maps("conf", count, &sides).map_err(fault)?);
    let mut sky = each(arrays.maps("sky", count, &sides).map_err(fault)?);
    let mut disparity = each(arrays.maps("disparity", count, &sides).map_err(fault)?);
    let mut background = each(arrays.maps("background", count, &sides).map_err(fault)?);

    let maps = named.iter().zip(images.into_iter().zip(depths));
    maps.map(|(&(view, stored), (image, depth))| {
        Ok(ViewPrediction {
            view,
            path: PathBuf::from(&stored.photo),
            scene: stored.scene,
            photo_size: stored.photo_size,
            photo_part: stored.photo_part.unwrap_or(PhotoPart::whole(stored.photo_size)),
            photo_turn: stored.photo_turn,
            bent: stored.bent.filter(BentLens::is_finite),
            width,
            height,
            image: RgbImage::from_raw(width, height, image).ok_or_else(|| damaged("an image has the wrong size"))?,
            depth,
            confidence: confidence.next().flatten(),
            sky: sky.next().flatten(),
            disparity: disparity.next().flatten(),
            background: background.next().flatten(),
            camera: stored.camera(),
            extras: Extras::default(),
        })
    })
    .collect()
}

fn open(path: &Path) -> Result<Arrays, ReopenError> {
    let damaged = |reason: String| ReopenError::Damaged { path: path.to_owned(), reason };
    let file = File::open(path).map_err(|source| match source.kind() {
        ErrorKind::NotFound => damaged("the summary names it, and it is missing".into()),
        _ => ReopenError::Read { path: path.to_owned(), source },
    })?;
    Arrays::open(file).map_err(|fault| match fault {
        ArrayFault::Memory => ReopenError::Memory { path: path.to_owned() },
        ArrayFault::Content(reason) => damaged(format!("it is no npz ({reason})")),
    })
}

/// One map per view, or `None` for ever.
fn each<T>(maps: Option<Vec<Vec<T>>>) -> impl Iterator<Item = Option<Vec<T>>> {
    let mut maps = maps.map(Vec::into_iter);
    std::iter::repeat_with(move || maps.as_mut().and_then(Iterator::next))
}
