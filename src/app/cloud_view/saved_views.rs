//! Saved views: places to come back to, with names, per scene.

use std::collections::HashMap;

use egui::{Align, Button, Key, Layout, Modifiers, TextEdit, Ui, Vec2};

use super::places::{SavedView, ScenePlaces};
use crate::app::theme::ROW;
use crate::app::widgets::controls::note;
use crate::app::widgets::icons::{Icon, icon_button};
use crate::scene::OrbitCamera;
use crate::worker::RunId;

const LONGEST_NAME: usize = 60;

/// The places of all scenes of a run. They live as long as the run's scenes are shown.
#[derive(Default)]
pub struct SavedViews {
    run: RunId,
    scene: usize,
    /// By scene: places, and the scale of the scene in which they are.
    by_scene: HashMap<usize, (Vec<SavedView>, f32)>,
    /// The one that gets another name, and what is typed.
    renaming: Option<(usize, String)>,
    wanted: Option<OrbitCamera>,
}

impl SavedViews {
    /// Shows the places of another scene, or follows one that was scaled. Those of an earlier run mean nothing any more.
    pub fn follow(&mut self, run: RunId, scene: usize, scale: f32) {
        if run != self.run {
            self.by_scene.clear();
        }
        if (run, scene) != (self.run, self.scene) {
            (self.run, self.scene, self.renaming) = (run, scene, None);
        }
        let (views, at) = self.by_scene.entry(scene).or_insert((Vec::new(), scale));
        if *at != scale {
            let factor = scale / *at;
            views.iter_mut().for_each(|view| view.camera = view.camera.scaled(factor));
            *at = scale;
        }
    }

    /// The run that these are of.
    pub fn run(&self) -> RunId {
        self.run
    }

    /// The places of all scenes that have some.
    pub fn scenes(&self) -> Vec<ScenePlaces> {
        let scenes = self.by_scene.iter().filter(|(_, (views, _))| !views.is_empty());
        let places = |(&scene, (views, scale)): (&usize, &(Vec<SavedView>, f32))| ScenePlaces {
            scene,
            scale: *scale,
            views: views.clone(),
            lines: Vec::new(),
            known: Vec::new(),
        };
        scenes.map(places).collect()
    }

    /// Takes the places of a run as [`Self::scenes`] gave them.
    pub fn restore(&mut self, run: RunId, scenes: &[ScenePlaces]) {
        let by_scene = scenes.iter().map(|places| (places.scene, (places.views.clone(), places.scale)));
        *self = Self { run, by_scene: by_scene.collect(), ..Self::default() };
    }

    /// The places of the scene that is shown, in the order in which they were saved.
    pub fn cameras(&self) -> Vec<OrbitCamera> {
        self.views().iter().map(|view| view.camera).collect()
    }

    /// Keeps a place; returns the name that it got: the first of "View 1", "View 2", … that is free.
    pub fn save(&mut self, camera: OrbitCamera) -> String {
        let (views, _) = self.by_scene.entry(self.scene).or_insert((Vec::new(), 1.0));
        let is_free = |name: &String| views.iter().all(|view| view.name != *name);
        let name = (1..).map(|number| format!("View {number}")).find(is_free).unwrap_or_default();
        views.push(SavedView { name: name.clone(), camera });
        name
    }

    /// Where a person wants to go since this was last asked.
    pub fn take_wanted(&mut self) -> Option<OrbitCamera> {
        self.wanted.take()
    }

    /// Escape leaves a name as it was, before the window takes that key for a run.
    pub fn answer_escape(&mut self, ctx: &egui::Context) {
        if self.renaming.is_some() && ctx.input_mut(|i| i.consume_key(Modifiers::NONE, Key::Escape)) {
            self.renaming = None;
        }
    }

    /// The list; `camera` is what would be saved.
    pub fn ui(&mut self, ui: &mut Ui, camera: Option<&OrbitCamera>) {
        let (mut removed, mut renamed) = (None, None);
        let names: Vec<String> = self.views().iter().map(|view| view.name.clone()).collect();
        for (index, name) in names.iter().enumerate() {
            ui.push_id(index, |ui| match &mut self.renaming {
                Some((at, typed)) if *at == index => {
                    let width = ui.available_width();
                    let field = TextEdit::singleline(typed).desired_width(width).char_limit(LONGEST_NAME);
                    let field = ui.add(field);
                    field.widget_info(|| {
                        egui::WidgetInfo::labeled(egui::Role::TextInput, true, format!("Name of {name}"))
                    });
                    if field.lost_focus() {
                        renamed = Some((index, typed.trim().to_owned()));
                    } else {
                        field.request_focus();
                    }
                }
                _ => match row_ui(ui, name) {
                    Some(Asked::Go) => self.wanted = self.views().get(index).map(|view| view.camera),
                    Some(Asked::Rename) => self.renaming = Some((index, name.clone())),
                    Some(Asked::Remove) => removed = Some(index),
                    None => {}
                },
            });
        }
        if names.is_empty() {
            note(ui, "None yet. A saved view can be gone back to, and films go through all of them");
        }
        let save = ui.add_enabled(camera.is_some(), Button::new("Save this view"));
        if save
            .on_hover_text(
                "Keeps where the scene is looked at from as long as its scene is there, and in a saved session (B)",
            )
            .clicked()
            && let Some(camera) = camera
        {
            self.save(*camera);
        }
        self.change(removed, renamed);
    }

    fn change(&mut self, removed: Option<usize>, renamed: Option<(usize, String)>) {
        let Some((views, _)) = self.by_scene.get_mut(&self.scene) else { return };
        if let Some((index, name)) = renamed {
            self.renaming = None;
            if let Some(view) = views.get_mut(index).filter(|_| !name.is_empty()) {
                view.name = name;
            }
        }
        if let Some(index) = removed.filter(|index| *index < views.len()) {
            views.remove(index);
            self.renaming = None;
        }
    }

    fn views(&self) -> &[SavedView] {
        self.by_scene.get(&self.scene).map_or(&[], |(views, _)| views)
    }
}

enum Asked {
    Go,
    Rename,
    Remove,
}

fn row_ui(ui: &mut Ui, name: &str) -> Option<Asked> {
    let mut asked = None;
    // The buttons first, so that a long name gives way to them.
    let size = Vec2::new(ui.available_width(), ROW);
    ui.allocate_ui_with_layout(size, Layout::right_to_left(Align::Center), |ui| {
        ui.spacing_mut().item_spacing.x = 2.0;
        let tip = "The picture stays as it is";
        if icon_button(ui, Icon::Trash, &format!("Remove {name}"), tip, true).clicked() {
            asked = Some(Asked::Remove);
        }
        let tip = "Enter keeps the new name, Escape the old one";
        if icon_button(ui, Icon::Pencil, &format!("Rename {name}"), tip, true).clicked() {
            asked = Some(Asked::Rename);
        }
        let button = Button::new(name).truncate().min_size(Vec2::new(ui.available_width(), ROW));
        if ui.add(button).on_hover_text(format!("{name}\nFlies there")).clicked() {
            asked = Some(Asked::Go);
        }
    });
    asked
}

#[cfg(test)]
mod tests {
    use glam::Vec3;

    use super::*;
    use crate::geometry::Rigid;
    use crate::scene::Bounds;

    fn camera() -> OrbitCamera {
        let bounds = Bounds { min: Vec3::splat(-1.0), max: Vec3::splat(1.0) };
        OrbitCamera::new(&Rigid::IDENTITY, &bounds, 1.5)
    }

    #[test]
    fn every_scene_has_its_views_and_they_follow_its_scale() {
        let mut saved = SavedViews::default();
        saved.follow(RunId(1), 0, 1.0);
        assert_eq!(saved.save(camera()), "View 1");
        saved.follow(RunId(1), 1, 1.0);
        assert!(saved.cameras().is_empty());
        saved.follow(RunId(1), 0, 2.0);
        assert_eq!(saved.cameras(), [camera().scaled(2.0)]);
        saved.follow(RunId(2), 0, 1.0);
        assert!(saved.cameras().is_empty(), "of another run");
    }

    #[test]
    fn names_are_given_once() {
        let mut saved = SavedViews::default();
        let names: Vec<_> = (0..3).map(|_| saved.save(camera())).collect();
        assert_eq!(names, ["View 1", "View 2", "View 3"]);
        saved.change(Some(1), None);
        assert_eq!(saved.save(camera()), "View 2");
        saved.change(None, Some((0, String::new())));
        saved.change(None, Some((1, "From the door".into())));
        let names: Vec<_> = saved.views().iter().map(|view| view.name.as_str()).collect();
        assert_eq!(names, ["View 1", "From the door", "View 2"]);
    }
}
