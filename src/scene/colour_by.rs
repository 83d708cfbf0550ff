//! What the colour of a point says, and the colours that tell views apart.

use serde::{Deserialize, Serialize};

/// What the colour of a point says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColourBy {
    #[default]
    Photo,
    Depth,
    Confidence,
    View,
    Height,
    /// Which way the surface faces: right, up and towards the viewer of the reference camera as red, green and blue.
    Normal,
}

impl ColourBy {
    /// In the order of the menu; shaders/pixel.wgsl counts on it.
    pub const ALL: [Self; 6] = [Self::Photo, Self::Depth, Self::Confidence, Self::View, Self::Height, Self::Normal];

    /// The word in the menu.
    pub fn label(self) -> &'static str {
        match self {
            Self::Photo => "Photo",
            Self::Depth => "Depth",
            Self::Confidence => "Confidence",
            Self::View => "View",
            Self::Height => "Height",
            Self::Normal => "Surface direction",
        }
    }

    /// Whether the colour map has a say.
    pub fn uses_colour_map(self) -> bool {
        matches!(self, Self::Depth | Self::Confidence | Self::Height)
    }
}

/// The sRGB colour of the `index`-th view: hues a golden ratio apart, so that neighbours in a sequence never look alike
/// and adding a view changes no other colour.
pub fn view_colour(index: usize) -> [u8; 3] {
    const GOLDEN_RATIO_CONJUGATE: f64 = 0.618_033_988_749_895;
    let hue = (0.56 + index as f64 * GOLDEN_RATIO_CONJUGATE).fract();
    hsv(hue as f32, 0.65, 0.95)
}

/// HSV (each 0..=1) to 8-bit RGB: the hexcone model of Smith (1978).
fn hsv(hue: f32, saturation: f32, value: f32) -> [u8; 3] {
    let channel = |offset: f32| {
        let k = (offset + hue * 6.0).rem_euclid(6.0);
        let level = value - value * saturation * k.min(4.0 - k).clamp(0.0, 1.0);
        (level * 255.0).round() as u8
    };
    [channel(5.0), channel(3.0), channel(1.0)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hsv_hits_the_primaries() {
        assert_eq!(hsv(0.0, 1.0, 1.0), [255, 0, 0]);
        assert_eq!(hsv(1.0 / 3.0, 1.0, 1.0), [0, 255, 0]);
        assert_eq!(hsv(2.0 / 3.0, 1.0, 1.0), [0, 0, 255]);
        assert_eq!(hsv(0.3, 0.0, 1.0), [255, 255, 255]);
    }

    #[test]
    fn neighbouring_views_differ() {
        for i in 0..40 {
            let (a, b) = (view_colour(i), view_colour(i + 1));
            let distance: i32 = (0..3).map(|c| (i32::from(a[c]) - i32::from(b[c])).abs()).sum();
            assert!(distance > 100, "views {i} and {} look alike: {a:?} {b:?}", i + 1);
        }
    }
}
