//! One size for photos that a network looks at together, and what each photo loses or gains by it.

use serde::{Deserialize, Serialize};

/// What becomes of photos of different shapes that are looked at together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shapes {
    /// A crop where no photo loses [`MOST_LOST`] of its picture or more, else a common frame.
    #[default]
    Automatic,
    /// All are cropped around their centre to the smallest width and the smallest height among them, as the reference does.
    Crop,
    /// All are seen whole, each in the middle of a frame as wide and as high as the largest.
    Letterbox,
    /// Photos of another shape than most are left out.
    LeaveOut,
}

impl Shapes {
    /// In the order in which they are offered.
    pub const ALL: [Self; 4] = [Self::Automatic, Self::Crop, Self::Letterbox, Self::LeaveOut];

    /// As shown to people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Automatic => "Automatic",
            Self::Crop => "Crop to what fits all",
            Self::Letterbox => "Whole, with a rim",
            Self::LeaveOut => "Leave the odd ones out",
        }
    }
}

/// From this part of a photo's picture on a crop costs too much to happen unasked.
const MOST_LOST: f64 = 0.05;

/// The size that photos of a pass are brought to, and how.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Common {
    /// Width and height, multiples of 14.
    pub size: [u32; 2],
    pub way: Way,
    /// Photos of another size.
    pub others: usize,
    /// The part of its picture that a photo would lose by a crop, at most: 0..1.
    pub lost: f64,
}

/// How photos come to the common size.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// They have it.
    AsTheyAre,
    Cropped,
    Framed,
    /// Those that do not have it are left out.
    LeftOut,
}

impl Common {
    /// Of images that have this size already.
    pub fn of_one(size: [u32; 2]) -> Self {
        Self { size, way: Way::AsTheyAre, others: 0, lost: 0.0 }
    }
}

/// What `sizes`, the network's for each photo, have in common; an empty size without any.
pub fn common(sizes: &[[u32; 2]], shapes: Shapes) -> Common {
    let by_axis = |of: fn(u32, u32) -> u32| {
        sizes.iter().copied().reduce(|a, b| [of(a[0], b[0]), of(a[1], b[1])]).unwrap_or_default()
    };
    let (least, most) = (by_axis(u32::min), by_axis(u32::max));
    let area = |[width, height]: [u32; 2]| f64::from(width) * f64::from(height);
    let lost = sizes.iter().map(|&size| 1.0 - area(least) / area(size)).fold(0.0, f64::max);
    if least == most {
        return Common::of_one(least);
    }
    let (size, way) = match shapes {
        Shapes::Automatic if lost < MOST_LOST => (least, Way::Cropped),
        Shapes::Crop => (least, Way::Cropped),
        Shapes::Automatic | Shapes::Letterbox => (most, Way::Framed),
        Shapes::LeaveOut => (most_frequent(sizes), Way::LeftOut),
    };
    Common { size, way, others: sizes.iter().filter(|other| **other != size).count(), lost }
}

/// The size that most have; of several the one that comes first.
fn most_frequent(sizes: &[[u32; 2]]) -> [u32; 2] {
    let count = |size: &[u32; 2]| sizes.iter().filter(|other| *other == size).count();
    let best = |best: [u32; 2], size: &[u32; 2]| if count(size) > count(&best) { *size } else { best };
    sizes.iter().fold(sizes.first().copied().unwrap_or_default(), best)
}

/// Columns and rows before a picture in the middle of a frame; sides of both are multiples of 14.
pub fn margins(frame: [u32; 2], picture: [u32; 2]) -> [u32; 2] {
    [0, 1].map(|axis| frame[axis].saturating_sub(picture[axis]) / 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    const WIDE: [u32; 2] = [504, 378];
    const HIGH: [u32; 2] = [378, 504];

    #[test]
    fn portrait_and_landscape_share_a_frame_unless_a_crop_is_asked_for() {
        let sizes = [WIDE, HIGH, WIDE];
        let found = common(&sizes, Shapes::Automatic);
        assert_eq!((found.size, found.way, found.others), ([504, 504], Way::Framed, 3));
        assert!((found.lost - 0.25).abs() < 1e-9, "a quarter of each: {}", found.lost);
        let found = common(&sizes, Shapes::Crop);
        assert_eq!((found.size, found.way), ([378, 378], Way::Cropped));
        let found = common(&sizes, Shapes::LeaveOut);
        assert_eq!((found.size, found.way, found.others), (WIDE, Way::LeftOut, 1));
        assert_eq!(margins([504, 504], HIGH), [63, 0]);
    }

    #[test]
    fn a_sliver_is_cropped() {
        let found = common(&[[504, 378], [504, 364]], Shapes::Automatic);
        assert_eq!((found.size, found.way, found.others), ([504, 364], Way::Cropped, 1));
        assert!(found.lost < MOST_LOST);
        assert_eq!(common(&[WIDE; 2], Shapes::Letterbox).way, Way::AsTheyAre);
        assert_eq!(common(&[], Shapes::Automatic).size, [0, 0]);
    }
}
