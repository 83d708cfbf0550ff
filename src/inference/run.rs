//! A run that is going on: its work in parts, with progress and a question before every step.

use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::time::Instant;

use candle_core::Tensor;

use super::about_photos::AboutPhotos;
use super::cost::{Part, Progress, Workload};
use super::engine::Loaded;
use super::estimate::{is_joint, wants_lens};
use super::finish::finish_pass;
use super::given::poses;
use super::known_cameras::Given;
use super::prepare::Ready;
use super::shrink::Extent;
use super::sweeping::Sweeping;
use super::{
    Engine, InferenceError, Listener, PassAlignment, Photo, Plan, RanOn, ReferenceView, RunStage, Settings,
    StageSeconds, ViewPrediction,
};
use crate::geometry::PoseEncoding;
use crate::input::{Limits, ViewId};
use crate::model::{Conditioning, Encoded, EncodedView, Maps, ModelError, Reference, Step, Watch};

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
    /// A pass failed, and the run went on in another way than the plan says.
    pub went_otherwise: Cell<bool>,
    pub seconds: Cell<StageSeconds>,
    pub ran_on: RefCell<Vec<RanOn>>,
    /// What is told of photos in the end.
    pub about: RefCell<AboutPhotos>,
    /// Cameras that are known before.
    pub known: Option<Given>,
}

impl<'a> Run<'a> {
    /// Reads what is known of cameras.
    pub fn new(
        engine: &'a Engine,
        photos: &[Photo],
        settings: &'a Settings,
        plan: &'a Plan,
        limits: &'a Limits,
        listener: &'a dyn Listener,
    ) -> Result<Self, InferenceError> {
        let workload = Workload {
            photos: photos.len(),
            repeated: plan.passes.saturating_sub(1) * plan.overlap,
            twice: engine.has_metric_part(),
            lenses: wants_lens(settings).is_some(),
        };
        Ok(Self {
            engine,
            settings,
            plan,
            limits,
            listener,
            progress: Progress::new(&workload),
            view: Cell::new(0),
            pass_views: Cell::new(1),
            decoded_together: Cell::new(plan.decoded_together.max(1)),
            went_otherwise: Cell::new(false),
            seconds: Cell::new(StageSeconds::default()),
            ran_on: RefCell::default(),
            about: RefCell::default(),
            known: settings
                .known_cameras
                .as_deref()
                .filter(|_| is_joint(settings, engine.preset()))
                .map(|path| Given::read(path, settings.cameras_as, photos))
                .transpose()?,
        })
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
        let poses = poses(group.clone());
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
