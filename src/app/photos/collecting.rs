//! What was dropped, pasted or chosen, once it was looked through.

use crate::app::desk::Desk;
use crate::app::desk::fix::Fix;
use crate::app::desk::notices::Severity;
use crate::app::widgets::controls::count;
use crate::input::{Collected, NotTaken, display_name};
use crate::worker::{Blame, Problem};

/// Takes in what was found, and says what was not.
pub fn collected(desk: &mut Desk, collected: Collected, sizes: Vec<Option<[u32; 2]>>) {
    let Collected { photos, problems, left_out, inside, photos_inside } = collected;
    let (none_found, others_inside) = (photos.is_empty(), photos_inside > 0);
    // A run that begins takes down the banners of what was before it.
    let command = desk.state.add_photos(photos, sizes);
    let notices = &mut desk.state.notices;
    if left_out > 0 {
        let what = format!("{} left out of the folder", count(left_out, "file"));
        notices.tell(Severity::News, what, "By their names they are no photos that Fathom reads");
    }
    let not_taken = NotTaken::of(&problems, display_name);
    if none_found && not_taken.is_none() && !others_inside {
        let advice = "Drop photos (JPEG, PNG, HEIC, WebP, TIFF and others) or a folder that has some.";
        notices.tell(Severity::Error, "No photos were found", advice);
    }
    if let Some(told) = not_taken {
        let severity = if none_found { Severity::Error } else { Severity::Warning };
        notices.add(severity, Problem::new(Blame::File, told.in_a_line(), told.advice), Vec::new(), true);
    }
    if others_inside {
        let what = format!("{} in folders inside", count(photos_inside, "more photo"));
        let problem = Problem::new(Blame::File, what, "Folders inside a folder are searched when you ask for it");
        let fix = Fix::AddInside { folders: inside, photos: photos_inside };
        notices.add(Severity::Warning, problem, vec![fix], true);
    }
    desk.send_run(command);
}
