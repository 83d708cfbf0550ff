//! Passes of networks that look at views one by one, or share no more than their sky.

use std::sync::Arc;

use super::prepare::Ready;
use super::run::Run;
use super::shrink::Extent;
use super::{InferenceError, Photo, ViewPrediction};

impl Run<'_> {
    /// Views never see each other; photos are decoded when their turn comes.
    pub fn singly(&self, photos: &[Photo]) -> Result<Vec<Arc<ViewPrediction>>, InferenceError> {
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
        // What else the pass gave lies where the next network wants to.
        drop((encoded.camera_tokens, encoded.given_tokens));
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
}
