//! From photos to a prediction: a run from what is read before it to what is told in the end.

use std::sync::Arc;
use std::time::Instant;

use super::device::allow_tf32;
use super::estimate::is_joint;
use super::finish::{ASSUMED_FOV_DEGREES, metres_need_a_lens, unit_of};
use super::joint::Jointly;
use super::known_cameras::Given;
use super::known_depths::Known;
use super::run::{Done, Run};
use super::weights::unvouched;
use super::{
    Engine, InferenceError, LensSource, Listener, Notice, Photo, Plan, Prediction, RunMemory, Settings, ViewPrediction,
};
use crate::input::{InputError, Limits};

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
        let run = Run::new(self, photos, settings, plan, limits, listener)?;
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
        let memory = RunMemory { went_otherwise: run.went_otherwise.get(), ..plan.memory() };
        let unit = unit_of(settings, preset);
        let model = self.entry().name.into();
        let ran_on = run.ran_on.take();
        Ok(Prediction { model, unit, views, fits, seconds, alignments, memory, ran_on, ..Prediction::default() })
    }
}

impl Run<'_> {
    fn warn_of_assumed_scale(&self, views: &[Arc<ViewPrediction>]) {
        let assumed = views.iter().filter(|view| view.camera.lens == LensSource::Assumed).count();
        if assumed > 0 && metres_need_a_lens(self.engine.preset()) {
            self.listener.notice(Notice::AssumedScale { views: assumed, degrees: ASSUMED_FOV_DEGREES });
        }
    }
}
