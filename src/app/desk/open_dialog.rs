//! Which file or folder a person means: the questions, and how the system asks them.

use std::path::PathBuf;
use std::sync::Arc;

use crate::session::ENDING;

/// What is to be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Open {
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

/// Asks a person for a file or folder; `None` where the question was closed. It may block, and is called from a thread of
/// its own.
pub type OpenDialog = Arc<dyn Fn(Open) -> Option<PathBuf> + Send + Sync>;

/// Asks with the system's dialog.
pub fn ask(what: Open) -> Option<PathBuf> {
    let dialog = |title: &str| rfd::FileDialog::new().set_title(title);
    match what {
        Open::Weights => dialog("Choose a model file").add_filter("Models", &["safetensors"]).pick_file(),
        Open::WeightFolder => dialog("Choose a folder with model.safetensors and config.json").pick_folder(),
        Open::Cameras => dialog("Choose a cameras.json").add_filter("Cameras", &["json"]).pick_file(),
        Open::Session => dialog("Open a session").add_filter("Fathom session", &[ENDING]).pick_file(),
        Open::ExportFolder => dialog("Export into a folder").pick_folder(),
        Open::MaskFolder => dialog("Choose a folder with masks of the photos").pick_folder(),
        Open::Depths => dialog("Choose a table of known depths")
            .add_filter("Known depths", &["csv", "tsv", "txt", "json"])
            .pick_file(),
        Open::DepthFolder => dialog("Choose a folder with a sensor's depth of the photos").pick_folder(),
        Open::CameraFolder => dialog("Choose the folder of a COLMAP model or project").pick_folder(),
    }
}
