//! What a session is: the list of photos, the settings, and the results.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::SavedPhoto;
use crate::export::RunNotes;
use crate::inference::{Prediction, Settings};

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
