//! What the page of photos keeps, and where its parts stand.

use egui::Ui;

use super::copied_files::CopiedFiles;
use super::empty::EmptyPage;
use super::list::ViewsPanel;
use crate::app::desk::Desk;
use crate::app::recent::Recents;
use crate::app::request::Request;
use crate::app::widgets::thumbnails::Thumbnails;
use crate::examples::ExampleScene;

/// Side, in pixels, and number of small pictures kept, of the list and of examples.
const LIST: (u32, usize) = (192, 300);

pub struct PhotosPage {
    examples: Vec<ExampleScene>,
    thumbnails: Thumbnails,
    /// Whether files can be dropped on the window.
    pub takes_drops: bool,
    pub copied_files: CopiedFiles,
}

impl PhotosPage {
    /// # Errors
    /// When a thread cannot be started.
    pub fn new(ctx: &egui::Context, examples: Vec<ExampleScene>) -> std::io::Result<Self> {
        let thumbnails = Thumbnails::new(ctx.clone(), "thumbnails", LIST.0, LIST.1)?;
        Ok(Self { examples, thumbnails, takes_drops: true, copied_files: CopiedFiles::default() })
    }

    pub fn begin_frame(&mut self, ctx: &egui::Context) {
        self.thumbnails.begin_frame(ctx);
    }

    /// Whether small pictures that are in sight are still to come.
    pub fn waits_for_pictures(&self) -> bool {
        self.thumbnails.is_waiting()
    }

    /// Opens one of the examples that the empty window shows.
    pub fn open_example(&self, desk: &mut Desk, index: usize) {
        if let Some(scene) = self.examples.get(index).cloned() {
            let started = desk.tasks.open_example(scene);
            desk.check_task(started);
        }
    }

    /// What the window shows before there are photos. `opening`: as `Tasks::example`.
    pub fn empty_ui(
        &mut self,
        ui: &mut Ui,
        recent: &Recents,
        opening: Option<(&str, bool)>,
        requests: &mut Vec<Request>,
    ) {
        let (examples, thumbnails) = (&self.examples, &mut self.thumbnails);
        EmptyPage { examples, opening, recent: recent.all(), takes_drops: self.takes_drops, thumbnails, requests }
            .ui(ui);
    }

    /// The list of photos.
    pub fn list_ui(&mut self, ui: &mut Ui, desk: &mut Desk, requests: &mut Vec<Request>) {
        let follow = std::mem::take(&mut desk.follow);
        ViewsPanel { state: &desk.state, thumbnails: &mut self.thumbnails, follow, requests }.ui(ui);
    }

    /// Selects one view alone where Escape was pressed and there are several. To be called before the window gives that key another
    /// meaning.
    pub fn answer_escape(&self, ctx: &egui::Context, desk: &mut Desk) {
        let views = &mut desk.state.views;
        let is_free = !ctx.text_edit_focused() && !egui::Popup::is_any_open(ctx);
        if views.selected_count() > 1
            && is_free
            && ctx.input_mut(|input| input.consume_key(egui::Modifiers::NONE, egui::Key::Escape))
        {
            views.select_one();
        }
    }
}
