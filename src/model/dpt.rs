//! The dense heads: four levels of tokens to maps of the image's size, one view at a time (specification §4).

use candle_core::Tensor;

use super::embed::uv_embedding;
use super::ops::{Conv3x3, Conv3x3Half, LayerNorm, Linear, Upscale, resize};
use super::preset::{HeadConfig, HeadKind};
use super::watch::{Step, Watch};
use super::{Contents, ModelError};

/// Parts of a head between which [`Watch::step`] is called: 4 levels, 4 fusions, 2 of the output.
const PARTS: usize = 10;

/// A dense head.
pub struct DenseHead {
    levels: Levels,
    chain: [Fusion; 4],
    neck: Conv3x3,
    main: OutputStack,
    sky: Option<OutputStack>,
    rays: Option<RayBranch>,
    /// Depth Anything 3's any-view head adds UV embeddings; the others do not.
    has_uv: bool,
}

/// What a head gives before its activations.
pub struct Logits {
    /// [1 or 2, H, W].
    pub main: Tensor,
    /// [1, H, W].
    pub sky: Option<Tensor>,
    /// [7, 8h, 8w].
    pub rays: Option<Tensor>,
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
            levels: Levels::new(weights, prefix, &config)?,
            chain: Fusion::chain(weights, &scratch, "")?,
            neck: Conv3x3::new(weights, &format!("{scratch}.output_conv1"))?,
            main: OutputStack::new(weights, &format!("{scratch}.output_conv2"))?,
            sky: if config.kind == HeadKind::Sky { Some(OutputStack::new(weights, &sky)?) } else { None },
            rays: if dual && with_rays { Some(RayBranch::new(weights, &scratch)?) } else { None },
            has_uv: dual,
        })
    }

    /// `features`: four tensors [N, D] of one view.
    pub fn forward(&self, features: &[Tensor], grid: Grid, watch: &dyn Watch) -> Result<Logits, ModelError> {
        let part = |index| watch.step(Step::Head { index, of: PARTS });
        let levels = self.levels.forward(features, grid, self.has_uv, &part)?;
        for (i, level) in levels.iter().enumerate() {
            watch.tensor(format_args!("level{}", i + 1), level);
        }
        let fused = fuse(&self.chain, &levels, &part)?;
        watch.tensor(format_args!("fused"), &fused);
        part(8)?;
        let neck = self.neck.forward(&fused)?;
        watch.tensor(format_args!("neck"), &neck);
        let map = with_uv(resize(&neck, grid.height, grid.width)?, grid, self.has_uv)?;
        part(9)?;
        let main = self.main.forward(&map)?;
        watch.tensor(format_args!("main_logits"), &main);
        let sky = match &self.sky {
            Some(sky) => Some(sky.forward(&map)?),
            None => None,
        };
        let rays = match &self.rays {
            Some(rays) => Some(rays.forward(&levels, grid, watch)?),
            None => None,
        };
        Ok(Logits { main, sky, rays })
    }
}

/// x plus its UV embedding, where the head has one.
fn with_uv(x: Tensor, grid: Grid, has_uv: bool) -> candle_core::Result<Tensor> {
    if !has_uv {
        return Ok(x);
    }
    let (channels, ph, pw) = x.dims3()?;
    &x + uv_embedding(channels, ph, pw, grid.aspect(), x.device())?
}

/// Tokens of four depths to four maps of F channels at 4×, 2×, 1× and ½× the patch grid.
struct Levels {
    norm: Option<LayerNorm>,
    projects: Vec<Linear>,
    up4: Upscale,
    up2: Upscale,
    down: Conv3x3Half,
    to_features: Vec<Conv3x3>,
}

impl Levels {
    fn new(weights: &Contents, prefix: &str, config: &HeadConfig) -> Result<Self, ModelError> {
        let norm = format!("{prefix}.norm");
        let projects = (0..4).map(|i| Linear::f32(weights, &format!("{prefix}.projects.{i}")));
        let to_features = (1..=4).map(|i| Conv3x3::without_bias(weights, &format!("{prefix}.scratch.layer{i}_rn")));
        Ok(Self {
            norm: if config.kind == HeadKind::Dual { Some(LayerNorm::new(weights, &norm, 1e-5)?) } else { None },
            projects: projects.collect::<Result<_, _>>()?,
            up4: Upscale::new(weights, &format!("{prefix}.resize_layers.0"))?,
            up2: Upscale::new(weights, &format!("{prefix}.resize_layers.1"))?,
            down: Conv3x3Half::new(weights, &format!("{prefix}.resize_layers.3"))?,
            to_features: to_features.collect::<Result<_, _>>()?,
        })
    }

    fn forward(
        &self,
        features: &[Tensor],
        grid: Grid,
        has_uv: bool,
        part: &dyn Fn(usize) -> Result<(), ModelError>,
    ) -> Result<Vec<Tensor>, ModelError> {
        let mut levels = Vec::with_capacity(4);
        for (i, (tokens, project)) in features.iter().zip(&self.projects).enumerate() {
            part(i)?;
            let tokens = match &self.norm {
                Some(norm) => norm.forward(tokens)?,
                None => tokens.clone(),
            };
            let map = project.forward(&tokens)?.t()?.contiguous()?.reshape(((), grid.h, grid.w))?;
            let map = with_uv(map, grid, has_uv)?;
            let map = match i {
                0 => self.up4.forward(&map)?,
                1 => self.up2.forward(&map)?,
                2 => map,
                _ => self.down.forward(&map)?,
            };
            levels.push(self.to_features[i].forward(&map)?);
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

    fn forward(&self, x: &Tensor) -> candle_core::Result<Tensor> {
        x + self.conv2.forward(&self.conv1.forward(&x.relu()?)?.relu()?)?
    }
}

/// Adds a lateral map to what comes from deeper, refines, and brings it to the next size.
struct Fusion {
    /// Absent at the deepest level, which has nothing to add.
    lateral: Option<Residual>,
    refine: Residual,
    out: Linear,
}

impl Fusion {
    /// The blocks of levels 1 to 4; `suffix` tells the branches apart.
    fn chain(weights: &Contents, scratch: &str, suffix: &str) -> Result<[Self; 4], ModelError> {
        let block = |level: usize| -> Result<Self, ModelError> {
            let name = format!("{scratch}.refinenet{level}{suffix}");
            let lateral = format!("{name}.resConfUnit1");
            Ok(Self {
                lateral: if level < 4 { Some(Residual::new(weights, &lateral)?) } else { None },
                refine: Residual::new(weights, &format!("{name}.resConfUnit2"))?,
                out: Linear::f32(weights, &format!("{name}.out_conv"))?,
            })
        };
        Ok([block(1)?, block(2)?, block(3)?, block(4)?])
    }

    fn forward(&self, top: Option<&Tensor>, level: &Tensor, height: usize, width: usize) -> Result<Tensor, ModelError> {
        let x = match (top, &self.lateral) {
            (Some(top), Some(lateral)) => (top + lateral.forward(level)?)?,
            _ => level.clone(),
        };
        // The 1×1 convolution commutes with the resize (whose weights add up to one) and is cheaper before it.
        let x = self.out.forward_image(&self.refine.forward(&x)?)?;
        Ok(resize(&x, height, width)?)
    }
}

/// Four levels to one map of F channels at 8× the patch grid.
fn fuse(
    chain: &[Fusion; 4],
    levels: &[Tensor],
    part: &dyn Fn(usize) -> Result<(), ModelError>,
) -> Result<Tensor, ModelError> {
    let mut x: Option<Tensor> = None;
    for i in (0..4).rev() {
        part(7 - i)?;
        let (_, h, w) = if i > 0 { levels[i - 1].dims3()? } else { levels[0].dims3()? };
        let (height, width) = if i > 0 { (h, w) } else { (2 * h, 2 * w) };
        x = Some(chain[i].forward(x.as_ref(), &levels[i], height, width)?);
    }
    x.ok_or_else(|| candle_core::Error::Msg("a head without levels".into()).into())
}

/// 3×3 convolution to 32 channels, ReLU, 1×1 convolution.
struct OutputStack {
    hidden: Conv3x3,
    out: Linear,
}

impl OutputStack {
    fn new(weights: &Contents, name: &str) -> Result<Self, ModelError> {
        Ok(Self {
            hidden: Conv3x3::new(weights, &format!("{name}.0"))?,
            out: Linear::f32(weights, &format!("{name}.2"))?,
        })
    }

    fn forward(&self, x: &Tensor) -> candle_core::Result<Tensor> {
        self.out.forward_image(&self.hidden.forward(x)?.relu()?)
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

    fn forward(&self, levels: &[Tensor], grid: Grid, watch: &dyn Watch) -> Result<Tensor, ModelError> {
        let part = |_| watch.step(Step::Head { index: PARTS - 1, of: PARTS });
        let mut x = fuse(&self.chain, levels, &part)?;
        watch.tensor(format_args!("fused_aux"), &x);
        for conv in &self.neck {
            part(0)?;
            x = conv.forward(&x)?;
        }
        watch.tensor(format_args!("neck_aux"), &x);
        let x = self.hidden.forward(&with_uv(x, grid, true)?)?;
        let x = self.norm.forward(&x.permute((1, 2, 0))?)?.relu()?;
        Ok(self.out.forward(&x)?.permute((2, 0, 1))?.contiguous()?)
    }
}
