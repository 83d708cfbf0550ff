//! What the page of models asks for.

/// What can be asked of one model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModelAct {
    Use,
    /// After those that are on their way already.
    Download,
    LeaveQueue,
    /// Ends the download and drops what has come of it.
    CancelDownload,
    Verify,
    StopVerifying,
    Delete {
        also_placed: bool,
        also_leftovers: bool,
    },
    ChooseFile,
    ChooseFolder,
}
