//! What the page of photos keeps, and where its parts stand.

use egui::Ui;

use super::copied_files::CopiedFiles;
use super::empty::{Examples, empty_ui};
use super::list::ViewsPanel;
use crate::app::desk::Desk;
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

    /// Opens one of the examples that the empty window shows.
    pub fn open_example(&self, desk: &mut Desk, index: usize) {
        if let Some(scene) = self.examples.get(index).cloned() {
            let started = desk.tasks.open_example(scene);
            desk.check_task(started);
        }
    }

    /// What the window shows before there are photos. `opening`: as `Tasks::example`.
    pub fn empty_ui(&mut self, ui: &mut Ui, opening: Option<(&str, bool)>, requests: &mut Vec<Request>) {
        let examples = Examples { scenes: &self.examples, opening };
        empty_ui(ui, examples, self.takes_drops, &mut self.thumbnails, requests);
    }

    /// The list of photos.
    pub fn list_ui(&mut self, ui: &mut Ui, desk: &mut Desk, requests: &mut Vec<Request>) {
        let follow = std::mem::take(&mut desk.follow);
        let (views, results) = (&desk.state.views, &desk.state.results);
        ViewsPanel { views, results, thumbnails: &mut self.thumbnails, follow, requests }.ui(ui);
    }
}
