//! How the 2D view shows a result.

use serde::{Deserialize, Serialize};

use crate::scene::{ColourMap, DepthRange};

/// A picture that a view can be shown as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Layer {
    Photo,
    Depth,
    Confidence,
    Sky,
}

impl Layer {
    pub const ALL: [Self; 4] = [Self::Photo, Self::Depth, Self::Confidence, Self::Sky];

    pub fn label(self) -> &'static str {
        match self {
            Self::Photo => "Photo",
            Self::Depth => "Depth",
            Self::Confidence => "Confidence",
            Self::Sky => "Sky",
        }
    }
}

/// How many pictures are shown, and where.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Arrangement {
    Single,
    #[default]
    SideBySide,
    Swipe,
}

impl Arrangement {
    pub fn next(self) -> Self {
        match self {
            Self::Single => Self::SideBySide,
            Self::SideBySide => Self::Swipe,
            Self::Swipe => Self::Single,
        }
    }
}

/// Which depths the colour map spans.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum RangeChoice {
    /// Percentiles (0..=100) of inverse depth: far and near.
    Percentiles([f32; 2]),
    /// Nearest and farthest depth, in the result's unit.
    ByHand([f32; 2]),
}

impl RangeChoice {
    /// The range for one depth map.
    pub fn resolve(&self, depth: &[f32]) -> DepthRange {
        match *self {
            Self::Percentiles([low, high]) => DepthRange::between_percentiles(depth, low, high),
            Self::ByHand([near, far]) => {
                let near = near.max(f32::MIN_POSITIVE);
                let far = far.max(near * 1.001);
                DepthRange { far: 1.0 / far, near: 1.0 / near }
            }
        }
    }
}

/// Everything a person can choose about the 2D view; remembered between starts.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct DepthSettings {
    pub arrangement: Arrangement,
    /// The only picture, or the left one.
    pub first: Layer,
    /// The right (or lower) picture.
    pub second: Layer,
    pub map: ColourMap,
    pub is_inverse: bool,
    /// Which depths the colours span where nobody has set others by hand: percentiles (0..=100) of inverse depth, far and near.
    pub percentiles: [f32; 2],
    /// Where the swipe stands, 0..1 of the width in which the pictures are shown.
    pub swipe: f32,
    /// Depth is drawn at the size of its photo.
    pub is_full_size: bool,
}

impl Default for DepthSettings {
    fn default() -> Self {
        Self {
            arrangement: Arrangement::SideBySide,
            first: Layer::Photo,
            second: Layer::Depth,
            map: ColourMap::Spectral,
            is_inverse: false,
            percentiles: [2.0, 98.0],
            swipe: 0.5,
            is_full_size: false,
        }
    }
}

impl DepthSettings {
    /// The pictures on screen. Alone, depth is what one came for.
    pub fn layers(&self) -> Vec<Layer> {
        match self.arrangement {
            Arrangement::Single => vec![self.second],
            Arrangement::SideBySide | Arrangement::Swipe => vec![self.first, self.second],
        }
    }

    /// The next colour map in menu order.
    pub fn next_map(&mut self) {
        let at = ColourMap::ALL.iter().position(|map| *map == self.map).unwrap_or(0);
        self.map = ColourMap::ALL[(at + 1) % ColourMap::ALL.len()];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_by_hand_is_inverse_depth_and_never_empty() {
        assert_eq!(RangeChoice::ByHand([2.0, 8.0]).resolve(&[]), DepthRange { far: 0.125, near: 0.5 });
        let empty = RangeChoice::ByHand([3.0, 1.0]).resolve(&[]);
        assert!(empty.near > empty.far);
    }
}
