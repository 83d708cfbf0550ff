//! The four ways to bring a photo to the process resolution.

use serde::{Deserialize, Serialize};

/// How a photo is brought to the process resolution and to sides divisible by 14.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Method {
    /// Longer side to the resolution, then each side to the nearest multiple of 14.
    #[default]
    UpperBoundResize,
    /// Longer side to the resolution, then a centre crop to multiples of 14.
    UpperBoundCrop,
    /// Shorter side to the resolution, then each side to the nearest multiple of 14.
    LowerBoundResize,
    /// Shorter side to the resolution, then a centre crop to multiples of 14.
    LowerBoundCrop,
}

impl Method {
    /// In the order in which they are offered.
    pub const ALL: [Self; 4] =
        [Self::UpperBoundResize, Self::UpperBoundCrop, Self::LowerBoundResize, Self::LowerBoundCrop];

    /// As shown to people.
    pub fn label(self) -> &'static str {
        match self {
            Self::UpperBoundResize => "Longer side, resize",
            Self::UpperBoundCrop => "Longer side, crop",
            Self::LowerBoundResize => "Shorter side, resize",
            Self::LowerBoundCrop => "Shorter side, crop",
        }
    }

    /// The name of the method in the reference implementation.
    pub fn upstream_name(self) -> &'static str {
        match self {
            Self::UpperBoundResize => "upper_bound_resize",
            Self::UpperBoundCrop => "upper_bound_crop",
            Self::LowerBoundResize => "lower_bound_resize",
            Self::LowerBoundCrop => "lower_bound_crop",
        }
    }

    /// Whether the longer side is the one that becomes the resolution.
    pub(super) fn bounds_longer_side(self) -> bool {
        matches!(self, Self::UpperBoundResize | Self::UpperBoundCrop)
    }

    /// Whether sides become divisible by 14 through a crop.
    pub(super) fn crops(self) -> bool {
        matches!(self, Self::UpperBoundCrop | Self::LowerBoundCrop)
    }
}
