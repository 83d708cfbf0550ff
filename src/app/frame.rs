//! One frame: what has come about since the last one is taken in, the pages are drawn, and what they ask for is done.

use std::path::PathBuf;
use std::time::Duration;

use egui::Ui;

use super::action::{self, Arrows};
use super::cloud_view::CloudView;
use super::desk::notices::Severity;
use super::desk::tasks::{TaskDone, Work};
use super::fathom_app::FathomApp;
use super::history::History;
use super::preferences::{KEY, Preferences};
use super::request::Request;
use super::{centre, export, models, photos, recent};
use crate::inference::Settings;

/// How often the progress of an export is drawn.
const EXPORT_STEP: Duration = Duration::from_millis(200);

impl FathomApp {
    fn take_in(&mut self, ctx: &egui::Context) {
        let desk = &mut self.desk;
        desk.state.now_secs = ctx.input(|input| input.time);
        let left = desk.state.results.run();
        desk.take_in_events();
        if self.centre.follow_run(desk, left) {
            self.history.pass_over();
        }
        while let Some((work, done)) = self.desk.tasks.poll() {
            self.recent.follow(&self.desk.state, &work, &done);
            let is_example =
                matches!((&work, &done), (Work::Example { .. }, TaskDone::Collected(..) | TaskDone::Drawn { .. }));
            let was_empty = self.desk.state.views.is_empty();
            self.task_done(ctx, done);
            if is_example && was_empty {
                self.desk.state.note_example();
            }
        }
        let desk = &mut self.desk;
        models::take_in(desk, ctx);
        self.settings.follow_cameras(desk);
        self.centre.go_on_drawing(desk, ctx, self.session.name());
        self.centre.depth.follow(desk.state.results.run());
        let dropped = ctx
            .input(|input| input.raw.dropped_files.iter().map(|file| file.path().to_owned()).collect::<Vec<PathBuf>>());
        desk.add(dropped);
        self.photos.copied_files.take_pasted(ctx, desk);
        self.session.watch(ctx, desk, &self.centre);
        desk.outlook.update(&desk.state);
        self.photos.begin_frame(ctx);
        self.centre.previews.begin_frame(ctx);
        self.centre.depth.begin_frame(ctx);
        if self.desk.tasks.exporting().is_some() {
            // How far it is.
            ctx.request_repaint_after(EXPORT_STEP);
        }
        if self.desk.state.run.is_some() {
            // The clock in the status line.
            ctx.request_repaint_after(Duration::from_secs(1));
        }
    }

    /// Hands what a task has brought to the page that began it.
    fn task_done(&mut self, ctx: &egui::Context, done: TaskDone) {
        let (desk, centre, session) = (&mut self.desk, &mut self.centre, &mut self.session);
        let settings = &mut desk.state.settings;
        match done {
            TaskDone::Nothing => session.dialog_closed(),
            // A dialog's answer is unpacked where it is taken in.
            TaskDone::Answered(_, _, done) => self.task_done(ctx, *done),
            TaskDone::Picked(paths) => desk.add(paths),
            TaskDone::Gone(paths) => recent::forget(desk, &mut self.recent, &paths),
            TaskDone::Found { path, others } => session.found(ctx, desk, centre, path, others),
            TaskDone::Opened(path, opened) => {
                session.opened(desk, centre, &path, opened);
                self.history = History::default();
            }
            TaskDone::SessionInto(path) => session.save_into(desk, centre, path),
            TaskDone::SessionSaved(path, saved) => session.saved(ctx, desk, centre, path, saved),
            TaskDone::OpenedOutside => {}
            TaskDone::NotOpened(path, reason) => {
                let what = format!("{} could not be opened: {reason}", path.display());
                desk.state.notices.tell(Severity::Error, what, "Copy path, and open it where you usually do");
            }
            TaskDone::NoExample(error) => {
                let what = format!("The example could not be opened: {error}");
                desk.state.notices.tell(Severity::Error, what, "");
            }
            TaskDone::Weights(entry, chosen) => models::weights_chosen(desk, entry, chosen),
            TaskDone::Collected(collected, sizes) => {
                if !collected.photos.is_empty() && !session.holds_work(desk, centre) {
                    desk.leave_example();
                }
                photos::collected(desk, collected, sizes);
            }
            TaskDone::Cameras(path, read) => self.settings.cameras_read(desk, path, read),
            TaskDone::Masks(folder) => settings.masks = Some(folder),
            TaskDone::Depths(path) if path.is_dir() => settings.sensor_depth = Some(path),
            TaskDone::Depths(path) => settings.known_depths = Some(path),
            TaskDone::Drawn { photos, truth } => desk.state.show_drawing(photos, truth),
            TaskDone::ExportInto(parent) => self.export.export_into(desk, centre.seen(desk), parent),
            TaskDone::Exported { dir, outcome } => export::exported(desk, &dir, outcome),
            TaskDone::PictureInto(path, picture) => centre::save_picture(desk, path, picture),
            TaskDone::PictureSaved(outcome) => centre::picture_saved(desk, outcome),
            TaskDone::FilmInto(path) => centre.begin_film(desk, path),
        }
    }

    /// Escape in a text field leaves the field and does nothing else. By the time when a frame is drawn the field has lost the
    /// keyboard already, so that it looks as if nobody had typed.
    fn leave_field(&mut self, ctx: &egui::Context) {
        // A popup wants to see the key by which it closes.
        if !self.was_typing || egui::Popup::is_any_open(ctx) {
            return;
        }
        if let Some(cloud) = self.centre.shown_cloud(&self.desk) {
            cloud.leave_field(ctx);
        }
        ctx.input_mut(|input| input.consume_key(egui::Modifiers::NONE, egui::Key::Escape));
    }

    /// What keys ask for; nothing while a question waits for its answer.
    fn keys(&self, ctx: &egui::Context) -> Vec<Request> {
        if self.session.asked().is_some() {
            return Vec::new();
        }
        let focused = ctx.memory(egui::Memory::focused);
        let is_on_cloud = focused.is_some() && focused == self.centre.cloud.as_ref().and_then(CloudView::id);
        let arrows = if focused.is_none() || is_on_cloud { Arrows::OfList } else { Arrows::OfFocus };
        action::keys(ctx, arrows).into_iter().map(Request::Do).collect()
    }
}

impl eframe::App for FathomApp {
    fn logic(&mut self, ctx: &egui::Context, _frame: &mut eframe::Frame) {
        self.take_in(ctx);
    }

    fn ui(&mut self, ui: &mut Ui, _frame: &mut eframe::Frame) {
        if self.session.asked().is_none() {
            self.leave_field(ui.ctx());
            self.desk.open.close_with_escape(ui.ctx());
        }
        if let Some(cloud) = self.centre.shown_cloud(&self.desk) {
            cloud.answer_escape(ui.ctx());
        }
        if self.session.asked().is_none() {
            self.photos.answer_escape(ui.ctx(), &mut self.desk);
        }
        let mut requests = self.keys(ui.ctx());
        self.centre.lie_behind(self.desk.open.any());
        self.pages_ui(ui, &mut requests);
        self.windows_ui(ui, &mut requests);
        for request in requests {
            self.perform(ui.ctx(), request);
        }
        self.history.note(ui.ctx(), &mut self.desk, &self.centre);
        if ui.ctx().options(|options| options.theme_preference) != self.theme {
            ui.ctx().set_theme(self.theme);
        }
        self.was_typing = ui.ctx().text_edit_focused();
    }

    fn save(&mut self, storage: &mut dyn eframe::Storage) {
        let preferences = Preferences {
            // Photos are not remembered, nor is what belongs to them.
            settings: Settings {
                known_cameras: None,
                masks: None,
                known_depths: None,
                sensor_depth: None,
                ..self.desk.state.settings.clone()
            },
            theme: self.theme,
            centre: self.centre.mode,
            split: self.centre.split,
            depth: self.centre.depth.settings,
            cloud: self.centre.cloud_settings().clone(),
            export: self.export.choices.clone(),
            places: self.desk.tasks.dialogs.places.clone(),
            recent: self.recent.clone(),
            panels: self.panels,
        };
        eframe::set_value(storage, KEY, &preferences);
    }
}
