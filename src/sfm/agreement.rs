//! How far views of one scene agree: what one sees, carried into another and held against what that one sees there.

use rayon::prelude::*;

use super::fit::pixel_of;
use crate::geometry::Rigid;
use crate::inference::ViewPrediction;

/// Other views that a view is held against: those that share most points with it.
pub(super) const NEIGHBOURS: usize = 4;
/// Two views that see a surface at depths that differ by this part of it agree by 1/e.
const AGREES: f32 = 0.04;
/// A surface that lies this part of its depth behind what the other view sees there is hidden from it, and says nothing.
const BEHIND: f32 = 0.1;
/// What a pixel that no other view sees is believed, as the number of views that agree half.
const ALONE: f32 = 1.0;
/// Confidence of a pixel on which everything agrees lies so far above that of one on which nothing does.
const SPAN: f32 = 4.0;
/// Two views see the same where they are this part of the depth apart,
const NEAR: f32 = 0.1;
/// on so large a part of what one shows of the other,
const LEAST_AGREED: f64 = 0.5;
/// and that is so large a part of a view.
const LEAST_OVERLAP: f64 = 0.05;
/// Every so many-th pixel is asked.
const STEP: usize = 7;

/// Confidence of each pixel of a view: 1 where other views see that there is nothing, 5 where all of them see a surface at the same
/// place; where none looks, what is in between.
pub(super) fn confidence(view: &ViewPrediction, others: &[&ViewPrediction]) -> Vec<f32> {
    let others: Vec<Carried> = others.iter().map(|other| Carried::new(view, other)).collect();
    let of_pixel = |pixel: usize| {
        if !view.is_surface(pixel) {
            return 1.0;
        }
        let (mut agreed, mut asked) = (0.5 * ALONE, ALONE);
        for off in others.iter().filter_map(|other| other.off(pixel)).filter(|off| *off < BEHIND) {
            agreed += (-(off / AGREES).powi(2)).exp();
            asked += 1.0;
        }
        1.0 + SPAN * agreed / asked
    };
    (0..view.depth.len()).into_par_iter().map(of_pixel).collect()
}

/// Whether a view sees the surfaces that another sees: of its pixels that the other shows, most lie at the same depth. What lies behind
/// counts against it, unlike in [`confidence`]: a view at a wrong place sees everything behind or before.
pub(super) fn agree(view: &ViewPrediction, other: &ViewPrediction) -> bool {
    let carried = Carried::new(view, other);
    let pixels: Vec<usize> = (0..view.depth.len()).step_by(STEP).filter(|&pixel| view.is_surface(pixel)).collect();
    let offs: Vec<f32> = pixels.iter().filter_map(|&pixel| carried.off(pixel)).collect();
    let near = offs.iter().filter(|off| off.abs() < NEAR).count() as f64;
    let is_overlap = offs.len() as f64 >= LEAST_OVERLAP * pixels.len() as f64;
    is_overlap && near >= LEAST_AGREED * offs.len().max(1) as f64
}

/// A view carried into another.
struct Carried<'a> {
    view: &'a ViewPrediction,
    other: &'a ViewPrediction,
    between: Rigid,
}

impl<'a> Carried<'a> {
    fn new(view: &'a ViewPrediction, other: &'a ViewPrediction) -> Self {
        let between = other.camera.camera_from_world.after(&view.camera.camera_from_world.inverse());
        Self { view, other, between }
    }

    /// By what part of its depth a surface of the view lies behind what the other sees there; `None` where that one shows nothing.
    fn off(&self, pixel: usize) -> Option<f32> {
        let Self { view, other, between } = self;
        let width = view.width as usize;
        let [x, y] = [pixel % width, pixel / width].map(|at| at as f32 + 0.5);
        let there = between.apply(view.camera.intrinsics.unproject(x, y, view.depth[pixel]));
        let seen = pixel_of(&other.camera.intrinsics, there, [other.width, other.height])?;
        other.is_surface(seen).then(|| (there.z - other.depth[seen]) / there.z)
    }
}
