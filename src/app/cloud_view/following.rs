//! The 3D view follows what it is to show: another scene, the same one in another scale, or one from a session.

use std::sync::Arc;

use super::exchange::CloudInput;
use super::overlay::PointCount;
use super::places::Places;
use super::view::CloudView;
use crate::scene::{CloudScene, OrbitCamera};
use crate::worker::RunId;

impl CloudView {
    /// Takes in the views, where they have changed.
    pub(super) fn take_views(&mut self, input: &CloudInput<'_>) {
        if self.revision == Some(input.revision) {
            return;
        }
        self.revision = Some(input.revision);
        let scene = CloudScene::new(input.views).map(Arc::new);
        let first = |scene: &Option<Arc<CloudScene>>| scene.as_ref().map(|s| (s.views()[0].view, s.views()[0].scene));
        let scale = input.set_scale.unwrap_or(1.0);
        let is_rescaled = first(&scene) == first(&self.scene) && scale != self.scale;
        if is_rescaled {
            self.navigation.rescale(scale / self.scale);
        }
        self.scale = scale;
        let camera = self.take_restored(input.run);
        if let Some(scene) = &scene {
            self.measuring.follow(input.run, scene.views()[0].scene, scale);
            self.saved.follow(input.run, scene.views()[0].scene, scale);
        }
        // A scene that only grew keeps the camera of a person who has moved it.
        if first(&scene) != first(&self.scene) || !(self.navigation.was_used() || is_rescaled) {
            self.navigation.reset();
        }
        if let Some(camera) = camera {
            self.navigation.begin_at(camera);
        }
        self.stage.set_scene(scene.clone());
        self.scene = scene;
        (self.last_frame, self.taking.shown, self.taking.preview) = (None, None, None);
        self.point_count = PointCount::default();
    }

    /// Measured lines and saved views of a scene come to another scale with it.
    pub fn follow_scale(&mut self, run: RunId, scene: usize, scale: f32) {
        self.measuring.follow(run, scene, scale);
        self.saved.follow(run, scene, scale);
    }

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

    /// The number of the scene that is shown, and its scale.
    pub fn shown_scene(&self) -> Option<(usize, f32)> {
        Some((self.scene.as_ref()?.views()[0].scene, self.scale))
    }

    /// Takes what there was of a run, which is to be shown next.
    pub fn restore(&mut self, run: RunId, places: Places) {
        self.restored = Some((run, places));
    }

    /// Puts it in place before the first picture of the run.
    fn take_restored(&mut self, run: RunId) -> Option<OrbitCamera> {
        let (_, places) = self.restored.take_if(|(of, _)| *of == run)?;
        self.saved.restore(run, &places.scenes);
        self.measuring.restore(run, places.scenes);
        places.camera
    }
}
