//! Exports: what goes into the folder, and how it ended.

use std::path::{Path, PathBuf};

use super::choices::Seen;
use super::page::{ExportPage, sized};
use crate::app::desk::Desk;
use crate::app::desk::notices::Severity;
use crate::app::widgets::controls::count;
use crate::export::{self, ExportError, Written};

impl ExportPage {
    /// Exports the newest result, as it is shown, into a folder inside `parent`.
    pub fn export_into(&mut self, desk: &mut Desk, seen: Seen, parent: PathBuf) {
        let Some(mut finished) = desk.state.results.to_export() else { return };
        let options = self.choices.options(seen);
        for remark in export::remarks(&finished.prediction, &options) {
            desk.state.notices.tell(Severity::News, remark.clone(), "");
            finished.notes.warnings.push(remark);
        }
        let expected = self.sizes.known(&sized(&finished.prediction, &options));
        let started = desk.tasks.export(finished, options, parent, expected);
        desk.check_task(started);
    }
}

/// Tells what has become of an export.
pub fn exported(desk: &mut Desk, dir: &Path, outcome: Result<Written, ExportError>) {
    match outcome {
        Ok(Written { files, remarks, missing }) => {
            remarks.into_iter().for_each(|remark| desk.state.notices.tell(Severity::News, remark, ""));
            missing.into_iter().for_each(|missing| desk.state.notices.tell(Severity::Error, missing, ""));
            desk.open.export = false;
            let what = format!("Exported {} to {}", count(files.len(), "file"), dir.display());
            desk.written(what, dir, None);
        }
        Err(ExportError::Cancelled) => {
            desk.state.outcome = Some("The export was cancelled; nothing of it is left".into());
        }
        Err(error) => {
            tracing::warn!("export failed");
            desk.state.notices.tell(Severity::Error, format!("Export failed: {error}"), "");
        }
    }
}
