//! Views in the scene of their cameras: each with its depth brought there.

use std::cmp::Reverse;
use std::sync::Arc;

use rayon::prelude::*;

use super::agreement::NEIGHBOURS;
use super::fit::{Fitted, at_neighbour, at_points, seen_by_photo, with_camera};
use super::lifted::{Lifted, lift};
use super::matches::matches;
use super::{Follow, Scene, SfmError};
use crate::geometry::{KnownDepth, percentile};
use crate::inference::{Matched, ViewPrediction};

/// Photos, their cameras, and which depth fits them.
pub(super) struct Placement<'a> {
    pub views: &'a [Arc<ViewPrediction>],
    pub scene: Scene,
    /// By photo: the others that share points with it, those that share most first.
    pub neighbours: Vec<Vec<usize>>,
    /// By photo; `None` where it has no camera or its depth does not fit.
    pub fitted: Vec<Option<Fitted>>,
    /// Photos that the points of the scene left out, and that the depth of others placed.
    pub lifted: usize,
}

impl<'a> Placement<'a> {
    /// Brings the depth of views to the cameras of their scene; then photos that have none to the depth of those that have.
    ///
    /// # Errors
    /// Where fewer than two views come there, and where that is cancelled.
    pub fn new(views: &'a [Arc<ViewPrediction>], scene: Scene, follow: &dyn Follow) -> Result<Self, SfmError> {
        let neighbours = neighbours(&scene);
        let fitted = fitted(views, &scene, &neighbours);
        let mut placement = Self { views, scene, neighbours, fitted, lifted: 0 };
        placement.lift_others(follow);
        if placement.count() < 2 {
            return Err(SfmError::NoDepth);
        }
        if follow.is_cancelled() { Err(SfmError::Cancelled) } else { Ok(placement) }
    }

    /// Views in the scene.
    fn count(&self) -> usize {
        self.fitted.iter().flatten().count()
    }

    /// What there is to tell, but for the points and the number of the scene.
    pub fn told(&self) -> Matched {
        let errors = self.fitted.iter().flatten().map(|fitted| fitted.fit.median_error as f32);
        Matched {
            placed: self.count(),
            photos: self.fitted.len(),
            by: self.scene.by(),
            pairs: self.scene.solved.pairs.len(),
            residual: self.scene.solved.residual,
            depth_error: percentile(errors, 50.0).unwrap_or(0.0).into(),
            lifted: self.lifted,
            matches: matches(self.views, &self.scene),
            ..Matched::default()
        }
    }

    /// Each photo that gets a camera lifts points for those that have none as yet and match it.
    fn lift_others(&mut self, follow: &dyn Follow) {
        let mut fresh: Vec<usize> = (0..self.views.len()).filter(|&photo| self.fitted[photo].is_some()).collect();
        while !fresh.is_empty() {
            let meets = |photo: usize| {
                let pairs = self.scene.pairs.iter().filter(|pair| pair.photos.contains(&photo));
                pairs.flat_map(|pair| pair.photos).any(|other| fresh.contains(&other))
            };
            let found = |photo: usize| {
                let is_tried = self.fitted[photo].is_none() && !follow.is_cancelled() && meets(photo);
                Some((photo, is_tried.then(|| lift(photo, self.views, &self.scene, &self.fitted))??))
            };
            let found: Vec<(usize, Lifted)> = (0..self.views.len()).into_par_iter().filter_map(found).collect();
            fresh = found.iter().map(|(photo, _)| *photo).collect();
            found.into_iter().for_each(|(photo, lifted)| self.take_in(photo, lifted));
        }
    }

    fn take_in(&mut self, photo: usize, Lifted { camera, fitted, neighbours }: Lifted) {
        self.scene.solved.cameras[photo] = Some(camera);
        self.fitted[photo] = Some(fitted);
        neighbours.iter().for_each(|&other| self.neighbours[other].push(photo));
        self.neighbours[photo] = neighbours;
        self.lifted += 1;
    }
}

/// By view; `None` where it has no camera or its depth does not fit.
fn fitted(views: &[Arc<ViewPrediction>], scene: &Scene, neighbours: &[Vec<usize>]) -> Vec<Option<Fitted>> {
    let seen = seen_by_photo(scene);
    let in_place = |photo: usize| {
        let camera = scene.solved.cameras[photo].as_ref()?;
        let known = at_points(&views[photo], &camera.camera_from_world, &seen[photo]);
        Some((with_camera(&views[photo], camera), known))
    };
    let places: Vec<Option<(ViewPrediction, Vec<KnownDepth>)>> =
        (0..views.len()).into_par_iter().map(in_place).collect();
    let mut fitted: Vec<Option<Fitted>> =
        places.par_iter().map(|place| place.as_ref().and_then(|(view, known)| Fitted::of(view, known))).collect();
    // Where points are few, the surfaces of neighbours say more. Those that came to fit help the next round.
    loop {
        let helped = |photo: usize| {
            let (view, known) = places[photo].as_ref().filter(|_| fitted[photo].is_none())?;
            let others = neighbours[photo].iter().filter_map(|&other| fitted[other].as_ref());
            let around = others.take(NEIGHBOURS).flat_map(|other| at_neighbour(view, &other.view));
            let known: Vec<KnownDepth> = known.iter().copied().chain(around).collect();
            Some((photo, Fitted::of(view, &known)?))
        };
        let more: Vec<(usize, Fitted)> = (0..views.len()).into_par_iter().filter_map(helped).collect();
        if more.is_empty() {
            return fitted;
        }
        more.into_iter().for_each(|(photo, fit)| fitted[photo] = Some(fit));
    }
}

fn neighbours(scene: &Scene) -> Vec<Vec<usize>> {
    let of = |(photo, shared): (usize, Vec<usize>)| {
        let mut others: Vec<usize> = (0..shared.len()).filter(|&other| other != photo && shared[other] > 0).collect();
        others.sort_by_key(|&other| Reverse(shared[other]));
        others
    };
    scene.solved.shared().into_iter().enumerate().map(of).collect()
}
