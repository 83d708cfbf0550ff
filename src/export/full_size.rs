//! A view's maps at the size in which they are written.

use super::Enlarging;
use crate::inference::ViewPrediction;

/// Neighbours whose depths differ by more than this part of the smaller one belong to different surfaces.
const STEP: f32 = 0.1;

/// Maps of one view at some size, row-major.
#[derive(Clone, Debug)]
pub(super) struct SizedMaps {
    pub size: [u32; 2],
    /// How depth and confidence came to this size; `None` for the size in which the network gave them.
    pub enlarging: Option<Enlarging>,
    pub depth: Vec<f32>,
    pub confidence: Option<Vec<f32>>,
    pub background: Option<Vec<bool>>,
    pub sky: Option<Vec<bool>>,
}

impl SizedMaps {
    /// The maps as the network gave them.
    pub fn as_processed(view: &ViewPrediction) -> Self {
        Self {
            size: [view.width, view.height],
            enlarging: None,
            depth: view.depth.clone(),
            confidence: view.confidence.clone(),
            background: view.background.clone(),
            sky: view.sky.clone(),
        }
    }

    /// The maps at the photo's size; masks take the nearest pixel.
    pub fn as_photo(view: &ViewPrediction, enlarging: Enlarging) -> Self {
        let grid = Grid::new([view.width, view.height], view.photo_size);
        let enlarged = |map: &[f32]| match enlarging {
            Enlarging::Bilinear => grid.between(map, |_| true),
            Enlarging::EdgeAware => grid.between(map, |around| is_one_surface(around.map(|at| view.depth[at]))),
            Enlarging::Nearest => grid.nearest(map),
        };
        Self {
            size: view.photo_size,
            enlarging: Some(enlarging),
            depth: enlarged(&view.depth),
            confidence: view.confidence.as_deref().map(enlarged),
            background: view.background.as_ref().map(|mask| grid.nearest(mask)),
            sky: view.sky.as_ref().map(|mask| grid.nearest(mask)),
        }
    }
}

fn is_one_surface(depths: [f32; 4]) -> bool {
    let (near, far) = depths.iter().fold((f32::MAX, f32::MIN), |(near, far), &d| (near.min(d), far.max(d)));
    far - near <= STEP * near
}

/// Where the pixels of a larger or smaller picture look, corners on corners: pixel i at i·(in−1)/(out−1).
struct Grid {
    width: usize,
    columns: Vec<Tap>,
    rows: Vec<Tap>,
}

/// Two neighbouring positions, and how far something lies towards the second.
#[derive(Clone, Copy)]
struct Tap {
    first: usize,
    second: usize,
    fraction: f32,
}

impl Grid {
    fn new(from: [u32; 2], to: [u32; 2]) -> Self {
        let taps = |axis: usize| (0..to[axis]).map(|i| Tap::new(i, from[axis], to[axis])).collect();
        Self { width: from[0] as usize, columns: taps(0), rows: taps(1) }
    }

    /// Bilinear where `is_smooth` agrees for the four pixels around (their indices), else the nearest of them.
    fn between(&self, map: &[f32], is_smooth: impl Fn([usize; 4]) -> bool) -> Vec<f32> {
        let mut out = Vec::with_capacity(self.columns.len() * self.rows.len());
        for y in &self.rows {
            let (upper, lower) = (y.first * self.width, y.second * self.width);
            out.extend(self.columns.iter().map(|x| {
                let around = [upper + x.first, upper + x.second, lower + x.first, lower + x.second];
                if !is_smooth(around) {
                    return map[y.nearest() * self.width + x.nearest()];
                }
                let [a, b, c, d] = around.map(|at| map[at]);
                let (top, bottom) = (a + (b - a) * x.fraction, c + (d - c) * x.fraction);
                top + (bottom - top) * y.fraction
            }));
        }
        out
    }

    fn nearest<T: Copy>(&self, map: &[T]) -> Vec<T> {
        let mut out = Vec::with_capacity(self.columns.len() * self.rows.len());
        for y in &self.rows {
            let row = y.nearest() * self.width;
            out.extend(self.columns.iter().map(|x| map[row + x.nearest()]));
        }
        out
    }
}

impl Tap {
    fn new(i: u32, from: u32, to: u32) -> Self {
        if to <= 1 || from <= 1 {
            return Self { first: 0, second: 0, fraction: 0.0 };
        }
        let position = f64::from(i) * f64::from(from - 1) / f64::from(to - 1);
        let first = (position as usize).min(from as usize - 1);
        let second = (first + 1).min(from as usize - 1);
        Self { first, second, fraction: (position - first as f64) as f32 }
    }

    fn nearest(&self) -> usize {
        if self.fraction < 0.5 { self.first } else { self.second }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bilinear(map: &[f32], from: [u32; 2], to: [u32; 2]) -> Vec<f32> {
        Grid::new(from, to).between(map, |_| true)
    }

    #[test]
    fn corners_stay_and_slopes_are_straight() {
        // Depth = x + 10·y is reproduced exactly at any size.
        let map: Vec<f32> = (0..3).flat_map(|y| (0..5).map(move |x| x as f32 + 10.0 * y as f32)).collect();
        let out = bilinear(&map, [5, 3], [9, 7]);
        for y in 0..7 {
            for x in 0..9 {
                let expected = x as f32 * 0.5 + 10.0 * y as f32 / 3.0;
                assert!((out[y * 9 + x] - expected).abs() < 1e-5);
            }
        }
        assert_eq!(bilinear(&map, [5, 3], [5, 3]), map);
        assert_eq!(bilinear(&map, [5, 3], [1, 1]), [0.0]);
        assert_eq!(bilinear(&[7.0], [1, 1], [2, 2]), [7.0; 4]);
    }

    #[test]
    fn nothing_hangs_between_two_surfaces() {
        let map = [1.0, 1.05, 3.0];
        let grid = Grid::new([3, 1], [5, 1]);
        let out = grid.between(&map, |around| is_one_surface(around.map(|at| map[at])));
        assert!((out[1] - 1.025).abs() < 1e-6, "smooth within a surface");
        assert_eq!([out[0], out[2], out[3], out[4]], [1.0, 1.05, 3.0, 3.0]);
        assert_eq!(grid.nearest(&map), [1.0, 1.05, 1.05, 3.0, 3.0]);
    }

    #[test]
    fn masks_take_the_nearest_pixel() {
        let grid = Grid::new([2, 1], [4, 2]);
        assert_eq!(grid.nearest(&[true, false]), [true, true, false, false, true, true, false, false]);
    }
}
