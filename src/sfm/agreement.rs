//! How far views of one scene agree: what one sees, carried into another and held against what that one sees there.

use rayon::prelude::*;

use super::fit::pixel_of;
use crate::inference::ViewPrediction;

/// Two views that see a surface at depths that differ by this part of it agree by 1/e.
const AGREES: f32 = 0.04;
/// A surface that lies this part of its depth behind what the other view sees there is hidden from it, and says nothing.
const BEHIND: f32 = 0.1;
/// What a pixel that no other view sees is believed, as the number of views that agree half.
const ALONE: f32 = 1.0;
/// Confidence of a pixel on which everything agrees lies so far above that of one on which nothing does.
const SPAN: f32 = 4.0;

/// Confidence of each pixel of a view: 1 where other views see that there is nothing, 5 where all of them see a surface at the same
/// place; where none looks, what is in between.
pub(super) fn confidence(view: &ViewPrediction, others: &[&ViewPrediction]) -> Vec<f32> {
    let betweens: Vec<_> = others
        .iter()
        .map(|other| (*other, other.camera.camera_from_world.after(&view.camera.camera_from_world.inverse())))
        .collect();
    let width = view.width as usize;
    let of_pixel = |pixel: usize| {
        if !view.is_surface(pixel) {
            return 1.0;
        }
        let [x, y] = [pixel % width, pixel / width].map(|at| at as f32 + 0.5);
        let here = view.camera.intrinsics.unproject(x, y, view.depth[pixel]);
        let (mut agreed, mut asked) = (0.5 * ALONE, ALONE);
        for (other, between) in &betweens {
            let there = between.apply(here);
            let seen = pixel_of(&other.camera.intrinsics, there, [other.width, other.height]);
            let Some(seen) = seen.filter(|&seen| other.is_surface(seen)) else { continue };
            let off = (there.z - other.depth[seen]) / there.z;
            if off < BEHIND {
                agreed += (-(off / AGREES).powi(2)).exp();
                asked += 1.0;
            }
        }
        1.0 + SPAN * agreed / asked
    };
    (0..view.depth.len()).into_par_iter().map(of_pixel).collect()
}
