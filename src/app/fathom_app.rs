//! The app: takes in events, lays the panels out, and does what they ask.

use std::path::PathBuf;
use std::time::Duration;

use egui::{CentralPanel, Frame, Margin, Panel, Ui};

use crate::examples::ExampleScene;
use crate::inference::Settings;
use crate::session::has_ending;

use super::action::{self, Arrows, Request};
use super::cloud_view::CloudView;
use super::copied_files::CopiedFiles;
use super::depth_view::DepthView;
use super::graphics::Graphics;
use super::known_cameras::NamedCameras;
use super::link::Link;
use super::notices::Severity;
use super::open_windows::OpenWindows;
use super::outlook::Outlook;
use super::panels::centre::Centre;
use super::panels::export::{ExportPage, StereoPreview};
use super::panels::matches::{MatchesWindow, Shared};
use super::panels::models::ModelPage;
use super::panels::top_bar::TopBar;
use super::panels::views::ViewsPanel;
use super::panels::{drop_overlay, empty, help, memory, notices, settings, status, unsaved};
use super::preferences::{CentreMode, KEY, Preferences};
use super::probe::Probe;
use super::session::OpenSession;
use super::shelf::{ModelSource, Shelf};
use super::state::AppState;
use super::tasks::{TaskDone, Tasks};
use super::theme::{self, PANEL_MARGIN};
use super::thumbnails::Thumbnails;

/// Sides, in pixels, and numbers of thumbnails kept: list and examples, and the large preview.
const LIST: (u32, usize) = (192, 300);
const PREVIEW: (u32, usize) = (1024, 3);

/// The whole window.
pub struct FathomApp {
    pub(super) state: AppState,
    pub(super) link: Link,
    pub(super) examples: Vec<ExampleScene>,
    pub(super) tasks: Tasks,
    pub(super) session: OpenSession,
    pub(super) shelf: Shelf,
    pub(super) model_page: ModelPage,
    matches: MatchesWindow,
    pub(super) cameras: NamedCameras,
    pub(super) depth: DepthView,
    pub(super) cloud: Option<CloudView>,
    pub(super) preferences: Preferences,
    stereo_preview: StereoPreview,
    pub(super) open: OpenWindows,
    /// What the cursor points at in 2D or 3D.
    probe: Probe,
    /// What a run with these settings would need.
    outlook: Outlook,
    /// Bring the selected row into sight in the next frame.
    pub(super) follow: bool,
    pub(super) graphics: Graphics,
    /// Why there is no 3D view.
    without_cloud: String,
    thumbnails: Thumbnails,
    previews: Thumbnails,
    log_file: Option<PathBuf>,
    /// Whether files can be dropped on the window.
    pub(super) takes_drops: bool,
    pub(super) copied_files: CopiedFiles,
}

impl FathomApp {
    /// The app over a worker (or a stand-in for one).
    ///
    /// # Errors
    /// When a thread cannot be started.
    pub fn new(
        cc: &eframe::CreationContext<'_>,
        link: Link,
        examples: Vec<ExampleScene>,
    ) -> Result<Self, std::io::Error> {
        let ctx = &cc.egui_ctx;
        theme::install(ctx);
        let preferences: Preferences =
            cc.storage.and_then(|storage| eframe::get_value(storage, KEY)).unwrap_or_default();
        ctx.set_theme(preferences.theme);
        let render = cc.wgpu_render_state.as_ref();
        let graphics = render.map(Graphics::of).unwrap_or_default();
        tracing::info!("graphics: {}", graphics.adapter);
        let (mut cloud, without_cloud) = match render.map(CloudView::new) {
            Some(Ok(cloud)) => (Some(cloud), String::new()),
            Some(Err(error)) => (None, error.to_string()),
            None => (None, "there is no graphics adapter".into()),
        };
        match &mut cloud {
            Some(cloud) => cloud.settings = preferences.cloud.clone(),
            None => tracing::error!("no 3D view: {without_cloud}"),
        }
        let mut state = AppState::default();
        state.settings = preferences.settings.clone();
        Ok(Self {
            state,
            link,
            examples,
            tasks: Tasks::new(ctx.clone()),
            session: OpenSession::default(),
            shelf: Shelf::new(ModelSource::from_env(), ctx.clone()),
            model_page: ModelPage::default(),
            matches: MatchesWindow::default(),
            cameras: NamedCameras::default(),
            depth: DepthView::new(preferences.depth),
            cloud,
            preferences,
            stereo_preview: StereoPreview::default(),
            open: OpenWindows::default(),
            probe: Probe::default(),
            outlook: Outlook::default(),
            follow: false,
            graphics,
            without_cloud,
            thumbnails: Thumbnails::new(ctx.clone(), "thumbnails", LIST.0, LIST.1)?,
            previews: Thumbnails::new(ctx.clone(), "preview", PREVIEW.0, PREVIEW.1)?,
            log_file: None,
            takes_drops: true,
            copied_files: CopiedFiles::default(),
        })
    }

    /// What the window knows.
    pub fn state(&self) -> &AppState {
        &self.state
    }

    /// Names the log file for the Help menu.
    pub fn set_log_file(&mut self, path: Option<PathBuf>) {
        self.log_file = path;
    }

    /// Chooses the theme, as the View menu does.
    pub fn set_theme(&mut self, theme: egui::ThemePreference) {
        self.preferences.theme = theme;
    }

    /// Textures of depth pictures built so far.
    pub fn textures_built(&self) -> u64 {
        self.depth.textures_built()
    }

    /// Adds files and folders, which are looked through in the background.
    pub fn add(&mut self, paths: Vec<PathBuf>) {
        if !paths.is_empty() {
            let started = self.tasks.collect(paths);
            self.check_task(started);
        }
    }

    fn take_in(&mut self, ctx: &egui::Context) {
        self.state.now_secs = ctx.input(|input| input.time);
        while let Ok(event) = self.link.events.try_recv() {
            let command = self.state.apply(event);
            self.send(command);
        }
        while let Some(done) = self.tasks.poll() {
            self.task_done(ctx, done);
        }
        self.take_in_models(ctx);
        self.follow_cameras();
        self.go_on_filming(ctx);
        let dropped = ctx
            .input(|input| input.raw.dropped_files.iter().map(|file| file.path().to_owned()).collect::<Vec<PathBuf>>());
        self.add(dropped);
        self.take_pasted(ctx);
        self.watch_session(ctx);
        self.outlook.update(&self.state);
        self.thumbnails.begin_frame(ctx);
        self.previews.begin_frame(ctx);
        if self.state.run.is_some() {
            // The clock in the status line.
            ctx.request_repaint_after(Duration::from_secs(1));
        }
    }

    fn task_done(&mut self, ctx: &egui::Context, done: TaskDone) {
        match done {
            TaskDone::Nothing => self.dialog_closed(),
            TaskDone::Found { path, others } => self.found_session(ctx, path, others),
            TaskDone::Opened(path, opened) => self.session_opened(&path, opened),
            TaskDone::SessionInto(path) => self.save_session_into(path),
            TaskDone::SessionSaved(path, saved) => self.session_saved(ctx, path, saved),
            TaskDone::NoExample(error) => {
                self.state.notices.tell(Severity::Error, format!("The example could not be opened: {error}"), "");
            }
            TaskDone::Weights(entry, chosen) => self.weights_chosen(entry, chosen),
            TaskDone::Collected(collected, sizes) => self.collected(collected, sizes),
            TaskDone::Cameras(path, read) => self.cameras_read(path, read),
            TaskDone::Masks(folder) => self.state.settings.masks = Some(folder),
            TaskDone::Depths(path) if path.is_dir() => self.state.settings.sensor_depth = Some(path),
            TaskDone::Depths(path) => self.state.settings.known_depths = Some(path),
            TaskDone::Drawn { photos, truth } => self.state.show_drawing(photos, truth),
            TaskDone::ExportInto(parent) => self.export_into(parent),
            TaskDone::Exported { dir, outcome } => self.exported(&dir, outcome),
            TaskDone::PictureInto(path, picture) => self.save_picture(path, picture),
            TaskDone::PictureSaved(outcome) => self.picture_saved(outcome),
            TaskDone::FilmInto(path) => self.begin_film(path),
        }
    }

    fn layout(&mut self, ui: &mut Ui) -> Vec<Request> {
        let mut requests = Vec::new();
        let bar = Frame::new().fill(theme::tokens(ui).panel);
        let side = bar.inner_margin(Margin::same(PANEL_MARGIN));
        Panel::top("menu bar").frame(bar.inner_margin(Margin::symmetric(8, 2))).show(ui, |ui| {
            TopBar {
                centre: &mut self.preferences.centre,
                theme: &mut self.preferences.theme,
                can_export: self.state.results.can_be_exported(),
                has_views: !self.state.views.is_empty(),
                has_scene: self.cloud.is_some() && !self.state.results.is_empty(),
                is_saving: self.tasks.is_saving(),
                log_file: self.log_file.as_deref(),
                graphics: &self.graphics,
                requests: &mut requests,
            }
            .ui(ui);
        });
        let status = bar.inner_margin(Margin::symmetric(PANEL_MARGIN, 0));
        Panel::bottom("status").frame(status).exact_size(status::HEIGHT).show(ui, |ui| {
            status::status_ui(ui, &self.state, self.tasks.current(), &mut requests);
        });
        if !self.state.views.is_empty() {
            let panel = Panel::left("views").frame(side).default_size(232.0).size_range(184.0..=400.0);
            panel.show(ui, |ui| {
                ViewsPanel {
                    views: &self.state.views,
                    results: &self.state.results,
                    thumbnails: &mut self.thumbnails,
                    follow: std::mem::take(&mut self.follow),
                    requests: &mut requests,
                }
                .ui(ui);
            });
        }
        let panel = Panel::right("settings").frame(bar).default_size(304.0).size_range(272.0..=420.0);
        panel.show(ui, |ui| self.settings_panel(ui, side, &mut requests));
        CentralPanel::default().frame(Frame::new().fill(theme::tokens(ui).canvas)).show(ui, |ui| {
            if self.state.views.is_empty() {
                if let Some(notice) = self.state.notices.banner() {
                    super::panels::banner::banner_ui(ui, notice, &mut requests);
                }
                empty::empty_ui(ui, &self.examples, self.takes_drops, &mut self.thumbnails, &mut requests);
            } else {
                Centre {
                    state: &self.state,
                    mode: &mut self.preferences.centre,
                    split: &mut self.preferences.split,
                    depth: &mut self.depth,
                    cloud: self.cloud.as_mut().ok_or(self.without_cloud.as_str()),
                    previews: &mut self.previews,
                    probe: &mut self.probe,
                    requests: &mut requests,
                }
                .ui(ui);
            }
        });
        requests
    }

    fn settings_panel(&mut self, ui: &mut Ui, frame: Frame, requests: &mut Vec<Request>) {
        Panel::bottom("run").frame(frame).show_separator_line(true).show(ui, |ui| {
            settings::run_ui(ui, &self.state, &self.shelf, &self.outlook, requests);
        });
        CentralPanel::default().frame(frame.inner_margin(0.0)).show(ui, |ui| {
            egui::ScrollArea::vertical().auto_shrink([false, false]).content_margin(f32::from(PANEL_MARGIN)).show(
                ui,
                |ui| {
                    let (outlook, cameras) = (&mut self.outlook, &self.cameras);
                    settings::settings_ui(ui, &mut self.state, &self.shelf, outlook, cameras, requests);
                    if self.state.results.is_empty() {
                        return;
                    }
                    if self.preferences.centre != CentreMode::Space {
                        ui.separator();
                        let view = self.state.views.selected().and_then(|id| self.state.results.get(id));
                        let unit = self.state.results.unit_of(self.state.views.selected());
                        self.depth.controls_ui(ui, view, unit);
                    }
                    if self.preferences.centre != CentreMode::Flat
                        && let Some(cloud) = &mut self.cloud
                    {
                        ui.separator();
                        let shared = self.state.results.shared_points_of(self.state.views.selected());
                        if cloud.controls_ui(ui, !shared.is_empty()) {
                            self.open.matches = true;
                        }
                    }
                },
            );
        });
    }

    fn windows(&mut self, ui: &Ui, requests: &mut Vec<Request>) {
        let ctx = ui.ctx();
        notices::notices_window(ctx, &mut self.open.notices, &self.state.notices, requests);
        memory::memory_window(ctx, &mut self.open.memory, &self.state);
        let matched = self.state.results.finished().and_then(|finished| finished.prediction.matched.as_ref());
        let shared = Shared { matched, views: &self.state.views, previews: &mut self.previews };
        self.matches.window(ctx, &mut self.open.matches, shared);
        self.model_page.window(ctx, &mut self.open.models, &self.state, &self.shelf, requests);
        let seen = self.seen();
        if let Some(finished) = self.open.export.then(|| self.state.results.shown()).flatten() {
            let unit = self.state.results.unit_of(self.state.views.selected());
            let selected = self.state.views.selected().and_then(|id| self.state.results.get(id));
            let view = selected.or(finished.prediction.views.first());
            let (choices, preview) = (&mut self.preferences.export, &mut self.stereo_preview);
            ExportPage { choices, finished: &finished, unit, seen, view, preview, requests }
                .window(ctx, &mut self.open.export);
        }
        help::keys_window(ctx, &mut self.open.keys);
        help::about_window(ctx, &mut self.open.about);
        unsaved::unsaved_window(ctx, &self.session, &self.state, requests);
        let (hovering, is_session) = ctx.input(|input| {
            let files = &input.raw.hovered_files;
            (files.len(), files.iter().any(|file| file.path.as_deref().is_some_and(has_ending)))
        });
        if hovering > 0 {
            drop_overlay::drop_overlay(ui, hovering, is_session);
        }
    }
}

impl eframe::App for FathomApp {
    fn logic(&mut self, ctx: &egui::Context, _frame: &mut eframe::Frame) {
        self.take_in(ctx);
    }

    fn ui(&mut self, ui: &mut Ui, _frame: &mut eframe::Frame) {
        let mut requests = Vec::new();
        if self.session.asked().is_none() {
            self.open.close_with_escape(ui.ctx());
        }
        let shows_cloud = self.preferences.centre != CentreMode::Flat && !self.state.results.is_empty();
        if let Some(cloud) = self.cloud.as_mut().filter(|_| shows_cloud) {
            cloud.answer_escape(ui.ctx());
        }
        let focused = ui.memory(egui::Memory::focused);
        let is_on_cloud = focused.is_some() && focused == self.cloud.as_ref().and_then(CloudView::id);
        let arrows = if focused.is_none() || is_on_cloud { Arrows::OfList } else { Arrows::OfFocus };
        if self.session.asked().is_none() {
            action::keys(ui.ctx(), arrows, &mut requests);
        }
        requests.extend(self.layout(ui));
        self.windows(ui, &mut requests);
        for request in requests {
            self.perform(ui.ctx(), request);
        }
        if ui.ctx().options(|options| options.theme_preference) != self.preferences.theme {
            ui.ctx().set_theme(self.preferences.theme);
        }
    }

    fn save(&mut self, storage: &mut dyn eframe::Storage) {
        // Photos are not remembered, nor is what belongs to them.
        self.preferences.settings = Settings {
            known_cameras: None,
            masks: None,
            known_depths: None,
            sensor_depth: None,
            ..self.state.settings.clone()
        };
        self.preferences.depth = self.depth.settings;
        if let Some(cloud) = &self.cloud {
            self.preferences.cloud = cloud.settings.clone();
        }
        eframe::set_value(storage, KEY, &self.preferences);
    }
}
