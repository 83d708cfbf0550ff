//! The DINOv2 vision transformer with Depth Anything 3's alternation of local and global attention (specification §3).

use super::embed::Turns;
use super::memo::Memo;
use super::operations::{BlockShape, Precision, TokenLayers};
use super::preset::VitConfig;
use super::reference::{Reference, select_reference};
use super::watch::{Shown, Step, Watch};
use super::{Contents, ModelError};

/// The backbone.
pub struct Backbone<O: TokenLayers> {
    config: VitConfig,
    patches: O::Patches,
    class_token: O::Array,
    camera_token: Option<O::Array>,
    positions: O::Array,
    blocks: Vec<O::Block>,
    norm: O::Norm,
    embeddings: Memo<[usize; 2], O::Array>,
    ropes: Memo<[usize; 3], Ropes<O>>,
}

/// What the backbone collects, in the order in which the views were given.
pub struct Features<A> {
    /// Of each view four tensors [N, D] for the heads, shallow to deep.
    pub views: Vec<Vec<A>>,
    /// Token 0 of the last level, [S, 2C], not normalised; networks with cameras only.
    pub camera: Option<A>,
    /// Outputs of single blocks, of each view [N, C], through the final norm, in ascending order of blocks.
    pub exported: Vec<(usize, Vec<Vec<f32>>)>,
}

/// How the backbone is to treat the views of a pass.
pub struct Pass<'a, A> {
    pub reference: Reference,
    /// One camera token [S, C] per view from known poses.
    pub camera_tokens: Option<A>,
    /// Blocks whose outputs are asked for.
    pub export: &'a [usize],
    /// Most bytes that attention may keep of scores.
    pub tile_bytes: usize,
}

impl<O: TokenLayers> Backbone<O> {
    pub fn new(on: &O, weights: &Contents) -> Result<Self, ModelError> {
        let preset = weights.preset();
        let (config, prefix) = (preset.backbone(), preset.backbone_prefix());
        let blocks = (0..config.blocks).map(|i| {
            let shape = BlockShape {
                heads: config.heads,
                norm_eps: 1e-6,
                qk_norm: config.joint_start.is_some_and(|start| i >= start),
                swiglu: config.swiglu,
            };
            on.read_block(weights, &format!("{prefix}.blocks.{i}"), shape, Precision::Chosen)
        });
        Ok(Self {
            config,
            patches: on.read_patches(weights, &format!("{prefix}.patch_embed.proj"))?,
            class_token: on.read_array(weights, &format!("{prefix}.cls_token"))?,
            camera_token: match config.joint_start {
                Some(_) => Some(on.read_array(weights, &format!("{prefix}.camera_token"))?),
                None => None,
            },
            positions: on.read_array(weights, &format!("{prefix}.pos_embed"))?,
            blocks: blocks.collect::<Result<_, _>>()?,
            norm: on.read_norm(weights, &format!("{prefix}.norm"), config.final_norm_eps)?,
            embeddings: Memo::default(),
            ropes: Memo::default(),
        })
    }

    /// Runs over normalised images, of `h`×`w` patches each.
    pub fn forward(
        &self,
        on: &O,
        images: &[O::Image],
        [h, w]: [usize; 2],
        pass: &Pass<O::Array>,
        watch: &dyn Watch,
    ) -> Result<Features<O::Array>, ModelError> {
        let views = images.len();
        let mut x = self.tokens(on, images, h, w)?;
        watch.tensor(format_args!("tokens"), &x);
        let ropes = self.ropes.get([views, h, w], || Ropes::new(on, &self.config, views, h, w))?;
        let mut workspace = on.workspace(pass.tile_bytes);
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
                let tokens = on.first_tokens(&x)?;
                order = Order::starting_with(choose_reference(pass.reference, &tokens, views), views);
                if let Some(order) = order.indices() {
                    (x, local) = (on.in_order(&x, order)?, on.in_order(&local, order)?);
                }
            }
            if self.config.joint_start == Some(i) {
                x = self.with_camera_tokens(on, &x, pass.camera_tokens.as_ref(), views)?;
            }
            let peek = |part: &str, shown: &dyn Shown| watch.tensor(format_args!("block{i}_{part}"), shown);
            if self.config.is_global(i) {
                x = on.block(block, &x, 1, ropes.global.as_ref(), &mut workspace, &peek)?;
                watch.tensor(format_args!("block{i}"), &x);
            } else {
                let rope = ropes.local.as_ref().filter(|_| self.config.joint_start.is_some_and(|start| i >= start));
                x = on.block(block, &x, views, rope, &mut workspace, &peek)?;
                watch.tensor(format_args!("block{i}"), &x);
                local = x.clone();
            }
            if pass.export.contains(&i) {
                let all = on.exported(&self.norm, &x, order.inverse().as_deref())?;
                exported.push((i, all.chunks_exact(all.len() / views).map(<[f32]>::to_vec).collect()));
            }
            if i + 1 == self.blocks.len() {
                // The pass needs the most memory here; what only blocks need can go.
                workspace = on.workspace(pass.tile_bytes);
            }
            if let Some(index) = self.config.out_layers.iter().position(|&layer| layer == i) {
                watch.step(Step::Features { index, of: self.config.out_layers.len() })?;
                let before = self.config.joint_start.map(|_| &local);
                for (view, levels) in collected.iter_mut().enumerate() {
                    levels.push(on.features(&self.norm, before, &x, order.position(view))?);
                }
                // The cameras look at the last of these layers only.
                if self.config.joint_start.is_some() && self.config.out_layers.last() == Some(&i) {
                    camera = Some(on.camera_tokens(&local, &x, order.inverse().as_deref())?);
                }
            }
        }
        Ok(Features { views: collected, camera, exported })
    }

    /// Patch embedding, class token and positional embedding: [S, 1 + h·w, C] (specification §3.1).
    fn tokens(&self, on: &O, images: &[O::Image], h: usize, w: usize) -> Result<O::Array, ModelError> {
        let embedding = self.embeddings.get([h, w], || on.embedding(&self.positions, h, w))?;
        on.tokens(&self.patches, &self.class_token, &embedding, images)
    }

    /// Overwrites token 0 of every view (specification §3.5).
    fn with_camera_tokens(
        &self,
        on: &O,
        x: &O::Array,
        given: Option<&O::Array>,
        views: usize,
    ) -> Result<O::Array, ModelError> {
        let camera = match (given, &self.camera_token) {
            (Some(given), _) => given.clone(),
            (None, Some(learned)) => on.repeated(learned, views)?,
            (None, None) => return Ok(x.clone()),
        };
        on.with_first_tokens(x, &camera)
    }
}

/// Of the first tokens of all views, [S, C].
fn choose_reference(strategy: Reference, tokens: &[f32], views: usize) -> usize {
    let tokens: Vec<Vec<f32>> = tokens.chunks_exact(tokens.len() / views).map(<[f32]>::to_vec).collect();
    select_reference(strategy, &tokens)
}

struct Ropes<O: TokenLayers> {
    local: Option<O::Rope>,
    global: Option<O::Rope>,
}

impl<O: TokenLayers> Ropes<O> {
    fn new(on: &O, config: &VitConfig, views: usize, h: usize, w: usize) -> Result<Self, ModelError> {
        if config.joint_start.is_none() {
            return Ok(Self { local: None, global: None });
        }
        Ok(Self { local: Some(on.rope(Turns::local(h, w))?), global: Some(on.rope(Turns::global(views, h * w))?) })
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

    fn indices(&self) -> Option<&[u32]> {
        self.0.as_deref()
    }

    /// Where a view lies in this order.
    fn position(&self, view: usize) -> usize {
        let found = self.0.as_ref().and_then(|order| order.iter().position(|&other| other as usize == view));
        found.unwrap_or(view)
    }

    /// The order that brings views back to the given one.
    fn inverse(&self) -> Option<Vec<u32>> {
        self.0.as_ref().map(|order| (0..order.len()).map(|view| self.position(view) as u32).collect())
    }
}
