//! What is done with models and their files: begun where somebody asks for it, and told when it has ended.

use std::path::PathBuf;

use super::ask::ModelAct;
use crate::app::desk::Desk;
use crate::app::desk::errand::Errand;
use crate::app::desk::notices::Severity;
use crate::app::desk::open_dialog::Open;
use crate::app::widgets::controls::bytes;
use crate::catalog::{self, CatalogError, Entry, ModelId, Removal, Verdict};
use crate::hub::HubError;
use crate::worker::{Blame, Problem};

/// Does what the page asks for.
pub fn act(desk: &mut Desk, ctx: &egui::Context, model: &ModelId, act: ModelAct) {
    let Some(entry) = catalog::find(model) else { return };
    desk.shelf.troubles.remove(entry.id);
    match act {
        ModelAct::Use => {
            (desk.state.settings.model, desk.state.settings.weights) = (model.clone(), None);
            desk.open.models = false;
        }
        ModelAct::Download => download(desk, ctx, entry),
        ModelAct::LeaveQueue => desk.shelf.leave_queue(entry),
        ModelAct::CancelDownload => cancel_download(desk, ctx, entry),
        ModelAct::Verify => verify(desk, ctx, entry),
        ModelAct::StopVerifying => desk.shelf.check = None,
        ModelAct::Delete { also_placed, also_leftovers } => delete(desk, ctx, entry, also_placed, also_leftovers),
        ModelAct::ChooseFile | ModelAct::ChooseFolder => {
            let open = if act == ModelAct::ChooseFile { Open::Weights } else { Open::WeightFolder };
            let started = desk.tasks.pick_weights(entry, open);
            desk.check_task(started);
        }
    }
}

/// Begins to fetch a model; where another one is on its way, after that.
fn download(desk: &mut Desk, ctx: &egui::Context, entry: &'static Entry) {
    if desk.shelf.download_of(entry).is_some() || desk.shelf.is_queued(entry) {
        return;
    }
    desk.shelf.verdicts.remove(entry.id);
    desk.shelf.queue.push_back(entry);
    match &desk.shelf.download {
        None => next_download(desk, ctx),
        Some(download) => {
            desk.state.outcome = Some(format!("{} is downloaded after {}", entry.name, download.entry.name));
        }
    }
}

/// Begins with the first of those that wait.
fn next_download(desk: &mut Desk, ctx: &egui::Context) {
    let Some(entry) = desk.shelf.queue.pop_front() else { return };
    let source = desk.shelf.source().clone();
    let started = Errand::start("download", entry, ctx, move |stop, tell| {
        let hub = (source.hub)()?;
        catalog::fetch(&hub, entry, stop, tell)
    });
    desk.shelf.download = begun(desk, started);
    desk.shelf.drops_download = false;
}

/// Fetches the chosen model before all others that wait, and runs when it is here.
pub fn download_and_run(desk: &mut Desk, ctx: &egui::Context) {
    let Some(entry) = desk.shelf.missing(&desk.state.settings) else { return desk.run() };
    desk.shelf.troubles.remove(entry.id);
    desk.state.outcome = None;
    download(desk, ctx, entry);
    if desk.shelf.is_queued(entry) {
        desk.shelf.leave_queue(entry);
        desk.shelf.queue.push_front(entry);
    }
    desk.shelf.runs_after = Some(entry);
}

/// Begins the run that waits for its model once that is here. Where the model does not come, or another one was chosen, nothing
/// waits any more.
fn run_when_here(desk: &mut Desk) {
    let Some(entry) = desk.shelf.runs_after else { return };
    let settings = &desk.state.settings;
    let is_meant = settings.model.0 == entry.id && settings.weights.is_none() && desk.state.run.is_none();
    let is_coming = desk.shelf.download_of(entry).is_some() || desk.shelf.is_queued(entry);
    if is_meant && (is_coming || desk.shelf.is_looking()) {
        return;
    }
    desk.shelf.runs_after = None;
    if is_meant && !desk.shelf.is_missing(entry) {
        desk.run();
    }
}

fn cancel_download(desk: &mut Desk, ctx: &egui::Context, entry: &'static Entry) {
    match desk.shelf.download_of(entry) {
        // What has come can go when nobody writes to it any more.
        Some(download) => {
            download.stop();
            desk.shelf.drops_download = true;
        }
        None => drop_unfinished(desk, ctx, entry),
    }
}

fn drop_unfinished(desk: &mut Desk, ctx: &egui::Context, entry: &'static Entry) {
    let locations = desk.shelf.source().clone();
    let started = Errand::start("dropped download", entry, ctx, move |_, _| {
        let cache = locations.locations().cache.ok_or(HubError::NoCache)?;
        let freed_bytes = cache.remove_unfinished(entry.source)?;
        Ok(Removal { freed_bytes, ..Removal::default() })
    });
    desk.shelf.removal = begun(desk, started);
}

fn verify(desk: &mut Desk, ctx: &egui::Context, entry: &'static Entry) {
    desk.shelf.verdicts.remove(entry.id);
    let Some(weights) = desk.shelf.holding(entry).and_then(|holding| holding.weights.clone()) else { return };
    let started =
        Errand::start("verification", entry, ctx, move |stop, tell| catalog::verify(entry, &weights, stop, tell));
    desk.shelf.check = begun(desk, started);
}

fn delete(desk: &mut Desk, ctx: &egui::Context, entry: &'static Entry, also_placed: bool, also_leftovers: bool) {
    desk.shelf.verdicts.remove(entry.id);
    let source = desk.shelf.source().clone();
    let started = Errand::start("removal", entry, ctx, move |_, _| {
        let locations = source.locations();
        let mut removal = catalog::remove(&locations, entry, also_placed)?;
        if also_leftovers {
            removal.freed_bytes += catalog::tidy(&locations, entry)?.iter().map(|left| left.bytes).sum::<u64>();
        }
        Ok(removal)
    });
    desk.shelf.removal = begun(desk, started);
}

fn begun<T>(desk: &mut Desk, started: std::io::Result<Errand<T>>) -> Option<Errand<T>> {
    match started {
        Ok(errand) => Some(errand),
        Err(error) => {
            desk.check_task(Err(error));
            None
        }
    }
}

/// Takes note of what has been found and of what has ended.
pub fn take_in(desk: &mut Desk, ctx: &egui::Context) {
    desk.shelf.take_in();
    if let Some((entry, result)) = ended(&mut desk.shelf.download) {
        downloaded(desk, ctx, entry, result);
        next_download(desk, ctx);
    }
    if let Some((entry, result)) = ended(&mut desk.shelf.check) {
        verified(desk, entry, result);
    }
    if let Some((entry, result)) = ended(&mut desk.shelf.removal) {
        removed(desk, entry, result);
    }
    run_when_here(desk);
}

fn downloaded(desk: &mut Desk, ctx: &egui::Context, entry: &'static Entry, result: Result<PathBuf, CatalogError>) {
    // What has come is dropped first and looked at then: it would seem to be here for a moment.
    if desk.shelf.drops_download && matches!(result, Err(CatalogError::Hub(HubError::Stopped))) {
        return drop_unfinished(desk, ctx, entry);
    }
    desk.shelf.look();
    match result {
        Ok(_) => desk.state.notices.tell(Severity::News, format!("{} is on this machine now", entry.name), ""),
        Err(CatalogError::Hub(HubError::Stopped)) => {}
        Err(error) => trouble(desk, entry, &format!("{} was not downloaded", entry.name), &error),
    }
}

fn verified(desk: &mut Desk, entry: &'static Entry, result: Result<Verdict, CatalogError>) {
    match result {
        Ok(verdict) => {
            if !verdict.is_good() {
                let what = format!("{} is {verdict}", entry.name);
                desk.state.notices.tell(Severity::Error, what, "");
            }
            desk.shelf.verdicts.insert(entry.id, verdict);
        }
        Err(CatalogError::Hub(HubError::Stopped)) => {}
        Err(error) => trouble(desk, entry, &format!("{} was not verified", entry.name), &error),
    }
}

fn removed(desk: &mut Desk, entry: &'static Entry, result: Result<Removal, CatalogError>) {
    desk.shelf.look();
    match result {
        Ok(removal) => {
            let what = format!("{}: {} are free again", entry.name, bytes(removal.freed_bytes));
            desk.state.notices.tell(Severity::News, what.clone(), "");
            desk.state.outcome = Some(what);
        }
        Err(error) => trouble(desk, entry, &format!("{} was not deleted", entry.name), &error),
    }
}

/// A weight file was chosen for a model, or something that is none.
pub fn weights_chosen(desk: &mut Desk, entry: &'static Entry, result: Result<PathBuf, CatalogError>) {
    match result {
        Ok(path) => {
            desk.state.outcome = Some(format!("{} is read from {}", entry.name, path.display()));
            desk.state.settings.model = ModelId(entry.id.into());
            desk.state.settings.weights = Some(path);
            desk.open.models = false;
        }
        Err(error) => trouble(desk, entry, &format!("{} cannot be used from there", entry.name), &error),
    }
}

/// Tells it beside the model, and among the notices: above the pictures where the page is not open.
fn trouble(desk: &mut Desk, entry: &'static Entry, what: &str, error: &CatalogError) {
    let problem = Problem::new(Blame::Machine, format!("{what}: {error}"), error.advice());
    desk.state.notices.add(Severity::Error, problem.clone(), Vec::new(), !desk.open.models);
    desk.shelf.troubles.insert(entry.id, problem);
}

fn ended<T: Send + 'static>(errand: &mut Option<Errand<T>>) -> Option<(&'static Entry, Result<T, CatalogError>)> {
    let result = errand.as_mut()?.poll()?;
    errand.take().map(|errand| (errand.entry, result))
}
