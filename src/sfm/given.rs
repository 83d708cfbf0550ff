//! What there is to begin with: photos, what is known of their lenses, and which of their points are the same.

use image::{GrayImage, RgbImage};

use crate::geometry::Intrinsics;

/// A photo as it is shown.
pub struct Shot {
    pub picture: RgbImage,
    /// 255 where a pixel is not to be looked at.
    pub hidden: Option<GrayImage>,
    pub lens: LensPrior,
}

/// What is known of a photo's lens, in its pixels; (0.5, 0.5) is the middle of the first one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum LensPrior {
    /// It is taken as it is.
    Known(Intrinsics),
    /// The search begins there, as with EXIF.
    Likely(Intrinsics),
    /// The search begins at a usual lens.
    Unknown,
}

/// A photo, as the solver sees it.
#[derive(Clone, Debug)]
pub struct SolverView {
    /// Width × height.
    pub size: [u32; 2],
    pub lens: LensPrior,
    /// (x, y) in pixels; centres of pixels are whole numbers.
    pub keypoints: Vec<[f32; 2]>,
}

/// Which keypoints of two photos are the same.
#[derive(Clone, Debug)]
pub struct PairMatches {
    /// Places of the photos, in ascending order.
    pub photos: [usize; 2],
    /// Places of keypoints in either, in ascending order.
    pub matches: Vec<[u32; 2]>,
}

/// Lenses count from the corner of the first pixel, keypoints from its middle.
pub(super) fn corner_based([x, y]: [f32; 2]) -> [f32; 2] {
    [x + 0.5, y + 0.5]
}
