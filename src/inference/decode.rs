//! The photos of a pass, read: from files to what the network wants to see.

use std::time::Instant;

use rayon::prelude::*;

use super::cost::Part;
use super::prepare::{Ready, Unified, unify};
use super::run::Run;
use super::{InferenceError, Notice, Photo, RunStage, Settings};
use crate::input::{ViewId, display_name, listed};

impl Run<'_> {
    /// Decodes photos side by side, in order; the ones that fail leave an empty place, and are told once all are read: when
    /// memory runs out on the way, they are read again.
    pub fn decode(&self, photos: &[Photo], resolution: u32) -> Result<Vec<Option<Ready>>, InferenceError> {
        let started = Instant::now();
        let first = self.view.get();
        let settings = Settings { resolution: Some(resolution), ..self.settings.clone() };
        let mut ready = Vec::with_capacity(photos.len());
        let (mut failed, mut remarks) = (Vec::new(), Vec::new());
        let side_by_side = self.decoded_together.get();
        let (limits, known, most_pixels) = (self.limits, self.known.as_ref(), self.plan.most_pixels);
        for (i, together) in photos.chunks(side_by_side).enumerate() {
            self.listener.go_on(RunStage::Decode)?;
            self.listener.progress(RunStage::Decode, first + i * side_by_side, self.progress.with(0.0, Part::Decode));
            let preset = self.engine.preset();
            let decode = |photo| Ready::new(photo, preset, &settings, limits, most_pixels, known);
            let decoded: Vec<_> = together.par_iter().map(decode).collect();
            for (photo, result) in together.iter().zip(decoded) {
                match result {
                    Ok(one) => {
                        remarks.extend(one.remark.map(|remark| Notice::Remark { path: photo.path.clone(), remark }));
                        ready.push(Some(one));
                    }
                    Err(error @ InferenceError::Resolution { .. }) => return Err(error),
                    Err(error) => {
                        failed.push((photo.id, error));
                        ready.push(None);
                    }
                }
                self.progress.add(Part::Decode);
            }
        }
        failed.into_iter().for_each(|(photo, error)| self.fail(photo, error));
        self.about.borrow_mut().add(ready.iter().flatten());
        let stretched = ready.iter().flatten().filter(|one: &&Ready| one.is_stretched);
        let stretched: Vec<String> = stretched.map(|one| display_name(&one.photo.path)).collect();
        if !stretched.is_empty() {
            self.listener.notice(Notice::StretchedCameras { names: listed(&stretched) });
        }
        remarks.into_iter().for_each(|remark| self.listener.notice(remark));
        self.time(started, |seconds| &mut seconds.decode);
        Ok(ready)
    }

    /// Photos that are looked at together at one size; what that costs is told.
    pub fn unify(&self, group: Vec<Ready>) -> Vec<Ready> {
        let Unified { ready, notice, left_out } = unify(group, self.settings.shapes);
        notice.into_iter().for_each(|notice| self.listener.notice(notice));
        left_out.into_iter().for_each(|(photo, error)| self.fail(photo, error));
        ready
    }

    /// A photo gives no result: its part of the work counts as done.
    fn fail(&self, photo: ViewId, error: InferenceError) {
        self.progress.add(Part::Backbone(1));
        self.progress.add(Part::Head);
        self.listener.view_failed(photo, error);
    }
}
