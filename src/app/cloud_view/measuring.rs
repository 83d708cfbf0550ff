//! Measuring in the 3D view: whether it is on, the lines of each scene, and the lengths that are known in it.

use std::collections::HashMap;

use egui::{Key, Modifiers, Popup, Ui};
use glam::Vec3;

use super::places::ScenePlaces;
use crate::scene::{KnownLength, KnownLengths, Measure};
use crate::worker::RunId;

/// What is kept between frames.
#[derive(Default)]
pub struct Measuring {
    is_on: bool,
    run: RunId,
    scene: usize,
    /// By scene: lines, and the scale of the scene in which their coordinates are.
    by_scene: HashMap<usize, (Measure, f32)>,
    /// By scene: lengths that are known, by which it got its scale.
    known: HashMap<usize, KnownLengths>,
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

    /// Lengths that are known in the scene that is shown.
    pub fn known(&self) -> &[KnownLength] {
        self.known.get(&self.scene).map_or(&[], KnownLengths::all)
    }

    /// The scale of the scene that is shown; 1 is as the run gave it.
    pub fn scale(&self) -> f32 {
        self.by_scene.get(&self.scene).map_or(1.0, |(_, scale)| *scale)
    }

    /// Something that measures `measured` in the scene that is shown is so long. Returns by what the scene grows, so that most of
    /// the known lengths are true.
    pub fn know(&mut self, measured: f32, metres: f64) -> Option<f32> {
        let length = KnownLength { measured: measured / self.scale(), metres };
        if !length.is_sound() {
            return None;
        }
        self.known.entry(self.scene).or_default().add(length);
        self.growth()
    }

    /// One of the known lengths does not count any more. Returns by what the scene grows; `None` where it has no scale by lengths
    /// any more.
    pub fn forget(&mut self, place: usize) -> Option<f32> {
        self.known.get_mut(&self.scene)?.remove(place);
        self.growth()
    }

    pub fn forget_all(&mut self) {
        self.known.remove(&self.scene);
    }

    fn growth(&self) -> Option<f32> {
        Some(self.known.get(&self.scene)?.scale()? / self.scale())
    }

    /// Shows the lines of another scene, or follows one that was scaled. Those of an earlier run mean nothing any more.
    pub fn follow(&mut self, run: RunId, scene: usize, scale: f32) {
        if run != self.run {
            self.by_scene.clear();
            self.known.clear();
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

    /// The lines and known lengths of all scenes that have some.
    pub fn scenes(&self) -> impl Iterator<Item = ScenePlaces> {
        let known = |scene: &usize| self.known.get(scene).map_or(Vec::new(), |known| known.all().to_vec());
        let scenes = self.by_scene.iter().map(move |(&scene, (lines, scale))| ScenePlaces {
            scene,
            scale: *scale,
            views: Vec::new(),
            // A single point is no line yet.
            lines: lines.lines().iter().filter(|line| line.len() > 1).cloned().collect(),
            known: known(&scene),
        });
        scenes.filter(|places| !places.lines.is_empty() || !places.known.is_empty())
    }

    /// Takes the lines of a run as [`Self::scenes`] gave them.
    pub fn restore(&mut self, run: RunId, scenes: Vec<ScenePlaces>) {
        let known = scenes.iter().map(|of| (of.scene, KnownLengths::of(of.known.clone()))).collect();
        let by_scene = scenes.into_iter().map(|of| (of.scene, (Measure::of_lines(of.lines), of.scale)));
        // Who takes back a line goes on measuring.
        let is_on = self.is_on && run == self.run;
        *self = Self { run, by_scene: by_scene.collect(), known, is_on, ..Self::default() };
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

    /// P; Enter and Backspace where no control has the focus (`is_free`).
    pub fn answer_keys(&mut self, ui: &Ui, is_free: bool) {
        let pressed = |key| ui.input_mut(|i| i.consume_key(Modifiers::NONE, key));
        if pressed(Key::P) {
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
    fn known_lengths_add_up_and_belong_to_their_scene() {
        let mut measuring = Measuring::default();
        measuring.follow(RunId(1), 0, 1.0);
        assert_eq!(measuring.know(1.5, 3.0), Some(2.0));
        measuring.follow(RunId(1), 0, 2.0);
        // Measured 2.4 at a scale of 2; the truth between both is at 2.05 or so.
        let grown = measuring.know(2.4, 2.52).expect("a scale");
        assert!((2.03 / 2.0..2.07 / 2.0).contains(&grown), "{grown}");
        measuring.follow(RunId(1), 1, 1.0);
        assert!(measuring.known().is_empty() && measuring.forget(0).is_none());
        measuring.follow(RunId(1), 0, 2.0 * grown);
        let kept: Vec<ScenePlaces> = measuring.scenes().collect();
        assert_eq!((kept.len(), kept[0].scene, kept[0].known.len()), (1, 0, 2));
        let back = measuring.forget(1).expect("one is left");
        assert!((back * 2.0 * grown - 2.0).abs() < 1e-5, "{back}");
        assert_eq!(measuring.forget(0), None, "none is left");
        assert_eq!((measuring.know(0.0, 1.0), measuring.know(1.0, f64::NAN)), (None, None));
        measuring.restore(RunId(1), kept);
        measuring.follow(RunId(1), 0, 2.0 * grown);
        assert_eq!(measuring.known().len(), 2);
        measuring.forget_all();
        measuring.follow(RunId(2), 0, 1.0);
        assert!(measuring.known().is_empty());
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
