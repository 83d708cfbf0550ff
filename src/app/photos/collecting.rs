//! What was dropped, pasted or chosen, once it was looked through.

use crate::app::desk::Desk;
use crate::app::desk::fix::Fix;
use crate::app::desk::notices::Severity;
use crate::app::widgets::controls::count;
use crate::input::Collected;
use crate::worker::{Blame, Problem};

/// Takes in what was found, and says what was not.
pub fn collected(desk: &mut Desk, collected: Collected, sizes: Vec<Option<[u32; 2]>>) {
    for error in &collected.problems {
        let problem = Problem::new(Blame::File, error.to_string(), error.advice());
        desk.state.notices.add(Severity::Warning, problem, Vec::new(), false);
    }
    if collected.left_out > 0 {
        let what = format!("{} left out of the folder", count(collected.left_out, "file"));
        desk.state.notices.tell(Severity::News, what, "By their names they are no photos that Fathom reads");
    }
    let inside = Fix::AddInside { folders: collected.inside, photos: collected.photos_inside };
    if collected.photos_inside > 0 {
        let what = format!("{} in folders inside", count(collected.photos_inside, "more photo"));
        let problem = Problem::new(Blame::File, what, "Folders inside a folder are searched when you ask for it");
        desk.state.notices.add(Severity::Warning, problem, vec![inside], true);
        if collected.photos.is_empty() {
            return;
        }
    }
    if collected.photos.is_empty() {
        let advice = "Drop photos (JPEG, PNG, HEIC, WebP, TIFF and others) or a folder that has some.";
        desk.state.notices.tell(Severity::Error, "No photos were found", advice);
        return;
    }
    let command = desk.state.add_photos(collected.photos, sizes);
    desk.send_run(command);
}
