//! A network over one set of operations: views of one pass in, maps per view out.

use candle_core::Tensor;

use super::camera::{CameraDecoder, CameraEncoder};
use super::dpt::DenseHead;
use super::encoded::{Encoded, EncodedView, Held};
use super::gaussian_head::GaussianHead;
use super::maps::{FeatureMap, Maps, RawGaussians, Rays};
use super::operations::{End, MapLayers, TILE_BYTES};
use super::options::{Conditioning, Options};
use super::preset::{Da2Output, HeadKind, PATCH, Preset};
use super::pyramid::Grid;
use super::vit::{Backbone, Pass};
use super::watch::{Shown, Watch};
use super::{Contents, ModelError, Reference};
use crate::geometry::{Intrinsics, Rigid, encode_pose};

/// A network, whoever calculates.
pub trait Runs: Send + Sync {
    /// Whether attention keeps scores here, so that smaller tiles of them save memory.
    fn has_tiles(&self) -> bool;

    /// Runs the backbone over normalised images [S, 3, H, W].
    fn encode(&self, images: &Tensor, conditioning: &Conditioning, watch: &dyn Watch) -> Result<Encoded, ModelError>;

    /// Draws the maps of one view.
    fn decode(&self, view: EncodedView, watch: &dyn Watch) -> Result<Maps, ModelError>;
}

/// A network that calculates with `O`.
pub struct Net<O: MapLayers> {
    on: O,
    preset: Preset,
    backbone: Backbone<O>,
    head: DenseHead<O>,
    cameras: Option<CameraDecoder<O>>,
    known_cameras: Option<CameraEncoder<O>>,
    gaussians: Option<GaussianHead<O>>,
}

/// One view after the backbone.
struct View<O: MapLayers> {
    /// Four arrays [N, D], shallow to deep.
    levels: Vec<O::Array>,
    grid: Grid,
    /// Where a head looks at it again.
    image: Option<O::Image>,
    /// Outputs of the asked-for blocks, [N, C], in ascending order.
    exported: Vec<(usize, Vec<f32>)>,
}

impl<O: MapLayers> Held for View<O> {
    fn twin(&self) -> Box<dyn Held> {
        let Self { levels, grid, image, exported } = self;
        let view: Self = Self { levels: levels.clone(), grid: *grid, image: image.clone(), exported: exported.clone() };
        Box::new(view)
    }

    fn levels(&self) -> Vec<&dyn Shown> {
        self.levels.iter().map(|level| level as &dyn Shown).collect()
    }
}

impl<O: MapLayers> Net<O> {
    /// Reads what the options ask for.
    pub fn new(on: O, weights: &Contents, options: &Options) -> Result<Self, ModelError> {
        let preset = weights.preset();
        let any_view = preset.is_any_view();
        Ok(Self {
            preset,
            backbone: Backbone::new(&on, weights)?,
            head: DenseHead::new(&on, weights, options.rays)?,
            cameras: if any_view { Some(CameraDecoder::new(&on, weights)?) } else { None },
            known_cameras: if any_view && options.poses { Some(CameraEncoder::new(&on, weights)?) } else { None },
            gaussians: match options.gaussians && preset.has_gaussians() {
                true => Some(GaussianHead::new(&on, weights)?),
                false => None,
            },
            on,
        })
    }

    fn given_tokens(
        &self,
        poses: Option<&[(Rigid, Intrinsics)]>,
        views: usize,
        grid: Grid,
        watch: &dyn Watch,
    ) -> Result<Option<O::Array>, ModelError> {
        let (Some(poses), Some(encoder)) = (poses, &self.known_cameras) else { return Ok(None) };
        if poses.len() != views {
            return Err(ModelError::PoseCount { given: poses.len(), views });
        }
        let encodings: Vec<_> =
            poses.iter().map(|(pose, k)| encode_pose(pose, k, grid.width as u32, grid.height as u32)).collect();
        Ok(Some(encoder.forward(&self.on, &encodings, watch)?))
    }

    fn rays(&self, logits: &O::Array, grid: Grid) -> Result<Rays, ModelError> {
        let [rays, confidence] = self.on.rays(logits)?;
        Ok(Rays { width: 8 * grid.w, height: 8 * grid.h, rays, confidence })
    }

    fn gaussians(
        &self,
        head: &GaussianHead<O>,
        view: &View<O>,
        image: &O::Image,
        watch: &dyn Watch,
    ) -> Result<RawGaussians, ModelError> {
        let logits = head.forward(&self.on, view.levels.clone(), image, view.grid, watch)?;
        let [channels, opacity] = self.on.gaussians(&logits)?;
        Ok(RawGaussians { channels, opacity })
    }
}

impl<O: MapLayers> Runs for Net<O> {
    fn has_tiles(&self) -> bool {
        self.on.has_tiles()
    }

    fn encode(&self, images: &Tensor, conditioning: &Conditioning, watch: &dyn Watch) -> Result<Encoded, ModelError> {
        let (views, _, height, width) = images.dims4()?;
        if height % PATCH != 0 || width % PATCH != 0 || height == 0 || width == 0 {
            return Err(ModelError::ImageSize { width, height });
        }
        let images = self.on.images(images)?;
        let grid = Grid { h: height / PATCH, w: width / PATCH, height, width };
        let given_tokens = self.given_tokens(conditioning.poses, views, grid, watch)?;
        let pass = Pass {
            reference: conditioning.reference.unwrap_or(Reference::SaddleBalanced),
            camera_tokens: given_tokens.clone(),
            export: conditioning.export_features,
            tile_bytes: conditioning.tile_bytes.unwrap_or(TILE_BYTES),
        };
        let features = self.backbone.forward(&self.on, &images, [grid.h, grid.w], &pass, watch)?;
        let poses = match (&self.cameras, &features.camera) {
            (Some(decoder), Some(tokens)) => Some(decoder.forward(&self.on, tokens)?),
            _ => None,
        };
        let mut exported = features.exported;
        let views = features.views.into_iter().zip(&images).enumerate().map(|(view, (levels, image))| {
            let image = self.gaussians.as_ref().map(|_| image.clone());
            let exported = exported.iter_mut().map(|(block, views)| (*block, std::mem::take(&mut views[view])));
            EncodedView::new(View::<O> { levels, grid, image, exported: exported.collect() })
        });
        let shown = |tokens: Option<O::Array>| tokens.map(|tokens| Box::new(tokens) as Box<dyn Shown + Send + Sync>);
        Ok(Encoded {
            views: views.collect(),
            poses,
            camera_tokens: shown(features.camera),
            given_tokens: shown(given_tokens),
        })
    }

    /// The view's features are gone as soon as they are used.
    fn decode(&self, view: EncodedView, watch: &dyn Watch) -> Result<Maps, ModelError> {
        let on = &self.on;
        let view: View<O> = view.open()?;
        let gaussians = match (&self.gaussians, &view.image) {
            (Some(head), Some(image)) => Some(self.gaussians(head, &view, image, watch)?),
            _ => None,
        };
        let View { levels, grid, exported, .. } = view;
        let Grid { h: height, w: width, .. } = grid;
        let features = exported.into_iter().map(|(block, values)| FeatureMap {
            block,
            height,
            width,
            channels: values.len() / (height * width),
            values,
        });
        let logits = self.head.forward(on, levels, grid, watch)?;
        let (of_depth, of_confidence) = match self.preset.head().kind {
            HeadKind::Dual => (End::Exp, Some(End::ExpPlusOne)),
            HeadKind::Sky => (End::Exp, None),
            HeadKind::Single(Da2Output::Disparity) => (End::Relu, None),
            HeadKind::Single(Da2Output::Metric { max_depth }) => (End::Sigmoid(max_depth), None),
        };
        let depth = on.ended(&logits.main, 0, of_depth)?;
        let confidence = of_confidence.map(|end| on.ended(&logits.main, 1, end)).transpose()?;
        let sky = logits.sky.map(|sky| on.ended(&sky, 0, End::Relu)).transpose()?;
        // Reading waits for the device: all is asked for before.
        Ok(Maps {
            depth: depth.numbers()?,
            confidence: confidence.as_ref().map(Shown::numbers).transpose()?,
            sky: sky.as_ref().map(Shown::numbers).transpose()?,
            rays: logits.rays.as_ref().map(|rays| self.rays(rays, grid)).transpose()?,
            gaussians,
            features: features.collect(),
        })
    }
}
