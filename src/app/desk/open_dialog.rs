//! Which file or folder a person means: the questions, and how the system asks them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rfd::FileDialog;

use super::places::Purpose;
use crate::input::PHOTO_EXTENSIONS;
use crate::session::ENDING;

/// What is to be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Open {
    /// Photos, or a folder of them or of results.
    Folder,
    Weights,
    /// A folder as a model's page has it: weights and `config.json`.
    WeightFolder,
    /// `cameras.json`.
    Cameras,
    /// The folder of a COLMAP model or project.
    CameraFolder,
    /// A folder with masks of the photos.
    MaskFolder,
    /// A table of known depths.
    Depths,
    /// A folder with a sensor's depth of the photos.
    DepthFolder,
    /// Where the folder of an export is to be.
    ExportFolder,
    /// A `.fathom` file.
    Session,
}

impl Open {
    pub fn purpose(self) -> Purpose {
        match self {
            Self::Folder => Purpose::Photos,
            Self::Weights | Self::WeightFolder => Purpose::Weights,
            Self::Cameras | Self::CameraFolder => Purpose::Cameras,
            Self::MaskFolder => Purpose::Masks,
            Self::Depths | Self::DepthFolder => Purpose::Depths,
            Self::ExportFolder => Purpose::Exports,
            Self::Session => Purpose::Sessions,
        }
    }
}

/// Asks a person for a file or folder; `None` where the question was closed. It may block, and is called from a thread of
/// its own.
pub type OpenDialog = Arc<dyn Fn(Open) -> Option<PathBuf> + Send + Sync>;

/// Asks for photos; none where the question was closed.
pub type PhotosDialog = Arc<dyn Fn() -> Vec<PathBuf> + Send + Sync>;

/// Asks with the system's dialog. `dialog` knows the window that it belongs to; it begins in `folder`.
pub fn ask(dialog: FileDialog, folder: Option<&Path>, what: Open) -> Option<PathBuf> {
    let dialog = asking(dialog, folder, what);
    let answer = match what {
        Open::Weights | Open::Cameras | Open::Session | Open::Depths => dialog.pick_file(),
        Open::Folder
        | Open::WeightFolder
        | Open::ExportFolder
        | Open::MaskFolder
        | Open::DepthFolder
        | Open::CameraFolder => dialog.pick_folder(),
    };
    answer.filter(|path| is_answer(path))
}

/// The same for photos.
pub fn ask_for_photos(dialog: FileDialog, folder: Option<&Path>) -> Vec<PathBuf> {
    let photos = asking_for_photos(dialog, folder).pick_files();
    photos.unwrap_or_default().into_iter().filter(|path| is_answer(path)).collect()
}

/// Where a dialog is another program, a closed one can answer with nothing instead of not at all.
pub(super) fn is_answer(path: &Path) -> bool {
    !path.as_os_str().is_empty()
}

/// Begins in a folder that is there.
pub(super) fn beginning(dialog: FileDialog, folder: Option<&Path>) -> FileDialog {
    match folder.filter(|folder| folder.is_dir()) {
        Some(folder) => dialog.set_directory(folder),
        None => dialog,
    }
}

fn asking(dialog: FileDialog, folder: Option<&Path>, what: Open) -> FileDialog {
    let dialog = beginning(dialog, folder);
    match what {
        Open::Folder => dialog.set_title("Open a folder of photos or of results"),
        Open::Weights => dialog.set_title("Choose a model file").add_filter("Models", &["safetensors"]),
        Open::WeightFolder => dialog.set_title("Choose a folder with model.safetensors and config.json"),
        Open::Cameras => dialog.set_title("Choose a cameras.json or transforms.json").add_filter("Cameras", &["json"]),
        Open::Session => dialog.set_title("Open a session").add_filter("Fathom session", &[ENDING]),
        Open::ExportFolder => dialog.set_title("Export into a new folder here"),
        Open::MaskFolder => dialog.set_title("Choose a folder with masks of the photos"),
        Open::Depths => dialog
            .set_title("Choose a table of known depths")
            .add_filter("Known depths", &["csv", "tsv", "txt", "json"]),
        Open::DepthFolder => dialog.set_title("Choose a folder with a sensor's depth of the photos"),
        Open::CameraFolder => dialog.set_title("Choose the folder of a COLMAP model or project"),
    }
}

fn asking_for_photos(dialog: FileDialog, folder: Option<&Path>) -> FileDialog {
    // Some systems tell small letters from large ones, and cameras write both.
    let large = PHOTO_EXTENSIONS.iter().map(|ending| ending.to_uppercase());
    let endings: Vec<String> = PHOTO_EXTENSIONS.iter().map(|&ending| ending.to_owned()).chain(large).collect();
    let dialog = beginning(dialog, folder).set_title("Open photos");
    dialog.add_filter("Photos", &endings).add_filter("All files", &["*"])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dialogs_begin_where_the_last_one_ended_and_say_what_they_are_for() {
        let folder = tempfile::tempdir().expect("a folder");
        // What a dialog knows can only be seen by its debugging words.
        let words = |what| format!("{:?}", asking(FileDialog::new(), Some(folder.path()), what));
        for what in [Open::Folder, Open::Weights, Open::Cameras, Open::Session, Open::ExportFolder, Open::Depths] {
            assert!(words(what).contains(&format!("{:?}", folder.path())), "{what:?}: {}", words(what));
            assert!(!words(what).contains("title: None"), "{what:?}");
        }
        assert!(words(Open::Session).contains("Fathom session"));
        let photos = format!("{:?}", asking_for_photos(FileDialog::new(), Some(Path::new("/nowhere"))));
        assert!(photos.contains("\"heic\"") && photos.contains("\"JPG\"") && photos.contains("\"All files\""));
        assert!(!photos.contains("/nowhere"), "a folder that is gone");
    }

    #[test]
    fn nothing_is_no_answer() {
        assert!(!is_answer(Path::new("")) && is_answer(Path::new("a")));
    }
}
