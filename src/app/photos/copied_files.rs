//! Copied files that a paste does not tell of: egui asks the clipboard for words and pictures alone.

use std::path::PathBuf;

use egui::{Event, Key};

/// The keys that paste, each with its modifiers.
const KEYS: [Key; 2] = [Key::V, Key::Paste];

/// Reads the files on the clipboard, and notices the pastes of which egui says nothing.
pub struct CopiedFiles {
    read: Box<dyn Fn() -> Vec<PathBuf>>,
    /// A key that pastes went down as an ordinary one.
    is_typed: bool,
    /// Its paste was told.
    is_told: bool,
}

impl Default for CopiedFiles {
    /// A clipboard without files.
    fn default() -> Self {
        Self::new(Vec::new)
    }
}

/// The files on the clipboard of the desktop; empty where there is none, or no files on it.
pub fn of_desktop() -> Vec<PathBuf> {
    arboard::Clipboard::new().and_then(|mut clipboard| clipboard.get().file_list()).unwrap_or_default()
}

impl CopiedFiles {
    pub fn new(read: impl Fn() -> Vec<PathBuf> + 'static) -> Self {
        Self { read: Box::new(read), is_typed: false, is_told: false }
    }

    pub(super) fn read(&self) -> Vec<PathBuf> {
        (self.read)()
    }

    /// Whether this event ends a paste that was not told. egui keeps the press of the keys to itself, and makes an event of it
    /// only where there are words or a picture; their release always comes.
    pub(super) fn was_untold(&mut self, event: &Event) -> bool {
        match event {
            Event::Paste(_) | Event::PasteImage(_) => self.is_told = true,
            Event::Key { key, pressed: true, .. } if KEYS.contains(key) => self.is_typed = true,
            Event::Key { key, pressed: false, .. } if KEYS.contains(key) => {
                let (is_typed, is_told) = (std::mem::take(&mut self.is_typed), std::mem::take(&mut self.is_told));
                return !is_typed && !is_told;
            }
            _ => {}
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use egui::Modifiers;

    #[test]
    fn a_release_without_a_press_or_words_is_a_paste() {
        let key =
            |key, pressed| Event::Key { key, physical_key: None, pressed, repeat: false, modifiers: Modifiers::NONE };
        let mut files = CopiedFiles::default();
        let mut pastes = |events: &[Event]| events.iter().filter(|event| files.was_untold(event)).count();
        let [up, down] = [key(Key::V, false), key(Key::V, true)];
        assert_eq!(pastes(std::slice::from_ref(&up)), 1);
        assert_eq!(pastes(&[key(Key::Paste, false)]), 1);
        assert_eq!(pastes(&[Event::Paste("a".into()), up.clone()]), 0);
        assert_eq!(pastes(&[down.clone(), down, up.clone()]), 0, "the letter");
        assert_eq!(pastes(&[Event::Copy, key(Key::C, false), up]), 1);
    }
}
