//! A depth map as a picture: inverse depth between two limits, through a colour map.

use image::{Rgb, RgbImage};

use super::ColourMap;
use super::colour_map::table_index;
use crate::geometry::percentiles;

/// Limits of inverse depth (1/unit): `far` is drawn as 1 of the colour map, `near` as 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DepthRange {
    pub far: f32,
    pub near: f32,
}

impl DepthRange {
    /// The 2nd and 98th percentile of 1/depth over pixels with depth > 0, as the reference's pictures have it.
    pub fn automatic(depth: &[f32]) -> Self {
        Self::between_percentiles(depth, 2.0, 98.0)
    }

    /// Percentiles `low` and `high` (0..=100) of 1/depth over pixels with depth > 0; both limits are 0 where ten or
    /// fewer pixels have one, and equal limits are widened by 1e-6.
    pub fn between_percentiles(depth: &[f32], low: f32, high: f32) -> Self {
        Self::of(depth.iter().copied(), low, high)
    }

    /// The same over the pixels of several maps.
    pub fn of(depth: impl Iterator<Item = f32>, low: f32, high: f32) -> Self {
        let inverse: Vec<f32> = depth.filter(|&d| d > 0.0).map(|d| 1.0 / d).collect();
        let (mut far, mut near) = (0.0, 0.0);
        if inverse.len() > 10
            && let Some([low, high]) = percentiles(inverse, [low, high])
        {
            (far, near) = (low, high);
        }
        if far == near {
            far -= 1e-6;
            near += 1e-6;
        }
        Self { far, near }
    }

    /// Position of a depth between the limits: 0 near, 1 far; depths ≤ 0 stand as they are for 1/depth.
    pub fn position(&self, depth: f32) -> f32 {
        let inverse = if depth > 0.0 { 1.0 / depth } else { depth };
        1.0 - ((inverse - self.far) / (self.near - self.far)).clamp(0.0, 1.0)
    }

    /// The colour of a depth in a table of [`ColourMap::table`].
    pub fn colour(&self, depth: f32, table: &[[u8; 3]; 256]) -> [u8; 3] {
        table[table_index(self.position(depth))]
    }
}

/// The picture of a depth map. `depth` is row-major and `width`·`height` long.
///
/// Panics when the length does not fit the size.
pub fn depth_vis(depth: &[f32], width: u32, height: u32, range: DepthRange, map: ColourMap, inverse: bool) -> RgbImage {
    assert_eq!(depth.len(), width as usize * height as usize, "a depth map of the picture's size");
    let table = map.table(inverse);
    RgbImage::from_fn(width, height, |x, y| Rgb(range.colour(depth[y as usize * width as usize + x as usize], &table)))
}
