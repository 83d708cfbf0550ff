//! How a run goes on after a pass that failed: with less at once, on a card that is opened anew, or on the CPU.

use super::run::Run;
use super::shrink::{Extent, Shrink};
use super::{DeviceChoice, InferenceError, Notice, Photo, Short, default_resolution};
use crate::model::kernels::give_back;
use crate::model::{ModelError, Trouble};

impl Run<'_> {
    /// Steps down from what the plan says; passes of fewer than `least_views` make no sense.
    pub fn shrink(&self, least_views: usize) -> Result<Shrink, InferenceError> {
        let extent = Extent {
            views_per_pass: self.plan.views_per_pass,
            tile_bytes: self.plan.tile_bytes,
            resolution: self.settings.resolution.unwrap_or(default_resolution(self.engine.preset())),
        };
        let has_tiles = self.engine.loaded()?.network.has_tiles();
        Ok(Shrink::new(extent, least_views, has_tiles, self.settings.may_lower_resolution))
    }

    /// After a pass that failed: `true` when the run can go on, with less at once or elsewhere. Where nothing is left to try,
    /// `rest` is told as failed and the run ends with what it has, or, when that is nothing, with the error.
    pub fn recover(
        &self,
        error: InferenceError,
        shrink: &mut Shrink,
        rest: &[Photo],
        has_nothing: bool,
    ) -> Result<bool, InferenceError> {
        let Some(trouble) = error.trouble() else { return Err(error) };
        let is_on_card = self.engine.is_on_card();
        if !is_on_card && trouble != Trouble::Memory {
            return Err(error);
        }
        tracing::warn!("a pass ended: {error}");
        self.went_otherwise.set(true);
        // What the failed pass has left behind on the device must not be taken for an error of the next.
        self.engine.loaded()?.opened.drain();
        give_back();
        let went_on = match trouble {
            Trouble::Memory => {
                self.decoded_together.set(1);
                shrink.step(Short::Memory).inspect(|notice| self.listener.notice(notice.clone())).is_some()
            }
            Trouble::TooLong => self.with_a_new_queue(&error, shrink)?,
            Trouble::Device => false,
        };
        if went_on {
            return Ok(true);
        }
        match is_on_card {
            true => self.go_to_cpu(error, shrink, rest, has_nothing),
            false => self.end(error, rest, has_nothing),
        }
    }

    /// Opens the card anew and gives it less at once; `false` where that was tried often enough, or cannot be done.
    fn with_a_new_queue(&self, error: &InferenceError, shrink: &mut Shrink) -> Result<bool, InferenceError> {
        let Some(notice) = shrink.step(Short::Time { reason: error.to_string() }) else { return Ok(false) };
        match self.engine.reopen(&|done, total| self.listener.loading(done, total)) {
            Ok(()) => {
                self.listener.notice(notice);
                self.listener.ready(self.engine.used());
                Ok(true)
            }
            Err(again) if again.is_cancelled() => Err(again),
            Err(again) => {
                tracing::warn!("the card did not open again: {again}");
                Ok(false)
            }
        }
    }

    /// The CPU takes the views that are left. What was finished stays.
    fn go_to_cpu(
        &self,
        error: InferenceError,
        shrink: &mut Shrink,
        rest: &[Photo],
        has_nothing: bool,
    ) -> Result<bool, InferenceError> {
        let wanted = self.engine.used().device;
        match self.engine.go_to_cpu(&error, &|done, total| self.listener.loading(done, total)) {
            Ok(()) => {
                shrink.start_anew(self.engine.loaded()?.network.has_tiles());
                let (reason, is_of_memory) = (error.to_string(), error.is_out_of_memory());
                let was_named = self.settings.device != DeviceChoice::Auto;
                self.listener.notice(Notice::WentOnWithCpu { wanted, reason, is_of_memory, was_named });
                self.listener.ready(self.engine.used());
                Ok(true)
            }
            Err(again) if again.is_cancelled() => Err(again),
            Err(again) => {
                tracing::error!("after {error}: {again}");
                self.end(again, rest, has_nothing)
            }
        }
    }

    /// There is nothing left to try.
    fn end(&self, error: InferenceError, rest: &[Photo], has_nothing: bool) -> Result<bool, InferenceError> {
        if has_nothing {
            return Err(error);
        }
        for photo in rest {
            let why = match error.is_out_of_memory() {
                true => InferenceError::Model(ModelError::OutOfMemory { free_bytes: error.free_bytes() }),
                false => InferenceError::NotLoaded,
            };
            self.listener.view_failed(photo.id, why);
        }
        Ok(false)
    }
}
