//! The window's side of downloads: begins them, and says how they ended.

use super::download::Download;
use super::fathom_app::FathomApp;
use super::notices::Severity;
use crate::catalog::{self, CatalogError, ModelId};
use crate::hub::{Hub, HubError};

impl FathomApp {
    /// Begins to fetch a model, unless another one is on its way.
    pub(super) fn download(&mut self, ctx: &egui::Context, model: &ModelId) {
        let Some(entry) = catalog::find(model).filter(|_| self.shelf.download.is_none()) else { return };
        match Download::start(entry, Hub::from_env, ctx.clone()) {
            Ok(download) => self.shelf.download = Some(download),
            Err(error) => {
                let what = format!("The download cannot begin: {error}");
                self.state.notices.tell(Severity::Error, what, "Close other programs and try again");
            }
        }
    }

    /// Takes note of how the download ended, where it has.
    pub(super) fn take_in_download(&mut self) {
        let Some(result) = self.shelf.download.as_mut().and_then(Download::poll) else { return };
        let Some(ended) = self.shelf.download.take() else { return };
        self.shelf.look();
        match result {
            Ok(_) => {
                self.state.notices.tell(Severity::News, format!("{} is on this machine now", ended.entry.name), "")
            }
            // The person knows.
            Err(CatalogError::Hub(HubError::Stopped)) => {}
            Err(error) => {
                let what = format!("{} was not downloaded: {error}", ended.entry.name);
                self.state.notices.tell(Severity::Error, what, error.advice());
            }
        }
    }
}
