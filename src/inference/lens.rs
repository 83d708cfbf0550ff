//! The lens of photos, as a person knows it: for networks that predict none.

use serde::{Deserialize, Serialize};

use crate::geometry::Intrinsics;
use crate::input::Focal;

/// Two ways to say how wide a lens sees.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Lens {
    /// Field of view across the longer side of the photo, in degrees.
    FieldOfView(f32),
    /// Focal length in millimetres on 35 mm film, as EXIF gives it.
    Focal35(f32),
}

impl Lens {
    /// What lenses can have: degrees, and millimetres on 35 mm film.
    pub const FIELDS_OF_VIEW: std::ops::RangeInclusive<f32> = 1.0..=170.0;
    pub const FOCALS_35: std::ops::RangeInclusive<f32> = 4.0..=3000.0;

    /// Focal length in pixels of a photo of this size, width × height.
    pub fn focal_pixels(self, [width, height]: [u32; 2]) -> f32 {
        match self {
            Self::FieldOfView(degrees) => {
                let longer = width.max(height);
                Intrinsics::from_horizontal_fov(degrees.to_radians(), longer, longer).fx
            }
            Self::Focal35(mm_35) => Focal::of(mm_35).pixels(width, height),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_agree_on_the_same_lens() {
        // 36 mm of film at 18 mm are 90° across; a photo of film's shape has film's diagonal.
        let [wide, film] = [Lens::FieldOfView(90.0), Lens::Focal35(18.0)].map(|lens| lens.focal_pixels([3600, 2400]));
        assert!((wide - 1800.0).abs() < 0.1 && (film - 1800.0).abs() < 0.1, "{wide} {film}");
        assert_eq!(Lens::FieldOfView(90.0).focal_pixels([2400, 3600]), wide, "held upright");
    }
}
