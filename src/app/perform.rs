//! Doing what keys, menus and panels ask for.

use std::path::PathBuf;

use egui::ThemePreference;

use super::{help, models, recent};
use crate::app::action::Action;
use crate::app::centre::CentreMode;
use crate::app::cloud_view::Card;
use crate::app::desk::fix::Fix;
use crate::app::fathom_app::FathomApp;
use crate::app::models::ModelAct;
use crate::app::request::Request;
use crate::app::session::Leaving;
use crate::catalog::ModelId;
use crate::inference::Settings;
use crate::worker::Command;

/// Part of the free memory that runs may plan with after one that ended with the program.
const CAREFUL_PERCENT: u8 = 50;

impl FathomApp {
    /// Does one thing that was asked for in this frame.
    pub(super) fn perform(&mut self, ctx: &egui::Context, request: Request) {
        ctx.request_repaint();
        match request {
            Request::Do(action) => self.act(ctx, action),
            Request::Select(view) => self.desk.state.views.select(view),
            Request::SelectAlso(view) => self.desk.state.views.select_also(view),
            Request::SelectTo(view) => self.desk.state.views.select_to(view),
            Request::Reveal(view) => {
                self.desk.state.views.select(view);
                self.desk.follow = true;
            }
            Request::Move(view, place) => self.desk.state.move_to(view, place),
            Request::Hide(view) => {
                let results = &mut self.desk.state.results;
                results.hide(&[view], !results.are_hidden(&[view]));
            }
            Request::SetScale(factor) => self.centre.set_scale(&mut self.desk, factor),
            Request::TakeAway(taken) => self.centre.take_away(&mut self.desk, taken, self.session.name()),
            Request::RunAll => self.desk.run_all(),
            Request::DownloadAndRun => models::download_and_run(&mut self.desk, ctx),
            Request::RetryFailed => self.desk.retry_failed(),
            Request::RemoveFailed => self.desk.state.remove_failed(),
            Request::OpenExample(index) => {
                self.photos.open_example(&mut self.desk, index);
            }
            Request::OpenRecent(index) => recent::open(&mut self.desk, &self.recent, index),
            Request::ForgetRecent => self.recent.clear(),
            Request::ChooseWeights => {
                let model = self.desk.state.settings.model.clone();
                models::act(&mut self.desk, ctx, &model, ModelAct::ChooseFile);
            }
            Request::LoadModel => {
                let command = self.desk.state.request_load();
                self.desk.send(Some(command));
            }
            Request::UnloadModel => self.desk.send(Some(Command::Unload)),
            Request::TryDevicesAgain => self.desk.send(Some(Command::TryDevicesAgain)),
            Request::LookForModels => self.desk.shelf.look(),
            Request::Model(model, act) => models::act(&mut self.desk, ctx, &model, act),
            Request::ChooseCameras(what) => {
                let started = self.desk.tasks.pick_cameras(what);
                self.desk.check_task(started);
            }
            Request::ForgetCameras => self.desk.state.settings.known_cameras = None,
            Request::ChooseMasks => {
                let started = self.desk.tasks.pick_masks();
                self.desk.check_task(started);
            }
            Request::ForgetMasks => self.desk.state.settings.masks = None,
            Request::ChooseDepths(what) => {
                let started = self.desk.tasks.pick_depths(what);
                self.desk.check_task(started);
            }
            Request::ForgetDepths => {
                (self.desk.state.settings.known_depths, self.desk.state.settings.sensor_depth) = (None, None);
            }
            Request::PickExportFolder => {
                let beside = self.desk.photos_folder().map(PathBuf::from);
                let started = self.desk.tasks.pick_export_folder(beside);
                self.desk.check_task(started);
            }
            Request::CancelExport => self.desk.cancel_export(),
            Request::PauseDownload => {
                if let Some(download) = &self.desk.shelf.download {
                    download.stop();
                }
            }
            Request::Answer(answer) => self.session.answer(ctx, &mut self.desk, &self.centre, answer),
            Request::Fix(fix) => self.fix(ctx, fix),
            Request::Dismiss(notice) => self.desk.state.notices.dismiss(notice),
            Request::DismissAll => self.desk.state.notices.dismiss_all(),
            Request::Copy(text) => ctx.copy_text(text),
            Request::ChooseAdapter(label) => self.graphics.choose_and_tell(&mut self.desk, label),
            Request::ShowAbout => self.desk.open.about = true,
        }
    }

    fn act(&mut self, ctx: &egui::Context, action: Action) {
        match action {
            Action::OpenPhotos => {
                let started = self.desk.tasks.pick_photos();
                self.desk.check_task(started);
            }
            Action::OpenFolder => {
                let started = self.desk.tasks.pick_folder();
                self.desk.check_task(started);
            }
            Action::OpenSession => {
                let started = self.desk.tasks.pick_session();
                self.desk.check_task(started);
            }
            Action::SaveSession => self.session.save(&mut self.desk, &self.centre),
            Action::SaveSessionAs => self.session.save_as(&mut self.desk),
            Action::Export => {
                self.desk.open.export = !self.desk.open.export && self.desk.state.results.can_be_exported()
            }
            Action::Undo => self.history.undo(&mut self.desk, &mut self.centre),
            Action::Redo => self.history.redo(&mut self.desk, &mut self.centre),
            Action::Run => self.desk.run(),
            // A run that waits for its model's download is no run yet, and is what one wants to be rid of.
            Action::Cancel if self.desk.state.run.is_none() && self.desk.shelf.runs_after.is_none() => {
                self.desk.cancel_export();
            }
            Action::Cancel => self.desk.cancel(),
            Action::PreviousView => self.select_by(-1),
            Action::NextView => self.select_by(1),
            Action::StretchUp => self.stretch_by(-1),
            Action::StretchDown => self.stretch_by(1),
            Action::SelectAll => self.desk.state.views.select_all(),
            Action::MoveViewUp => self.move_selected(false),
            Action::MoveViewDown => self.move_selected(true),
            Action::RemoveView => self.desk.state.remove_selected(),
            Action::HideView => self.desk.state.hide_selected(),
            Action::ShowOnly => self.desk.state.show_only_selected(),
            Action::RunAgain => self.desk.run_selected(),
            Action::LeaveOut => self.desk.state.leave_selected_out(),
            Action::ShowInFolder => self.desk.show_selected_in_folders(),
            Action::ClearViews => self.session.leave(ctx, &mut self.desk, &self.centre, Leaving::Clear),
            Action::ShowFlat => self.centre.mode = CentreMode::Flat,
            Action::ShowSpace => self.centre.mode = CentreMode::Space,
            Action::ShowSplit => self.centre.mode = CentreMode::Split,
            Action::ToggleViews => self.panels.toggle_views(ctx.content_rect().width()),
            Action::ToggleSettings => self.panels.toggle_settings(ctx.content_rect().width()),
            Action::NextArrangement => {
                self.centre.depth.settings.arrangement = self.centre.depth.settings.arrangement.next()
            }
            Action::NextColourMap => self.centre.depth.settings.next_map(),
            Action::InvertColours => self.centre.depth.settings.is_inverse = !self.centre.depth.settings.is_inverse,
            Action::FitPicture => self.centre.depth.fit(),
            Action::NextTheme => self.theme = next_theme(self.theme),
            Action::SavePicture => self.centre.toggle_card(&mut self.desk, Card::Picture),
            Action::SaveFilm => self.centre.toggle_card(&mut self.desk, Card::Film),
            Action::SaveView => self.centre.save_view(&mut self.desk),
            Action::ShowModels => self.show_models(),
            Action::ToggleNotices => self.desk.open.notices = !self.desk.open.notices,
            Action::ToggleMemory => self.desk.open.memory = !self.desk.open.memory,
            Action::ShowMatches => self.desk.open.matches = !self.desk.open.matches,
            Action::ShowKeys => self.desk.open.keys = !self.desk.open.keys,
            Action::CopyDiagnostics => ctx.copy_text(help::report(&self.desk.state, &self.graphics.adapter)),
            Action::Quit => ctx.send_viewport_cmd(egui::ViewportCommand::Close),
        }
    }

    fn show_models(&mut self) {
        self.desk.open.models = !self.desk.open.models;
        self.desk.shelf.look();
    }

    fn select_by(&mut self, by: isize) {
        self.desk.state.views.select_by(by);
        self.desk.follow = true;
    }

    fn stretch_by(&mut self, by: isize) {
        self.desk.state.views.stretch_by(by);
        self.desk.follow = true;
    }

    fn move_selected(&mut self, down: bool) {
        self.desk.state.move_selected(down);
        self.desk.follow = true;
    }

    fn fix(&mut self, ctx: &egui::Context, fix: Fix) {
        let settings = &mut self.desk.state.settings;
        match fix {
            Fix::OneViewPerPass => settings.views_per_pass = Some(1),
            Fix::Remedy(remedy) => remedy.change.apply(settings),
            Fix::CarefulSettings => {
                (settings.views_per_pass, settings.memory_percent) = (None, CAREFUL_PERCENT);
                self.desk.state.notices.dismiss_fixed(&Fix::CarefulSettings);
                let what = format!("Runs plan with {CAREFUL_PERCENT} % of the free memory");
                self.desk.state.outcome = Some(what);
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
                let started = self.desk.tasks.collect_inside(folders.clone());
                self.desk.check_task(started);
                self.desk.state.notices.dismiss_fixed(&Fix::AddInside { folders, photos });
                return;
            }
            Fix::ShowMatches => return self.desk.open.matches = true,
            Fix::DownloadAndRun => {
                self.desk.state.notices.lower_banners();
                return models::download_and_run(&mut self.desk, ctx);
            }
            Fix::ShowModels => return self.perform(ctx, Request::Do(Action::ShowModels)),
            Fix::ChooseWeights => return self.perform(ctx, Request::ChooseWeights),
            Fix::Open(path) | Fix::OpenFolder(path) => return self.desk.open_outside(path),
            Fix::CopyPath(path) => return ctx.copy_text(path.display().to_string()),
            Fix::Remove(views) => return self.desk.state.remove_if_failed(&views),
            Fix::CopyDiagnostics => {
                ctx.copy_text(help::report(&self.desk.state, &self.graphics.adapter));
                return;
            }
        }
        self.desk.run();
    }
}

fn next_theme(theme: ThemePreference) -> ThemePreference {
    match theme {
        ThemePreference::System => ThemePreference::Light,
        ThemePreference::Light => ThemePreference::Dark,
        ThemePreference::Dark => ThemePreference::System,
    }
}
