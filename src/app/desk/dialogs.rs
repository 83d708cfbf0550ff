//! How a person is asked for files and places: by the system's dialogs, or by what stands in for them.

use std::path::PathBuf;

use rfd::FileDialog;

use super::open_dialog::{self, Open, OpenDialog, PhotosDialog};
use super::places::{Places, Purpose};
use super::save_dialog::{self, SaveAs, SaveDialog};

/// The ways to ask, and where each begins.
#[derive(Default)]
pub struct Dialogs {
    /// Knows the window that dialogs belong to.
    pub system: FileDialog,
    /// Where dialogs begin.
    pub places: Places,
    /// In the place of the system's dialogs.
    pub open: Option<OpenDialog>,
    pub open_photos: Option<PhotosDialog>,
    pub save: Option<SaveDialog>,
}

impl Dialogs {
    /// A question for a file or folder, which begins in `first_in` where none of its purpose was answered before. It is asked where it
    /// blocks nobody.
    pub fn for_opening(
        &self,
        what: Open,
        first_in: Option<PathBuf>,
    ) -> impl FnOnce() -> Option<PathBuf> + Send + use<> {
        let folder = self.folder(what.purpose()).or(first_in);
        let (system, ask) = (self.system.clone(), self.open.clone());
        move || match ask {
            Some(ask) => ask(what),
            None => open_dialog::ask(system, folder.as_deref(), what),
        }
    }

    /// A question for photos.
    pub fn for_photos(&self) -> impl FnOnce() -> Vec<PathBuf> + Send + use<> {
        let (system, folder, ask) = (self.system.clone(), self.folder(Purpose::Photos), self.open_photos.clone());
        move || match ask {
            Some(ask) => ask(),
            None => open_dialog::ask_for_photos(system, folder.as_deref()),
        }
    }

    /// A question for a place.
    pub fn for_saving(&self, what: SaveAs) -> impl FnOnce() -> Option<PathBuf> + Send + use<> {
        let (system, folder, ask) = (self.system.clone(), self.folder(what.purpose()), self.save.clone());
        move || match ask {
            Some(ask) => ask(what),
            None => save_dialog::ask(system, folder.as_deref(), &what),
        }
    }

    fn folder(&self, purpose: Purpose) -> Option<PathBuf> {
        self.places.of(purpose).map(PathBuf::from)
    }
}
