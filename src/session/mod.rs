//! What the window holds, as one file that comes back exactly and without its photos.
//!
//! A `.fathom` file is a zip whose entries are stored, not compressed: `session.json` says what there is, `views/0000/depth.npy`
//! and the like hold the maps, so that NumPy reads them, too. Anybody may have changed such a file, so nothing in it is
//! believed unchecked. A folder of exported results becomes a session as well, with what an export keeps of one.

mod document;
mod error;
mod extras;
mod folder;
mod journal;
mod open;
mod path;
mod photo;
mod save;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::export::RunNotes;
use crate::inference::{Prediction, Settings};

pub use crate::input::Stamp;
pub use error::SessionError;
pub use journal::Journal;
pub use open::open;
pub use photo::{PhotoFile, SavedPhoto};
pub use save::save;

/// The ending of session files.
pub const ENDING: &str = "fathom";

/// Whether [`open`] is for this: a session file by its ending, or a folder of results by what is in it.
pub fn is_session(path: &Path) -> bool {
    has_ending(path) || crate::reopen::holds_results(path)
}

/// Whether a path ends as session files do.
pub fn has_ending(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case(ENDING))
}

/// Everything that is kept.
#[derive(Clone, Debug, Default)]
pub struct Session {
    /// In list order. Ids are those of the views in [`Self::results`]; read from a file they count from 0.
    pub photos: Vec<SavedPhoto>,
    /// Place of the selected photo.
    pub selected: Option<usize>,
    /// For the next run.
    pub settings: Settings,
    pub results: Option<SavedResults>,
    /// How the window shows it, in the window's own words; null where nobody has said.
    pub window: serde_json::Value,
    /// What is not as it is in a session, as part of a sentence: for results that come from an export.
    pub remark: Option<String>,
}

impl Session {
    /// The results as they are shown, with the scales that were set; `None` where there are none.
    pub fn shown(self) -> Option<Prediction> {
        let SavedResults { mut prediction, set_scales, .. } = self.results?;
        for view in &mut prediction.views {
            if let Some(factor) = set_scales.get(&view.scene) {
                *view = Arc::new(view.scaled(*factor));
            }
        }
        prediction.set_scales = set_scales;
        Some(prediction)
    }
}

/// What a run gave.
#[derive(Clone, Debug, Default)]
pub struct SavedResults {
    /// As the run gave it, without [`Self::set_scales`].
    pub prediction: Prediction,
    /// By scene, as [`Prediction::set_scales`].
    pub set_scales: BTreeMap<usize, f32>,
    pub notes: RunNotes,
    /// False for a run that ended before all its views were there.
    pub is_finished: bool,
}

/// Why a photo gave no result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    pub what: String,
    pub advice: String,
}

#[cfg(test)]
mod tests;
