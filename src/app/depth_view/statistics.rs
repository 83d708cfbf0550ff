//! Numbers about one depth map, computed when the map or the range changes.

use std::sync::Arc;

use super::settings::RangeChoice;
use crate::inference::ViewPrediction;
use crate::scene::{DepthRange, percentiles};

/// Bars of the histogram.
pub const BARS: usize = 40;

/// Range and histogram of the view that is shown.
pub struct Statistics {
    view: Arc<ViewPrediction>,
    choice: RangeChoice,
    pub range: DepthRange,
    /// Share of the pixels with a surface that lies outside of a range by hand, 0..=1.
    pub outside: f32,
    /// Inverse depths at the left (near) and right (far) end of the histogram, 1 / the result's unit.
    pub span: [f32; 2],
    /// Share of pixels per bar, 0..1 of the tallest.
    pub bars: [f32; BARS],
}

impl Statistics {
    pub fn new(view: &Arc<ViewPrediction>, choice: RangeChoice) -> Self {
        let range = choice.resolve(&view.depth);
        let [far, near] = percentiles(surface(view), [0.5, 99.5]).unwrap_or([0.0, 1.0]);
        let span = [near.max(far * (1.0 + f32::EPSILON)), far];
        let outside = if matches!(choice, RangeChoice::ByHand(_)) { share_outside(view, range) } else { 0.0 };
        Self { view: Arc::clone(view), choice, range, outside, span, bars: histogram(view, span) }
    }

    /// True while these numbers belong to what is shown.
    pub fn fits(&self, view: &Arc<ViewPrediction>, choice: &RangeChoice) -> bool {
        Arc::ptr_eq(&self.view, view) && self.choice == *choice
    }
}

/// Inverse depths of pixels that show a surface. As the colours are, and as most networks see: in depth itself a few far
/// pixels would push all others into the first bars.
fn surface(view: &ViewPrediction) -> impl Iterator<Item = f32> {
    let background = view.background.as_deref().unwrap_or(&[]);
    let seen = view.depth.iter().enumerate().filter(|(i, _)| !background.get(*i).copied().unwrap_or(false));
    seen.filter(|(_, depth)| **depth > 0.0).map(|(_, depth)| depth.recip())
}

fn share_outside(view: &ViewPrediction, range: DepthRange) -> f32 {
    let is_outside = |inverse: f32| u64::from(!(range.far..=range.near).contains(&inverse));
    let [all, outside] = surface(view).fold([0, 0], |[all, outside], inverse| [all + 1, outside + is_outside(inverse)]);
    outside as f32 / all.max(1) as f32
}

fn histogram(view: &ViewPrediction, [near, far]: [f32; 2]) -> [f32; BARS] {
    let mut bars = [0.0; BARS];
    for inverse in surface(view) {
        let place = (near - inverse) / (near - far) * BARS as f32;
        if (0.0..BARS as f32).contains(&place) {
            bars[place as usize] += 1.0;
        }
    }
    let tallest = bars.iter().copied().fold(1.0, f32::max);
    bars.map(|bar| bar / tallest)
}
