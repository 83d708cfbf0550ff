//! What a person has made in the scenes of a run, as a session keeps it: saved views and measured lines, and where they look from.

use std::collections::BTreeMap;

use glam::Vec3;
use serde::{Deserialize, Serialize};

use crate::scene::{Carried, KnownLength, OrbitCamera};

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

    /// The same in another run, where the scene lies elsewhere and has another scale.
    fn carried(&self, to: &Carried, scale: f32) -> Self {
        let by = to.between(self.scale, scale);
        let place = |point: &Vec3| by.apply(point.as_dvec3()).as_vec3();
        let view = |view: &SavedView| SavedView { name: view.name.clone(), camera: view.camera.carried(&by) };
        // These are of the scene as it was given.
        let grown = to.similarity.scale as f32;
        let known = |known: &KnownLength| KnownLength { measured: known.measured * grown, ..*known };
        Self {
            scene: to.scene,
            scale,
            views: self.views.iter().map(view).collect(),
            lines: self.lines.iter().map(|line| line.iter().map(place).collect()).collect(),
            known: self.known.iter().map(known).collect(),
        }
    }
}

impl Places {
    /// The same in another run: of the scenes that lie somewhere there, each with the scale that it has there. `shown`: the scene that
    /// the camera looks at, and its scale.
    #[must_use]
    pub fn carried(
        &self,
        scenes: &BTreeMap<usize, Carried>,
        scale: impl Fn(usize) -> f32,
        shown: Option<(usize, f32)>,
    ) -> Self {
        let of = |places: &ScenePlaces| scenes.get(&places.scene).map(|to| places.carried(to, scale(to.scene)));
        let camera = self.camera.zip(shown).and_then(|(camera, (scene, at))| {
            let to = scenes.get(&scene)?;
            Some(camera.carried(&to.between(at, scale(to.scene))))
        });
        let mut carried = Self { camera, scenes: Vec::new() };
        // Two scenes may have become one.
        carried.take_in(Self { camera: None, scenes: self.scenes.iter().filter_map(of).collect() });
        carried
    }

    /// Takes in what there is beside it in the same run, in scenes of the same scale.
    pub fn take_in(&mut self, more: Self) {
        self.camera = self.camera.or(more.camera);
        for of in more.scenes {
            match self.scenes.iter_mut().find(|known| known.scene == of.scene) {
                Some(known) => {
                    known.views.extend(of.views);
                    known.lines.extend(of.lines);
                    known.known.extend(of.known);
                }
                None => self.scenes.push(of),
            }
        }
    }

    /// Without what no scene can have.
    #[must_use]
    pub fn sound(mut self) -> Self {
        self.camera = self.camera.filter(OrbitCamera::is_sound);
        self.scenes.retain(ScenePlaces::is_sound);
        self
    }
}
