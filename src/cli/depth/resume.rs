//! What an earlier run into the same folder has finished, and what is left to do.

use std::collections::{BTreeMap, HashMap};
use std::fs::{self, canonicalize};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::catalog;
use crate::export::{RunNotes, holds_summary};
use crate::inference::{DepthUnit, Matched, PoseSource, Prediction, Settings, ViewPrediction, is_joint, unit_of};
use crate::input::ViewId;
use crate::session::{self, Journal, PhotoFile, Session};
use crate::worker::Photo;

/// Photos by their place, and what is known of them. Photo number i has `ViewId(i)`.
#[derive(Default)]
pub(super) struct Earlier {
    views: BTreeMap<usize, Arc<ViewPrediction>>,
    /// Of the earlier run: where it ran.
    device: Option<String>,
    precision: Option<String>,
    /// Where matching made one scene of them.
    matched: Option<Matched>,
    /// What there is to say.
    pub remark: Option<String>,
}

impl Earlier {
    /// Looks at what lies in `out`: results of runs with the same settings, of photos that are still the same.
    ///
    /// Photos that are one scene are seen as a whole: there all of them count, in their order, or none.
    pub fn read(out: &Path, photos: &[PathBuf], settings: &Settings) -> Self {
        let mut places: HashMap<PathBuf, Vec<usize>> = HashMap::new();
        for (place, photo) in photos.iter().enumerate() {
            places.entry(canonicalize(photo).unwrap_or_else(|_| photo.clone())).or_default().push(place);
        }
        let mut earlier = Self::default();
        if brings_known_depths(settings) {
            earlier.remark = Some("known depths are fitted when all photos are there: all of them are run".into());
            return earlier;
        }
        if holds_summary(out) {
            match session::open(out) {
                Ok(session) => earlier.add(session, &places, settings),
                Err(error) => earlier.remark = Some(format!("earlier results cannot be taken up: {error}")),
            }
        }
        let is_one_scene = is_of_one_scene(settings);
        let has_all = earlier.views.len() == photos.len() && earlier.is_in_order();
        if is_one_scene && !has_all {
            if !earlier.views.is_empty() {
                earlier.remark = Some("the photos are one scene, which is seen as a whole: all of them are run".into());
            }
            earlier.views.clear();
        }
        if earlier.matched.is_some() && !has_all {
            earlier.forget_scene();
        }
        if !is_one_scene {
            Journal::of(out).read().for_each(|session| earlier.add(session, &places, settings));
        }
        earlier
    }

    fn add(&mut self, session: Session, places: &HashMap<PathBuf, Vec<usize>>, settings: &Settings) {
        let Some(results) = session.results else { return };
        if !is_same(&results.notes.settings, settings) || !results.set_scales.is_empty() {
            return;
        }
        let photos: HashMap<ViewId, _> = session.photos.iter().map(|photo| (photo.id, photo)).collect();
        for view in &results.prediction.views {
            let Some(photo) = photos.get(&view.view).filter(|photo| photo.file == PhotoFile::AsItWas) else { continue };
            let is_whole = settings.features.is_empty() || !view.extras.features.is_empty();
            if !is_whole || photo.stamp.is_none() || (has_gaussians(settings) && view.extras.gaussians.is_none()) {
                continue;
            }
            for &place in canonicalize(&photo.path).ok().and_then(|path| places.get(&path)).into_iter().flatten() {
                let mut view = view.as_ref().clone();
                (view.view, view.path) = (ViewId(place as u64), photo.path.clone());
                self.views.insert(place, Arc::new(view));
            }
        }
        self.matched = results.prediction.matched.or(self.matched.take());
        self.device = results.notes.device.or(self.device.take());
        self.precision = results.notes.precision.or(self.precision.take());
    }

    /// Leaves out photos that became one scene by matching: their depth and cameras are the scene's, which changes with each photo.
    fn forget_scene(&mut self) {
        let all = self.views.len();
        self.views.retain(|_, view| view.camera.pose != PoseSource::Matched);
        self.matched = None;
        if self.views.len() < all {
            self.remark = Some("photos that became one scene change with every photo: these are run again".into());
        }
    }

    /// Whether scenes are as one run gave them.
    fn is_in_order(&self) -> bool {
        self.views.values().zip(self.views.values().skip(1)).all(|(view, next)| view.scene <= next.scene)
    }

    pub fn len(&self) -> usize {
        self.views.len()
    }

    /// The photos that are left to do.
    pub fn left(&self, photos: &[PathBuf]) -> Vec<Photo> {
        let photos = photos.iter().enumerate().filter(|(place, _)| !self.views.contains_key(place));
        photos.map(|(place, path)| Photo { id: ViewId(place as u64), path: path.clone() }).collect()
    }

    /// Everything as one result, in the order of the photos; `new` is what this run gave, if there was anything left to do.
    pub fn with(self, new: Option<&Prediction>, notes: &mut RunNotes) -> Prediction {
        if self.views.is_empty() {
            return new.cloned().unwrap_or_default();
        }
        notes.device = notes.device.take().or(self.device);
        notes.precision = notes.precision.take().or(self.precision);
        let settings = &notes.settings;
        let mut all = match new {
            Some(new) => new.clone(),
            None => Prediction { model: name_of(settings), unit: unit_by(settings), ..Prediction::default() },
        };
        all.views.extend(self.views.into_values());
        all.views.sort_by_key(|view| view.view);
        all.matched = self.matched;
        if !is_of_one_scene(settings) && all.matched.is_none() {
            for (scene, view) in all.views.iter_mut().enumerate() {
                Arc::make_mut(view).scene = scene;
            }
        }
        all
    }
}

/// Takes away what the earlier results had and the new ones have no more: files of other names, in these folders.
pub(super) fn tidy(old: Vec<PathBuf>, written: &[PathBuf]) {
    for file in old.into_iter().filter(|file| !written.contains(file)) {
        if let Err(error) = fs::remove_file(&file) {
            tracing::warn!("{}: {error}", file.display());
        }
    }
}

/// Whether what a run gives for a photo is final before it has ended: views of one scene depend on each other, and depths that are
/// known are fitted in the end.
pub(super) fn is_final_at_once(settings: &Settings) -> bool {
    !is_of_one_scene(settings) && !brings_known_depths(settings)
}

fn brings_known_depths(settings: &Settings) -> bool {
    settings.known_depths.is_some() || settings.sensor_depth.is_some()
}

/// Whether photos are one scene with these settings, whose views depend on each other.
fn is_of_one_scene(settings: &Settings) -> bool {
    catalog::find(&settings.model).is_some_and(|entry| is_joint(settings, entry.preset))
}

fn has_gaussians(settings: &Settings) -> bool {
    settings.gaussians && catalog::find(&settings.model).is_some_and(|entry| entry.preset.has_gaussians())
}

fn name_of(settings: &Settings) -> String {
    catalog::find(&settings.model).map_or_else(|| settings.model.to_string(), |entry| entry.name.into())
}

fn unit_by(settings: &Settings) -> DepthUnit {
    catalog::find(&settings.model).map_or_else(DepthUnit::default, |entry| unit_of(settings, entry.preset))
}

/// Whether two runs give the same for the same photo: what is only about the machine does not count.
fn is_same(a: &Settings, b: &Settings) -> bool {
    let about_results = |settings: &Settings| {
        let usual = Settings::default();
        let alone = if is_of_one_scene(settings) { settings.overlap } else { None };
        // Paths are kept as text.
        serde_json::to_value(Settings {
            memory_percent: usual.memory_percent,
            may_lower_resolution: usual.may_lower_resolution,
            gaussians: usual.gaussians,
            overlap: alone,
            ..settings.clone()
        })
        .ok()
    };
    about_results(a) == about_results(b)
}
