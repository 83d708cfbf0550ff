//! Doing what keys, menus and panels ask for.

use egui::ThemePreference;

use crate::catalog::ModelId;
use crate::inference::Settings;
use crate::worker::Command;

use super::action::{Action, Fix, Request};
use super::cloud_view::Card;
use super::diagnostics;
use super::fathom_app::FathomApp;
use super::models::ModelAct;
use super::notices::Severity;
use super::preferences::CentreMode;
use super::session::Leaving;

/// Part of the free memory that runs may plan with after one that ended with the program.
const CAREFUL_PERCENT: u8 = 50;

impl FathomApp {
    /// Does one thing that was asked for in this frame.
    pub(super) fn perform(&mut self, ctx: &egui::Context, request: Request) {
        ctx.request_repaint();
        match request {
            Request::Do(action) => self.act(ctx, action),
            Request::Select(view) => self.state.views.select(view),
            Request::Reveal(view) => {
                self.state.views.select(view);
                self.follow = true;
            }
            Request::Move(view, place) => self.state.move_to(view, place),
            Request::Hide(view) => self.state.results.toggle_hidden(view),
            Request::SetScale(factor) => self.set_scale(factor),
            Request::TakeAway(taken) => self.take_away(taken),
            Request::Remove(view) => self.state.remove(view),
            Request::OpenExample(index) => {
                if let Some(scene) = self.examples.get(index).cloned() {
                    let started = self.tasks.open_example(scene);
                    self.check_task(started);
                }
            }
            Request::ChooseWeights => {
                let model = self.state.settings.model.clone();
                self.act_on_model(ctx, &model, ModelAct::ChooseFile);
            }
            Request::LoadModel => {
                let command = self.state.request_load();
                self.send(Some(command));
            }
            Request::UnloadModel => self.send(Some(Command::Unload)),
            Request::LookForModels => self.shelf.look(),
            Request::Model(model, act) => self.act_on_model(ctx, &model, act),
            Request::ChooseCameras(what) => {
                let started = self.tasks.pick_cameras(what);
                self.check_task(started);
            }
            Request::ForgetCameras => self.state.settings.known_cameras = None,
            Request::ChooseMasks => {
                let started = self.tasks.pick_masks();
                self.check_task(started);
            }
            Request::ForgetMasks => self.state.settings.masks = None,
            Request::ChooseDepths(what) => {
                let started = self.tasks.pick_depths(what);
                self.check_task(started);
            }
            Request::ForgetDepths => {
                (self.state.settings.known_depths, self.state.settings.sensor_depth) = (None, None);
            }
            Request::PickExportFolder => {
                let started = self.tasks.pick_export_folder();
                self.check_task(started);
            }
            Request::PauseDownload => {
                if let Some(download) = &self.shelf.download {
                    download.stop();
                }
            }
            Request::Answer(answer) => self.answer(ctx, answer),
            Request::Fix(fix) => self.fix(ctx, fix),
            Request::Dismiss(notice) => self.state.notices.dismiss(notice),
            Request::DismissAll => self.state.notices.dismiss_all(),
            Request::Copy(text) => ctx.copy_text(text),
            Request::ChooseAdapter(label) => self.choose_adapter(label),
            Request::ShowAbout => self.open.about = true,
        }
    }

    fn act(&mut self, ctx: &egui::Context, action: Action) {
        match action {
            Action::OpenPhotos => {
                let started = self.tasks.pick_photos();
                self.check_task(started);
            }
            Action::OpenFolder => {
                let started = self.tasks.pick_folder();
                self.check_task(started);
            }
            Action::OpenSession => {
                let started = self.tasks.pick_session();
                self.check_task(started);
            }
            Action::SaveSession => self.save_session(),
            Action::SaveSessionAs => self.save_session_as(),
            Action::Export => self.open.export = !self.open.export && self.state.results.can_be_exported(),
            Action::Run => self.run(),
            Action::Cancel => self.cancel(),
            Action::PreviousView => self.select_by(-1),
            Action::NextView => self.select_by(1),
            Action::MoveViewUp => self.move_by(-1),
            Action::MoveViewDown => self.move_by(1),
            Action::RemoveView => {
                if let Some(view) = self.state.views.selected() {
                    self.state.remove(view);
                }
            }
            Action::HideView => {
                if let Some(view) = self.state.views.selected() {
                    self.state.results.toggle_hidden(view);
                }
            }
            Action::ClearViews => self.leave(ctx, Leaving::Clear),
            Action::ShowFlat => self.preferences.centre = CentreMode::Flat,
            Action::ShowSpace => self.preferences.centre = CentreMode::Space,
            Action::ShowSplit => self.preferences.centre = CentreMode::Split,
            Action::NextArrangement => self.depth.settings.arrangement = self.depth.settings.arrangement.next(),
            Action::NextColourMap => self.depth.settings.next_map(),
            Action::InvertColours => self.depth.settings.is_inverse = !self.depth.settings.is_inverse,
            Action::FitPicture => self.depth.fit(),
            Action::NextTheme => self.preferences.theme = next_theme(self.preferences.theme),
            Action::SavePicture => self.toggle_card(Card::Picture),
            Action::SaveFilm => self.toggle_card(Card::Film),
            Action::SaveView => self.save_view(),
            Action::ShowModels => self.show_models(),
            Action::ToggleNotices => self.open.notices = !self.open.notices,
            Action::ToggleMemory => self.open.memory = !self.open.memory,
            Action::ShowMatches => self.open.matches = !self.open.matches,
            Action::ShowKeys => self.open.keys = !self.open.keys,
            Action::CopyDiagnostics => ctx.copy_text(diagnostics::report(&self.state, &self.graphics.adapter)),
        }
    }

    fn set_scale(&mut self, factor: Option<f32>) {
        let selected = self.state.views.selected();
        let Some(grown) = self.state.results.set_scale(selected, factor) else { return };
        self.depth.rescale(grown);
        let scale = self.state.results.set_scale_of(selected);
        self.state.outcome = Some(scale.map_or("The scale is again as the model gave it".into(), |scale| {
            format!("This scene is in metres: its scale was set by hand, {scale:.4} × what the model gave")
        }));
    }

    fn run(&mut self) {
        let command = self.state.request_run();
        self.send_run(command);
    }

    /// Sends a run where there is one and its weights are here; tells what is missing otherwise.
    pub(super) fn send_run(&mut self, command: Option<Command>) {
        if command.is_some() && !self.shelf.has_weights(&self.state.settings) {
            self.state.run_impossible("The model's weights are not on this machine");
            return;
        }
        self.send(command);
    }

    pub(super) fn send(&mut self, command: Option<Command>) {
        if let Some(command) = command
            && !(self.link.send)(command)
        {
            self.state.command_refused();
        }
    }

    pub(super) fn cancel(&mut self) {
        if self.state.request_cancel() {
            (self.link.cancel)();
        }
    }

    fn show_models(&mut self) {
        self.open.models = !self.open.models;
        self.shelf.look();
    }

    fn select_by(&mut self, by: isize) {
        self.state.views.select_by(by);
        self.follow = true;
    }

    fn move_by(&mut self, by: isize) {
        let views = &self.state.views;
        if let Some(view) = views.selected()
            && let Some(place) = views.position(view).and_then(|at| at.checked_add_signed(by))
        {
            self.state.move_to(view, place);
            self.follow = true;
        }
    }

    fn fix(&mut self, ctx: &egui::Context, fix: Fix) {
        let settings = &mut self.state.settings;
        match fix {
            Fix::OneViewPerPass => settings.views_per_pass = Some(1),
            Fix::Remedy(remedy) => remedy.change.apply(settings),
            Fix::CarefulSettings => {
                (settings.views_per_pass, settings.memory_percent) = (None, CAREFUL_PERCENT);
                self.state.notices.dismiss_fixed(&Fix::CarefulSettings);
                let what = format!("Runs plan with {CAREFUL_PERCENT} % of the free memory");
                self.state.outcome = Some(what);
                return;
            }
            Fix::Resolution(pixels) => settings.resolution = Some(pixels),
            Fix::BuiltInModel => {
                settings.model = ModelId::default();
                settings.weights = None;
            }
            Fix::AutomaticSettings => {
                let (model, weights) = (settings.model.clone(), settings.weights.clone());
                *settings = Settings { model, weights, ..Settings::default() };
            }
            Fix::RunAgain => {}
            Fix::CamerasAs(reading) => settings.cameras_as = reading,
            Fix::AddInside { folders, photos } => {
                let started = self.tasks.collect_inside(folders.clone());
                self.check_task(started);
                self.state.notices.dismiss_fixed(&Fix::AddInside { folders, photos });
                return;
            }
            Fix::ShowMatches => self.open.matches = true,
            Fix::ShowModels => return self.perform(ctx, Request::Do(Action::ShowModels)),
            Fix::ChooseWeights => return self.perform(ctx, Request::ChooseWeights),
            Fix::Remove(view) => {
                self.state.remove(view);
                self.state.notices.dismiss_fixed(&Fix::Remove(view));
                return;
            }
            Fix::CopyDiagnostics => {
                ctx.copy_text(diagnostics::report(&self.state, &self.graphics.adapter));
                return;
            }
        }
        self.run();
    }

    /// A task that could not start is told like any other trouble of the machine.
    pub(super) fn check_task(&mut self, started: std::io::Result<()>) {
        if let Err(error) = started {
            let advice = "Close other programs and try again.";
            self.state.notices.tell(Severity::Error, format!("No thread could be started ({error})"), advice);
        }
    }
}

fn next_theme(theme: ThemePreference) -> ThemePreference {
    match theme {
        ThemePreference::System => ThemePreference::Light,
        ThemePreference::Light => ThemePreference::Dark,
        ThemePreference::Dark => ThemePreference::System,
    }
}
