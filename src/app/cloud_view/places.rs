//! What a person has made in the scenes of a run, as a session keeps it: saved views and measured lines, and where they look from.

use glam::Vec3;
use serde::{Deserialize, Serialize};

use crate::scene::{KnownLength, OrbitCamera};

/// Of all scenes of a run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Places {
    /// Where the scene that is shown is looked at from, once somebody has moved.
    pub camera: Option<OrbitCamera>,
    pub scenes: Vec<ScenePlaces>,
}

/// A place to come back to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SavedView {
    pub name: String,
    pub camera: OrbitCamera,
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
