//! A file becomes a session again.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use image::RgbImage;

use super::document::{Document, FORMAT, Head, MOST_BYTES, StoredResults, StoredView};
use super::names::{FILE, map_name};
use super::path::folder_of;
use super::photo::SavedPhoto;
use super::{SavedResults, Session, SessionError, folder, has_ending};
use crate::geometry::BentLens;
use crate::inference::{PhotoPart, Prediction, ViewPrediction};
use crate::input::ViewId;
use crate::reopen::{ArrayFault, Arrays, Stored};

/// How every zip archive begins that is not empty.
const ZIP: &[u8] = b"PK\x03\x04";

/// Opens a session file, or a folder of exported results. Of the photos nothing is opened: they are looked for, and
/// [`SavedPhoto::file`] says what was found.
///
/// # Errors
/// See [`SessionError`]. Memory is taken for values that are there, never for what a header claims.
pub fn open(path: &Path) -> Result<Session, SessionError> {
    if path.is_dir() || !(path.is_file() || has_ending(path)) {
        return Ok(folder::open(path)?);
    }
    let unreadable = |source| SessionError::Read { path: path.to_owned(), source };
    let mut start = [0; ZIP.len()];
    let read = File::open(path).and_then(|mut file| file.read(&mut start)).map_err(unreadable)?;
    if start != ZIP {
        let reason = if read == 0 { "the file is empty" } else { "its content is something else" };
        return Err(SessionError::NotOurs { path: path.to_owned(), reason: reason.into() });
    }
    let arrays = Arrays::open(File::open(path).map_err(unreadable)?).map_err(|fault| {
        tracing::warn!("no archive: {fault:?}");
        let reason = "its list of contents cannot be read, as when the end is cut off".into();
        SessionError::Damaged { path: path.to_owned(), reason }
    })?;
    Reader { path, arrays }.session()
}

fn told(path: &Path, fault: ArrayFault) -> SessionError {
    let path = path.to_owned();
    match fault {
        ArrayFault::Memory => SessionError::Memory { path },
        ArrayFault::Content(reason) => SessionError::Damaged { path, reason },
    }
}

struct Reader<'a> {
    path: &'a Path,
    arrays: Arrays,
}

impl Reader<'_> {
    fn session(mut self) -> Result<Session, SessionError> {
        let document = self.document()?;
        let folder = folder_of(self.path);
        let photos = document.photos.into_iter().enumerate();
        let photos: Vec<_> = photos.map(|(at, photo)| photo.find(ViewId(at as u64), &folder)).collect();
        let results = document.results.map(|results| self.results(results, &photos)).transpose()?;
        Ok(Session {
            photos,
            selected: document.selected,
            settings: document.settings,
            results,
            window: document.window,
            remark: None,
        })
    }

    fn document(&mut self) -> Result<Document, SessionError> {
        let path = || self.path.to_owned();
        let not_ours = |reason: String| SessionError::NotOurs { path: path(), reason };
        let text = self.arrays.file(FILE, MOST_BYTES).map_err(|fault| told(self.path, fault))?;
        let text = text.ok_or_else(|| not_ours(format!("there is no {FILE} in it")))?;
        let head: Head = serde_json::from_slice(&text).map_err(|error| not_ours(error.to_string()))?;
        if head.program != "fathom" {
            return Err(not_ours(format!("it was written by '{}'", head.program.escape_debug())));
        }
        if head.format > FORMAT {
            return Err(SessionError::Newer { path: path(), version: head.version.escape_debug().to_string() });
        }
        let damaged = |reason: String| SessionError::Damaged { path: path(), reason };
        let document: Document = serde_json::from_slice(&text).map_err(|error| damaged(format!("{FILE}: {error}")))?;
        document.fault().map_or(Ok(document), |fault| Err(damaged(fault)))
    }

    fn results(&mut self, stored: StoredResults, photos: &[SavedPhoto]) -> Result<SavedResults, SessionError> {
        let views = stored.views.iter().map(|view| self.view(view, photos).map(Arc::new));
        let prediction = Prediction {
            views: views.collect::<Result<_, _>>()?,
            model: stored.model,
            unit: stored.unit,
            fits: stored.fits,
            matched: stored.matched,
            seconds: stored.seconds,
            alignments: stored.alignments,
            peak_bytes: stored.peak_bytes,
            memory: stored.memory,
            ..Prediction::default()
        };
        let (set_scales, notes) = (stored.set_scales, stored.notes);
        Ok(SavedResults { prediction, set_scales, notes, is_finished: stored.is_finished })
    }

    fn view(&mut self, stored: &StoredView, photos: &[SavedPhoto]) -> Result<ViewPrediction, SessionError> {
        let [width, height] = stored.size;
        let sides = [height as usize, width as usize];
        let photo = &photos[stored.photo];
        let image = self.map(stored.photo, "image", &[sides[0], sides[1], 3])?;
        let image =
            RgbImage::from_raw(width, height, image).ok_or_else(|| self.damaged("an image has the wrong size"))?;
        Ok(ViewPrediction {
            view: photo.id,
            path: photo.path.clone(),
            scene: stored.scene,
            photo_size: stored.photo_size,
            photo_part: stored.photo_part.unwrap_or(PhotoPart::whole(stored.photo_size)),
            photo_turn: stored.photo_turn,
            bent: stored.bent.filter(BentLens::is_finite),
            width,
            height,
            image,
            depth: self.map(stored.photo, "depth", &sides)?,
            confidence: self.map_if(stored.has_confidence, stored.photo, "confidence", &sides)?,
            sky: self.map_if(stored.has_sky, stored.photo, "sky", &sides)?,
            disparity: self.map_if(stored.has_disparity, stored.photo, "disparity", &sides)?,
            background: self.map_if(stored.has_background, stored.photo, "background", &sides)?,
            camera: stored.camera,
            extras: stored
                .extras
                .read(&mut self.arrays, stored.photo, sides)
                .map_err(|fault| told(self.path, fault))?,
        })
    }

    fn map<T: Stored>(&mut self, photo: usize, map: &str, sides: &[usize]) -> Result<Vec<T>, SessionError> {
        let name = map_name(photo, map);
        let maps = self.arrays.maps(&name, 1, sides).map_err(|fault| told(self.path, fault))?;
        maps.and_then(|mut maps| maps.pop()).ok_or_else(|| self.damaged(&format!("'{name}' is missing")))
    }

    fn map_if<T: Stored>(
        &mut self,
        is_there: bool,
        photo: usize,
        map: &str,
        sides: &[usize],
    ) -> Result<Option<Vec<T>>, SessionError> {
        is_there.then(|| self.map(photo, map, sides)).transpose()
    }

    fn damaged(&self, reason: &str) -> SessionError {
        SessionError::Damaged { path: self.path.to_owned(), reason: reason.into() }
    }
}
