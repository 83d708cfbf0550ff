//! The DINOv2 vision transformer with Depth Anything 3's alternation of local and global attention (specification §3).

use candle_core::Device;

use super::array::Array;
use super::block::Block;
use super::block_cpu::Workspace;
use super::block_parts::BlockShape;
use super::embed::{Rope, positional_embedding};
use super::memo::Memo;
use super::ops::{LayerNorm, Precision};
use super::patches::{PATCH, Patches};
use super::preset::{Preset, VitConfig};
use super::reference::{Reference, select_reference};
use super::watch::{Step, Watch};
use super::{Contents, ModelError};

/// The backbone.
pub struct Backbone {
    config: VitConfig,
    patches: Patches,
    class_token: Array,
    camera_token: Option<Array>,
    positions: Array,
    blocks: Vec<Block>,
    norm: LayerNorm,
    embeddings: Memo<[usize; 2], Array>,
    ropes: Memo<[usize; 3], Ropes>,
}

/// What the backbone collects, in the order in which the views were given.
pub struct Features {
    /// Of each view four tensors [N, D] for the heads, shallow to deep.
    pub views: Vec<Vec<Array>>,
    /// Token 0 of the last level, [S, 2C], not normalised; networks with cameras only.
    pub camera: Option<Array>,
    /// Outputs of single blocks, of each view [N, C], through the final norm, in ascending order of blocks.
    pub exported: Vec<(usize, Vec<Vec<f32>>)>,
}

/// How the backbone is to treat the views of a pass.
pub struct Pass<'a> {
    pub reference: Reference,
    /// One camera token [S, C] per view from known poses.
    pub camera_tokens: Option<Array>,
    /// Blocks whose outputs are asked for.
    pub export: &'a [usize],
    /// Most bytes that attention may keep of scores.
    pub tile_bytes: usize,
}

impl Backbone {
    pub fn new(weights: &Contents) -> Result<Self, ModelError> {
        let preset: Preset = weights.preset();
        let (config, prefix) = (preset.backbone(), preset.backbone_prefix());
        let blocks = (0..config.blocks).map(|i| {
            let shape = BlockShape {
                heads: config.heads,
                norm_eps: 1e-6,
                qk_norm: config.joint_start.is_some_and(|start| i >= start),
                swiglu: config.swiglu,
            };
            Block::new(weights, &format!("{prefix}.blocks.{i}"), shape, Precision::Chosen)
        });
        Ok(Self {
            config,
            patches: Patches::new(weights, &format!("{prefix}.patch_embed.proj"))?,
            class_token: weights.f32(&format!("{prefix}.cls_token"))?,
            camera_token: match config.joint_start {
                Some(_) => Some(weights.f32(&format!("{prefix}.camera_token"))?.squeeze(0)?),
                None => None,
            },
            positions: weights.f32(&format!("{prefix}.pos_embed"))?,
            blocks: blocks.collect::<Result<_, _>>()?,
            norm: LayerNorm::new(weights, &format!("{prefix}.norm"), config.final_norm_eps)?,
            embeddings: Memo::default(),
            ropes: Memo::default(),
        })
    }

    /// Runs over normalised images [S, 3, H, W], both sides multiples of 14.
    pub fn forward(&self, images: &Array, pass: &Pass, watch: &dyn Watch) -> Result<Features, ModelError> {
        let (views, _, height, width) = images.dims4()?;
        let (h, w) = (height / PATCH, width / PATCH);
        let device = images.device();
        let mut x = self.tokens(images, h, w)?;
        watch.tensor(format_args!("tokens"), &x);
        let ropes = self.ropes.get([views, h, w], || Ropes::new(&self.config, views, h, w, device))?;
        let mut workspace = Workspace::new(pass.tile_bytes);
        let mut order = Order::as_given();
        // Output of the latest local block, the first half of what the heads get.
        let mut local = x.clone();
        let mut collected = vec![Vec::with_capacity(4); views];
        let mut camera = None;
        let mut exported = Vec::with_capacity(pass.export.len());

        for (i, block) in self.blocks.iter().enumerate() {
            watch.step(Step::Block { index: i, of: self.blocks.len() })?;
            if self.config.joint_start.is_some_and(|start| i + 1 == start) && views >= 3 && pass.camera_tokens.is_none()
            {
                order = Order::starting_with(choose_reference(pass.reference, &x)?, views);
                (x, local) = (order.apply(&x)?, order.apply(&local)?);
            }
            if self.config.joint_start == Some(i) {
                x = self.with_camera_tokens(&x, pass.camera_tokens.as_ref())?;
            }
            let peek = |part: &str, tensor: &Array| watch.tensor(format_args!("block{i}_{part}"), tensor);
            if self.is_global(i) {
                let (s, t, c) = x.dims3()?;
                let joint = block.forward(&x.reshape((1, s * t, c))?, ropes.global.as_ref(), &mut workspace, &peek)?;
                watch.tensor(format_args!("block{i}"), &joint);
                x = joint.reshape((s, t, c))?;
            } else {
                let rope = ropes.local.as_ref().filter(|_| self.config.joint_start.is_some_and(|start| i >= start));
                x = block.forward(&x, rope, &mut workspace, &peek)?;
                watch.tensor(format_args!("block{i}"), &x);
                local = x.clone();
            }
            if pass.export.contains(&i) {
                exported.push((i, self.exported(&x, &order)?));
            }
            if i + 1 == self.blocks.len() {
                // The pass needs the most memory here; what only blocks need can go.
                workspace = Workspace::new(pass.tile_bytes);
            }
            if let Some(index) = self.config.out_layers.iter().position(|&layer| layer == i) {
                watch.step(Step::Features { index, of: self.config.out_layers.len() })?;
                for (view, levels) in collected.iter_mut().enumerate() {
                    levels.push(self.features(&x, &local, order.position(view))?);
                }
                // The cameras look at the last of these layers only.
                if self.config.out_layers.last() == Some(&i) {
                    camera = self.camera(&x, &local, &order)?;
                }
            }
        }
        Ok(Features { views: collected, camera, exported })
    }

    /// Patch embedding, class token and positional embedding: [S, 1 + h·w, C] (specification §3.1).
    fn tokens(&self, images: &Array, h: usize, w: usize) -> Result<Array, ModelError> {
        let views = images.dim(0)?;
        let positions = self.embeddings.get([h, w], || positional_embedding(&self.positions, h, w))?;
        let class = self.class_token.reshape((1, self.config.width))?;
        let tokens = (0..views)
            .map(|view| Array::cat(&[&class, &self.patches.forward(&images.get(view)?)?], 0)?.add(&positions));
        Ok(Array::stack(&tokens.collect::<candle_core::Result<Vec<_>>>()?)?)
    }

    fn is_global(&self, block: usize) -> bool {
        self.config.joint_start.is_some_and(|start| block >= start && block % 2 == 1)
    }

    /// Overwrites token 0 of every view (specification §3.5).
    fn with_camera_tokens(&self, x: &Array, given: Option<&Array>) -> Result<Array, ModelError> {
        let (views, tokens, c) = x.dims3()?;
        let camera = match (given, &self.camera_token) {
            (Some(given), _) => given.clone(),
            (None, Some(learned)) => {
                let others = learned.narrow(0, 1, 1)?.broadcast_as((views - 1, c))?;
                if views == 1 { learned.narrow(0, 0, 1)? } else { Array::cat(&[learned.narrow(0, 0, 1)?, others], 0)? }
            }
            (None, None) => return Ok(x.clone()),
        };
        Ok(Array::cat(&[camera.reshape((views, 1, c))?, x.narrow(1, 1, tokens - 1)?], 1)?)
    }

    /// What one out layer gives the heads of the view at this position: [N, D] (specification §3.7). Each view's numbers are
    /// memory of their own, which goes when its maps are drawn.
    fn features(&self, x: &Array, local: &Array, position: usize) -> Result<Array, ModelError> {
        let of_view = |x: &Array| x.narrow(0, position, 1);
        let before = self.config.joint_start.map(|_| of_view(local)).transpose()?;
        Ok(self.norm.features(before.as_ref(), &of_view(x)?)?.squeeze(0)?)
    }

    /// What a block made of every view, through the final norm, in the given order of views: [N, C] each. All is read at once,
    /// because a card gives the whole of a memory whatever part of it is asked for.
    fn exported(&self, x: &Array, order: &Order) -> Result<Vec<Vec<f32>>, ModelError> {
        let views = x.dim(0)?;
        let all = order.undo(&self.norm.features(None, x)?)?.to_host()?;
        Ok(all.chunks_exact(all.len() / views).map(<[f32]>::to_vec).collect())
    }

    /// Token 0 of every view, [S, 2C], where there are cameras.
    fn camera(&self, x: &Array, local: &Array, order: &Order) -> Result<Option<Array>, ModelError> {
        if self.config.joint_start.is_none() {
            return Ok(None);
        }
        let tokens = Array::cat(&[local.narrow(1, 0, 1)?, x.narrow(1, 0, 1)?], 2)?.squeeze(1)?;
        order.undo(&tokens).map(Some)
    }
}

fn choose_reference(strategy: Reference, x: &Array) -> Result<usize, ModelError> {
    let (_, _, width) = x.dims3()?;
    let tokens = x.narrow(1, 0, 1)?.to_host()?;
    let tokens: Vec<Vec<f32>> = tokens.chunks_exact(width).map(<[f32]>::to_vec).collect();
    Ok(select_reference(strategy, &tokens))
}

struct Ropes {
    local: Option<Rope>,
    global: Option<Rope>,
}

impl Ropes {
    fn new(config: &VitConfig, views: usize, h: usize, w: usize, device: &Device) -> Result<Self, ModelError> {
        if config.joint_start.is_none() {
            return Ok(Self { local: None, global: None });
        }
        Ok(Self { local: Some(Rope::local(h, w, device)?), global: Some(Rope::global(views, h * w, device)?) })
    }
}

/// The order in which the views go through the joint blocks: `Some` when it is not the given one.
struct Order(Option<Vec<u32>>);

impl Order {
    fn as_given() -> Self {
        Self(None)
    }

    /// [b, 0, …, b−1, b+1, …].
    fn starting_with(b: usize, views: usize) -> Self {
        let others = (0..views).filter(|&view| view != b);
        Self((b != 0).then(|| std::iter::once(b).chain(others).map(|view| view as u32).collect()))
    }

    fn apply(&self, x: &Array) -> Result<Array, ModelError> {
        let Some(order) = &self.0 else { return Ok(x.clone()) };
        Ok(x.contiguous()?.select(order)?)
    }

    /// Where a view lies in this order.
    fn position(&self, view: usize) -> usize {
        let found = self.0.as_ref().and_then(|order| order.iter().position(|&other| other as usize == view));
        found.unwrap_or(view)
    }

    fn undo(&self, x: &Array) -> Result<Array, ModelError> {
        let Some(order) = &self.0 else { return Ok(x.clone()) };
        let inverse: Vec<_> = (0..order.len()).map(|view| self.position(view) as u32).collect();
        Ok(x.contiguous()?.select(&inverse)?)
    }
}
