//! Pixels that a photo hides give no depth and no points.

use std::sync::Arc;

use super::ViewPrediction;

/// Whether pixels are hidden, by their place; `None` where none is.
pub(super) type Hidden<'a> = Option<&'a [bool]>;

impl ViewPrediction {
    /// Takes depth and surface from what is hidden. Before depth is final, only the surface: what aligns views asks for it.
    pub(super) fn hide(&mut self, hidden: Hidden) {
        let Some(hidden) = hidden else { return };
        self.hide_surface(Some(hidden));
        let places = || hidden.iter().enumerate().filter(|(_, hidden)| **hidden).map(|(place, _)| place);
        places().for_each(|place| self.depth[place] = 0.0);
        if let Some(disparity) = &mut self.disparity {
            places().for_each(|place| disparity[place] = 0.0);
        }
        if let Some(sky) = &mut self.sky {
            places().for_each(|place| sky[place] = false);
        }
        if let Some(gaussians) = &mut self.extras.gaussians {
            let raw = Arc::make_mut(&mut gaussians.raw);
            places().for_each(|place| raw.opacity[place] = 0.0);
        }
    }

    /// Only takes the surface: clouds, and what aligns views, leave such pixels out.
    pub(super) fn hide_surface(&mut self, hidden: Hidden) {
        let Some(hidden) = hidden else { return };
        let background = self.background.get_or_insert_with(|| vec![false; hidden.len()]);
        background.iter_mut().zip(hidden).for_each(|(background, hidden)| *background |= hidden);
    }
}
