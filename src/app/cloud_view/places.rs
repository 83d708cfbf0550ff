//! What a person has made in the scenes of a run, as a session keeps it: saved views and measured lines, and where they look from.

use glam::Vec3;
use serde::{Deserialize, Serialize};

use super::CloudView;
use super::saved_views::SavedView;
use crate::scene::{KnownLength, OrbitCamera};
use crate::worker::RunId;

/// Of all scenes of a run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Places {
    /// Where the scene that is shown is looked at from, once somebody has moved.
    pub camera: Option<OrbitCamera>,
    pub scenes: Vec<ScenePlaces>,
}

/// Of one scene.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScenePlaces {
    pub scene: usize,
    /// Of the scene whose coordinates these are; 1 is as the run gave it.
    pub scale: f32,
    pub views: Vec<SavedView>,
    pub lines: Vec<Vec<Vec3>>,
    /// Lengths by which it got its scale; older sessions have none.
    #[serde(default)]
    pub known: Vec<KnownLength>,
}

impl ScenePlaces {
    fn is_sound(&self) -> bool {
        let is_empty = self.views.is_empty() && self.lines.is_empty() && self.known.is_empty();
        !is_empty && self.scale.is_finite() && self.scale > 0.0 && self.views.iter().all(|view| view.camera.is_sound())
    }
}

impl Places {
    /// Without what no scene can have.
    #[must_use]
    pub fn sound(mut self) -> Self {
        self.camera = self.camera.filter(OrbitCamera::is_sound);
        self.scenes.retain(ScenePlaces::is_sound);
        self
    }
}

impl CloudView {
    /// What there is of a run.
    pub fn places(&self, run: RunId) -> Places {
        if let Some((_, places)) = self.restored.as_ref().filter(|(of, _)| *of == run) {
            return places.clone();
        }
        if self.saved.run() != run {
            return Places::default();
        }
        let mut scenes = self.saved.scenes();
        for lines in self.measuring.scenes() {
            match scenes.iter_mut().find(|places| places.scene == lines.scene) {
                Some(places) => (places.lines, places.known) = (lines.lines, lines.known),
                None => scenes.push(lines),
            }
        }
        scenes.sort_by_key(|places| places.scene);
        let camera = self.navigation.camera().filter(|_| self.navigation.was_used()).copied();
        Places { camera, scenes }
    }

    /// Takes what there was of a run, which is to be shown next.
    pub fn restore(&mut self, run: RunId, places: Places) {
        self.restored = Some((run, places));
    }

    /// Puts it in place before the first picture of the run.
    pub(super) fn take_restored(&mut self, run: RunId) -> Option<OrbitCamera> {
        let (_, places) = self.restored.take_if(|(of, _)| *of == run)?;
        self.saved.restore(run, &places.scenes);
        self.measuring.restore(run, places.scenes);
        places.camera
    }
}
