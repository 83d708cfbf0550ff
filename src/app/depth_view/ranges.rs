//! Ranges of depth that were set by hand: each belongs to the scene that it was set for, and to what depths meant there.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::app::desk::results::Measure;
use crate::inference::DepthUnit;
use crate::scene::DepthRange;

/// Longest depth that a range by hand can have, and the shortest.
const DEPTHS: [f32; 2] = [1e-6, 1e6];

/// Of the scenes of one run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Ranges {
    by_scene: BTreeMap<usize, ByHand>,
}

/// Nearest and farthest depth as the run gave them, so that a scale that is set later holds for them as well.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct ByHand {
    unit: DepthUnit,
    limits: [f32; 2],
}

/// Nearest and farthest depth of a range.
pub fn depths(range: DepthRange) -> [f32; 2] {
    [range.near, range.far].map(|inverse| 1.0 / inverse.max(1e-6))
}

impl Ranges {
    /// Nearest and farthest depth for a scene, in its unit as it is shown; `None` where nobody has set them.
    pub fn of(&self, scene: usize, measure: Measure) -> Option<[f32; 2]> {
        let range = self.by_scene.get(&scene).filter(|range| range.unit == measure.given)?;
        Some(range.limits.map(|limit| limit * measure.set_scale))
    }

    /// Sets them; `None` is automatic.
    pub fn set(&mut self, scene: usize, measure: Measure, limits: Option<[f32; 2]>) {
        match limits {
            Some(limits) => {
                let limits = limits.map(|limit| limit / measure.set_scale);
                self.by_scene.insert(scene, ByHand { unit: measure.given, limits });
            }
            None => drop(self.by_scene.remove(&scene)),
        }
    }

    /// As they can be set in the window: what was read may hold anything.
    pub fn within_limits(mut self) -> Self {
        self.by_scene.retain(|_, range| range.limits.iter().all(|limit| limit.is_finite()));
        for range in self.by_scene.values_mut() {
            let [near, far] = range.limits.map(|depth| depth.clamp(DEPTHS[0], DEPTHS[1]));
            range.limits = [near.min(far), far];
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GIVEN: Measure = Measure { unit: DepthUnit::Relative, given: DepthUnit::Relative, set_scale: 1.0 };

    #[test]
    fn a_range_is_that_of_its_scene_and_follows_its_scale() {
        let mut ranges = Ranges::default();
        ranges.set(3, GIVEN, Some([1.0, 4.0]));
        assert_eq!((ranges.of(3, GIVEN), ranges.of(2, GIVEN)), (Some([1.0, 4.0]), None));
        let scaled = Measure { unit: DepthUnit::Metres, set_scale: 2.0, ..GIVEN };
        assert_eq!(ranges.of(3, scaled), Some([2.0, 8.0]));
        ranges.set(3, scaled, Some([3.0, 8.0]));
        assert_eq!(ranges.of(3, GIVEN), Some([1.5, 4.0]));
        let metres = Measure { unit: DepthUnit::Metres, given: DepthUnit::Metres, set_scale: 1.0 };
        assert_eq!(ranges.of(3, metres), None, "depths mean something else by now");
        ranges.set(3, GIVEN, None);
        assert_eq!(ranges, Ranges::default());
    }

    #[test]
    fn what_cannot_be_set_is_brought_back() {
        let mut ranges = Ranges::default();
        ranges.set(0, GIVEN, Some([9.0, -1.0]));
        ranges.set(1, GIVEN, Some([f32::NAN, 2.0]));
        let sound = ranges.within_limits();
        assert_eq!((sound.of(0, GIVEN), sound.of(1, GIVEN)), (Some([DEPTHS[0]; 2]), None));
    }
}
