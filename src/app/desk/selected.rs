//! What is done with all selected views at once.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::state::AppState;
use crate::input::ViewId;

impl AppState {
    /// Takes the selected photos off the list.
    pub fn remove_selected(&mut self) {
        self.remove(&self.views.selection());
    }

    /// Hides the selected views in 3D, or shows them where all are hidden.
    pub fn hide_selected(&mut self) {
        let selected = self.selected_results();
        let hides = !self.results.are_hidden(&selected);
        self.results.hide(&selected, hides);
    }

    /// Shows the selected views in 3D, and hides all others. Nothing happens where none of them can be shown.
    pub fn show_only_selected(&mut self) {
        let selected = self.selected_results();
        if selected.is_empty() {
            return;
        }
        let others: Vec<ViewId> = self.results.views().iter().map(|view| view.view).collect();
        self.results.hide(&others, true);
        self.results.hide(&selected, false);
    }

    /// Leaves the selected views out of exports, or takes them in again where all are left out.
    pub fn leave_selected_out(&mut self) {
        let selected = self.views.selection();
        let leaves = !self.results.are_left_out(&selected);
        self.results.leave_out(&selected, leaves);
    }

    /// The folders of the selected photos, each once, in the order of the list.
    pub fn selected_folders(&self) -> Vec<PathBuf> {
        let mut seen = HashSet::new();
        let folders = self.views.rows().iter().filter(|row| self.views.is_selected(row.id));
        let folders = folders.filter_map(|row| row.path.parent()).filter(|folder| seen.insert(*folder));
        folders.map(Path::to_owned).collect()
    }

    /// Those of the selected views that have a result.
    pub fn selected_results(&self) -> Vec<ViewId> {
        self.views.selection().into_iter().filter(|id| self.results.get(*id).is_some()).collect()
    }
}
