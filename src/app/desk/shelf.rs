//! Which models are on this machine, looked up in the background, and what is being done to their files.

use std::collections::{HashMap, VecDeque};
use std::path::PathBuf;
use std::sync::Arc;

use crossbeam_channel::{Receiver, bounded};

use super::errand::Errand;
use crate::catalog::{self, Entry, Holding, Locations, Removal, Verdict};
use crate::hub::{Hub, HubError};
use crate::inference::Settings;
use crate::worker::Problem;

/// Where models come from and where they lie.
#[derive(Clone)]
pub struct ModelSource {
    /// The folder of models, which people fill by hand.
    pub own: Option<PathBuf>,
    /// The server and the shared cache.
    pub hub: Arc<dyn Fn() -> Result<Hub, HubError> + Send + Sync>,
}

impl ModelSource {
    /// As the environment says.
    pub fn from_env() -> Self {
        Self { own: catalog::models_dir(), hub: Arc::new(Hub::from_env) }
    }

    pub fn locations(&self) -> Locations {
        Locations { own: self.own.clone(), cache: (self.hub)().ok().map(|hub| hub.cache) }
    }
}

/// What the last look at the disk has found.
pub struct Survey {
    models: HashMap<&'static str, Holding>,
    pub locations: Locations,
    /// Room for downloads, where the system tells it.
    pub free_bytes: Option<u64>,
}

/// The models of this machine.
pub struct Shelf {
    source: ModelSource,
    ctx: egui::Context,
    survey: Option<Survey>,
    looking: Option<Receiver<Survey>>,
    /// Something has changed since the look that is going on began.
    look_again: bool,
    pub download: Option<Errand<PathBuf>>,
    /// Models that are fetched after that, one after the other.
    pub queue: VecDeque<&'static Entry>,
    /// A run begins by itself when this model has come.
    pub runs_after: Option<&'static Entry>,
    /// What has come of the download is not to be kept.
    pub drops_download: bool,
    pub check: Option<Errand<Verdict>>,
    pub removal: Option<Errand<Removal>>,
    /// What weights turned out to be, by model.
    pub verdicts: HashMap<&'static str, Verdict>,
    /// What went wrong last, by model.
    pub troubles: HashMap<&'static str, Problem>,
}

impl Shelf {
    pub fn new(source: ModelSource, ctx: egui::Context) -> Self {
        let mut shelf = Self {
            source,
            ctx,
            survey: None,
            looking: None,
            look_again: false,
            download: None,
            queue: VecDeque::new(),
            runs_after: None,
            drops_download: false,
            check: None,
            removal: None,
            verdicts: HashMap::new(),
            troubles: HashMap::new(),
        };
        shelf.look();
        shelf
    }

    pub fn source(&self) -> &ModelSource {
        &self.source
    }

    /// Looks at the disk. What was known stays until the new survey is there.
    pub fn look(&mut self) {
        self.look_again = self.looking.is_some();
        if self.look_again {
            return;
        }
        let (sender, receiver) = bounded(1);
        let (source, ctx) = (self.source.clone(), self.ctx.clone());
        let spawned = std::thread::Builder::new().name("model survey".into()).spawn(move || {
            // Fails where the window has gone.
            let _ = sender.send(survey(&source));
            ctx.request_repaint();
        });
        match spawned {
            Ok(_) => self.looking = Some(receiver),
            Err(error) => tracing::warn!("the models are not looked for: {error}"),
        }
    }

    /// Takes in what a look has found.
    pub fn take_in(&mut self) {
        let Some(found) = self.looking.as_ref().and_then(|looking| looking.try_recv().ok()) else { return };
        self.survey = Some(found);
        self.looking = None;
        if std::mem::take(&mut self.look_again) {
            self.look();
        }
    }

    pub fn survey(&self) -> Option<&Survey> {
        self.survey.as_ref()
    }

    /// Whether a look at the disk is going on, so that what is known may be old.
    pub fn is_looking(&self) -> bool {
        self.looking.is_some()
    }

    /// What is here of a model; nothing until the first look has ended.
    pub fn holding(&self, entry: &Entry) -> Option<&Holding> {
        self.survey.as_ref()?.models.get(entry.id)
    }

    /// The download of this model, where that is the one that is going on.
    pub fn download_of(&self, entry: &Entry) -> Option<&Errand<PathBuf>> {
        self.download.as_ref().filter(|download| download.entry.id == entry.id)
    }

    /// Whether a model waits for its turn to be fetched.
    pub fn is_queued(&self, entry: &Entry) -> bool {
        self.queue.iter().any(|queued| queued.id == entry.id)
    }

    /// Takes a model out of the queue.
    pub fn leave_queue(&mut self, entry: &Entry) {
        self.queue.retain(|queued| queued.id != entry.id);
    }

    /// Bytes that are still to come of a model, as far as is known.
    pub fn to_come_bytes(&self, entry: &Entry) -> u64 {
        let unfinished = self.holding(entry).map_or(0, |holding| holding.unfinished_bytes);
        entry.file_bytes.saturating_sub(unfinished)
    }

    /// Whether a model's weights are known not to be here.
    pub fn is_missing(&self, entry: &Entry) -> bool {
        self.holding(entry).is_some_and(|holding| holding.weights.is_none())
    }

    /// True where a run with these settings finds weights, as far as is known.
    pub fn has_weights(&self, settings: &Settings) -> bool {
        settings.weights.is_some() || catalog::find(&settings.model).is_some_and(|entry| !self.is_missing(entry))
    }

    /// The chosen model, where a run would have to wait for it to be fetched.
    pub fn missing(&self, settings: &Settings) -> Option<&'static Entry> {
        catalog::find(&settings.model).filter(|entry| settings.weights.is_none() && self.is_missing(entry))
    }

    /// Whether the disk is too small for what is still to come of a model and of those before it: what is needed, and what is
    /// free.
    pub fn too_large(&self, entry: &Entry) -> Option<(u64, u64)> {
        let free = self.survey.as_ref()?.free_bytes?;
        let others = self.download.iter().map(|download| download.entry).chain(self.queue.iter().copied());
        let before = others.take_while(|other| other.id != entry.id).map(|other| self.to_come_bytes(other));
        let need = self.to_come_bytes(entry) + before.sum::<u64>();
        (need > free).then_some((need, free))
    }
}

fn survey(source: &ModelSource) -> Survey {
    let locations = source.locations();
    let found = |entry: &'static Entry| (entry.id, catalog::holding(&locations, entry));
    let hub = (source.hub)().ok();
    Survey {
        models: catalog::entries().iter().map(found).collect(),
        free_bytes: hub.and_then(|hub| (hub.free_bytes)(hub.cache.root()).ok()),
        locations,
    }
}
