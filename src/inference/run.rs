//! One run: photos in passes through backbone and head, with progress and cancellation at every step.

use std::cell::Cell;
use std::sync::Arc;
use std::time::Instant;

use candle_core::Tensor;
use rayon::prelude::*;

use super::device::allow_tf32;
use super::finish::{ASSUMED_FOV_DEGREES, finish_pass, metres_need_a_lens, unit_of};
use super::prepare::{Ready, unify};
use super::{
    CameraSource, Engine, InferenceError, Notice, Photo, Prediction, ReferenceView, Settings, StageSeconds,
    ViewPrediction,
};
use crate::geometry::PoseEncoding;
use crate::input::{Limits, ViewId};
use crate::model::{Conditioning, Maps, ModelError, Reference, Step, Watch};

/// Who hears what a run does while it does it.
pub trait Listener: Sync {
    /// Asked between blocks; `true` ends the run there.
    fn is_cancelled(&self) -> bool;
    /// `view` counts the run's photos; `done` goes from 0 to 1 over the whole run.
    fn progress(&self, stage: RunStage, view: usize, done: f32);
    fn view_ready(&self, view: Arc<ViewPrediction>);
    /// One photo gives no result; the run goes on.
    fn view_failed(&self, view: ViewId, error: InferenceError);
    fn notice(&self, notice: Notice);
}

/// The stages of a run, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunStage {
    Decode,
    Backbone,
    Head,
}

/// What the stages of one view cost, relative to each other.
const DECODE_COST: f32 = 1.0;
const BACKBONE_COST: f32 = 10.0;
const HEAD_COST: f32 = 9.0;
/// Photos that are decoded side by side: more would cost memory, not save time.
const DECODED_TOGETHER: usize = 4;

impl From<ReferenceView> for Reference {
    fn from(view: ReferenceView) -> Self {
        match view {
            ReferenceView::First => Self::First,
            ReferenceView::Middle => Self::Middle,
            ReferenceView::SaddleBalanced => Self::SaddleBalanced,
            ReferenceView::SaddleSimRange => Self::SaddleSimRange,
        }
    }
}

impl Engine {
    /// Runs over `photos`. Photos that cannot be used are told to `listener` and left out.
    ///
    /// Networks that look at views jointly get `views_per_pass` of them at a time (all, where the settings say
    /// nothing), brought to one size; each pass is a scene of its own. Others get their views one by one, or, with sky,
    /// `views_per_pass` at a time, which then share the depth at which the sky is drawn.
    pub fn run(
        &self,
        photos: &[Photo],
        settings: &Settings,
        limits: &Limits,
        listener: &dyn Listener,
    ) -> Result<Prediction, InferenceError> {
        let run = Run {
            engine: self,
            settings,
            limits,
            listener,
            total_cost: photos.len() as f32 * (DECODE_COST + BACKBONE_COST + HEAD_COST),
            cost: Cell::new(0.0),
            view: Cell::new(0),
            pass_views: Cell::new(1),
            seconds: Cell::new(StageSeconds::default()),
        };
        allow_tf32(settings.tf32);
        let started = Instant::now();
        let views = if self.network.preset().is_any_view() { run.jointly(photos) } else { run.singly(photos) }?;
        if views.is_empty() {
            return Err(InferenceError::NothingToDo);
        }
        run.warn_of_assumed_scale(&views);
        let mut seconds = run.seconds.get();
        seconds.total = started.elapsed().as_secs_f64();
        let unit = unit_of(self.network.preset());
        Ok(Prediction { model: self.entry().name.into(), unit, views, seconds, peak_bytes: 0 })
    }
}

struct Run<'a> {
    engine: &'a Engine,
    settings: &'a Settings,
    limits: &'a Limits,
    listener: &'a dyn Listener,
    total_cost: f32,
    /// Cost of what is done.
    cost: Cell<f32>,
    /// First photo of the pass that is running.
    view: Cell<usize>,
    pass_views: Cell<usize>,
    seconds: Cell<StageSeconds>,
}

impl Run<'_> {
    /// All photos are one group of one size; passes are cut from it.
    fn jointly(&self, photos: &[Photo]) -> Result<Vec<Arc<ViewPrediction>>, InferenceError> {
        let mut group = self.decode(photos)?;
        if let Some([width, height]) = unify(&mut group) {
            self.listener.notice(Notice::Cropped { width, height });
        }
        let views = self.settings.views_per_pass.unwrap_or(group.len()).max(1);
        let passes = group.len().div_ceil(views);
        if passes > 1 {
            self.listener.notice(Notice::SeparateScenes { passes, views });
        }
        let mut done = Vec::with_capacity(group.len());
        let mut rest = group.into_iter();
        for scene in 0..passes {
            done.extend(self.pass(rest.by_ref().take(views).collect(), scene)?);
        }
        Ok(done)
    }

    /// Views never see each other; photos are decoded when their turn comes.
    fn singly(&self, photos: &[Photo]) -> Result<Vec<Arc<ViewPrediction>>, InferenceError> {
        let views = if self.engine.network.preset().is_da2() { 1 } else { self.settings.views_per_pass.unwrap_or(1) };
        let mut done = Vec::with_capacity(photos.len());
        for (pass, photos) in photos.chunks(views.max(1)).enumerate() {
            self.view.set(pass * views.max(1));
            let mut group = self.decode(photos)?;
            if let Some([width, height]) = unify(&mut group) {
                self.listener.notice(Notice::Cropped { width, height });
            }
            if !group.is_empty() {
                done.extend(self.pass(group, pass * views.max(1))?);
            }
        }
        Ok(done)
    }

    /// Decodes photos side by side, in order; the ones that fail are told and left out.
    fn decode(&self, photos: &[Photo]) -> Result<Vec<Ready>, InferenceError> {
        let started = Instant::now();
        let first = self.view.get();
        let mut ready = Vec::with_capacity(photos.len());
        for (i, together) in photos.chunks(DECODED_TOGETHER).enumerate() {
            self.stop_if_cancelled()?;
            self.listener.progress(RunStage::Decode, first + i * DECODED_TOGETHER, self.done());
            let preset = self.engine.network.preset();
            let decoded: Vec<_> =
                together.par_iter().map(|photo| Ready::new(photo, preset, self.settings, self.limits)).collect();
            for (photo, result) in together.iter().zip(decoded) {
                match result {
                    Ok(one) => ready.push(one),
                    Err(error @ InferenceError::Resolution { .. }) => return Err(error),
                    Err(error) => {
                        self.spend(BACKBONE_COST + HEAD_COST);
                        self.listener.view_failed(photo.id, error);
                    }
                }
                self.spend(DECODE_COST);
            }
        }
        self.time(started, |seconds| &mut seconds.decode);
        Ok(ready)
    }

    /// One pass through the network; views are told as soon as they are final.
    fn pass(&self, group: Vec<Ready>, scene: usize) -> Result<Vec<Arc<ViewPrediction>>, InferenceError> {
        let Some([width, height]) = group.first().map(Ready::size) else { return Ok(Vec::new()) };
        let (engine, views) = (self.engine, group.len());
        let network = &engine.network;
        self.pass_views.set(views);
        let images: Vec<f32> = group.iter().flat_map(Ready::tensor).collect();
        let shape = (views, 3, height as usize, width as usize);
        let images = Tensor::from_vec(images, shape, &engine.device).map_err(ModelError::from)?;
        let conditioning =
            Conditioning { reference: Some(self.settings.reference_view.into()), ..Conditioning::default() };

        let started = Instant::now();
        let encoded = network.encode(&images, &conditioning, self)?;
        drop(images);
        self.spend(BACKBONE_COST * views as f32);
        self.time(started, |seconds| &mut seconds.backbone);

        // With sky, depth is final only after the last view of the pass.
        let shares_sky = encoded.poses.is_none() && views > 1;
        let mut waiting = Vec::new();
        let mut done = Vec::with_capacity(views);
        for (i, (ready, view)) in group.into_iter().zip(encoded.views).enumerate() {
            let started = Instant::now();
            let maps = network.decode(view, self)?;
            // An Apple GPU gives unused buffers back only here; without it its pool grows with every view.
            engine.device.synchronize().map_err(ModelError::from)?;
            self.spend(HEAD_COST);
            self.view.set(self.view.get() + 1);
            waiting.push((ready, maps));
            self.time(started, |seconds| &mut seconds.head);
            if !shares_sky || i + 1 == views {
                let poses = encoded.poses.as_ref().and_then(|poses| poses.get(i..=i));
                let first = scene + if encoded.poses.is_some() { 0 } else { i + 1 - waiting.len() };
                done.extend(self.finish(std::mem::take(&mut waiting), poses, first));
            }
        }
        Ok(done)
    }

    fn finish(
        &self,
        pass: Vec<(Ready, Maps)>,
        poses: Option<&[PoseEncoding]>,
        scene: usize,
    ) -> Vec<Arc<ViewPrediction>> {
        let started = Instant::now();
        let mut done = Vec::with_capacity(pass.len());
        for (ready, result) in finish_pass(self.engine.network.preset(), pass, poses, scene) {
            match result {
                Ok(view) => {
                    let view = Arc::new(view);
                    self.listener.view_ready(view.clone());
                    done.push(view);
                }
                Err(error) => self.listener.view_failed(ready.photo.id, error),
            }
        }
        self.time(started, |seconds| &mut seconds.finish);
        done
    }

    fn warn_of_assumed_scale(&self, views: &[Arc<ViewPrediction>]) {
        let assumed = views.iter().filter(|view| view.camera.source == CameraSource::Assumed).count();
        if assumed > 0 && metres_need_a_lens(self.engine.network.preset()) {
            self.listener.notice(Notice::AssumedScale { views: assumed, degrees: ASSUMED_FOV_DEGREES });
        }
    }

    fn spend(&self, cost: f32) {
        self.cost.set(self.cost.get() + cost);
    }

    fn done(&self) -> f32 {
        (self.cost.get() / self.total_cost).min(1.0)
    }

    fn time(&self, started: Instant, stage: impl FnOnce(&mut StageSeconds) -> &mut f64) {
        let mut seconds = self.seconds.get();
        *stage(&mut seconds) += started.elapsed().as_secs_f64();
        self.seconds.set(seconds);
    }

    fn stop_if_cancelled(&self) -> Result<(), ModelError> {
        if self.listener.is_cancelled() { Err(ModelError::Cancelled) } else { Ok(()) }
    }
}

impl Watch for Run<'_> {
    fn step(&self, step: Step) -> Result<(), ModelError> {
        self.stop_if_cancelled()?;
        let (stage, part, cost) = match step {
            Step::Block { index, of } => {
                (RunStage::Backbone, index as f32 / of as f32, BACKBONE_COST * self.pass_views.get() as f32)
            }
            Step::Head { index, of } => (RunStage::Head, index as f32 / of as f32, HEAD_COST),
        };
        let done = (self.cost.get() + part * cost) / self.total_cost;
        self.listener.progress(stage, self.view.get(), done.min(1.0));
        Ok(())
    }
}
