//! XFeat: where points worth finding again lie in a photo, and what each looks like.
//!
//! Potje, Cadar, Araujo, Martins and Nascimento, "XFeat: Accelerated Features for Lightweight Image Matching", CVPR 2024.
//! Its part that refines matches between cells is left out.

mod layers;
mod specs;

use rayon::prelude::*;

pub use layers::place;
use layers::{Blocks, Convolution, Grid};
use specs::{
    BLOCK1, BLOCK2, BLOCK3, BLOCK4, BLOCK5, FUSION, FUSION_END, KEYPOINTS, KEYPOINTS_END, RELIABILITY, RELIABILITY_END,
    SKIP,
};
pub use specs::{CELL, CHANNELS, LOGITS};

use super::ModelError;
use super::source::TensorSource;
use super::tensors::Tensors;
use super::watch::{Step, Watch};

/// What both sides of a picture must be multiples of.
pub const SIDE: usize = 32;
/// Pixels along a side of what is averaged for the way around the first blocks.
const POOLED: usize = 4;
/// Added to the variance of a picture.
const EPS: f64 = 1e-5;
/// Parts of a run, before each of which it can be stopped.
const PARTS: usize = 4;

/// The network with its weights.
pub struct XFeat {
    block1: Blocks,
    skip: Convolution,
    block2: Blocks,
    block3: Blocks,
    block4: Blocks,
    block5: Blocks,
    fusion: Blocks,
    fusion_end: Convolution,
    reliability: Blocks,
    reliability_end: Convolution,
    keypoints: Blocks,
    keypoints_end: Convolution,
}

/// What the network says of a picture of height × width.
pub struct XFeatMaps {
    pub height: usize,
    pub width: usize,
    /// [height, width]: how likely each pixel is the keypoint of its cell of 8×8.
    pub heat: Vec<f32>,
    /// [height / 8, width / 8], between 0 and 1: how surely a point there is found again.
    pub reliability: Vec<f32>,
    /// [height / 8, width / 8, 64]: descriptors of cells, of any length.
    pub features: Vec<f32>,
}

impl XFeat {
    /// Reads the weights of a published file, with or without `fine_matcher`.
    ///
    /// # Errors
    /// What is missing, superfluous, of another shape, or not finite, and what the source says.
    pub fn new(source: &dyn TensorSource) -> Result<Self, ModelError> {
        let weights = &Tensors::check(source, "XFeat", &specs::specs())?;
        Ok(Self {
            block1: Blocks::new(weights, BLOCK1)?,
            skip: Convolution::plain(weights, SKIP)?,
            block2: Blocks::new(weights, BLOCK2)?,
            block3: Blocks::new(weights, BLOCK3)?,
            block4: Blocks::new(weights, BLOCK4)?,
            block5: Blocks::new(weights, BLOCK5)?,
            fusion: Blocks::new(weights, FUSION)?,
            fusion_end: Convolution::plain(weights, FUSION_END)?,
            reliability: Blocks::new(weights, RELIABILITY)?,
            reliability_end: Convolution::plain(weights, RELIABILITY_END)?,
            keypoints: Blocks::new(weights, KEYPOINTS)?,
            keypoints_end: Convolution::plain(weights, KEYPOINTS_END)?,
        })
    }

    /// Looks at a grey picture [height, width] of any range: it is brought to mean 0 and variance 1 first.
    ///
    /// # Errors
    /// What `watch` says.
    ///
    /// # Panics
    /// Where the sides are not multiples of [`SIDE`], or the picture is empty or not of this size.
    pub fn forward(
        &self,
        mut grey: Vec<f32>,
        [height, width]: [usize; 2],
        watch: &dyn Watch,
    ) -> Result<XFeatMaps, ModelError> {
        assert!(
            height.is_multiple_of(SIDE) && width.is_multiple_of(SIDE),
            "{height}×{width} is not in steps of {SIDE}"
        );
        assert!(!grey.is_empty() && grey.len() == height * width, "{} pixels are not {height}×{width}", grey.len());
        let part = |index| watch.step(Step::Block { index, of: PARTS });
        let shown = |name: &str, grid: &Grid| watch.numbers(format_args!("{name}"), &grid.values);

        part(0)?;
        normalise(&mut grey, width);
        let picture = Grid { values: grey, height, width, channels: 1 };
        shown("normed_grey", &picture);
        let skip = self.skip.forward(&pooled(&picture), None);
        shown("skip1", &skip);
        let sum1 = self.block1.forward(&picture, Some(&skip));
        shown("block1 + skip1", &sum1);
        let map2 = self.block2.forward(&sum1, None);
        shown("block2", &map2);

        part(1)?;
        let map3 = self.block3.forward(&map2, None);
        shown("block3", &map3);
        let map4 = self.block4.forward(&map3, None);
        shown("block4", &map4);
        let map5 = self.block5.forward(&map4, None);
        shown("block5", &map5);

        part(2)?;
        let mut sum = map3;
        sum.add_enlarged(&map4);
        sum.add_enlarged(&map5);
        let features = self.fusion_end.forward(&self.fusion.forward(&sum, None), None);
        shown("features", &features);
        let reliability = self.reliability_end.forward(&self.reliability.forward(&features, None), None);

        part(3)?;
        let logits = self.keypoints_end.forward(&self.keypoints.forward(&cells(&picture), None), None);
        shown("keypoint_logits", &logits);
        Ok(XFeatMaps {
            height,
            width,
            heat: heat_map(&logits),
            reliability: reliability.values.iter().map(|x| 1.0 / (1.0 + (-x).exp())).collect(),
            features: features.values,
        })
    }
}

/// Brings a picture to mean 0 and variance 1. Rows are summed up one by one and then in their order, so that the number of
/// threads changes nothing.
fn normalise(grey: &mut [f32], width: usize) {
    let count = grey.len() as f64;
    let sums = |of: &(dyn Fn(f64) -> f64 + Sync)| -> f64 {
        let rows: Vec<f64> = grey.par_chunks(width).map(|row| row.iter().map(|&x| of(f64::from(x))).sum()).collect();
        rows.iter().sum()
    };
    let mean = sums(&|x| x) / count;
    let variance = sums(&|x| (x - mean) * (x - mean)) / count;
    let scale = 1.0 / (variance + EPS).sqrt();
    grey.par_chunks_mut(width).flatten().for_each(|x| *x = ((f64::from(*x) - mean) * scale) as f32);
}

/// Means of 4×4 pixels.
fn pooled(picture: &Grid) -> Grid {
    let [height, width] = [picture.height, picture.width].map(|side| side / POOLED);
    let mut values = vec![0.0; height * width];
    values.par_chunks_mut(width).zip(picture.values.par_chunks(POOLED * picture.width)).for_each(|(out, rows)| {
        for row in rows.chunks_exact(picture.width) {
            for (out, pixels) in out.iter_mut().zip(row.chunks_exact(POOLED)) {
                *out += pixels.iter().sum::<f32>() / (POOLED * POOLED) as f32;
            }
        }
    });
    Grid { values, height, width, channels: 1 }
}

/// The 8×8 pixels of each cell as its channels, row by row.
fn cells(picture: &Grid) -> Grid {
    let [height, width] = [picture.height, picture.width].map(|side| side / CELL);
    let mut values = vec![0.0; picture.values.len()];
    let rows = CELL * picture.width;
    values.par_chunks_mut(rows).zip(picture.values.par_chunks(rows)).for_each(|(out, rows)| {
        for (y, row) in rows.chunks_exact(picture.width).enumerate() {
            for (out, pixels) in out.chunks_exact_mut(CELL * CELL).zip(row.chunks_exact(CELL)) {
                out[y * CELL..][..CELL].copy_from_slice(pixels);
            }
        }
    });
    Grid { values, height, width, channels: CELL * CELL }
}

/// Shares of a cell's pixels in its softmax, at the pixels' places; the last share, that of no pixel, is dropped.
fn heat_map(logits: &Grid) -> Vec<f32> {
    let width = CELL * logits.width;
    let mut heat = vec![0.0; CELL * logits.height * width];
    let rows = logits.values.par_chunks(logits.width * LOGITS);
    heat.par_chunks_mut(CELL * width).zip(rows).for_each(|(heat, row)| {
        for (x, logits) in row.chunks_exact(LOGITS).enumerate() {
            let greatest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            let mut shares = [0.0; LOGITS];
            for (share, logit) in shares.iter_mut().zip(logits) {
                *share = (logit - greatest).exp();
            }
            let total: f32 = shares.iter().sum();
            for (y, shares) in shares.chunks_exact(CELL).enumerate() {
                for (heat, share) in heat[y * width + x * CELL..].iter_mut().zip(shares) {
                    *heat = share / total;
                }
            }
        }
    });
    heat
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(height: usize, width: usize) -> Grid {
        Grid { values: (0..height * width).map(|i| i as f32).collect(), height, width, channels: 1 }
    }

    #[test]
    fn a_picture_is_brought_to_mean_0_and_variance_1_whatever_its_range() {
        let mut values = picture(32, 64).values;
        let mut darker: Vec<f32> = values.iter().map(|x| 0.001 * x - 7.0).collect();
        normalise(&mut values, 64);
        normalise(&mut darker, 64);
        let mean = values.iter().sum::<f32>() / values.len() as f32;
        let variance = values.iter().map(|x| x * x).sum::<f32>() / values.len() as f32;
        assert!(mean.abs() < 1e-5 && (variance - 1.0).abs() < 1e-4, "{mean} {variance}");
        assert!(values.iter().zip(&darker).all(|(a, b)| (a - b).abs() < 1e-2));
        let mut flat = vec![0.5; 64];
        normalise(&mut flat, 8);
        assert_eq!(flat, [0.0; 64]);
    }

    #[test]
    fn cells_hold_their_pixels_row_by_row_and_give_them_back() {
        let picture = picture(16, 24);
        let folded = cells(&picture);
        assert_eq!((folded.height, folded.width, folded.channels), (2, 3, 64));
        // Cell (1, 2), row 3, column 5.
        assert_eq!(folded.values[(3 + 2) * 64 + 3 * 8 + 5], ((8 + 3) * 24 + 16 + 5) as f32);
        assert_eq!(pooled(&picture).values[0], (0..4).map(|y| 24.0 * y as f32 + 1.5).sum::<f32>() / 4.0);

        let mut logits = Grid { values: vec![0.0; 6 * LOGITS], height: 2, width: 3, channels: LOGITS };
        logits.values[5 * LOGITS + 3 * 8 + 5] = 50.0;
        let heat = heat_map(&logits);
        assert!((heat[(8 + 3) * 24 + 16 + 5] - 1.0).abs() < 1e-6);
        assert!((heat[0] - 1.0 / LOGITS as f32).abs() < 1e-6, "what is nowhere has its share too");
    }
}
