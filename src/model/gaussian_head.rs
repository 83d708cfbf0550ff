//! The head for 3D Gaussians: 38 numbers for every pixel, from what the other heads see and the image itself
//! (specification §7.1).

use super::ModelError;
use super::array::Array;
use super::dpt::{Fusion, Grid, Levels, PARTS, Positions, fuse};
use super::image::{Around, Conv3x3, resize};
use super::kernels::Activation;
use super::ops::Linear;
use super::source::{Backend, Contents};
use super::watch::{Step, Watch};

/// What stands before every name of this head.
const PREFIX: &str = "model.gs_head";

/// The head of the giant network.
pub struct GaussianHead {
    levels: Levels,
    chain: [Fusion; 4],
    neck: Conv3x3,
    /// Convolutions of the image, which bring back what is finer than a patch.
    image: Vec<Conv3x3>,
    hidden: Conv3x3,
    out: Linear,
    positions: Positions,
    backend: Backend,
}

impl GaussianHead {
    pub fn new(weights: &Contents) -> Result<Self, ModelError> {
        let scratch = format!("{PREFIX}.scratch");
        // Between these convolutions lie activations, which have no weights but a number.
        let image = [0, 2, 4].map(|i| Conv3x3::new(weights, &format!("{PREFIX}.images_merger.{i}")));
        Ok(Self {
            levels: Levels::new(weights, PREFIX, false)?,
            chain: Fusion::chain(weights, &scratch, "")?,
            neck: Conv3x3::new(weights, &format!("{scratch}.output_conv1"))?,
            image: image.into_iter().collect::<Result<_, _>>()?,
            hidden: Conv3x3::new(weights, &format!("{scratch}.output_conv2.0"))?,
            out: Linear::f32(weights, &format!("{scratch}.output_conv2.2"))?,
            positions: Positions::new(true, weights.backend()),
            backend: weights.backend(),
        })
    }

    /// `features`: four tensors [N, D] of one view; `image`: [3, H, W] as the backbone saw it. Gives [H, W, 38].
    pub fn forward(
        &self,
        features: Vec<Array>,
        image: &Array,
        grid: Grid,
        watch: &dyn Watch,
    ) -> Result<Array, ModelError> {
        let part = |index| watch.step(Step::Head { index, of: PARTS });
        let levels = self.levels.forward(features, grid, &self.positions, &part)?;
        let fused = fuse(&self.chain, levels, self.backend, &part)?;
        part(8)?;
        let neck = self.neck.forward_resized(&fused, [8 * grid.h, 8 * grid.w])?;
        drop(fused);
        let mut seen = image.permute([1, 2, 0])?.contiguous()?;
        for conv in &self.image {
            part(9)?;
            seen = conv.forward(&seen, Around { after: Activation::Gelu, ..Around::default() })?;
        }
        let map = resize(&neck, [grid.height, grid.width], Some(&seen), self.backend)?;
        drop((neck, seen));
        let map = self.positions.add(map, grid)?;
        let hidden = self.hidden.forward(&map, Around { after: Activation::Relu, ..Around::default() })?;
        drop(map);
        Ok(self.out.forward(&hidden)?)
    }
}
