//! Passes of networks that look at views jointly: neighbours share views, by which they become one scene.

use std::borrow::Cow;
use std::sync::Arc;

use image::RgbImage;

use super::align::{Alignment, align, carry};
use super::given::bring_to_given;
use super::plan::overlap;
use super::prepare::Ready;
use super::run::{Done, Run};
use super::shrink::Extent;
use super::{Camera, InferenceError, Notice, PassAlignment, Photo, ViewPrediction};
use crate::geometry::{PoseEncoding, Similarity};
use crate::input::preprocess::PixelTransform;
use crate::model::{Encoded, EncodedView};

/// The photos of a run that are looked at jointly, and what has become of them.
pub(super) struct Jointly<'a> {
    run: &'a Run<'a>,
    photos: &'a [Photo],
    /// Photos at the network's size; absent where one cannot be used, or is not needed any more.
    ready: Vec<Option<Ready>>,
    /// Final results, by place, as far as the run has come; empty where a photo gave none.
    settled: Vec<Option<Arc<ViewPrediction>>>,
    /// Scenes so far: passes that do not fit the others begin new ones.
    scenes: usize,
    alignments: Vec<PassAlignment>,
}

impl<'a> Jointly<'a> {
    /// Runs over all photos, pass by pass.
    pub fn over(run: &'a Run<'a>, photos: &'a [Photo]) -> Result<Done, InferenceError> {
        let mut shrink = run.shrink(photos.len().min(2))?;
        let mut jointly =
            Self { run, photos, ready: Vec::new(), settled: Vec::new(), scenes: 0, alignments: Vec::new() };
        let mut is_read = false;
        loop {
            let before = shrink.extent();
            let step = if is_read { jointly.next_pass(before) } else { jointly.read(before.resolution).map(|()| true) };
            match step {
                Ok(true) => is_read = true,
                Ok(false) => break,
                Err(error) => {
                    let (rest, is_first) = (jointly.settled.len(), jointly.settled.iter().all(Option::is_none));
                    if !run.recover(error, &mut shrink, &photos[rest..], is_first)? {
                        break;
                    }
                    is_read &= shrink.extent().resolution == before.resolution;
                }
            }
        }
        jointly.say_how_scenes_came_about();
        Ok(Done { views: jointly.settled.into_iter().flatten().collect(), alignments: jointly.alignments })
    }

    /// Reads the photos that are still needed: those that wait, and those before them that a pass may share.
    fn read(&mut self, resolution: u32) -> Result<(), InferenceError> {
        let first = self.settled.len().saturating_sub(self.overlap(self.run.plan.views_per_pass));
        self.run.view.set(first);
        let mut read = self.run.decode(&self.photos[first..], resolution)?;
        let usable = self.run.unify(read.iter_mut().filter_map(Option::take).collect());
        self.ready = self.photos.iter().map(|_| None).collect();
        for ready in usable {
            if let Some(place) = self.photos.iter().position(|photo| photo.id == ready.photo.id) {
                self.ready[place] = Some(ready);
            }
        }
        Ok(())
    }

    fn overlap(&self, views: usize) -> usize {
        overlap(self.run.settings, views)
    }

    /// Runs the next pass; `false` where nothing is left. Places of photos that cannot be read count as views of a pass:
    /// which views share one does not depend on a broken file.
    fn next_pass(&mut self, extent: Extent) -> Result<bool, InferenceError> {
        let (next, all) = (self.settled.len(), self.photos.len());
        if next == all {
            return Ok(false);
        }
        let first = next.saturating_sub(self.overlap(extent.views_per_pass));
        let end = all.min(first + extent.views_per_pass.max(1)).max(next + 1);
        // What no later pass can share is not needed any more.
        self.ready[..first].fill_with(|| None);
        let group: Vec<&Ready> = self.ready[first..end].iter().flatten().collect();
        if group.is_empty() {
            self.settled.resize(end, None);
            return Ok(true);
        }
        self.run.view.set(next);
        let encoded = self.run.encode(group, extent)?;
        self.take_in(encoded, first, end, extent)?;
        Ok(true)
    }

    /// Draws the views of a pass: first those that are known, which say where the pass lies, then the new ones.
    fn take_in(&mut self, encoded: Encoded, first: usize, end: usize, extent: Extent) -> Result<(), InferenceError> {
        if self.run.known.is_some() || self.run.engine.has_metric_part() {
            return self.take_in_whole(encoded, first, end, extent);
        }
        let Encoded { views, poses, .. } = encoded;
        let places: Vec<usize> = (first..end).filter(|&place| self.ready[place].is_some()).collect();
        let mut poses = poses.unwrap_or_default().into_iter();
        let mut shared = Vec::new();
        let mut similarity = None;
        for (place, view) in places.into_iter().zip(views) {
            let pose = poses.next();
            let is_known = place < self.settled.len();
            if !is_known && similarity.is_none() {
                similarity = Some(self.place_pass(&shared, first));
            }
            let drawn = self.drawn(place, view, pose.as_slice())?;
            if is_known {
                shared.extend(drawn.zip(self.settled[place].clone()));
                continue;
            }
            // Places before this one that have no photo.
            self.settled.resize(place, None);
            let carried = drawn.map(|mut view| {
                carry(&mut view, &similarity.unwrap_or(Similarity::IDENTITY));
                self.run.tell(view)
            });
            self.settled.push(carried);
        }
        self.settled.resize(end, None);
        Ok(())
    }

    /// Draws all views of a pass before any is told: what they have in common, metres or known cameras, follows from all of
    /// them.
    fn take_in_whole(
        &mut self,
        encoded: Encoded,
        first: usize,
        end: usize,
        extent: Extent,
    ) -> Result<(), InferenceError> {
        let places: Vec<usize> = (first..end).filter(|&place| self.ready[place].is_some()).collect();
        // What else the pass gave lies where the next network wants to.
        drop((encoded.camera_tokens, encoded.given_tokens));
        let (poses, encoded) = (encoded.poses, encoded.views);
        let mut poses = poses.unwrap_or_default().into_iter();
        let mut views = Vec::with_capacity(places.len());
        for (place, view) in places.into_iter().zip(encoded) {
            let pose = poses.next();
            let view = self.drawn(place, view, pose.as_slice())?;
            views.extend(self.ready[place].as_ref().zip(view));
        }
        self.run.measure(&mut views, extent)?;
        let is_given = self.run.known.is_some() && self.run.settings.given_scale;
        if self.run.known.is_some() {
            let notices = bring_to_given(&mut views, is_given, self.run.settings.cameras_as);
            notices.into_iter().for_each(|notice| self.run.listener.notice(notice));
        }
        let mut drawn: Vec<Option<ViewPrediction>> = vec![None; end - first];
        for (ready, view) in views {
            if let Some(place) = self.photos[first..end].iter().position(|photo| photo.id == ready.photo.id) {
                drawn[place] = Some(view);
            }
        }
        let new = drawn.split_off(self.settled.len() - first);
        let known = self.settled[first..].iter().cloned();
        let shared: Vec<_> = drawn.into_iter().zip(known).filter_map(|(new, known)| new.zip(known)).collect();
        let similarity = if is_given { self.place_given() } else { self.place_pass(&shared, first) };
        let scene = self.scenes.saturating_sub(1);
        for view in new {
            self.settled.push(view.map(|mut view| {
                view.scene = scene;
                carry(&mut view, &similarity);
                self.run.tell(view)
            }));
        }
        Ok(())
    }

    /// Passes whose cameras are known lie in the world of these.
    fn place_given(&mut self) -> Similarity {
        self.scenes = 1;
        Similarity::IDENTITY
    }

    /// One view's result in the frame of its pass.
    fn drawn(
        &self,
        place: usize,
        view: EncodedView,
        pose: &[PoseEncoding],
    ) -> Result<Option<ViewPrediction>, InferenceError> {
        let maps = self.run.draw(view)?;
        let Some(ready) = &self.ready[place] else { return Ok(None) };
        let scene = self.scenes.saturating_sub(1);
        Ok(self.run.finish(vec![(ready, maps)], Some(pose), scene)?.pop().flatten())
    }

    /// Where a pass lies in the scene so far, by the views that both have seen; a scene of its own where that cannot be told.
    fn place_pass(&mut self, shared: &[(ViewPrediction, Arc<ViewPrediction>)], first: usize) -> Similarity {
        let next = self.settled.len();
        if next == 0 {
            self.scenes = 1;
            return Similarity::IDENTITY;
        }
        // After a lower resolution the same view has other pixels.
        let references: Vec<Cow<ViewPrediction>> =
            shared.iter().map(|(new, known)| resampled(known, [new.width, new.height])).collect();
        let pairs: Vec<_> = shared.iter().zip(&references).map(|((new, _), known)| (new, known.as_ref())).collect();
        match align(&pairs) {
            Ok(found) => {
                let Alignment { similarity, residual, inliers, .. } = found;
                let scale = similarity.scale;
                let alignment = PassAlignment { first_view: next, shared: pairs.len(), scale, residual, inliers };
                tracing::info!("pass from view {first}: {alignment:?}");
                self.alignments.push(alignment);
                similarity
            }
            Err(why) => {
                self.scenes += 1;
                if self.overlap(self.run.plan.views_per_pass) > 0 {
                    self.run.listener.notice(Notice::NotAligned { photo: next + 1, why });
                }
                Similarity::IDENTITY
            }
        }
    }

    fn say_how_scenes_came_about(&self) {
        if self.scenes > 1 && self.overlap(self.run.plan.views_per_pass) == 0 {
            self.run.listener.notice(Notice::SeparateScenes { scenes: self.scenes });
        }
    }
}

/// A view with other numbers of pixels, each the nearest of the old: after a lower resolution, what is known is compared
/// with what is new.
fn resampled(view: &ViewPrediction, [width, height]: [u32; 2]) -> Cow<'_, ViewPrediction> {
    if [view.width, view.height] == [width, height] {
        return Cow::Borrowed(view);
    }
    let old = [view.width, view.height];
    let nearest = |x: u32, y: u32| {
        let [x, y] = [(x, width, old[0]), (y, height, old[1])]
            .map(|(at, new, old)| ((f64::from(at) + 0.5) * f64::from(old) / f64::from(new)) as usize);
        y * old[0] as usize + x
    };
    let places: Vec<usize> = (0..height).flat_map(|y| (0..width).map(move |x| nearest(x, y))).collect();
    let pick = |map: &[f32]| places.iter().map(|&place| map[place]).collect();
    let transform = PixelTransform::IDENTITY.resized(old, [width, height]);
    Cow::Owned(ViewPrediction {
        width,
        height,
        depth: pick(&view.depth),
        confidence: view.confidence.as_deref().map(pick),
        background: view.background.as_ref().map(|map| places.iter().map(|&place| map[place]).collect()),
        camera: Camera { intrinsics: transform.apply(&view.camera.intrinsics), ..view.camera },
        disparity: None,
        sky: None,
        image: RgbImage::default(),
        ..view.clone()
    })
}
