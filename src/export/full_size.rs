//! A view's maps at the size of its photo.

use crate::inference::ViewPrediction;

/// Depth and background of one view at some size, row-major.
#[derive(Clone, Debug)]
pub(super) struct SizedDepth {
    pub width: u32,
    pub height: u32,
    pub depth: Vec<f32>,
    pub background: Option<Vec<bool>>,
}

impl SizedDepth {
    /// The maps as the network gave them.
    pub fn as_processed(view: &ViewPrediction) -> Self {
        Self { width: view.width, height: view.height, depth: view.depth.clone(), background: view.background.clone() }
    }

    /// The maps at the photo's size: depth bilinear with aligned corners, the background mask by the nearest pixel.
    pub fn as_photo(view: &ViewPrediction) -> Self {
        let (from, to) = ([view.width, view.height], view.photo_size);
        Self {
            width: to[0],
            height: to[1],
            depth: bilinear(&view.depth, from, to),
            background: view.background.as_ref().map(|mask| nearest(mask, from, to)),
        }
    }
}

/// Bilinear resampling with aligned corners: output pixel i looks at i·(in−1)/(out−1).
fn bilinear(map: &[f32], from: [u32; 2], to: [u32; 2]) -> Vec<f32> {
    let width = from[0] as usize;
    let columns: Vec<_> = (0..to[0]).map(|x| tap(x, from[0], to[0])).collect();
    let mut out = Vec::with_capacity(to[0] as usize * to[1] as usize);
    for y in 0..to[1] {
        let (above, below, fy) = tap(y, from[1], to[1]);
        let (upper, lower) = (&map[above * width..][..width], &map[below * width..][..width]);
        out.extend(columns.iter().map(|&(left, right, fx)| {
            let top = upper[left] + (upper[right] - upper[left]) * fx;
            let bottom = lower[left] + (lower[right] - lower[left]) * fx;
            top + (bottom - top) * fy
        }));
    }
    out
}

fn nearest(mask: &[bool], from: [u32; 2], to: [u32; 2]) -> Vec<bool> {
    let pick = |(first, second, fraction): (usize, usize, f32)| if fraction < 0.5 { first } else { second };
    let columns: Vec<_> = (0..to[0]).map(|x| pick(tap(x, from[0], to[0]))).collect();
    let mut out = Vec::with_capacity(to[0] as usize * to[1] as usize);
    for y in 0..to[1] {
        let row = pick(tap(y, from[1], to[1])) * from[0] as usize;
        out.extend(columns.iter().map(|column| mask[row + column]));
    }
    out
}

/// The two source positions of output position `i` and how far it lies towards the second.
fn tap(i: u32, from: u32, to: u32) -> (usize, usize, f32) {
    if to <= 1 || from <= 1 {
        return (0, 0, 0.0);
    }
    let position = f64::from(i) * f64::from(from - 1) / f64::from(to - 1);
    let first = (position as usize).min(from as usize - 1);
    let second = (first + 1).min(from as usize - 1);
    (first, second, (position - first as f64) as f32)
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn masks_take_the_nearest_pixel() {
        assert_eq!(nearest(&[true, false], [2, 1], [4, 2]), [true, true, false, false, true, true, false, false]);
    }
}
