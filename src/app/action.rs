//! Everything a person can do in the window: what has a key, and what panels ask for.

use std::path::PathBuf;

use egui::{Key, KeyboardShortcut, Modifiers};

use crate::catalog::ModelId;
use crate::geometry::Reading;
use crate::inference::Remedy;
use crate::input::ViewId;
use crate::memory::shown_bytes;

use super::cloud_view::TakenAway;
use super::models::ModelAct;
use super::open_dialog::Open;
use super::session::Answer;
use super::widgets::count;

/// What has a key of its own (menus and buttons offer it too).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    OpenPhotos,
    OpenFolder,
    OpenSession,
    SaveSession,
    SaveSessionAs,
    Export,
    Run,
    Cancel,
    PreviousView,
    NextView,
    MoveViewUp,
    MoveViewDown,
    RemoveView,
    HideView,
    ClearViews,
    ShowFlat,
    ShowSpace,
    ShowSplit,
    NextArrangement,
    NextColourMap,
    InvertColours,
    FitPicture,
    NextTheme,
    SavePicture,
    SaveFilm,
    SaveView,
    ShowModels,
    ToggleNotices,
    ToggleMemory,
    ShowMatches,
    ShowKeys,
    CopyDiagnostics,
}

const NONE: Modifiers = Modifiers::NONE;
const COMMAND: Modifiers = Modifiers::COMMAND;
const ALT: Modifiers = Modifiers::ALT;
const SHIFT: Modifiers = Modifiers::SHIFT;
const COMMAND_ALT: Modifiers = Modifiers::COMMAND.plus(Modifiers::ALT);
const COMMAND_SHIFT: Modifiers = Modifiers::COMMAND.plus(Modifiers::SHIFT);

impl Action {
    /// In the order in which the Keys window lists them.
    pub const ALL: [Self; 32] = [
        Self::OpenPhotos,
        Self::OpenFolder,
        Self::OpenSession,
        Self::SaveSession,
        Self::SaveSessionAs,
        Self::Export,
        Self::Run,
        Self::Cancel,
        Self::PreviousView,
        Self::NextView,
        Self::MoveViewUp,
        Self::MoveViewDown,
        Self::RemoveView,
        Self::HideView,
        Self::ClearViews,
        Self::ShowFlat,
        Self::ShowSpace,
        Self::ShowSplit,
        Self::NextArrangement,
        Self::NextColourMap,
        Self::InvertColours,
        Self::FitPicture,
        Self::NextTheme,
        Self::SavePicture,
        Self::SaveFilm,
        Self::SaveView,
        Self::ShowModels,
        Self::ToggleNotices,
        Self::ToggleMemory,
        Self::ShowMatches,
        Self::ShowKeys,
        Self::CopyDiagnostics,
    ];

    /// As a menu or the Keys window says it.
    pub fn label(self) -> &'static str {
        match self {
            Self::OpenPhotos => "Open photos…",
            Self::OpenFolder => "Open folder…",
            Self::OpenSession => "Open session…",
            Self::SaveSession => "Save session",
            Self::SaveSessionAs => "Save session as…",
            Self::Export => "Export…",
            Self::Run => "Run",
            Self::Cancel => "Cancel the run",
            Self::PreviousView => "Select the previous view",
            Self::NextView => "Select the next view",
            Self::MoveViewUp => "Move view up",
            Self::MoveViewDown => "Move view down",
            Self::RemoveView => "Remove view",
            Self::HideView => "Hide or show view in 3D",
            Self::ClearViews => "Remove all views",
            Self::ShowFlat => "Show 2D",
            Self::ShowSpace => "Show 3D",
            Self::ShowSplit => "Show 2D and 3D side by side",
            Self::NextArrangement => "Next 2D arrangement",
            Self::NextColourMap => "Next colour map",
            Self::InvertColours => "Invert colours",
            Self::FitPicture => "Fit the picture",
            Self::NextTheme => "Next theme",
            Self::SavePicture => "Save picture…",
            Self::SaveFilm => "Save film…",
            Self::SaveView => "Save this 3D view",
            Self::ShowModels => "Models…",
            Self::ToggleNotices => "Notices",
            Self::ToggleMemory => "Memory",
            Self::ShowMatches => "Matches between photos…",
            Self::ShowKeys => "Keys",
            Self::CopyDiagnostics => "Copy diagnostics",
        }
    }

    /// The keys that do it; the first is shown.
    pub fn keys(self) -> &'static [KeyboardShortcut] {
        const fn key(modifiers: Modifiers, key: Key) -> KeyboardShortcut {
            KeyboardShortcut::new(modifiers, key)
        }
        match self {
            Self::OpenPhotos => const { &[key(COMMAND, Key::O)] },
            Self::OpenFolder => const { &[key(COMMAND_SHIFT, Key::O)] },
            Self::OpenSession => const { &[key(COMMAND_ALT, Key::O)] },
            Self::SaveSession => const { &[key(COMMAND, Key::S)] },
            Self::SaveSessionAs => const { &[key(COMMAND_SHIFT, Key::S)] },
            Self::Export => const { &[key(COMMAND, Key::E)] },
            Self::Run => const { &[key(COMMAND, Key::R), key(NONE, Key::F5)] },
            Self::Cancel => const { &[key(NONE, Key::Escape)] },
            Self::PreviousView => const { &[key(NONE, Key::ArrowUp)] },
            Self::NextView => const { &[key(NONE, Key::ArrowDown)] },
            Self::MoveViewUp => const { &[key(ALT, Key::ArrowUp)] },
            Self::MoveViewDown => const { &[key(ALT, Key::ArrowDown)] },
            Self::RemoveView => const { &[key(NONE, Key::Delete)] },
            Self::HideView => const { &[key(NONE, Key::H)] },
            Self::ClearViews => const { &[key(COMMAND_SHIFT, Key::Delete)] },
            Self::ShowFlat => const { &[key(COMMAND, Key::Num1)] },
            Self::ShowSpace => const { &[key(COMMAND, Key::Num2)] },
            Self::ShowSplit => const { &[key(COMMAND, Key::Num3)] },
            Self::NextArrangement => const { &[key(NONE, Key::L)] },
            Self::NextColourMap => const { &[key(NONE, Key::C)] },
            Self::InvertColours => const { &[key(NONE, Key::I)] },
            Self::FitPicture => const { &[key(NONE, Key::Num0)] },
            Self::NextTheme => const { &[key(NONE, Key::T)] },
            Self::SavePicture => const { &[key(NONE, Key::K)] },
            Self::SaveFilm => const { &[key(SHIFT, Key::K)] },
            Self::SaveView => const { &[key(NONE, Key::B)] },
            Self::ShowModels => const { &[key(COMMAND_SHIFT, Key::M)] },
            Self::ToggleNotices => const { &[key(NONE, Key::N)] },
            Self::ToggleMemory => const { &[key(NONE, Key::M)] },
            Self::ShowMatches => const { &[key(NONE, Key::J)] },
            Self::ShowKeys => const { &[key(NONE, Key::F1)] },
            Self::CopyDiagnostics => const { &[key(COMMAND_SHIFT, Key::D)] },
        }
    }

    /// What a key does. Modifiers are exact, so that Ctrl+C stays "copy".
    fn of_key(key: Key, modifiers: Modifiers) -> Option<Self> {
        let fits =
            |shortcut: &KeyboardShortcut| shortcut.logical_key == key && modifiers.matches_exact(shortcut.modifiers);
        Self::ALL.into_iter().find(|action| action.keys().iter().any(fits))
    }

    /// True for what goes on while its key is held down.
    fn repeats(self) -> bool {
        matches!(self, Self::PreviousView | Self::NextView | Self::MoveViewUp | Self::MoveViewDown)
    }

    /// The first key as text ("Ctrl+O").
    pub fn key_text(self, ctx: &egui::Context) -> String {
        self.keys().first().map(|shortcut| ctx.format_shortcut(shortcut)).unwrap_or_default()
    }
}

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
    /// What photos have in common.
    ShowMatches,
    AutomaticSettings,
    RunAgain,
    /// Another reading of known cameras.
    CamerasAs(Reading),
    /// Take a photo that cannot be used off the list.
    Remove(ViewId),
    CopyDiagnostics,
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
            Self::ChooseWeights => "Choose weight file…".into(),
            Self::ShowModels => "Download…".into(),
            Self::ShowMatches => "Show matches".into(),
            Self::AutomaticSettings => "Use automatic settings".into(),
            Self::RunAgain => "Run again".into(),
            Self::CamerasAs(reading) => format!("Read them as {}", reading.label()),
            Self::Remove(_) => "Remove from the list".into(),
            Self::CopyDiagnostics => "Copy diagnostics".into(),
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
            Self::ShowModels => "Opens the page of all models",
            Self::ShowMatches => "What each two photos have in common",
            Self::ChooseWeights => "Uses a safetensors file from anywhere on this machine",
            Self::RunAgain => "Runs with the same settings",
            Self::AddInside { .. } => "Adds them behind the photos of the list, folder by folder, and runs",
            Self::Remove(_) => "The file stays where it is",
            Self::CopyDiagnostics => "Versions, system, graphics, settings and the last errors; no file names",
        }
    }
}

/// What a panel asks the window to do, once the frame is laid out.
#[derive(Clone, Debug, PartialEq)]
pub enum Request {
    Do(Action),
    Select(ViewId),
    /// Select a view and scroll the list to it.
    Reveal(ViewId),
    /// Put a view at this place in the list.
    Move(ViewId, usize),
    Hide(ViewId),
    /// Make the scene that is shown larger by a factor, so that it is in metres; or as the run gave it.
    SetScale(Option<f32>),
    /// What leaves the 3D view.
    TakeAway(TakenAway),
    Remove(ViewId),
    OpenExample(usize),
    ChooseWeights,
    LoadModel,
    UnloadModel,
    LookForModels,
    Model(ModelId, ModelAct),
    ChooseCameras(Open),
    ForgetCameras,
    ChooseMasks,
    ForgetMasks,
    ChooseDepths(Open),
    ForgetDepths,
    PickExportFolder,
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

/// Turns the keys pressed since the last frame into requests, in the order in which they were pressed.
///
/// Each key press carries the modifiers that were held with it: when a frame takes long, they may be up again by its end.
pub fn keys(ctx: &egui::Context, arrows: Arrows, requests: &mut Vec<Request>) {
    if ctx.text_edit_focused() || egui::Popup::is_any_open(ctx) {
        return;
    }
    ctx.input_mut(|input| {
        input.events.retain(|event| {
            let &egui::Event::Key { key, pressed: true, modifiers, repeat, .. } = event else { return true };
            let action = Action::of_key(key, modifiers).filter(|action| {
                let is_arrow = matches!(action, Action::PreviousView | Action::NextView);
                !(is_arrow && arrows == Arrows::OfFocus) && (!repeat || action.repeats())
            });
            requests.extend(action.map(Request::Do));
            action.is_none()
        });
    });
}

/// Who gets the arrow keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrows {
    /// They select in the list.
    OfList,
    /// They move a slider or a menu that has the focus.
    OfFocus,
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_action_has_a_key_and_no_two_share_one() {
        let mut seen = HashSet::new();
        for action in Action::ALL {
            assert!(!action.keys().is_empty(), "{action:?}");
            for shortcut in action.keys() {
                assert!(seen.insert(format!("{shortcut:?}")), "{action:?} shares {shortcut:?}");
            }
        }
    }

    /// A key that goes down and up with its modifiers within one frame.
    fn tap(key: Key, modifiers: Modifiers) -> [egui::Event; 2] {
        [true, false].map(|pressed| egui::Event::Key { key, physical_key: None, pressed, repeat: false, modifiers })
    }

    #[test]
    fn keys_of_a_slow_frame_count_each_and_with_their_modifiers() {
        let ctx = egui::Context::default();
        let held = Modifiers { ctrl: true, command: true, ..NONE };
        let mut events = tap(Key::Num1, held).to_vec();
        events.extend(tap(Key::ArrowDown, NONE));
        events.extend(tap(Key::ArrowDown, NONE));
        let mut requests = Vec::new();
        let _ = ctx.run_ui(egui::RawInput { events, ..Default::default() }, |ui| {
            keys(ui.ctx(), Arrows::OfList, &mut requests);
        });
        let wanted = [Action::ShowFlat, Action::NextView, Action::NextView].map(Request::Do);
        assert_eq!(requests, wanted);
    }
}
