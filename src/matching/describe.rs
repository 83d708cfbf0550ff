//! What the surroundings of keypoints look like: descriptors between the cells of a map of features.

use rayon::prelude::*;

use super::keypoints::{Keypoint, on_cells};
use crate::model::xfeat::{CELL, CHANNELS, XFeatMaps};

/// Slope of the cubic kernel, as the network's authors sample.
const SLOPE: f32 = -0.75;
/// Shorter vectors are nothing that could be brought to length 1.
const LEAST_LENGTH: f32 = 1e-12;

/// Descriptors [keypoints, 64] of length 1. Features of the cells around are brought to length 1 before they are mixed.
pub fn describe(maps: &XFeatMaps, keypoints: &[Keypoint]) -> Vec<f32> {
    let cells = Cells::of(maps);
    let mut descriptors = vec![0.0; keypoints.len() * CHANNELS];
    descriptors.par_chunks_mut(CHANNELS).zip(keypoints).for_each(|(out, keypoint)| {
        let [x, y] = keypoint.at;
        cells.mix(on_cells(x, maps.width), on_cells(y, maps.height), out);
        bring_to_length_1(out);
    });
    descriptors
}

/// Features of length 1.
struct Cells {
    values: Vec<f32>,
    height: isize,
    width: isize,
}

impl Cells {
    fn of(maps: &XFeatMaps) -> Self {
        let mut values = maps.features.clone();
        values.par_chunks_mut(CHANNELS).with_min_len(64).for_each(bring_to_length_1);
        Self { values, height: (maps.height / CELL) as isize, width: (maps.width / CELL) as isize }
    }

    /// The cubic mean of 4×4 cells, zeros outside the map.
    fn mix(&self, (left, across): (isize, f32), (top, down): (isize, f32), out: &mut [f32]) {
        for (y, share_of_row) in (top - 1..).zip(kernel(down)) {
            for (x, share) in (left - 1..).zip(kernel(across)) {
                if !(0..self.height).contains(&y) || !(0..self.width).contains(&x) {
                    continue;
                }
                let cell = &self.values[(y * self.width + x) as usize * CHANNELS..][..CHANNELS];
                out.iter_mut().zip(cell).for_each(|(out, x)| *out += share_of_row * share * x);
            }
        }
    }
}

fn bring_to_length_1(vector: &mut [f32]) {
    let length = vector.iter().map(|x| x * x).sum::<f32>().sqrt().max(LEAST_LENGTH);
    vector.iter_mut().for_each(|x| *x /= length);
}

/// Shares of the cells before, at, after, and next after a place that lies `t` beyond the second (Keys' cubic convolution).
fn kernel(t: f32) -> [f32; 4] {
    let near = |d: f32| ((SLOPE + 2.0) * d - (SLOPE + 3.0)) * d * d + 1.0;
    let far = |d: f32| (((d - 5.0) * d + 8.0) * d - 4.0) * SLOPE;
    [far(1.0 + t), near(t), near(1.0 - t), far(2.0 - t)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_add_up_to_one() {
        assert_eq!(kernel(0.0), [0.0, 1.0, 0.0, 0.0]);
        for t in [0.1, 0.5, 0.9] {
            assert!((kernel(t).iter().sum::<f32>() - 1.0).abs() < 1e-6);
        }
        assert_eq!(kernel(0.5), [-0.09375, 0.59375, 0.59375, -0.09375]);
    }

    #[test]
    fn a_descriptor_is_that_of_its_cells_and_has_length_1() {
        let mut features = vec![0.0; 8 * 4 * CHANNELS];
        // Two halves that look different, of different lengths.
        for (cell, features) in features.chunks_exact_mut(CHANNELS).enumerate() {
            features[usize::from(cell % 8 >= 4)] = 3.0 + cell as f32;
        }
        let maps = XFeatMaps { height: 32, width: 64, heat: Vec::new(), reliability: Vec::new(), features };
        let at = |x| Keypoint { at: [x, 16], exact: [0.0; 2], score: 1.0 };
        let descriptors = describe(&maps, &[at(4), at(60), at(31)]);
        let [left, right, between] = [0, 1, 2].map(|i| &descriptors[i * CHANNELS..][..CHANNELS]);
        assert!((left[0] - 1.0).abs() < 1e-6 && (right[1] - 1.0).abs() < 1e-6);
        assert!(between[0] > 0.5 && between[1] > 0.5 && (between[0].hypot(between[1]) - 1.0).abs() < 1e-6);
    }
}
