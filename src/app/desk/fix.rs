//! Ready-made remedies that notices offer.

use std::path::PathBuf;

use crate::app::widgets::controls::count;
use crate::geometry::Reading;
use crate::inference::Remedy;
use crate::input::ViewId;
use crate::memory::shown_bytes;

/// A ready-made remedy that a notice offers as a button.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fix {
    OneViewPerPass,
    /// A change that makes a run fit.
    Remedy(Remedy),
    /// After a run that ended with the program.
    CarefulSettings,
    /// The next smaller resolution, in pixels.
    Resolution(u32),
    BuiltInModel,
    ChooseWeights,
    /// The page where models are fetched.
    ShowModels,
    /// Fetches the chosen model, and then runs.
    DownloadAndRun,
    /// What photos have in common.
    ShowMatches,
    AutomaticSettings,
    RunAgain,
    /// Another reading of known cameras.
    CamerasAs(Reading),
    /// Take photos that cannot be used off the list.
    Remove(Vec<ViewId>),
    CopyDiagnostics,
    /// A file that was written, with the program that the system has for it.
    Open(PathBuf),
    /// The folder where something was written.
    OpenFolder(PathBuf),
    CopyPath(PathBuf),
    /// Adds the photos of folders inside these.
    AddInside {
        folders: Vec<PathBuf>,
        photos: usize,
    },
}

impl Fix {
    pub fn label(&self) -> String {
        match self {
            Self::OneViewPerPass => "Run one view at a time".into(),
            Self::Remedy(remedy) => format!("{} ({})", remedy.change, shown_bytes(remedy.need_bytes)),
            Self::CarefulSettings => "Use settings that fit".into(),
            Self::Resolution(pixels) => format!("Use {pixels} px"),
            Self::BuiltInModel => "Use the built-in model".into(),
            Self::DownloadAndRun => "Download and run".into(),
            Self::ChooseWeights => "Choose model file…".into(),
            Self::ShowModels => "Download…".into(),
            Self::ShowMatches => "Show matches".into(),
            Self::AutomaticSettings => "Use automatic settings".into(),
            Self::RunAgain => "Run again".into(),
            Self::CamerasAs(reading) => format!("Read them as {}", reading.label()),
            Self::Remove(_) => "Remove from the list".into(),
            Self::CopyDiagnostics => "Copy diagnostics".into(),
            Self::Open(_) => "Open".into(),
            Self::OpenFolder(_) => "Open folder".into(),
            Self::CopyPath(_) => "Copy path".into(),
            Self::AddInside { photos, .. } => format!("Use the {} in folders inside", count(*photos, "photo")),
        }
    }

    pub fn tip(&self) -> &'static str {
        match self {
            Self::CarefulSettings => {
                "Lets a run plan with half of the free memory, and chooses views per pass automatically"
            }
            Self::Remedy(_)
            | Self::OneViewPerPass
            | Self::Resolution(_)
            | Self::CamerasAs(_)
            | Self::BuiltInModel
            | Self::AutomaticSettings => "Changes the setting and runs again",
            Self::DownloadAndRun => "Fetches the chosen model; the run begins when it is here",
            Self::ShowModels => "Opens the page of all models",
            Self::ShowMatches => "What each two photos have in common",
            Self::ChooseWeights => "Uses a safetensors file from anywhere on this machine",
            Self::RunAgain => "Runs with the same settings",
            Self::AddInside { .. } => "Adds them behind the photos of the list, folder by folder, and runs",
            Self::Open(_) => "With the program that this system has for such files",
            Self::OpenFolder(_) => "In the file manager",
            Self::CopyPath(_) => "To paste it elsewhere",
            Self::Remove(_) => "The files stay where they are",
            Self::CopyDiagnostics => "Versions, system, graphics, settings and the last errors; no file names",
        }
    }
}
