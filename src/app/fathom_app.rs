//! The whole window: the desk, and the pages that work on it.

use std::path::{Path, PathBuf};

use super::centre::CentrePage;
use super::desk::Desk;
use super::desk::link::Link;
use super::desk::open_dialog::{OpenDialog, PhotosDialog};
use super::desk::places::Purpose;
use super::desk::save_dialog::SaveDialog;
use super::desk::shelf::{ModelSource, Shelf};
use super::desk::state::AppState;
use super::desk::tasks::Opener;
use super::export::ExportPage;
use super::history::History;
use super::matches::MatchesWindow;
use super::models::ModelPage;
use super::photos::{CopiedFiles, PhotosPage};
use super::preferences::{KEY, Preferences};
use super::recent::Recents;
use super::session::OpenSession;
use super::settings::SettingsPage;
use super::side_panels::SidePanels;
use super::theme;
use super::window::graphics::Graphics;
use crate::examples::ExampleScene;

/// The whole window.
pub struct FathomApp {
    pub(super) desk: Desk,
    pub(super) photos: PhotosPage,
    pub(super) settings: SettingsPage,
    pub(super) models: ModelPage,
    pub(super) centre: CentrePage,
    pub(super) matches: MatchesWindow,
    pub(super) export: ExportPage,
    pub(super) recent: Recents,
    pub(super) session: OpenSession,
    pub(super) history: History,
    pub(super) panels: SidePanels,
    pub(super) theme: egui::ThemePreference,
    /// A text field had the keyboard at the end of the last frame.
    pub(super) was_typing: bool,
    pub(super) graphics: Graphics,
    pub(super) log_file: Option<PathBuf>,
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
        let centre = CentrePage::new(ctx, render, &preferences)?;
        let shelf = Shelf::new(ModelSource::from_env(), ctx.clone());
        let mut desk = Desk::new(ctx, link, shelf, preferences.settings);
        desk.tasks.dialogs.system = rfd::FileDialog::new().set_parent(cc);
        desk.tasks.dialogs.places = preferences.places;
        Ok(Self {
            desk,
            photos: PhotosPage::new(ctx, examples)?,
            settings: SettingsPage::default(),
            models: ModelPage::default(),
            centre,
            matches: MatchesWindow::default(),
            export: ExportPage::new(preferences.export),
            recent: preferences.recent,
            session: OpenSession::default(),
            history: History::default(),
            panels: preferences.panels,
            theme: preferences.theme,
            was_typing: false,
            graphics,
            log_file: None,
        })
    }

    /// What the window knows.
    pub fn state(&self) -> &AppState {
        &self.desk.state
    }

    /// What the window's title says.
    pub fn title(&self) -> &str {
        self.session.title()
    }

    /// Labels of the adapters that the View menu offers.
    pub fn adapters(&self) -> &[String] {
        &self.graphics.labels
    }

    /// Textures of depth pictures built so far.
    pub fn textures_built(&self) -> u64 {
        self.centre.depth.textures_built()
    }

    /// Whether pictures of photos that are in sight are still to come.
    pub fn waits_for_pictures(&self) -> bool {
        self.photos.waits_for_pictures() || self.centre.previews.is_waiting()
    }

    /// Where the next dialog of this purpose begins.
    pub fn place_of(&self, purpose: Purpose) -> Option<&Path> {
        self.desk.tasks.dialogs.places.of(purpose)
    }

    /// Adds files and folders, which are looked through in the background.
    pub fn add(&mut self, paths: Vec<PathBuf>) {
        self.desk.add(paths);
    }

    /// Names the log file for the Help menu.
    pub fn set_log_file(&mut self, path: Option<PathBuf>) {
        self.log_file = path;
    }

    /// Chooses the theme, as the View menu does.
    pub fn set_theme(&mut self, theme: egui::ThemePreference) {
        self.theme = theme;
    }

    /// Puts other places and another server in the place of those that the environment names.
    pub fn set_model_source(&mut self, source: ModelSource, ctx: &egui::Context) {
        self.desk.shelf = Shelf::new(source, ctx.clone());
    }

    /// Puts another way to ask for files in the place of the system's dialog.
    pub fn set_open_dialog(&mut self, dialog: OpenDialog) {
        self.desk.tasks.dialogs.open = Some(dialog);
    }

    /// The same for the dialog that asks for photos.
    pub fn set_photos_dialog(&mut self, dialog: PhotosDialog) {
        self.desk.tasks.dialogs.open_photos = Some(dialog);
    }

    /// Puts another way to ask for places in the place of the system's dialog.
    pub fn set_save_dialog(&mut self, dialog: SaveDialog) {
        self.desk.tasks.dialogs.save = Some(dialog);
    }

    /// Puts another way to open files in the place of the system's programs.
    pub fn set_opener(&mut self, opener: Opener) {
        self.desk.tasks.opener = opener;
    }

    /// Says whether the display passes dropped files on to the window.
    pub fn set_takes_drops(&mut self, takes_drops: bool) {
        self.photos.takes_drops = takes_drops;
    }

    /// Where copied files are read that come without words.
    pub fn set_copied_files(&mut self, read: impl Fn() -> Vec<PathBuf> + 'static) {
        self.photos.copied_files = CopiedFiles::new(read);
    }

    /// Names the file that remembers the adapter chosen in the View menu, and what it says.
    pub fn set_adapter_file(&mut self, file: Option<PathBuf>, chosen: Option<String>) {
        (self.graphics.file, self.graphics.chosen) = (file, chosen);
    }

    /// Tells why the window is drawn with another adapter than one would expect.
    pub(super) fn warn_of_graphics(&mut self, what: String) {
        self.graphics.warn(&mut self.desk, what);
    }
}
