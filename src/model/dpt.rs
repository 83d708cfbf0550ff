//! The dense heads: four levels of tokens to maps of the image's size, one view at a time (specification §4).

use std::convert::Infallible;
use std::sync::Arc;

use half::bf16;

use super::ModelError;
use super::array::Array;
use super::embed::uv_tables;
use super::image::{Around, Conv3x3, Upscale, resize, with_map, with_positions};
use super::kernels::{Activation, Compute, Logits as LogitsSink, PositionTables, Resized, conv3x3};
use super::memo::Memo;
use super::ops::{LayerNorm, Linear};
use super::preset::HeadKind;
use super::source::{Backend, Contents};
use super::watch::{Step, Watch};

/// Parts of a head between which [`Watch::step`] is called: 4 levels, 4 fusions, 2 of the output.
pub(super) const PARTS: usize = 10;

/// A dense head. Maps inside are [h, w, channels].
pub struct DenseHead {
    levels: Levels,
    chain: [Fusion; 4],
    neck: Conv3x3,
    main: OutputStack,
    sky: Option<OutputStack>,
    rays: Option<RayBranch>,
    positions: Positions,
    backend: Backend,
}

/// What a head gives before its activations.
pub struct Logits {
    /// [1 or 2, H, W].
    pub main: Array,
    /// [1, H, W].
    pub sky: Option<Array>,
    /// [7, 8h, 8w].
    pub rays: Option<Array>,
}

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

impl DenseHead {
    pub fn new(weights: &Contents, with_rays: bool) -> Result<Self, ModelError> {
        let (config, prefix) = (weights.preset().head(), weights.preset().head_prefix());
        let scratch = format!("{prefix}.scratch");
        let dual = config.kind == HeadKind::Dual;
        let sky = format!("{scratch}.sky_output_conv2");
        Ok(Self {
            levels: Levels::new(weights, prefix, dual)?,
            chain: Fusion::chain(weights, &scratch, "")?,
            neck: Conv3x3::new(weights, &format!("{scratch}.output_conv1"))?,
            main: OutputStack::new(weights, &format!("{scratch}.output_conv2"))?,
            sky: if config.kind == HeadKind::Sky { Some(OutputStack::new(weights, &sky)?) } else { None },
            rays: if dual && with_rays { Some(RayBranch::new(weights, &scratch)?) } else { None },
            positions: Positions::new(dual, weights.backend()),
            backend: weights.backend(),
        })
    }

    /// `features`: four tensors [N, D] of one view.
    pub fn forward(&self, features: Vec<Array>, grid: Grid, watch: &dyn Watch) -> Result<Logits, ModelError> {
        let part = |index| watch.step(Step::Head { index, of: PARTS });
        let levels = self.levels.forward(features, grid, &self.positions, &part)?;
        for (i, level) in levels.iter().enumerate() {
            watch.tensor(format_args!("level{}", i + 1), &planes(level)?);
        }
        let kept = self.rays.as_ref().map(|rays| (rays, levels.clone()));
        let fused = fuse(&self.chain, levels, self.backend, &part)?;
        let neck_size = [8 * grid.h, 8 * grid.w];
        let neck = if self.backend == Backend::Candle {
            let resized = resize(&fused, neck_size, None, self.backend)?;
            drop(fused);
            watch.tensor(format_args!("fused"), &planes(&resized)?);
            part(8)?;
            self.neck.forward(&resized, Around { in_planes: true, ..Around::default() })?
        } else {
            // The resized map is never there as a whole.
            part(8)?;
            self.neck.forward_resized(&fused, neck_size)?
        };
        watch.tensor(format_args!("neck"), &planes(&neck)?);
        part(9)?;
        let map = self.last_map(neck, grid)?;
        part(9)?;
        let main = self.main.forward(&map, grid)?;
        watch.tensor(format_args!("main_logits"), &main);
        let sky = match &self.sky {
            Some(sky) => Some(sky.forward(&map, grid)?),
            None => None,
        };
        drop(map);
        let rays = match kept {
            Some((rays, levels)) => Some(rays.forward(levels, grid, &self.positions, self.backend, watch)?),
            None => None,
        };
        Ok(Logits { main, sky, rays })
    }
}

impl DenseHead {
    /// What the last convolutions look at: on candle the neck's map at the image's size, with its positions.
    fn last_map(&self, neck: Array, grid: Grid) -> candle_core::Result<LastMap> {
        let (_, _, channels) = neck.dims3()?;
        let tables = self.positions.of(channels, grid.height, grid.width, grid);
        match (self.backend, tables) {
            (Backend::Kernels, tables) => Ok(LastMap { neck, tables }),
            (Backend::Candle, None) => {
                Ok(LastMap { neck: resize(&neck, [grid.height, grid.width], None, self.backend)?, tables: None })
            }
            (Backend::Candle, Some(tables)) => {
                Ok(LastMap { neck: with_positions(&neck, &tables, self.backend)?, tables: None })
            }
        }
    }
}

/// The neck's map before the last convolutions. On kernels it is still to be resized and to get its positions: at full size it
/// would be the largest tensor of the whole network, so that is done strip by strip.
struct LastMap {
    neck: Array,
    tables: Option<Arc<PositionTables>>,
}

/// [h, w, c] → [c, h, w].
fn planes(x: &Array) -> candle_core::Result<Array> {
    x.permute([2, 0, 1])
}

/// The UV embeddings that Depth Anything 3's any-view heads add to their maps; the other heads have none.
pub(super) struct Positions {
    has_uv: bool,
    /// By channels, height and width of the map, and the bits of the image's aspect.
    tables: Memo<(usize, usize, usize, u64), PositionTables>,
    backend: Backend,
}

impl Positions {
    pub fn new(has_uv: bool, backend: Backend) -> Self {
        Self { has_uv, tables: Memo::default(), backend }
    }

    fn of(&self, channels: usize, height: usize, width: usize, grid: Grid) -> Option<Arc<PositionTables>> {
        let key = (channels, height, width, grid.aspect().to_bits());
        let make = || Ok::<_, Infallible>(uv_tables(channels, height, width, grid.aspect()));
        self.has_uv.then(|| self.tables.get(key, make).unwrap_or_else(|never| match never {}))
    }

    /// `x` plus its embedding, where the head has one.
    pub fn add(&self, x: Array, grid: Grid) -> candle_core::Result<Array> {
        let (height, width, channels) = x.dims3()?;
        match self.of(channels, height, width, grid) {
            Some(tables) => with_positions(&x, &tables, self.backend),
            None => Ok(x),
        }
    }
}

/// Tokens of four depths to four maps of F channels at 4×, 2×, 1× and ½× the patch grid.
pub(super) struct Levels {
    norm: Option<LayerNorm>,
    projects: Vec<Linear>,
    up4: Upscale,
    up2: Upscale,
    down: Conv3x3,
    to_features: Vec<Conv3x3>,
}

impl Levels {
    /// `is_normed`: with a LayerNorm that the four share.
    pub fn new(weights: &Contents, prefix: &str, is_normed: bool) -> Result<Self, ModelError> {
        let norm = format!("{prefix}.norm");
        let projects = (0..4).map(|i| Linear::new(weights, &format!("{prefix}.projects.{i}")));
        let to_features = (1..=4).map(|i| Conv3x3::without_bias(weights, &format!("{prefix}.scratch.layer{i}_rn")));
        Ok(Self {
            norm: if is_normed { Some(LayerNorm::new(weights, &norm, 1e-5)?) } else { None },
            projects: projects.collect::<Result<_, _>>()?,
            up4: Upscale::new(weights, &format!("{prefix}.resize_layers.0"))?,
            up2: Upscale::new(weights, &format!("{prefix}.resize_layers.1"))?,
            down: Conv3x3::halving(weights, &format!("{prefix}.resize_layers.3"))?,
            to_features: to_features.collect::<Result<_, _>>()?,
        })
    }

    pub fn forward(
        &self,
        features: Vec<Array>,
        grid: Grid,
        positions: &Positions,
        part: &dyn Fn(usize) -> Result<(), ModelError>,
    ) -> Result<Vec<Array>, ModelError> {
        let mut levels = Vec::with_capacity(4);
        for (i, (tokens, project)) in features.into_iter().zip(&self.projects).enumerate() {
            part(i)?;
            let map = match &self.norm {
                Some(norm) => project.forward_normed(&tokens, norm)?,
                None => project.forward(&tokens)?,
            };
            drop(tokens);
            let map = positions.add(map.reshape((grid.h, grid.w, ()))?, grid)?;
            let map = match i {
                0 => self.up4.forward(&map)?,
                1 => self.up2.forward(&map)?,
                2 => map,
                _ => self.down.forward(&map, Around::default())?,
            };
            levels.push(self.to_features[i].forward(&map, Around::default())?);
        }
        Ok(levels)
    }
}

/// x + conv2(relu(conv1(relu(x)))).
struct Residual {
    conv1: Conv3x3,
    conv2: Conv3x3,
}

impl Residual {
    fn new(weights: &Contents, name: &str) -> Result<Self, ModelError> {
        Ok(Self {
            conv1: Conv3x3::new(weights, &format!("{name}.conv1"))?,
            conv2: Conv3x3::new(weights, &format!("{name}.conv2"))?,
        })
    }

    fn forward(&self, x: &Array) -> candle_core::Result<Array> {
        let inner =
            self.conv1.forward(x, Around { relu_before: true, after: Activation::Relu, ..Around::default() })?;
        self.conv2.forward(&inner, Around { plus: Some(x), ..Around::default() })
    }
}

/// Adds a lateral map to what comes from deeper, refines, and brings it to the next size.
pub(super) struct Fusion {
    /// Absent at the deepest level, which has nothing to add.
    lateral: Option<Residual>,
    refine: Residual,
    out: Linear,
}

impl Fusion {
    /// The blocks of levels 1 to 4; `suffix` tells the branches apart.
    pub fn chain(weights: &Contents, scratch: &str, suffix: &str) -> Result<[Self; 4], ModelError> {
        let block = |level: usize| -> Result<Self, ModelError> {
            let name = format!("{scratch}.refinenet{level}{suffix}");
            let lateral = format!("{name}.resConfUnit1");
            Ok(Self {
                lateral: if level < 4 { Some(Residual::new(weights, &lateral)?) } else { None },
                refine: Residual::new(weights, &format!("{name}.resConfUnit2"))?,
                out: Linear::new(weights, &format!("{name}.out_conv"))?,
            })
        };
        Ok([block(1)?, block(2)?, block(3)?, block(4)?])
    }

    /// `deeper` comes at its own, smaller size. So does the result at the level's: what follows resizes it.
    fn forward(&self, deeper: Option<Array>, level: Array, backend: Backend) -> candle_core::Result<Array> {
        let (height, width, _) = level.dims3()?;
        let x = match (deeper, &self.lateral) {
            (Some(deeper), Some(lateral)) => {
                let refined = lateral.forward(&level)?;
                drop(level);
                resize(&deeper, [height, width], Some(&refined), backend)?
            }
            _ => level,
        };
        // The 1×1 convolution commutes with the resize (whose weights add up to one) and is cheaper before it.
        self.out.forward_map(&self.refine.forward(&x)?)
    }
}

/// Four levels to one map of F channels at 4× the patch grid, which the head's neck resizes to 8×.
///
/// The levels are the largest maps of the head: each is gone once it is fused, unless the caller keeps it.
pub(super) fn fuse(
    chain: &[Fusion; 4],
    mut levels: Vec<Array>,
    backend: Backend,
    part: &dyn Fn(usize) -> Result<(), ModelError>,
) -> Result<Array, ModelError> {
    let mut x: Option<Array> = None;
    while let Some(level) = levels.pop() {
        let i = levels.len();
        part(7 - i)?;
        x = Some(chain[i].forward(x, level, backend)?);
    }
    x.ok_or_else(|| candle_core::Error::Msg("a head without levels".into()).into())
}

/// 3×3 convolution to 32 channels, ReLU, 1×1 convolution.
struct OutputStack {
    hidden: Conv3x3,
    out: Linear,
    /// The 1×1 convolution again, [outputs, 32] and [outputs], for the kernel that ends with it; empty on candle.
    out_weight: Vec<f32>,
    out_bias: Vec<f32>,
}

impl OutputStack {
    fn new(weights: &Contents, name: &str) -> Result<Self, ModelError> {
        let for_kernel = |part: &str| match weights.backend() {
            Backend::Kernels => weights.on_host(&format!("{name}.2.{part}")),
            Backend::Candle => Ok(Vec::new()),
        };
        Ok(Self {
            hidden: Conv3x3::new(weights, &format!("{name}.0"))?,
            out: Linear::f32(weights, &format!("{name}.2"))?,
            out_weight: for_kernel("weight")?,
            out_bias: for_kernel("bias")?,
        })
    }

    /// The last map → [outputs, H, W].
    fn forward(&self, LastMap { neck, tables }: &LastMap, grid: Grid) -> candle_core::Result<Array> {
        let (height, width) = (grid.height, grid.width);
        let Some((matrix, bias)) = self.hidden.kernels() else {
            let hidden = self.hidden.forward(neck, Around { after: Activation::Relu, ..Around::default() })?;
            return planes(&self.out.forward(&hidden)?)?.contiguous();
        };
        let logits = LogitsSink { bias, weight: &self.out_weight, out_bias: &self.out_bias };
        let outputs = self.out_bias.len();
        let mut pixels = vec![0.0; height * width * outputs];
        with_map(neck, |map| {
            let source = Resized { map, height, width, positions: tables.as_deref() };
            match matrix.compute() {
                Compute::F32 => conv3x3::<f32, _, _>(source, matrix, 1, outputs, &mut pixels, |_, _| logits),
                Compute::Bf16 => conv3x3::<bf16, _, _>(source, matrix, 1, outputs, &mut pixels, |_, _| logits),
            }
        })?;
        planes(&neck.like(pixels, (height, width, outputs))?)?.contiguous()
    }
}

/// The auxiliary branch of the any-view head: world rays and their confidence at 8× the patch grid.
struct RayBranch {
    chain: [Fusion; 4],
    neck: Vec<Conv3x3>,
    hidden: Conv3x3,
    norm: LayerNorm,
    out: Linear,
}

impl RayBranch {
    fn new(weights: &Contents, scratch: &str) -> Result<Self, ModelError> {
        // Of the four stacks that are stored only the last is used; the LayerNorm is stored with the first.
        let neck = (0..5).map(|i| Conv3x3::new(weights, &format!("{scratch}.output_conv1_aux.3.{i}")));
        Ok(Self {
            chain: Fusion::chain(weights, scratch, "_aux")?,
            neck: neck.collect::<Result<_, _>>()?,
            hidden: Conv3x3::new(weights, &format!("{scratch}.output_conv2_aux.3.0"))?,
            norm: LayerNorm::new(weights, &format!("{scratch}.output_conv2_aux.0.2"), 1e-5)?,
            out: Linear::f32(weights, &format!("{scratch}.output_conv2_aux.3.5"))?,
        })
    }

    fn forward(
        &self,
        levels: Vec<Array>,
        grid: Grid,
        positions: &Positions,
        backend: Backend,
        watch: &dyn Watch,
    ) -> Result<Array, ModelError> {
        let part = |_| watch.step(Step::Head { index: PARTS - 1, of: PARTS });
        let x = fuse(&self.chain, levels, backend, &part)?;
        let mut x = resize(&x, [8 * grid.h, 8 * grid.w], None, backend)?;
        watch.tensor(format_args!("fused_aux"), &planes(&x)?);
        for conv in &self.neck {
            part(0)?;
            x = conv.forward(&x, Around::default())?;
        }
        watch.tensor(format_args!("neck_aux"), &planes(&x)?);
        let x = self.hidden.forward(&positions.add(x, grid)?, Around::default())?;
        let x = self.norm.forward(&x)?.relu()?;
        Ok(planes(&self.out.forward(&x)?)?.contiguous()?)
    }
}
