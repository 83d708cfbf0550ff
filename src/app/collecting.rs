//! What was dropped, pasted or chosen, once it was looked through.

use super::action::Fix;
use super::fathom_app::FathomApp;
use super::notices::Severity;
use super::widgets::count;
use crate::input::Collected;
use crate::worker::{Blame, Problem};

impl FathomApp {
    pub(super) fn collected(&mut self, collected: Collected, sizes: Vec<Option<[u32; 2]>>) {
        for error in &collected.problems {
            let problem = Problem::new(Blame::File, error.to_string(), error.advice());
            self.state.notices.add(Severity::Warning, problem, Vec::new(), false);
        }
        if collected.left_out > 0 {
            let what = format!("{} left out of the folder", count(collected.left_out, "file"));
            self.state.notices.tell(Severity::News, what, "By their names they are no photos that Fathom reads");
        }
        let inside = Fix::AddInside { folders: collected.inside, photos: collected.photos_inside };
        if collected.photos_inside > 0 {
            let what = format!("{} in folders inside", count(collected.photos_inside, "more photo"));
            let problem = Problem::new(Blame::File, what, "Folders inside a folder are searched when you ask for it");
            self.state.notices.add(Severity::Warning, problem, vec![inside], true);
            if collected.photos.is_empty() {
                return;
            }
        }
        if collected.photos.is_empty() {
            let advice = "Drop photos (JPEG, PNG, HEIC, WebP, TIFF and others) or a folder that has some.";
            self.state.notices.tell(Severity::Error, "No photos were found", advice);
            return;
        }
        let command = self.state.add_photos(collected.photos, sizes);
        self.send_run(command);
    }
}
