//! Depth that a network gave of a view alone, brought to the scene of the photos' cameras.

use glam::{DVec3, Vec3};

use super::straight::with_lens;
use super::{Scene, SolvedCamera};
use crate::geometry::{Intrinsics, KnownDepth, MetreFit, Rigid, fit_scale_and_shift};
use crate::inference::{LensSource, PoseSource, ViewPrediction};

/// A line through fewer points is chance.
const LEAST_POINTS: usize = 12;
/// Of a neighbour's maps every so many-th pixel, across and down, says where surfaces are.
const STRIDE: usize = 8;
/// Medians of a fit's errors above this part of the depth are no fit.
const MOST_ERROR: f64 = 0.2;

/// A view with its camera in the scene, whose depth is still its own.
pub(super) fn with_camera(view: &ViewPrediction, camera: &SolvedCamera) -> ViewPrediction {
    let is_given = matches!(view.camera.lens, LensSource::Given | LensSource::Known);
    // A picture that was made straight stays as it is: its lens was known, or found before.
    let lens = if view.bent.is_some() { SolvedCamera { k1: 0.0, ..*camera }.lens() } else { camera.lens() };
    let mut placed = with_lens(view, &lens);
    placed.camera.camera_from_world = camera.camera_from_world;
    placed.camera.pose = PoseSource::Matched;
    placed.camera.lens = if is_given { view.camera.lens } else { LensSource::Matched };
    placed
}

/// A view in the scene, and how its depth came there.
pub(super) struct Fitted {
    pub view: ViewPrediction,
    pub fit: MetreFit,
}

impl Fitted {
    /// Brings a view that has its camera in the scene there, by values that are known of its depth.
    pub fn of(view: &ViewPrediction, known: &[KnownDepth]) -> Option<Self> {
        let fit = line(known)?;
        Some(Self { view: view.with_inverse_line(fit.scale, fit.shift)?, fit })
    }
}

/// The points of a scene that one photo sees: where they are in its scene, and in the photo.
pub(super) type Seen = Vec<(DVec3, [f32; 2])>;

/// By photo.
pub(super) fn seen_by_photo(scene: &Scene) -> Vec<Seen> {
    let mut seen = vec![Seen::new(); scene.views.len()];
    for point in &scene.solved.points {
        for &one in &point.seen {
            seen[one[0] as usize].extend(scene.keypoint(one).map(|at| (point.position, at)));
        }
    }
    seen
}

/// Known depths of a view at the points that it sees: z in its camera.
pub(super) fn at_points(view: &ViewPrediction, camera_from_world: &Rigid, seen: &Seen) -> Vec<KnownDepth> {
    let known = |(position, at): &(DVec3, [f32; 2])| {
        let depth = camera_from_world.apply(position.as_vec3()).z;
        let inverse = view.inverse_at(view.pixel_at(at.map(f64::from))?)?;
        (depth > 0.0).then_some(KnownDepth { inverse, metres: depth.into() })
    };
    seen.iter().filter_map(known).collect()
}

/// Known depths of a view where a neighbour that fits already sees surfaces. Both have their cameras in the scene.
pub(super) fn at_neighbour(view: &ViewPrediction, neighbour: &ViewPrediction) -> Vec<KnownDepth> {
    let [width, height] = [neighbour.width, neighbour.height].map(|side| side as usize);
    let between = view.camera.camera_from_world.after(&neighbour.camera.camera_from_world.inverse());
    let known = |x: usize, y: usize| {
        let there = y * width + x;
        let depth = neighbour.is_surface(there).then(|| neighbour.depth[there])?;
        let point = between.apply(neighbour.camera.intrinsics.unproject(x as f32 + 0.5, y as f32 + 0.5, depth));
        let pixel = pixel_of(&view.camera.intrinsics, point, [view.width, view.height])?;
        Some(KnownDepth { inverse: view.inverse_at(pixel)?, metres: point.z.into() })
    };
    let rows = (STRIDE / 2..height).step_by(STRIDE);
    rows.flat_map(|y| (STRIDE / 2..width).step_by(STRIDE).filter_map(move |x| known(x, y))).collect()
}

/// The pixel that shows a point given in the camera's frame.
pub(super) fn pixel_of(k: &Intrinsics, point: Vec3, [width, height]: [u32; 2]) -> Option<usize> {
    let [x, y] = k.project(point)?;
    let is_inside = (0.0..width as f32).contains(&x) && (0.0..height as f32).contains(&y);
    is_inside.then(|| y as usize * width as usize + x as usize)
}

/// The line in inverse depth that most of the values agree on: scale and shift. `None` where they are too few or do not agree.
fn line(known: &[KnownDepth]) -> Option<MetreFit> {
    let fit = fit_scale_and_shift(known).ok()?;
    let is_good = fit.agreeing >= LEAST_POINTS && 2 * fit.agreeing >= fit.values && fit.median_error <= MOST_ERROR;
    is_good.then_some(fit)
}
