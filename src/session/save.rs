//! A session becomes a file.

use std::collections::HashMap;
use std::io::{self, Seek, Write};
use std::path::Path;

use super::document::{Document, FORMAT, Head, StoredResults, StoredView};
use super::extras::{self, StoredExtras};
use super::names::{FILE, map_name};
use super::path::folder_of;
use super::photo::StoredPhoto;
use super::{SavedResults, Session};
use crate::export::{Archive, ExportError, write_atomically};
use crate::inference::{Settings, ViewPrediction};
use crate::input::ViewId;

/// Writes `session` to `path`, through a temporary neighbour: a file that was there stays whole until the new one is.
///
/// # Errors
/// [`ExportError::Write`]; also where a view has numbers that [`super::open`] would refuse.
pub fn save(path: &Path, session: &Session) -> Result<(), ExportError> {
    write_atomically(path, |to| write(to, session, &folder_of(path)))
}

pub(super) fn write(to: impl Write + Seek, session: &Session, folder: &Path) -> io::Result<()> {
    let places: HashMap<ViewId, usize> = session.photos.iter().enumerate().map(|(at, photo)| (photo.id, at)).collect();
    let document = Document {
        head: Head { program: "fathom".into(), version: env!("CARGO_PKG_VERSION").into(), format: FORMAT },
        photos: session.photos.iter().map(|photo| StoredPhoto::new(photo, folder)).collect(),
        selected: session.selected,
        settings: as_text(&session.settings),
        results: session.results.as_ref().map(|results| stored(results, &places)),
        window: session.window.clone(),
    };
    let mut archive = Archive::stored(to);
    archive.file(FILE, &serde_json::to_vec_pretty(&document)?)?;
    for view in session.results.iter().flat_map(|results| &results.prediction.views) {
        if let Some(&photo) = places.get(&view.view) {
            put_maps(&mut archive, photo, view)?;
        }
    }
    archive.finish()
}

fn stored(results: &SavedResults, places: &HashMap<ViewId, usize>) -> StoredResults {
    let prediction = &results.prediction;
    let mut notes = results.notes.clone();
    notes.settings = as_text(&notes.settings);
    let views = prediction.views.iter().filter_map(|view| {
        Some(StoredView {
            photo: *places.get(&view.view)?,
            scene: view.scene,
            photo_size: view.photo_size,
            photo_part: view.cropped_part(),
            photo_turn: view.photo_turn,
            bent: view.bent,
            size: [view.width, view.height],
            camera: view.camera,
            has_confidence: view.confidence.is_some(),
            has_sky: view.sky.is_some(),
            has_disparity: view.disparity.is_some(),
            has_background: view.background.is_some(),
            extras: StoredExtras::of(&view.extras),
        })
    });
    StoredResults {
        model: prediction.model.clone(),
        unit: prediction.unit,
        is_finished: results.is_finished,
        set_scales: results.set_scales.clone(),
        fits: prediction.fits.clone(),
        matched: prediction.matched.clone(),
        seconds: prediction.seconds,
        alignments: prediction.alignments.clone(),
        peak_bytes: prediction.peak_bytes,
        memory: prediction.memory,
        views: views.collect(),
        notes,
    }
}

/// JSON is text; a path need not be. Without its exact bytes a weight file has to be chosen again.
fn as_text(settings: &Settings) -> Settings {
    let text = |path: &Option<std::path::PathBuf>| path.as_ref().map(|path| path.to_string_lossy().into_owned().into());
    let [weights, known_cameras, masks] = [&settings.weights, &settings.known_cameras, &settings.masks].map(text);
    let [known_depths, sensor_depth] = [&settings.known_depths, &settings.sensor_depth].map(text);
    Settings { weights, known_cameras, masks, known_depths, sensor_depth, ..settings.clone() }
}

fn put_maps(archive: &mut Archive<impl Write + Seek>, photo: usize, view: &ViewPrediction) -> io::Result<()> {
    let sides = [1, view.height as usize, view.width as usize];
    for (map, values) in
        [("depth", Some(&view.depth)), ("confidence", view.confidence.as_ref()), ("disparity", view.disparity.as_ref())]
    {
        let Some(values) = values else { continue };
        // What would be refused when it is read must not replace a file that can be.
        if !values.iter().all(|value| value.is_finite() && *value >= 0.0) {
            let message = format!("the {map} of view {} holds a number that no result has", photo + 1);
            return Err(io::Error::new(io::ErrorKind::InvalidData, message));
        }
        archive.array(&map_name(photo, map), &sides, values.iter().copied())?;
    }
    for (map, flags) in [("sky", &view.sky), ("background", &view.background)] {
        if let Some(flags) = flags {
            archive.array(&map_name(photo, map), &sides, flags.iter().copied())?;
        }
    }
    extras::put(archive, photo, view)?;
    let pixels = view.image.as_raw().iter().copied();
    archive.array(&map_name(photo, "image"), &[1, sides[1], sides[2], 3], pixels)
}
