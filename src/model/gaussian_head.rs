//! The head for 3D Gaussians: 38 numbers for every pixel, from what the other heads see and the image itself
//! (specification §7.1).

use super::ModelError;
use super::kernels::Activation;
use super::operations::{Around, ConvShape, MapLayers, Precision};
use super::pyramid::{Fusion, Grid, Levels, PARTS, Positions, fuse};
use super::source::Contents;
use super::watch::{Step, Watch};

/// What stands before every name of this head.
const PREFIX: &str = "model.gs_head";

/// The head of the giant network.
pub struct GaussianHead<O: MapLayers> {
    levels: Levels<O>,
    chain: [Fusion<O>; 4],
    neck: O::Conv,
    /// Convolutions of the image, which bring back what is finer than a patch.
    image: Vec<O::Conv>,
    hidden: O::Conv,
    out: O::Linear,
    positions: Positions<O>,
}

impl<O: MapLayers> GaussianHead<O> {
    pub fn new(on: &O, weights: &Contents) -> Result<Self, ModelError> {
        let scratch = format!("{PREFIX}.scratch");
        let conv = |name: &str| on.read_conv(weights, name, ConvShape::PLAIN);
        // Between these convolutions lie activations, which have no weights but a number.
        let image = [0, 2, 4].map(|i| conv(&format!("{PREFIX}.images_merger.{i}")));
        Ok(Self {
            levels: Levels::new(on, weights, PREFIX, false)?,
            chain: Fusion::chain(on, weights, &scratch, "")?,
            neck: conv(&format!("{scratch}.output_conv1"))?,
            image: image.into_iter().collect::<Result<_, _>>()?,
            hidden: conv(&format!("{scratch}.output_conv2.0"))?,
            out: on.read_linear(weights, &format!("{scratch}.output_conv2.2"), Precision::Single)?,
            positions: Positions::new(true),
        })
    }

    /// `features`: four tensors [N, D] of one view; `image` as the backbone saw it. Gives [H, W, 38].
    pub fn forward(
        &self,
        on: &O,
        features: Vec<O::Array>,
        image: &O::Image,
        grid: Grid,
        watch: &dyn Watch,
    ) -> Result<O::Array, ModelError> {
        let part = |index| watch.step(Step::Head { index, of: PARTS });
        let levels = self.levels.forward(on, features, grid, &self.positions, &part)?;
        let fused = fuse(on, &self.chain, levels, &part)?;
        part(8)?;
        let enlarged = on.enlarge(&fused, [8 * grid.h, 8 * grid.w], None)?;
        let neck = on.conv_enlarged(&self.neck, &enlarged, Around::default())?;
        drop((enlarged, fused));
        let mut seen = on.image_map(image)?;
        for conv in &self.image {
            part(9)?;
            seen = on.conv(conv, &seen, Around { after: Activation::Gelu, ..Around::default() })?;
        }
        let map = on.resize(&neck, [grid.height, grid.width], Some(&seen))?;
        drop((neck, seen));
        let map = self.positions.add(on, map, grid)?;
        let hidden = on.conv(&self.hidden, &map, Around { after: Activation::Relu, ..Around::default() })?;
        drop(map);
        on.linear(&self.out, &hidden)
    }
}
