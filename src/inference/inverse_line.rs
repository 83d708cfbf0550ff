//! Depth by a line over inverse depth, as known depths and points of a scene give it.

use std::borrow::Cow;

use super::ViewPrediction;
use crate::geometry::percentile;

/// Fitted disparity up to this part of the view's largest is no surface but background, see
/// [`super::depth_from_disparity`]: nothing lies more than a hundred times as far away as what is nearest.
const BACKGROUND_DISPARITY: f64 = 0.01;
/// The largest disparity is this percentile.
const LARGEST_DISPARITY_PERCENTILE: f32 = 99.0;

impl ViewPrediction {
    /// What the network says of a pixel as inverse depth: disparity, as it gave it, else 1 ÷ depth. `None` where there is no
    /// surface.
    pub fn inverse_at(&self, pixel: usize) -> Option<f64> {
        let disparity = self.disparity.as_ref().map(|map| f64::from(map[pixel]));
        self.is_surface(pixel).then(|| disparity.unwrap_or(1.0 / f64::from(self.depth[pixel])))
    }

    /// The same view with another depth: 1 ÷ depth = `scale` · inverse + `shift`, with the inverse of [`Self::inverse_at`].
    ///
    /// What is no surface stays none; where this comes to a hundredth of the largest or less (also below zero) there is none
    /// either, and depth is a hundred times the nearest. `None` where nothing would be a surface.
    pub fn with_inverse_line(&self, scale: f64, shift: f64) -> Option<Self> {
        let of_depth = || self.depth.iter().map(|&depth| if depth > 0.0 { 1.0 / depth } else { 0.0 }).collect();
        let inverses: Cow<'_, [f32]> = self.disparity.as_deref().map_or_else(|| Cow::Owned(of_depth()), Cow::Borrowed);
        let largest = percentile(inverses.iter().copied(), LARGEST_DISPARITY_PERCENTILE)?;
        let largest = scale * f64::from(largest) + shift;
        let least = BACKGROUND_DISPARITY * largest;
        if !(least > 0.0 && (1.0 / least).is_finite()) {
            return None;
        }
        let mut view = self.clone();
        let background = view.background.get_or_insert_with(|| vec![false; inverses.len()]);
        let pixels = view.depth.iter_mut().zip(background.iter_mut()).zip(inverses.iter());
        // Hidden pixels have no depth at all.
        for ((depth, is_background), inverse) in pixels.filter(|((depth, _), _)| **depth > 0.0) {
            let inverse = scale * f64::from(*inverse) + shift;
            *is_background |= inverse <= least;
            *depth = (1.0 / inverse.max(least)) as f32;
        }
        background.iter().any(|is_background| !is_background).then_some(view)
    }
}

#[cfg(test)]
mod tests {
    use crate::examples::synthetic;
    use crate::input::ViewId;

    #[test]
    fn disparity_becomes_metres_and_what_is_too_far_background() {
        let mut view = synthetic::render(0, 10, 10).into_prediction(ViewId(0), "a.png".into());
        view.disparity = Some((0..100).map(|i| i as f32 / 10.0).collect());
        view.depth[99] = 0.0;
        view.background = Some((0..100).map(|i| i == 50).collect());
        // 1 ÷ metres from −0.5 to 1.48.
        let fitted = view.with_inverse_line(0.2, -0.5).expect("surfaces");
        assert!((fitted.depth[60] - 1.0 / 0.7).abs() < 1e-5 && (fitted.depth[30] - 10.0).abs() < 1e-4);
        let background = fitted.background.as_ref().expect("there");
        assert_eq!([0, 25, 26, 50, 60].map(|place| background[place]), [true, true, false, true, false]);
        // The 99th percentile of disparity is 9.801, a hundred times as far: 1 ÷ (0.01 · 1.4602) m.
        assert!((fitted.depth[0] - 68.48).abs() < 0.01 && fitted.depth[25] == fitted.depth[0], "{}", fitted.depth[0]);
        assert_eq!((fitted.depth[99], fitted.disparity), (0.0, view.disparity.clone()));
        assert!(view.with_inverse_line(0.2, -3.0).is_none(), "nothing is left");
        // Without disparity the line is over 1 ÷ depth.
        (view.disparity, view.background) = (None, None);
        (view.depth[3], view.depth[99]) = (2.0, 0.0);
        assert_eq!((view.inverse_at(3), view.inverse_at(99)), (Some(0.5), None));
        let moved = view.with_inverse_line(0.5, 0.25).expect("surfaces");
        assert!((moved.depth[3] - 2.0).abs() < 1e-5 && moved.depth[99] == 0.0, "{}", moved.depth[3]);
    }
}
