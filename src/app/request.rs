//! What the pages ask for, once a frame is laid out.

use super::action::Action;
use super::cloud_view::TakenAway;
use super::desk::fix::Fix;
use super::desk::open_dialog::Open;
use super::models::ModelAct;
use super::session::Answer;
use crate::catalog::ModelId;
use crate::input::ViewId;

/// What a panel asks the window to do, once the frame is laid out.
#[derive(Clone, Debug, PartialEq)]
pub enum Request {
    Do(Action),
    /// Select a view alone.
    Select(ViewId),
    /// Select a view beside the others, or not any more.
    SelectAlso(ViewId),
    /// Select the stretch of the list up to a view.
    SelectTo(ViewId),
    /// Select a view and scroll the list to it.
    Reveal(ViewId),
    /// Put a view at this place in the list, with all that are selected where it is one of them.
    Move(ViewId, usize),
    Hide(ViewId),
    /// Make the scene that is shown larger by a factor, so that it is in metres; or as the run gave it.
    SetScale(Option<f32>),
    /// What leaves the 3D view.
    TakeAway(TakenAway),
    /// A run over all photos, also those that have a result.
    RunAll,
    /// A run as soon as its model has been fetched.
    DownloadAndRun,
    /// A run over photos that could not be used.
    RetryFailed,
    /// Takes photos that could not be used off the list.
    RemoveFailed,
    OpenExample(usize),
    /// What was opened before, by its place in that list.
    OpenRecent(usize),
    ForgetRecent,
    ChooseWeights,
    LoadModel,
    UnloadModel,
    /// Forget how devices did.
    TryDevicesAgain,
    LookForModels,
    Model(ModelId, ModelAct),
    ChooseCameras(Open),
    ForgetCameras,
    ChooseMasks,
    ForgetMasks,
    ChooseDepths(Open),
    ForgetDepths,
    PickExportFolder,
    CancelExport,
    PauseDownload,
    /// What becomes of unsaved work.
    Answer(Answer),
    Fix(Fix),
    Dismiss(u64),
    DismissAll,
    Copy(String),
    /// What the window draws with from the next start on, by its label; `None` is automatic.
    ChooseAdapter(Option<String>),
    ShowAbout,
}
