//! `session.json`: everything about a session but its maps.

use std::collections::{BTreeMap, HashSet};

use serde::{Deserialize, Serialize};

use super::extras::StoredExtras;
use super::photo::StoredPhoto;
use crate::export::RunNotes;
use crate::geometry::BentLens;
use crate::inference::{
    Camera, DepthFit, DepthUnit, LEAST_RESOLUTION, MOST_RESOLUTION, Matched, PassAlignment, PhotoPart, RunMemory,
    Settings, StageSeconds,
};
use crate::input::Turn;
use crate::reopen::view_fault;

/// Raised with every change that an older Fathom would read wrongly.
pub(super) const FORMAT: u32 = 1;
/// Sessions of thousands of photos have some megabytes here.
pub(super) const MOST_BYTES: u64 = 256 << 20;
/// Scenes are counted from 0 and there are not more of them than views.
const MOST_SCENES: usize = 1 << 24;

/// What is read first: whether the rest can be read.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Head {
    pub program: String,
    /// Of the program.
    pub version: String,
    pub format: u32,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Document {
    #[serde(flatten)]
    pub head: Head,
    pub photos: Vec<StoredPhoto>,
    pub selected: Option<usize>,
    pub settings: Settings,
    pub results: Option<StoredResults>,
    #[serde(default)]
    pub window: serde_json::Value,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct StoredResults {
    pub model: String,
    pub unit: DepthUnit,
    pub is_finished: bool,
    pub set_scales: BTreeMap<usize, f32>,
    /// How known depths brought scenes to metres; older sessions have none.
    #[serde(default)]
    pub fits: BTreeMap<usize, DepthFit>,
    /// How photos became one scene; absent where they did not, and in older sessions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub matched: Option<Matched>,
    pub seconds: StageSeconds,
    pub alignments: Vec<PassAlignment>,
    pub peak_bytes: u64,
    pub memory: RunMemory,
    pub notes: RunNotes,
    /// In the order of the run.
    pub views: Vec<StoredView>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct StoredView {
    /// Place in the list of photos; it names the maps, see [`map_name`](super::names::map_name).
    pub photo: usize,
    pub scene: usize,
    /// Width × height in pixels, as are all sizes.
    pub photo_size: [u32; 2],
    /// The part of the photo that the maps show; all of it where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub photo_part: Option<PhotoPart>,
    /// What EXIF orientation did to the photo; older sessions do not say.
    #[serde(default)]
    pub photo_turn: Turn,
    /// Absent in older sessions.
    #[serde(default)]
    pub bent: Option<BentLens>,
    pub size: [u32; 2],
    pub camera: Camera,
    pub has_confidence: bool,
    pub has_sky: bool,
    pub has_disparity: bool,
    pub has_background: bool,
    #[serde(default)]
    pub extras: StoredExtras,
}

impl Document {
    /// What cannot be about it, as the end of a sentence.
    pub fn fault(&self) -> Option<String> {
        if self.selected.is_some_and(|at| at >= self.photos.len()) {
            return Some("the selected photo is not in the list".into());
        }
        let runs = self.results.iter().map(|results| &results.notes.settings);
        if let Some(fault) = std::iter::once(&self.settings).chain(runs).find_map(settings_fault) {
            return Some(fault.into());
        }
        self.results.as_ref().and_then(|results| results.fault(self.photos.len()))
    }
}

impl StoredResults {
    fn fault(&self, photos: usize) -> Option<String> {
        if let Some((scene, scale)) = self.set_scales.iter().find(|(_, scale)| !scale.is_finite() || **scale <= 0.0) {
            return Some(format!("scene {scene} has the scale {scale}"));
        }
        if let Some((scene, _)) = self.fits.iter().find(|(_, fit)| !fit.is_sound()) {
            return Some(format!("scene {scene} has a fit of known depths that cannot be"));
        }
        if self.matched.as_ref().is_some_and(|matched| !matched.is_sound()) {
            return Some("what is told of its matched photos cannot be".into());
        }
        let mut seen = HashSet::new();
        self.views.iter().find_map(|view| {
            let fault = if view.photo >= photos || !seen.insert(view.photo) {
                "is of no photo in the list, or of one that has another view".into()
            } else if view.scene >= MOST_SCENES {
                format!("is of scene {}", view.scene)
            } else {
                let fault = view_fault([view.photo_size, view.size], view.photo_part.as_ref(), &view.camera);
                format!("has {}", fault.or_else(|| view.extras.fault().map(String::from))?)
            };
            Some(format!("view {} {fault}", view.photo + 1))
        })
    }
}

/// Settings that no run could be made with. What a run says no to by itself may stay.
fn settings_fault(settings: &Settings) -> Option<&'static str> {
    let least_one = |number: Option<usize>| number.is_none_or(|number| number > 0);
    let resolution = settings.resolution.is_none_or(|pixels| (LEAST_RESOLUTION..=MOST_RESOLUTION).contains(&pixels));
    let is_sound = resolution && least_one(settings.views_per_pass) && (1..=100).contains(&settings.memory_percent);
    (!is_sound).then_some("it has settings that cannot be")
}
