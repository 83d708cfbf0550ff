//! The dense heads: four levels of tokens to maps of the image's size, one view at a time (specification §4).

use super::ModelError;
use super::kernels::Activation;
use super::operations::{Around, ConvShape, MapLayers, Precision};
use super::preset::HeadKind;
use super::pyramid::{Fusion, Grid, Levels, PARTS, Positions, fuse, size_of};
use super::source::Contents;
use super::watch::{Shown, Step, Watch};

/// A dense head. Maps inside are [h, w, channels].
pub struct DenseHead<O: MapLayers> {
    levels: Levels<O>,
    chain: [Fusion<O>; 4],
    neck: O::Conv,
    main: O::Ends,
    sky: Option<O::Ends>,
    rays: Option<RayBranch<O>>,
    positions: Positions<O>,
}

/// What a head gives before its activations.
pub struct Logits<A> {
    /// [1 or 2, H, W].
    pub main: A,
    /// [1, H, W].
    pub sky: Option<A>,
    /// [7, 8h, 8w].
    pub rays: Option<A>,
}

impl<O: MapLayers> DenseHead<O> {
    pub fn new(on: &O, weights: &Contents, with_rays: bool) -> Result<Self, ModelError> {
        let (config, prefix) = (weights.preset().head(), weights.preset().head_prefix());
        let scratch = format!("{prefix}.scratch");
        let dual = config.kind == HeadKind::Dual;
        let sky = format!("{scratch}.sky_output_conv2");
        Ok(Self {
            levels: Levels::new(on, weights, prefix, dual)?,
            chain: Fusion::chain(on, weights, &scratch, "")?,
            neck: on.read_conv(weights, &format!("{scratch}.output_conv1"), ConvShape::PLAIN)?,
            main: on.read_ends(weights, &format!("{scratch}.output_conv2"))?,
            sky: if config.kind == HeadKind::Sky { Some(on.read_ends(weights, &sky)?) } else { None },
            rays: if dual && with_rays { Some(RayBranch::new(on, weights, &scratch)?) } else { None },
            positions: Positions::new(dual),
        })
    }

    /// `features`: four tensors [N, D] of one view.
    pub fn forward(
        &self,
        on: &O,
        features: Vec<O::Array>,
        grid: Grid,
        watch: &dyn Watch,
    ) -> Result<Logits<O::Array>, ModelError> {
        let part = |index| watch.step(Step::Head { index, of: PARTS });
        let levels = self.levels.forward(on, features, grid, &self.positions, &part)?;
        for (i, level) in levels.iter().enumerate() {
            watch.tensor(format_args!("level{}", i + 1), &Planes::of(on, level));
        }
        let kept = self.rays.as_ref().map(|rays| (rays, levels.clone()));
        let fused = fuse(on, &self.chain, levels, &part)?;
        let enlarged = on.enlarge(&fused, [8 * grid.h, 8 * grid.w], None)?;
        drop(fused);
        if let Some(fused) = on.whole(&enlarged) {
            watch.tensor(format_args!("fused"), &Planes::of(on, fused));
        }
        part(8)?;
        let around_neck = Around { is_enlarged_next: true, ..Around::default() };
        let neck = on.conv_enlarged(&self.neck, &enlarged, around_neck)?;
        drop(enlarged);
        watch.tensor(format_args!("neck"), &Planes::of(on, &neck));
        part(9)?;
        let (size, [.., channels]) = ([grid.height, grid.width], size_of(on, &neck));
        let positions = self.positions.of(on, size, channels, grid)?;
        let map = on.enlarge(&neck, size, positions.as_ref())?;
        drop(neck);
        part(9)?;
        let main = on.logits(&self.main, &map)?;
        watch.tensor(format_args!("main_logits"), &main);
        let sky = self.sky.as_ref().map(|sky| on.logits(sky, &map)).transpose()?;
        drop(map);
        let rays = match kept {
            Some((rays, levels)) => Some(rays.forward(on, levels, grid, &self.positions, watch)?),
            None => None,
        };
        Ok(Logits { main, sky, rays })
    }
}

/// The auxiliary branch of the any-view head: world rays and their confidence at 8× the patch grid.
struct RayBranch<O: MapLayers> {
    chain: [Fusion<O>; 4],
    neck: Vec<O::Conv>,
    hidden: O::Conv,
    norm: O::Norm,
    out: O::Linear,
}

impl<O: MapLayers> RayBranch<O> {
    fn new(on: &O, weights: &Contents, scratch: &str) -> Result<Self, ModelError> {
        // Of the four stacks that are stored only the last is used; the LayerNorm is stored with the first.
        let conv = |part: &str| on.read_conv(weights, &format!("{scratch}.{part}"), ConvShape::PLAIN);
        let neck = (0..5).map(|i| conv(&format!("output_conv1_aux.3.{i}")));
        Ok(Self {
            chain: Fusion::chain(on, weights, scratch, "_aux")?,
            neck: neck.collect::<Result<_, _>>()?,
            hidden: conv("output_conv2_aux.3.0")?,
            norm: on.read_norm(weights, &format!("{scratch}.output_conv2_aux.0.2"), 1e-5)?,
            out: on.read_linear(weights, &format!("{scratch}.output_conv2_aux.3.5"), Precision::Single)?,
        })
    }

    fn forward(
        &self,
        on: &O,
        levels: Vec<O::Array>,
        grid: Grid,
        positions: &Positions<O>,
        watch: &dyn Watch,
    ) -> Result<O::Array, ModelError> {
        let part = |_| watch.step(Step::Head { index: PARTS - 1, of: PARTS });
        let fused = fuse(on, &self.chain, levels, &part)?;
        let mut x = on.resize(&fused, [8 * grid.h, 8 * grid.w], None)?;
        watch.tensor(format_args!("fused_aux"), &Planes::of(on, &x));
        for conv in &self.neck {
            part(0)?;
            x = on.conv(conv, &x, Around::default())?;
        }
        watch.tensor(format_args!("neck_aux"), &Planes::of(on, &x));
        let hidden = on.conv(&self.hidden, &positions.add(on, x, grid)?, Around::default())?;
        let x = on.activated(&on.normed(&self.norm, &hidden)?, Activation::Relu)?;
        on.planes(&on.linear(&self.out, &x)?)
    }
}

/// A map [h, w, c] as it is shown: [c, h, w].
struct Planes<'a, A> {
    map: &'a A,
    channels: usize,
}

impl<'a, A> Planes<'a, A> {
    fn of<O: MapLayers<Array = A>>(on: &O, map: &'a A) -> Self {
        let [.., channels] = size_of(on, map);
        Self { map, channels }
    }
}

impl<A: Shown> Shown for Planes<'_, A> {
    fn numbers(&self) -> Result<Vec<f32>, ModelError> {
        let numbers = self.map.numbers()?;
        Ok((0..self.channels)
            .flat_map(|channel| numbers.iter().skip(channel).step_by(self.channels))
            .copied()
            .collect())
    }
}
