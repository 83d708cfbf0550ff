//! Everything that decides what one picture looks like, as plain data: equal frames give equal pictures.

use crate::scene::{ColourBy, ColourMap, FilterLimits, OrbitCamera, Segment};

/// One picture of a scene, but for its size.
#[derive(Clone, Debug, PartialEq)]
pub struct Frame {
    pub camera: OrbitCamera,
    /// Per view of the scene: whether its points are drawn. Views beyond the end are not.
    pub visible: Vec<bool>,
    pub limits: FilterLimits,
    pub points: PointStyle,
    /// Strength of eye-dome lighting, 0 (off) ..= 1.
    pub eye_dome: f32,
    pub segments: Vec<Segment>,
    /// Views whose photo hangs in its frustum, at this z-depth.
    pub photos: Vec<usize>,
    pub photo_depth: f32,
    /// sRGB and straight alpha.
    pub background: [u8; 4],
    /// Every how many rows and columns of a depth map are drawn; at least 1.
    pub stride: u32,
    /// Pixels per point of the user interface: lines and points of a given width keep it on dense screens.
    pub scale: f32,
}

/// How points look.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PointStyle {
    /// Pixels, or footprints of the photo's pixels where `attenuate`.
    pub size: f32,
    /// Points are as large as what they show: near ones are wide and far ones narrow.
    pub attenuate: bool,
    pub colour_by: ColourBy,
    pub colour_map: ColourMap,
    pub inverse_colours: bool,
}

impl Frame {
    /// Whether no point is wider than a pixel, so that they can be drawn as points: three times as fast as splats on a
    /// software adapter.
    pub(super) fn points_are_pixels(&self) -> bool {
        !self.points.attenuate && self.points.size * self.scale * self.stride as f32 <= 1.0
    }
}
