//! A whole network: views of one pass in, maps per view out.

use std::cell::Cell;

use candle_core::{Device, Tensor};

use super::array::Array;
use super::attention::TILE_BYTES;
use super::camera::{CameraDecoder, CameraEncoder};
use super::dpt::{DenseHead, Grid};
use super::gaussian_head::GaussianHead;
use super::kernels::Format;
use super::names::{ANY_VIEW_PART, METRIC_PART};
use super::nested::Part;
use super::patches::PATCH;
use super::preset::{Da2Output, HeadKind, Preset};
use super::source::{Backend, Contents};
use super::vit::{Backbone, Pass};
use super::{ModelError, Reference, TensorSource, Watch};
use crate::geometry::{GAUSSIAN_CHANNELS, Intrinsics, PoseEncoding, Rigid, encode_pose};

/// What of a network is read, and how it is kept.
pub struct Options<'a> {
    /// How matrices are kept: the backbone's, and on kernels the heads' too. Cameras, norms and the ends of heads are
    /// always f32.
    pub format: Format,
    /// On a CPU, run on our own kernels instead of candle's operations.
    pub kernels: bool,
    /// Read the camera encoder, for runs with known poses.
    pub poses: bool,
    /// Read the auxiliary branch, for rays.
    pub rays: bool,
    /// Read the head for 3D Gaussians, where there is one.
    pub gaussians: bool,
    /// Called with the bytes read so far; an error ends the load.
    pub on_bytes: &'a dyn Fn(u64) -> Result<(), ModelError>,
}

impl Options<'_> {
    fn backend(&self, device: &Device) -> Backend {
        if device.is_cpu() && self.kernels { Backend::Kernels } else { Backend::Candle }
    }
}

impl Default for Options<'_> {
    fn default() -> Self {
        Self { format: Format::F32, kernels: true, poses: false, rays: false, gaussians: false, on_bytes: &|_| Ok(()) }
    }
}

/// A network that is ready to run.
pub struct Network {
    preset: Preset,
    device: Device,
    backend: Backend,
    backbone: Backbone,
    head: DenseHead,
    cameras: Option<CameraDecoder>,
    known_cameras: Option<CameraEncoder>,
    gaussians: Option<GaussianHead>,
    metric: Option<Box<Network>>,
}

/// What a pass may be told beyond its images.
#[derive(Default)]
pub struct Conditioning<'a> {
    pub reference: Option<Reference>,
    /// Known cameras, one per view: w2c normalised to the first view, and intrinsics in pixels of the network's image.
    /// They need [`Options::poses`].
    pub poses: Option<&'a [(Rigid, Intrinsics)]>,
    /// Blocks whose outputs are asked for, in any order.
    pub export_features: &'a [usize],
    /// Most bytes that the scores of one tile of attention may take; [`TILE_BYTES`] where nothing is said.
    pub tile_bytes: Option<usize>,
}

/// All views of a pass after the backbone.
pub struct Encoded {
    /// What the heads need of each view.
    pub views: Vec<EncodedView>,
    /// One camera per view, where the network predicts cameras.
    pub poses: Option<Vec<PoseEncoding>>,
    /// Token 0 of the last level, [S, 2C], where the network predicts cameras.
    pub camera_tokens: Option<Array>,
    /// The camera encoder's tokens [S, C], where poses were given.
    pub given_tokens: Option<Array>,
}

/// One view after the backbone, some 20 MB with DA3-Base at 504×336. A clone shares the numbers.
#[derive(Clone)]
pub struct EncodedView {
    /// Four tensors [N, D], shallow to deep.
    pub levels: Vec<Array>,
    grid: Grid,
    /// [3, H, W], where a head looks at it again.
    image: Option<Array>,
    /// Outputs of the asked-for blocks, [N, C], in ascending order.
    exported: Vec<(usize, Vec<f32>)>,
}

/// The maps of one view, row-major, H·W long unless said otherwise.
pub struct Maps {
    /// Depth before any post-processing, or disparity for Depth Anything V2's relative models.
    pub depth: Vec<f32>,
    /// 1 + exp(logit), any-view networks only.
    pub confidence: Option<Vec<f32>>,
    /// Raw sky value ≥ 0, networks with a sky head only.
    pub sky: Option<Vec<f32>>,
    /// With [`Options::rays`] only.
    pub rays: Option<Rays>,
    /// With [`Options::gaussians`] only.
    pub gaussians: Option<RawGaussians>,
    /// Of [`Conditioning::export_features`], in ascending order of blocks.
    pub features: Vec<FeatureMap>,
}

/// What one block of the backbone made of one view, through the final norm.
#[derive(Clone, Debug, PartialEq)]
pub struct FeatureMap {
    /// Counts from 0.
    pub block: usize,
    /// Patches down and across.
    pub height: usize,
    pub width: usize,
    pub channels: usize,
    /// [height, width, channels].
    pub values: Vec<f32>,
}

/// What the head for 3D Gaussians gives for one view, one Gaussian per pixel (specification §7.1, §7.2).
#[derive(Clone, Debug, PartialEq)]
pub struct RawGaussians {
    /// [H, W, [`GAUSSIAN_CHANNELS`]].
    pub channels: Vec<f32>,
    /// [H, W], 0..1.
    pub opacity: Vec<f32>,
}

/// The world rays of one view, on a grid that covers its image: eight by eight for each patch.
pub struct Rays {
    /// Rays across and down.
    pub width: usize,
    pub height: usize,
    /// Direction (of any length), then origin: [height, width, 6].
    pub rays: Vec<f32>,
    /// 1 + exp(logit), [height, width].
    pub confidence: Vec<f32>,
}

impl Network {
    /// Checks that `source` holds exactly the weights of `preset`, and reads what the options ask for.
    pub fn new(
        source: &dyn TensorSource,
        preset: Preset,
        device: &Device,
        options: &Options,
    ) -> Result<Self, ModelError> {
        if let Some(metric) = preset.metric_part() {
            return Self::nested(source, preset, metric, device, options);
        }
        let backend = options.backend(device);
        let weights = Contents::check(source, preset, device, options.format, backend, options.on_bytes)?;
        let any_view = preset.is_any_view();
        Ok(Self {
            preset,
            device: device.clone(),
            backend,
            backbone: Backbone::new(&weights)?,
            head: DenseHead::new(&weights, options.rays)?,
            cameras: if any_view { Some(CameraDecoder::new(&weights)?) } else { None },
            known_cameras: if any_view && options.poses { Some(CameraEncoder::new(&weights)?) } else { None },
            gaussians: match options.gaussians && preset.has_gaussians() {
                true => Some(GaussianHead::new(&weights)?),
                false => None,
            },
            metric: None,
        })
    }

    /// Two networks from one file.
    fn nested(
        source: &dyn TensorSource,
        preset: Preset,
        metric: Preset,
        device: &Device,
        options: &Options,
    ) -> Result<Self, ModelError> {
        // The parts see no name that belongs to neither, so that the whole is looked at first.
        Contents::check(source, preset, device, options.format, options.backend(device), options.on_bytes)?;
        let before = Cell::new(0);
        let on_bytes = |bytes| {
            before.set(bytes);
            (options.on_bytes)(bytes)
        };
        let part = Part { source, prefix: ANY_VIEW_PART };
        let any_view = Self::new(&part, preset.any_view_part(), device, &Options { on_bytes: &on_bytes, ..*options })?;
        let on_bytes = |bytes| (options.on_bytes)(before.get() + bytes);
        let part = Part { source, prefix: METRIC_PART };
        let metric = Self::new(&part, metric, device, &Options { on_bytes: &on_bytes, ..*options })?;
        Ok(Self { preset, metric: Some(Box::new(metric)), ..any_view })
    }

    /// The second network of a nested preset, which looks at single views and gives metres and sky.
    pub fn metric(&self) -> Option<&Self> {
        self.metric.as_deref()
    }

    pub fn preset(&self) -> Preset {
        self.preset
    }

    /// Whether attention keeps scores here, so that smaller tiles of them save memory.
    pub fn has_tiles(&self) -> bool {
        self.backend == Backend::Candle && !self.device.is_metal()
    }

    /// Runs the backbone over normalised images [S, 3, H, W] (f32; both sides multiples of 14).
    pub fn encode(
        &self,
        images: &Tensor,
        conditioning: &Conditioning,
        watch: &dyn Watch,
    ) -> Result<Encoded, ModelError> {
        let images = &Array::from(images.clone());
        let (views, _, height, width) = images.dims4()?;
        if height % PATCH != 0 || width % PATCH != 0 || height == 0 || width == 0 {
            return Err(ModelError::ImageSize { width, height });
        }
        let grid = Grid { h: height / PATCH, w: width / PATCH, height, width };
        let given_tokens = self.given_tokens(conditioning.poses, views, grid, watch)?;
        let pass = Pass {
            reference: conditioning.reference.unwrap_or(Reference::SaddleBalanced),
            camera_tokens: given_tokens.clone(),
            export: conditioning.export_features,
            tile_bytes: conditioning.tile_bytes.unwrap_or(TILE_BYTES),
        };
        let features = self.backbone.forward(images, &pass, watch)?;
        let poses = match (&self.cameras, &features.camera) {
            (Some(decoder), Some(tokens)) => Some(decoder.forward(tokens)?),
            _ => None,
        };
        let mut exported = features.exported;
        let views_of = features.views.into_iter().enumerate().map(|(view, levels)| {
            let image = self.gaussians.as_ref().map(|_| images.get(view)).transpose()?;
            let exported = exported.iter_mut().map(|(block, views)| (*block, std::mem::take(&mut views[view])));
            Ok(EncodedView { levels, grid, image, exported: exported.collect() })
        });
        Ok(Encoded {
            views: views_of.collect::<Result<_, ModelError>>()?,
            poses,
            camera_tokens: features.camera,
            given_tokens,
        })
    }

    fn given_tokens(
        &self,
        poses: Option<&[(Rigid, Intrinsics)]>,
        views: usize,
        grid: Grid,
        watch: &dyn Watch,
    ) -> Result<Option<Array>, ModelError> {
        let (Some(poses), Some(encoder)) = (poses, &self.known_cameras) else { return Ok(None) };
        if poses.len() != views {
            return Err(ModelError::PoseCount { given: poses.len(), views });
        }
        let encodings: Vec<_> =
            poses.iter().map(|(pose, k)| encode_pose(pose, k, grid.width as u32, grid.height as u32)).collect();
        Ok(Some(encoder.forward(&encodings, &self.device, watch)?))
    }

    /// Draws the maps of one view, whose features are gone as soon as they are used.
    pub fn decode(&self, view: EncodedView, watch: &dyn Watch) -> Result<Maps, ModelError> {
        let gaussians = match (&self.gaussians, &view.image) {
            (Some(head), Some(image)) => {
                Some(split_gaussians(&head.forward(view.levels.clone(), image, view.grid, watch)?)?)
            }
            _ => None,
        };
        let Grid { h: height, w: width, .. } = view.grid;
        let features = view.exported.into_iter().map(|(block, values)| FeatureMap {
            block,
            height,
            width,
            channels: values.len() / (height * width),
            values,
        });
        let logits = self.head.forward(view.levels, view.grid, watch)?;
        let channel = |i: usize| logits.main.get(i);
        let (depth, confidence) = match self.preset.head().kind {
            HeadKind::Dual => (channel(0)?.exp()?, Some(channel(1)?.exp()?.affine(1.0, 1.0)?)),
            HeadKind::Sky => (channel(0)?.exp()?, None),
            HeadKind::Single(Da2Output::Disparity) => (channel(0)?.relu()?, None),
            HeadKind::Single(Da2Output::Metric { max_depth }) => {
                (channel(0)?.sigmoid()?.affine(f64::from(max_depth), 0.0)?, None)
            }
        };
        let sky = logits.sky.map(|sky| sky.relu()).transpose()?;
        Ok(Maps {
            depth: depth.to_host()?,
            confidence: confidence.as_ref().map(Array::to_host).transpose()?,
            sky: sky.as_ref().map(Array::to_host).transpose()?,
            rays: logits.rays.as_ref().map(split_rays).transpose()?,
            gaussians,
            features: features.collect(),
        })
    }
}

/// [H, W, 38] → 37 linear channels, and the sigmoid of the last.
fn split_gaussians(logits: &Array) -> Result<RawGaussians, ModelError> {
    let channels = logits.narrow(2, 0, GAUSSIAN_CHANNELS)?.contiguous()?;
    let opacity = logits.narrow(2, GAUSSIAN_CHANNELS, 1)?.contiguous()?.sigmoid()?;
    Ok(RawGaussians { channels: channels.to_host()?, opacity: opacity.to_host()? })
}

/// [7, height, width] logits → six linear channels last, and 1 + exp of the seventh.
fn split_rays(logits: &Array) -> Result<Rays, ModelError> {
    let (_, height, width) = logits.dims3()?;
    let rays = logits.narrow(0, 0, 6)?.permute([1, 2, 0])?.contiguous()?;
    let confidence = logits.get(6)?.exp()?.affine(1.0, 1.0)?;
    Ok(Rays { width, height, rays: rays.to_host()?, confidence: confidence.to_host()? })
}
