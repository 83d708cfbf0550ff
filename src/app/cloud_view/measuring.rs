//! Measuring in the 3D view: whether it is on, and the lines of each scene.

use std::collections::HashMap;

use egui::{Key, Modifiers, Popup, Ui};
use glam::Vec3;

use super::places::ScenePlaces;
use crate::scene::Measure;
use crate::worker::RunId;

/// What is kept between frames.
#[derive(Default)]
pub struct Measuring {
    is_on: bool,
    run: RunId,
    scene: usize,
    /// By scene: lines, and the scale of the scene in which their coordinates are.
    by_scene: HashMap<usize, (Measure, f32)>,
    /// What stands in the field for the true length.
    pub typed: String,
    /// The field had the keyboard in the last frame.
    pub is_typing: bool,
    /// The last click met no point.
    pub missed: bool,
}

impl Measuring {
    pub fn is_on(&self) -> bool {
        self.is_on
    }

    /// Lines of the scene that is shown.
    pub fn lines(&self) -> Option<&Measure> {
        self.by_scene.get(&self.scene).map(|(lines, _)| lines)
    }

    fn lines_mut(&mut self) -> &mut Measure {
        &mut self.by_scene.entry(self.scene).or_insert((Measure::default(), 1.0)).0
    }

    /// Shows the lines of another scene, or follows one that was scaled. Those of an earlier run mean nothing any more.
    pub fn follow(&mut self, run: RunId, scene: usize, scale: f32) {
        if run != self.run {
            self.by_scene.clear();
        }
        if (run, scene) != (self.run, self.scene) {
            (self.run, self.scene, self.missed) = (run, scene, false);
        }
        let (lines, at) = self.by_scene.entry(scene).or_insert((Measure::default(), scale));
        if *at != scale {
            lines.scale(scale / *at);
            *at = scale;
        }
    }

    /// The lines of all scenes that have some.
    pub fn scenes(&self) -> impl Iterator<Item = ScenePlaces> {
        let scenes = self.by_scene.iter().filter(|(_, (lines, _))| lines.last().is_some());
        scenes.map(|(&scene, (lines, scale))| ScenePlaces {
            scene,
            scale: *scale,
            views: Vec::new(),
            // A single point is no line yet.
            lines: lines.lines().iter().filter(|line| line.len() > 1).cloned().collect(),
        })
    }

    /// Takes the lines of a run as [`Self::scenes`] gave them.
    pub fn restore(&mut self, run: RunId, scenes: Vec<ScenePlaces>) {
        let by_scene = scenes.into_iter().map(|of| (of.scene, (Measure::of_lines(of.lines), of.scale)));
        *self = Self { run, by_scene: by_scene.collect(), ..Self::default() };
    }

    /// Turns measuring on; or off, which ends the line.
    pub fn toggle(&mut self) {
        self.is_on = !self.is_on;
        self.missed = false;
        self.lines_mut().finish();
    }

    /// A click on a point of the cloud, or beside all of them.
    pub fn click(&mut self, point: Option<Vec3>) {
        self.missed = point.is_none();
        if let Some(point) = point {
            self.lines_mut().add(point);
        }
    }

    pub fn finish(&mut self) {
        self.lines_mut().finish();
    }

    pub fn clear(&mut self) {
        self.lines_mut().clear();
        self.missed = false;
    }

    /// Ends measuring with Escape, before the window takes that key for a run. In the field it only leaves the field.
    pub fn answer_escape(&mut self, ctx: &egui::Context) {
        if !self.is_on || Popup::is_any_open(ctx) || !ctx.input_mut(|i| i.consume_key(Modifiers::NONE, Key::Escape)) {
            return;
        }
        if !std::mem::take(&mut self.is_typing) {
            self.toggle();
        }
    }

    /// P under the cursor or with the focus (`takes_keys`); Enter and Backspace where no control has the focus
    /// (`is_free`).
    pub fn answer_keys(&mut self, ui: &Ui, takes_keys: bool, is_free: bool) {
        let pressed = |key| ui.input_mut(|i| i.consume_key(Modifiers::NONE, key));
        if takes_keys && pressed(Key::P) {
            self.toggle();
        }
        if !self.is_on || !is_free {
            return;
        }
        if pressed(Key::Enter) {
            self.finish();
        }
        if pressed(Key::Backspace) {
            self.lines_mut().remove_last();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::length;

    fn total(measuring: &Measuring) -> Option<f32> {
        measuring.lines().and_then(|lines| lines.last().map(length))
    }

    #[test]
    fn every_scene_keeps_its_lines_and_they_follow_its_scale() {
        let mut measuring = Measuring::default();
        measuring.follow(RunId(1), 0, 1.0);
        measuring.click(Some(Vec3::ZERO));
        measuring.click(Some(Vec3::X));
        measuring.follow(RunId(1), 1, 1.0);
        assert_eq!(total(&measuring), None);
        measuring.follow(RunId(1), 0, 3.0);
        assert_eq!(total(&measuring), Some(3.0));
        measuring.follow(RunId(1), 0, 1.0);
        assert_eq!(total(&measuring), Some(1.0));
        measuring.follow(RunId(2), 0, 1.0);
        assert_eq!(total(&measuring), None, "of another run");
    }

    #[test]
    fn a_click_into_nothing_is_told_until_the_next_one() {
        let mut measuring = Measuring::default();
        measuring.click(None);
        assert!(measuring.missed);
        measuring.click(Some(Vec3::ONE));
        assert!(!measuring.missed);
    }
}
