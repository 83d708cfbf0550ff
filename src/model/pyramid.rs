//! What heads have in common: tokens of four depths become maps of four sizes, and those one map (specification §4.1, §4.2).

use std::sync::Arc;

use super::ModelError;
use super::embed::uv_tables;
use super::kernels::Activation;
use super::memo::Memo;
use super::operations::{Around, ConvShape, MapLayers, Precision};
use super::source::Contents;

/// Parts of a head between which [`super::Watch::step`] is called: 4 levels, 4 fusions, 2 of the output.
pub const PARTS: usize = 10;

/// Called before each part.
pub type Part<'a> = dyn Fn(usize) -> Result<(), ModelError> + 'a;

/// Sizes that a head works with.
#[derive(Clone, Copy)]
pub struct Grid {
    /// Patches.
    pub h: usize,
    pub w: usize,
    /// Pixels of the image.
    pub height: usize,
    pub width: usize,
}

impl Grid {
    fn aspect(&self) -> f64 {
        self.width as f64 / self.height as f64
    }
}

/// The UV embeddings that Depth Anything 3's any-view heads add to their maps; the other heads have none.
pub struct Positions<O: MapLayers> {
    has_uv: bool,
    /// By channels, height and width of the map, and the bits of the image's aspect.
    tables: Memo<(usize, usize, usize, u64), O::Positions>,
}

impl<O: MapLayers> Positions<O> {
    pub fn new(has_uv: bool) -> Self {
        Self { has_uv, tables: Memo::default() }
    }

    /// Those for a map of this size, where the head has some.
    pub fn of(
        &self,
        on: &O,
        [height, width]: [usize; 2],
        channels: usize,
        grid: Grid,
    ) -> Result<Option<Arc<O::Positions>>, ModelError> {
        let key = (channels, height, width, grid.aspect().to_bits());
        let make = || on.positions(uv_tables(channels, height, width, grid.aspect()));
        self.has_uv.then(|| self.tables.get(key, make)).transpose()
    }

    /// `x` plus its embedding, where the head has one.
    pub fn add(&self, on: &O, x: O::Array, grid: Grid) -> Result<O::Array, ModelError> {
        let [height, width, channels] = size_of(on, &x);
        match self.of(on, [height, width], channels, grid)? {
            Some(positions) => on.placed(&x, &positions),
            None => Ok(x),
        }
    }
}

/// Height, width and channels of a map.
pub fn size_of<O: MapLayers>(on: &O, map: &O::Array) -> [usize; 3] {
    let dims = on.dims(map);
    std::array::from_fn(|side| dims.get(side).copied().unwrap_or(1))
}

/// Tokens of four depths to four maps of F channels at 4×, 2×, 1× and ½× the patch grid.
pub struct Levels<O: MapLayers> {
    norm: Option<O::Norm>,
    projects: Vec<O::Linear>,
    up4: O::Upscale,
    up2: O::Upscale,
    down: O::Conv,
    to_features: Vec<O::Conv>,
}

impl<O: MapLayers> Levels<O> {
    /// `is_normed`: with a LayerNorm that the four share.
    pub fn new(on: &O, weights: &Contents, prefix: &str, is_normed: bool) -> Result<Self, ModelError> {
        let name = |part: &str| format!("{prefix}.{part}");
        let projects = (0..4).map(|i| on.read_linear(weights, &name(&format!("projects.{i}")), Precision::Chosen));
        let to_features =
            (1..=4).map(|i| on.read_conv(weights, &name(&format!("scratch.layer{i}_rn")), ConvShape::WITHOUT_BIAS));
        Ok(Self {
            norm: if is_normed { Some(on.read_norm(weights, &name("norm"), 1e-5)?) } else { None },
            projects: projects.collect::<Result<_, _>>()?,
            up4: on.read_upscale(weights, &name("resize_layers.0"))?,
            up2: on.read_upscale(weights, &name("resize_layers.1"))?,
            down: on.read_conv(weights, &name("resize_layers.3"), ConvShape::HALVING)?,
            to_features: to_features.collect::<Result<_, _>>()?,
        })
    }

    /// `features`: four tensors [N, D] of one view.
    pub fn forward(
        &self,
        on: &O,
        features: Vec<O::Array>,
        grid: Grid,
        positions: &Positions<O>,
        part: &Part,
    ) -> Result<Vec<O::Array>, ModelError> {
        let mut levels = Vec::with_capacity(4);
        for (i, (tokens, project)) in features.into_iter().zip(&self.projects).enumerate() {
            part(i)?;
            let projected = on.project(project, self.norm.as_ref(), &tokens, [grid.h, grid.w])?;
            drop(tokens);
            let placed = positions.add(on, projected.clone(), grid)?;
            let resized = match i {
                0 => on.upscale(&self.up4, &placed)?,
                1 => on.upscale(&self.up2, &placed)?,
                2 => placed,
                _ => on.conv(&self.down, &placed, Around::default())?,
            };
            levels.push(on.conv(&self.to_features[i], &resized, Around::default())?);
        }
        Ok(levels)
    }
}

/// x + conv2(relu(conv1(relu(x)))).
struct Residual<O: MapLayers> {
    conv1: O::Conv,
    conv2: O::Conv,
}

impl<O: MapLayers> Residual<O> {
    fn new(on: &O, weights: &Contents, name: &str) -> Result<Self, ModelError> {
        Ok(Self {
            conv1: on.read_conv(weights, &format!("{name}.conv1"), ConvShape::PLAIN)?,
            conv2: on.read_conv(weights, &format!("{name}.conv2"), ConvShape::PLAIN)?,
        })
    }

    fn forward(&self, on: &O, x: &O::Array) -> Result<O::Array, ModelError> {
        let around_first = Around { relu_before: true, after: Activation::Relu, ..Around::default() };
        let inner = on.conv(&self.conv1, x, around_first)?;
        on.conv(&self.conv2, &inner, Around { plus: Some(x), ..Around::default() })
    }
}

/// Adds a lateral map to what comes from deeper, refines, and brings it to the next size.
pub struct Fusion<O: MapLayers> {
    /// Absent at the deepest level, which has nothing to add.
    lateral: Option<Residual<O>>,
    refine: Residual<O>,
    out: O::Linear,
}

impl<O: MapLayers> Fusion<O> {
    /// The blocks of levels 1 to 4; `suffix` tells the branches apart.
    pub fn chain(on: &O, weights: &Contents, scratch: &str, suffix: &str) -> Result<[Self; 4], ModelError> {
        let block = |level: usize| -> Result<Self, ModelError> {
            let name = format!("{scratch}.refinenet{level}{suffix}");
            let lateral = format!("{name}.resConfUnit1");
            Ok(Self {
                lateral: if level < 4 { Some(Residual::new(on, weights, &lateral)?) } else { None },
                refine: Residual::new(on, weights, &format!("{name}.resConfUnit2"))?,
                out: on.read_linear(weights, &format!("{name}.out_conv"), Precision::Chosen)?,
            })
        };
        Ok([block(1)?, block(2)?, block(3)?, block(4)?])
    }

    /// `deeper` comes at its own, smaller size. So does the result at the level's: what follows resizes it.
    fn forward(&self, on: &O, deeper: Option<O::Array>, level: O::Array) -> Result<O::Array, ModelError> {
        let [height, width, _] = size_of(on, &level);
        let x = match (deeper, &self.lateral) {
            (Some(deeper), Some(lateral)) => {
                let refined = lateral.forward(on, &level)?;
                drop(level);
                on.resize(&deeper, [height, width], Some(&refined))?
            }
            _ => level,
        };
        // The 1×1 convolution commutes with the resize (whose weights add up to one) and is cheaper before it.
        on.mix(&self.out, &self.refine.forward(on, &x)?)
    }
}

/// Four levels to one map of F channels at 4× the patch grid, which the head's neck resizes to 8×.
///
/// The levels are the largest maps of the head: each is gone once it is fused, unless the caller keeps it.
pub fn fuse<O: MapLayers>(
    on: &O,
    chain: &[Fusion<O>; 4],
    mut levels: Vec<O::Array>,
    part: &Part,
) -> Result<O::Array, ModelError> {
    let mut x: Option<O::Array> = None;
    while let Some(level) = levels.pop() {
        let i = levels.len();
        part(7 - i)?;
        x = Some(chain[i].forward(on, x, level)?);
    }
    x.ok_or_else(|| candle_core::Error::Msg("a head without levels".into()).into())
}
