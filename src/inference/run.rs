//! One run: photos in passes through backbone and head, with progress and a question before every step.

use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::time::Instant;

use candle_core::Tensor;

use super::about_photos::AboutPhotos;
use super::cost::{Part, Progress, Workload};
use super::device::allow_tf32;
use super::engine::Loaded;
use super::estimate::{is_joint, wants_lens};
use super::finish::{ASSUMED_FOV_DEGREES, finish_pass, metres_need_a_lens, unit_of};
use super::given::{self, Given};
use super::joint::Jointly;
use super::known_depths::Known;
use super::prepare::Ready;
use super::shrink::Extent;
use super::sweeping::Sweeping;
use super::weights::unvouched;
use super::{
    Engine, InferenceError, LensSource, Notice, PassAlignment, Photo, Plan, Prediction, RanOn, ReferenceView,
    RunMemory, Settings, StageSeconds, Used, ViewPrediction,
};
use crate::geometry::PoseEncoding;
use crate::input::{InputError, Limits, ViewId};
use crate::model::{Conditioning, Encoded, EncodedView, Maps, ModelError, Reference, Step, Watch};

/// Who hears what a run does while it does it.
pub trait Listener: Sync {
    /// Asked before each part of the work. An error ends that part: [`ModelError::Cancelled`] the whole run, one of memory
    /// the pass, after which the run goes on with less at once.
    fn go_on(&self, stage: RunStage) -> Result<(), ModelError>;
    /// `view` counts the run's photos; `done` goes from 0 to 1 over the whole run.
    fn progress(&self, stage: RunStage, view: usize, done: f32);
    fn view_ready(&self, view: Arc<ViewPrediction>);
    /// One photo gives no result; the run goes on.
    fn view_failed(&self, view: ViewId, error: InferenceError);
    fn notice(&self, notice: Notice);
    /// Weights are read once more, because the run goes on elsewhere: bytes so far, of all. An error ends that.
    fn loading(&self, done: u64, total: u64) -> Result<(), ModelError>;
    /// The model is in memory again.
    fn ready(&self, used: Used);
}

/// The stages of a run, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RunStage {
    Decode,
    Backbone,
    Head,
    Finish,
}

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
    /// Runs over `photos` as `plan` says. Photos that cannot be used are told to `listener` and left out; when memory runs
    /// out, the run goes on with less at once, and what was finished stays.
    ///
    /// Networks that look at views jointly get `views_per_pass` of them at a time, brought to one size; passes share views,
    /// by which they become one scene. Others get their views one by one, or, with sky, `views_per_pass` at a time, which
    /// then share the depth at which the sky is drawn.
    pub fn run(
        &self,
        photos: &[Photo],
        settings: &Settings,
        plan: &Plan,
        limits: &Limits,
        listener: &dyn Listener,
    ) -> Result<Prediction, InferenceError> {
        let preset = self.preset();
        let workload = Workload {
            photos: photos.len(),
            repeated: plan.passes.saturating_sub(1) * plan.overlap,
            twice: self.has_metric_part(),
            lenses: wants_lens(settings).is_some(),
        };
        let run = Run {
            engine: self,
            settings,
            plan,
            limits,
            listener,
            progress: Progress::new(&workload),
            view: Cell::new(0),
            pass_views: Cell::new(1),
            decoded_together: Cell::new(plan.decoded_together.max(1)),
            seconds: Cell::new(StageSeconds::default()),
            ran_on: RefCell::default(),
            about: RefCell::default(),
            known: settings
                .known_cameras
                .as_deref()
                .filter(|_| is_joint(settings, preset))
                .map(|path| Given::read(path, settings.cameras_as, photos))
                .transpose()?,
        };
        if let Some(masks) = settings.masks.as_ref().filter(|masks| !masks.is_dir()) {
            return Err(InputError::Missing { path: masks.clone() }.into());
        }
        let blocks = preset.backbone().blocks;
        if let Some(&block) = settings.features.iter().find(|&&block| block >= blocks) {
            return Err(InferenceError::NoSuchBlock { block, blocks, model: self.entry().name });
        }
        unvouched(self.entry(), settings).into_iter().for_each(|notice| listener.notice(notice));
        let depths = Known::read(settings, photos, listener)?;
        run.known.iter().flat_map(Given::notices).for_each(|notice| listener.notice(notice.clone()));
        allow_tf32(settings.tf32);
        let started = Instant::now();
        let Done { mut views, alignments } = if is_joint(settings, preset) {
            Jointly::over(&run, photos)?
        } else {
            Done { views: run.singly(photos)?, alignments: Vec::new() }
        };
        if views.is_empty() {
            return Err(InferenceError::NothingToDo);
        }
        run.warn_of_assumed_scale(&views);
        run.about.take().notices(&views).into_iter().for_each(|notice| listener.notice(notice));
        let fits = depths.bring(&mut views, limits, listener);
        let mut seconds = run.seconds.get();
        seconds.total = started.elapsed().as_secs_f64();
        let memory = RunMemory::planned(plan);
        let unit = unit_of(settings, preset);
        let model = self.entry().name.into();
        let ran_on = run.ran_on.take();
        Ok(Prediction { model, unit, views, fits, seconds, alignments, memory, ran_on, ..Prediction::default() })
    }
}

/// What the passes of a run came to.
pub(super) struct Done {
    pub views: Vec<Arc<ViewPrediction>>,
    pub alignments: Vec<PassAlignment>,
}

/// A run that is going on.
pub(super) struct Run<'a> {
    pub engine: &'a Engine,
    pub settings: &'a Settings,
    pub plan: &'a Plan,
    pub limits: &'a Limits,
    pub listener: &'a dyn Listener,
    pub progress: Progress,
    /// First photo of the pass that is running.
    pub view: Cell<usize>,
    pass_views: Cell<usize>,
    /// Photos that are read side by side; one by one once memory was short.
    pub decoded_together: Cell<usize>,
    seconds: Cell<StageSeconds>,
    ran_on: RefCell<Vec<RanOn>>,
    /// What is told of photos in the end.
    pub about: RefCell<AboutPhotos>,
    /// Cameras that are known before.
    pub known: Option<Given>,
}

impl Run<'_> {
    /// Views never see each other; photos are decoded when their turn comes.
    fn singly(&self, photos: &[Photo]) -> Result<Vec<Arc<ViewPrediction>>, InferenceError> {
        let mut shrink = self.shrink(1)?;
        let mut done = Vec::with_capacity(photos.len());
        let mut next = 0;
        while next < photos.len() {
            let extent = shrink.extent();
            let end = photos.len().min(next + extent.views_per_pass.max(1));
            self.view.set(next);
            match self.single_pass(&photos[next..end], extent, next) {
                Ok(views) => {
                    done.extend(views);
                    next = end;
                }
                Err(error) => {
                    if !self.recover(error, &mut shrink, &photos[next..], done.is_empty())? {
                        break;
                    }
                }
            }
        }
        Ok(done)
    }

    /// Some views that share no more than their sky. They are told together, so that nothing has to be taken back.
    fn single_pass(
        &self,
        photos: &[Photo],
        extent: Extent,
        scene: usize,
    ) -> Result<Vec<Arc<ViewPrediction>>, InferenceError> {
        let group: Vec<Ready> = self.decode(photos, extent.resolution)?.into_iter().flatten().collect();
        let mut group = self.unify(group);
        if group.is_empty() {
            return Ok(Vec::new());
        }
        self.find_lenses(&mut group)?;
        let encoded = self.encode(&group, extent)?;
        let mut pass = Vec::with_capacity(group.len());
        for (ready, view) in group.iter().zip(encoded.views) {
            let maps = self.draw(view)?;
            pass.push((ready, maps));
        }
        let views = self.finish(pass, encoded.poses.as_deref(), scene)?;
        let mut views: Vec<_> = group.iter().zip(views).filter_map(|(ready, view)| Some((ready, view?))).collect();
        self.measure(&mut views, extent)?;
        Ok(views.into_iter().map(|(_, view)| self.tell(view)).collect())
    }

    /// All views of a pass, which are of one size, through the backbone.
    pub fn encode<'r>(
        &self,
        group: impl IntoIterator<Item = &'r Ready, IntoIter: Clone>,
        extent: Extent,
    ) -> Result<Encoded, InferenceError> {
        let group = group.into_iter();
        let views = group.clone().count();
        let [width, height] = group.clone().next().map_or([0, 0], Ready::framed_size).map(|side| side as usize);
        let mut images = Vec::with_capacity(views * 3 * height * width);
        group.clone().for_each(|ready| images.append(&mut ready.framed_tensor()));
        let poses = given::poses(group.clone());
        let conditioning = Conditioning {
            poses: poses.as_deref(),
            reference: Some(self.settings.reference_view.into()),
            tile_bytes: Some(extent.tile_bytes),
            export_features: &self.settings.features,
        };
        self.timed(RunStage::Backbone, views, |loaded, watch| {
            let images = Tensor::from_vec(images, (views, 3, height, width), loaded.opened.device());
            Ok(loaded.network.encode(&images.map_err(ModelError::from)?, &conditioning, watch)?)
        })
    }

    /// The maps of one view.
    pub fn draw(&self, view: EncodedView) -> Result<Maps, InferenceError> {
        let maps = self.timed(RunStage::Head, 1, |loaded, watch| Ok(loaded.network.decode(view, watch)?))?;
        self.view.set(self.view.get() + 1);
        Ok(maps)
    }

    /// A network's work on some views, asked for, seen to its end and accounted for.
    pub fn timed<T>(
        &self,
        stage: RunStage,
        views: usize,
        work: impl FnOnce(&Loaded, &dyn Watch) -> Result<T, InferenceError>,
    ) -> Result<T, InferenceError> {
        let loaded = self.engine.loaded()?;
        self.pass_views.set(views);
        let started = Instant::now();
        let watch = Sweeping { watch: self, opened: &loaded.opened };
        let done = loaded.opened.work(|| {
            self.listener.go_on(stage)?;
            work(&loaded, &watch)
        })?;
        let is_backbone = stage == RunStage::Backbone;
        self.progress.add(if is_backbone { Part::Backbone(views) } else { Part::Head });
        self.time(started, |seconds| if is_backbone { &mut seconds.backbone } else { &mut seconds.head });
        Ok(done)
    }

    /// Maps to results, each in its place; those that cannot be used are told and leave it empty.
    pub fn finish(
        &self,
        pass: Vec<(&Ready, Maps)>,
        poses: Option<&[PoseEncoding]>,
        scene: usize,
    ) -> Result<Vec<Option<ViewPrediction>>, InferenceError> {
        self.listener.go_on(RunStage::Finish)?;
        let started = Instant::now();
        let ids: Vec<ViewId> = pass.iter().map(|(ready, _)| ready.photo.id).collect();
        let results = finish_pass(self.engine.preset(), pass, poses, scene);
        let views = ids.into_iter().zip(results).map(|(id, result)| match result {
            Ok(view) => Some(view),
            Err(error) => {
                self.listener.view_failed(id, error);
                None
            }
        });
        let views = views.collect();
        self.time(started, |seconds| &mut seconds.finish);
        Ok(views)
    }

    /// A view is final.
    pub fn tell(&self, view: ViewPrediction) -> Arc<ViewPrediction> {
        let view = Arc::new(view);
        let device = self.engine.used().device;
        let mut ran_on = self.ran_on.borrow_mut();
        match ran_on.last_mut().filter(|last| last.device == device) {
            Some(last) => last.views += 1,
            None => ran_on.push(RanOn { device, views: 1 }),
        }
        self.listener.view_ready(view.clone());
        view
    }

    fn warn_of_assumed_scale(&self, views: &[Arc<ViewPrediction>]) {
        let assumed = views.iter().filter(|view| view.camera.lens == LensSource::Assumed).count();
        if assumed > 0 && metres_need_a_lens(self.engine.preset()) {
            self.listener.notice(Notice::AssumedScale { views: assumed, degrees: ASSUMED_FOV_DEGREES });
        }
    }

    pub fn time(&self, started: Instant, stage: impl FnOnce(&mut StageSeconds) -> &mut f64) {
        let mut seconds = self.seconds.get();
        *stage(&mut seconds) += started.elapsed().as_secs_f64();
        self.seconds.set(seconds);
    }
}

impl Watch for Run<'_> {
    fn step(&self, step: Step) -> Result<(), ModelError> {
        let (stage, part, index, of) = match step {
            Step::Block { index, of } => (RunStage::Backbone, Part::Backbone(self.pass_views.get()), index, of),
            // Between two blocks: how far the backbone is, its blocks have said.
            Step::Features { .. } => return self.listener.go_on(RunStage::Backbone),
            Step::Head { index, of } => (RunStage::Head, Part::Head, index, of),
        };
        self.listener.go_on(stage)?;
        let done = self.progress.with(index as f32 / of as f32, part);
        self.listener.progress(stage, self.view.get(), done);
        Ok(())
    }
}
