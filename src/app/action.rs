//! What has a key of its own, and which.

use egui::{Key, KeyboardShortcut, Modifiers};

/// What has a key of its own (menus and buttons offer it too).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    OpenPhotos,
    OpenFolder,
    OpenSession,
    SaveSession,
    SaveSessionAs,
    Export,
    Undo,
    Redo,
    Run,
    Cancel,
    PreviousView,
    NextView,
    StretchUp,
    StretchDown,
    SelectAll,
    MoveViewUp,
    MoveViewDown,
    RemoveView,
    HideView,
    ShowOnly,
    RunAgain,
    LeaveOut,
    ShowInFolder,
    ClearViews,
    ShowFlat,
    ShowSpace,
    ShowSplit,
    ToggleViews,
    ToggleSettings,
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
    Quit,
}

const NONE: Modifiers = Modifiers::NONE;
const COMMAND: Modifiers = Modifiers::COMMAND;
const ALT: Modifiers = Modifiers::ALT;
const SHIFT: Modifiers = Modifiers::SHIFT;
const COMMAND_ALT: Modifiers = Modifiers::COMMAND.plus(Modifiers::ALT);
const COMMAND_SHIFT: Modifiers = Modifiers::COMMAND.plus(Modifiers::SHIFT);

impl Action {
    /// In the order in which the Keys window lists them.
    pub const ALL: [Self; 44] = [
        Self::OpenPhotos,
        Self::OpenFolder,
        Self::OpenSession,
        Self::SaveSession,
        Self::SaveSessionAs,
        Self::Export,
        Self::Undo,
        Self::Redo,
        Self::Run,
        Self::Cancel,
        Self::PreviousView,
        Self::NextView,
        Self::StretchUp,
        Self::StretchDown,
        Self::SelectAll,
        Self::MoveViewUp,
        Self::MoveViewDown,
        Self::RemoveView,
        Self::HideView,
        Self::ShowOnly,
        Self::RunAgain,
        Self::LeaveOut,
        Self::ShowInFolder,
        Self::ClearViews,
        Self::ShowFlat,
        Self::ShowSpace,
        Self::ShowSplit,
        Self::ToggleViews,
        Self::ToggleSettings,
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
        Self::Quit,
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
            Self::Undo => "Undo",
            Self::Redo => "Redo",
            Self::Run => "Run",
            Self::Cancel => "Cancel the run",
            Self::PreviousView => "Select the previous view",
            Self::NextView => "Select the next view",
            Self::StretchUp => "Select the view above as well",
            Self::StretchDown => "Select the view below as well",
            Self::SelectAll => "Select all views",
            Self::MoveViewUp => "Move view up",
            Self::MoveViewDown => "Move view down",
            Self::RemoveView => "Remove view",
            Self::HideView => "Hide or show view in 3D",
            Self::ShowOnly => "Show only selected views in 3D",
            Self::RunAgain => "Run selected views again",
            Self::LeaveOut => "Leave view out of exports",
            Self::ShowInFolder => "Show photo in its folder",
            Self::ClearViews => "Remove all views",
            Self::ShowFlat => "Show 2D",
            Self::ShowSpace => "Show 3D",
            Self::ShowSplit => "Show 2D and 3D side by side",
            Self::ToggleViews => "Show or hide the list of views",
            Self::ToggleSettings => "Show or hide the settings",
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
            Self::Quit => "Quit",
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
            Self::Undo => const { &[key(COMMAND, Key::Z)] },
            Self::Redo => const { &[key(COMMAND_SHIFT, Key::Z), key(COMMAND, Key::Y)] },
            Self::Run => const { &[key(COMMAND, Key::R), key(NONE, Key::F5)] },
            Self::Cancel => const { &[key(NONE, Key::Escape)] },
            Self::PreviousView => const { &[key(NONE, Key::ArrowUp)] },
            Self::NextView => const { &[key(NONE, Key::ArrowDown)] },
            Self::StretchUp => const { &[key(SHIFT, Key::ArrowUp)] },
            Self::StretchDown => const { &[key(SHIFT, Key::ArrowDown)] },
            Self::SelectAll => const { &[key(COMMAND, Key::A)] },
            Self::MoveViewUp => const { &[key(ALT, Key::ArrowUp)] },
            Self::MoveViewDown => const { &[key(ALT, Key::ArrowDown)] },
            Self::RemoveView => const { &[key(NONE, Key::Delete)] },
            Self::HideView => const { &[key(NONE, Key::H)] },
            Self::ShowOnly => const { &[key(SHIFT, Key::H)] },
            Self::RunAgain => const { &[key(COMMAND_SHIFT, Key::R)] },
            Self::LeaveOut => const { &[key(NONE, Key::X)] },
            Self::ShowInFolder => const { &[key(COMMAND_SHIFT, Key::E)] },
            Self::ClearViews => const { &[key(COMMAND_SHIFT, Key::Delete)] },
            Self::ShowFlat => const { &[key(COMMAND, Key::Num1)] },
            Self::ShowSpace => const { &[key(COMMAND, Key::Num2)] },
            Self::ShowSplit => const { &[key(COMMAND, Key::Num3)] },
            Self::ToggleViews => const { &[key(COMMAND, Key::B)] },
            Self::ToggleSettings => const { &[key(COMMAND_ALT, Key::B)] },
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
            Self::Quit => const { &[key(COMMAND, Key::Q)] },
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
        self.selects() || matches!(self, Self::MoveViewUp | Self::MoveViewDown)
    }

    /// True for what arrow keys do that also move sliders and menus.
    fn selects(self) -> bool {
        matches!(self, Self::PreviousView | Self::NextView | Self::StretchUp | Self::StretchDown)
    }

    /// The first key as text ("Ctrl+O").
    pub fn key_text(self, ctx: &egui::Context) -> String {
        self.keys().first().map(|shortcut| ctx.format_shortcut(shortcut)).unwrap_or_default()
    }
}

/// What the keys pressed since the last frame do, in the order in which they were pressed.
///
/// Each key press carries the modifiers that were held with it: when a frame takes long, they may be up again by its end.
pub fn keys(ctx: &egui::Context, arrows: Arrows) -> Vec<Action> {
    let mut pressed_for = Vec::new();
    if ctx.text_edit_focused() || egui::Popup::is_any_open(ctx) {
        return pressed_for;
    }
    ctx.input_mut(|input| {
        input.events.retain(|event| {
            let &egui::Event::Key { key, pressed: true, modifiers, repeat, .. } = event else { return true };
            let action = Action::of_key(key, modifiers)
                .filter(|action| !(action.selects() && arrows == Arrows::OfFocus) && (!repeat || action.repeats()));
            pressed_for.extend(action);
            action.is_none()
        });
    });
    pressed_for
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
        let mut actions = Vec::new();
        let _ = ctx.run_ui(egui::RawInput { events, ..Default::default() }, |ui| {
            actions.extend(keys(ui.ctx(), Arrows::OfList));
        });
        assert_eq!(actions, [Action::ShowFlat, Action::NextView, Action::NextView]);
    }
}
