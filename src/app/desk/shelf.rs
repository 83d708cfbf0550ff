//! Which models are on this machine, looked up in the background, and what is being done to their files.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use crossbeam_channel::{Receiver, bounded};

use super::errand::Errand;
use crate::catalog::{self, Entry, Holding, Locations, ModelId, Removal, Verdict};
use crate::hub::{Hub, HubError};
use crate::inference::{Devices, Job, Settings};
use crate::memory::{Calibration, Room};
use crate::worker::Problem;

/// Width and height of the photo by which models are compared.
pub const PHOTO: [u32; 2] = [4000, 3000];

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
    models: HashMap<&'static str, Found>,
    pub locations: Locations,
    /// Room for downloads, where the system tells it.
    pub free_bytes: Option<u64>,
}

/// One model, as far as the disk and sums tell.
pub struct Found {
    pub holding: Holding,
    /// Of a run over one photo of [`PHOTO`]'s size with the usual settings.
    pub need_bytes: u64,
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

    /// What is known of a model; nothing until the first look has ended.
    pub fn found(&self, entry: &Entry) -> Option<&Found> {
        self.survey.as_ref()?.models.get(entry.id)
    }

    /// Whether a model's weights are known not to be here.
    pub fn is_missing(&self, entry: &Entry) -> bool {
        self.found(entry).is_some_and(|found| found.holding.weights.is_none())
    }

    /// True where a run with these settings finds weights, as far as is known.
    pub fn has_weights(&self, settings: &Settings) -> bool {
        settings.weights.is_some() || catalog::find(&settings.model).is_some_and(|entry| !self.is_missing(entry))
    }

    /// Whether the disk is too small for what is still to come of a model: what is needed, and what is free.
    pub fn too_large(&self, entry: &Entry) -> Option<(u64, u64)> {
        let (found, free) = (self.found(entry)?, self.survey.as_ref()?.free_bytes?);
        let need = entry.file_bytes.saturating_sub(found.holding.unfinished_bytes);
        (need > free).then_some((need, free))
    }
}

fn survey(source: &ModelSource) -> Survey {
    let locations = source.locations();
    let found = |entry: &'static Entry| {
        let holding = catalog::holding(&locations, entry);
        (entry.id, Found { holding, need_bytes: need_bytes(entry) })
    };
    let hub = (source.hub)().ok();
    Survey {
        models: catalog::entries().iter().map(found).collect(),
        free_bytes: hub.and_then(|hub| (hub.free_bytes)(hub.cache.root()).ok()),
        locations,
    }
}

fn need_bytes(entry: &Entry) -> u64 {
    let settings = Settings { model: ModelId(entry.id.into()), ..Settings::default() };
    let job = Job {
        settings: &settings,
        device: Devices::here().resolve(settings.device),
        photos: &[PHOTO],
        // What a run would take where nothing is short.
        room: Room { free_bytes: u64::MAX, ..Room::default() },
        is_loaded: false,
        is_shown: true,
        calibration: &Calibration::default(),
    };
    job.with_views(1).map_or(0, |plan| plan.need.total())
}
