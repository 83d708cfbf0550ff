//! What is done with models and their files: begun where somebody asks for it, and told when it has ended.

use std::path::PathBuf;

use super::errand::Errand;
use super::fathom_app::FathomApp;
use super::notices::Severity;
use super::open_dialog::{Open, OpenDialog};
use super::shelf::{ModelSource, Shelf};
use super::widgets::bytes;
use crate::catalog::{self, CatalogError, Entry, ModelId, Removal, Verdict, Weights};
use crate::hub::HubError;
use crate::worker::{Blame, Problem};

/// What can be asked of one model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModelAct {
    Use,
    Download,
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

impl FathomApp {
    /// Puts other places and another server in the place of those that the environment names.
    pub fn set_model_source(&mut self, source: ModelSource, ctx: &egui::Context) {
        self.shelf = Shelf::new(source, ctx.clone());
    }

    /// Puts another way to ask for files in the place of the system's dialog.
    pub fn set_open_dialog(&mut self, dialog: OpenDialog) {
        self.tasks.open_dialog = dialog;
    }

    pub(super) fn act_on_model(&mut self, ctx: &egui::Context, model: &ModelId, act: ModelAct) {
        let Some(entry) = catalog::find(model) else { return };
        self.shelf.troubles.remove(entry.id);
        match act {
            ModelAct::Use => {
                (self.state.settings.model, self.state.settings.weights) = (model.clone(), None);
                self.open.models = false;
            }
            ModelAct::Download => self.download(ctx, entry),
            ModelAct::CancelDownload => self.cancel_download(ctx, entry),
            ModelAct::Verify => self.verify(ctx, entry),
            ModelAct::StopVerifying => self.shelf.check = None,
            ModelAct::Delete { also_placed, also_leftovers } => self.delete(ctx, entry, also_placed, also_leftovers),
            ModelAct::ChooseFile | ModelAct::ChooseFolder => {
                let open = if act == ModelAct::ChooseFile { Open::Weights } else { Open::WeightFolder };
                let started = self.tasks.pick_weights(entry, open);
                self.check_task(started);
            }
        }
    }

    /// Begins to fetch a model, unless another one is on its way.
    fn download(&mut self, ctx: &egui::Context, entry: &'static Entry) {
        if self.shelf.download.is_some() {
            return;
        }
        let source = self.shelf.source().clone();
        let started = Errand::start("download", entry, ctx, move |stop, tell| {
            let hub = (source.hub)()?;
            catalog::fetch(&hub, entry, stop, tell)
        });
        self.shelf.verdicts.remove(entry.id);
        self.shelf.download = self.begun(started);
        self.shelf.drops_download = false;
    }

    fn cancel_download(&mut self, ctx: &egui::Context, entry: &'static Entry) {
        match self.shelf.download.as_ref().filter(|download| download.entry.id == entry.id) {
            // What has come can go when nobody writes to it any more.
            Some(download) => {
                download.stop();
                self.shelf.drops_download = true;
            }
            None => self.drop_unfinished(ctx, entry),
        }
    }

    fn drop_unfinished(&mut self, ctx: &egui::Context, entry: &'static Entry) {
        let locations = self.shelf.source().clone();
        let started = Errand::start("dropped download", entry, ctx, move |_, _| {
            let cache = locations.locations().cache.ok_or(HubError::NoCache)?;
            let freed_bytes = cache.remove_unfinished(entry.source)?;
            Ok(Removal { freed_bytes, ..Removal::default() })
        });
        self.shelf.removal = self.begun(started);
    }

    fn verify(&mut self, ctx: &egui::Context, entry: &'static Entry) {
        self.shelf.verdicts.remove(entry.id);
        let Some(weights) = self.shelf.found(entry).and_then(|found| found.holding.weights.clone()) else { return };
        let started =
            Errand::start("verification", entry, ctx, move |stop, tell| catalog::verify(entry, &weights, stop, tell));
        self.shelf.check = self.begun(started);
    }

    fn delete(&mut self, ctx: &egui::Context, entry: &'static Entry, also_placed: bool, also_leftovers: bool) {
        self.shelf.verdicts.remove(entry.id);
        let source = self.shelf.source().clone();
        let started = Errand::start("removal", entry, ctx, move |_, _| {
            let locations = source.locations();
            let mut removal = catalog::remove(&locations, entry, also_placed)?;
            if also_leftovers {
                removal.freed_bytes += catalog::tidy(&locations, entry)?.iter().map(|left| left.bytes).sum::<u64>();
            }
            Ok(removal)
        });
        self.shelf.removal = self.begun(started);
    }

    fn begun<T>(&mut self, started: std::io::Result<Errand<T>>) -> Option<Errand<T>> {
        match started {
            Ok(errand) => Some(errand),
            Err(error) => {
                self.check_task(Err(error));
                None
            }
        }
    }

    /// Takes note of what has been found and of what has ended.
    pub(super) fn take_in_models(&mut self, ctx: &egui::Context) {
        self.shelf.take_in();
        if let Some((entry, result)) = ended(&mut self.shelf.download) {
            self.downloaded(ctx, entry, result);
        }
        if let Some((entry, result)) = ended(&mut self.shelf.check) {
            self.verified(entry, result);
        }
        if let Some((entry, result)) = ended(&mut self.shelf.removal) {
            self.removed(entry, result);
        }
    }

    fn downloaded(&mut self, ctx: &egui::Context, entry: &'static Entry, result: Result<PathBuf, CatalogError>) {
        // What has come is dropped first and looked at then: it would seem to be here for a moment.
        if self.shelf.drops_download && matches!(result, Err(CatalogError::Hub(HubError::Stopped))) {
            return self.drop_unfinished(ctx, entry);
        }
        self.shelf.look();
        match result {
            Ok(_) => self.state.notices.tell(Severity::News, format!("{} is on this machine now", entry.name), ""),
            Err(CatalogError::Hub(HubError::Stopped)) => {}
            Err(error) => self.trouble(entry, &format!("{} was not downloaded", entry.name), &error),
        }
    }

    fn verified(&mut self, entry: &'static Entry, result: Result<Verdict, CatalogError>) {
        match result {
            Ok(verdict) => {
                if !verdict.is_good() {
                    let what = format!("{} is {verdict}", entry.name);
                    self.state.notices.tell(Severity::Error, what, "");
                }
                self.shelf.verdicts.insert(entry.id, verdict);
            }
            Err(CatalogError::Hub(HubError::Stopped)) => {}
            Err(error) => self.trouble(entry, &format!("{} was not verified", entry.name), &error),
        }
    }

    fn removed(&mut self, entry: &'static Entry, result: Result<Removal, CatalogError>) {
        self.shelf.look();
        match result {
            Ok(removal) => {
                let what = format!("{}: {} are free again", entry.name, bytes(removal.freed_bytes));
                self.state.notices.tell(Severity::News, what.clone(), "");
                self.state.outcome = Some(what);
            }
            Err(error) => self.trouble(entry, &format!("{} was not deleted", entry.name), &error),
        }
    }

    /// A weight file was chosen for a model, or something that is none.
    pub(super) fn weights_chosen(&mut self, entry: &'static Entry, result: Result<PathBuf, CatalogError>) {
        match result {
            Ok(path) => {
                self.state.outcome = Some(format!("{} is read from {}", entry.name, path.display()));
                self.state.settings.model = ModelId(entry.id.into());
                self.state.settings.weights = Some(path);
                self.open.models = false;
            }
            Err(error) => self.trouble(entry, &format!("{} cannot be used from there", entry.name), &error),
        }
    }

    /// Tells it beside the model, and among the notices: above the pictures where the page is not open.
    fn trouble(&mut self, entry: &'static Entry, what: &str, error: &CatalogError) {
        let problem = Problem::new(Blame::Machine, format!("{what}: {error}"), error.advice());
        self.state.notices.add(Severity::Error, problem.clone(), Vec::new(), !self.open.models);
        self.shelf.troubles.insert(entry.id, problem);
    }
}

fn ended<T: Send + 'static>(errand: &mut Option<Errand<T>>) -> Option<(&'static Entry, Result<T, CatalogError>)> {
    let result = errand.as_mut()?.poll()?;
    errand.take().map(|errand| (errand.entry, result))
}

/// Weights that were fetched or put there, not those inside the program.
pub fn file_of(weights: Option<&Weights>) -> Option<&PathBuf> {
    match weights {
        Some(Weights::File(path)) => Some(path),
        _ => None,
    }
}
