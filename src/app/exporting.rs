//! Exports: what the 3D view shows of the results, the folder, and how it ended.

use std::path::PathBuf;

use super::export_choices::Seen;
use super::fathom_app::FathomApp;
use super::notices::Severity;
use super::widgets::count;
use crate::export::{self, ExportError, Written};

impl FathomApp {
    /// What the 3D view shows.
    pub(super) fn seen(&self) -> Seen {
        let filters = self.cloud.as_ref().map(|cloud| cloud.settings.look.filters).unwrap_or_default();
        Seen { filters, hidden: self.state.results.hidden().clone() }
    }

    /// Exports the newest result, as it is shown, into a folder inside `parent`.
    pub(super) fn export_into(&mut self, parent: PathBuf) {
        let Some(mut finished) = self.state.results.shown() else { return };
        let options = self.preferences.export.options(self.seen());
        for remark in export::remarks(&finished.prediction, &options) {
            self.state.notices.tell(Severity::News, remark.clone(), "");
            finished.notes.warnings.push(remark);
        }
        self.open.export = false;
        let started = self.tasks.export(finished, options, parent);
        self.check_task(started);
    }

    pub(super) fn exported(&mut self, dir: &std::path::Path, outcome: Result<Written, ExportError>) {
        match outcome {
            Ok(Written { files, remarks, missing }) => {
                remarks.into_iter().for_each(|remark| self.state.notices.tell(Severity::News, remark, ""));
                missing.into_iter().for_each(|missing| self.state.notices.tell(Severity::Error, missing, ""));
                let what = format!("Exported {} to {}", count(files.len(), "file"), dir.display());
                self.state.notices.tell(Severity::News, what.clone(), "");
                self.state.outcome = Some(what);
            }
            Err(error) => {
                tracing::warn!("export failed");
                self.state.notices.tell(Severity::Error, format!("Export failed: {error}"), "");
            }
        }
    }
}
