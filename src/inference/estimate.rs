//! What a run adds to the memory in use, from shapes alone: the network's own share is `model`'s to say.

use std::cell::OnceCell;

use super::resolution::{area, is_too_elongated, size_of};
use super::{DeviceChoice, Precision, Settings};
use crate::catalog::{self, Entry, ModelId, Weights};
use crate::geometry::GAUSSIAN_CHANNELS;
use crate::input::preprocess::{Common, common};
use crate::memory::Need;
use crate::model::{
    Backend, Da2Output, Format, HeadKind, Kept, Kind, PATCH, PassShape, Preset, pass_bytes, weight_bytes,
};

/// Bytes of one decoded pixel while a photo is read: the picture itself, and as much as a third of it for the decoder.
const DECODED_PIXEL_BYTES: u64 = 4;
/// What is needed for a moment while weights are laid out, beside the matrices themselves: a tensor or two.
const LAYING_OUT_BYTES: u64 = 4 << 20;
/// Textures of the 3D view: depth, colour and confidence of a pixel.
const SHOWN_PIXEL_BYTES: u64 = 12;

/// A network as settings choose it, and the photos it is to look at: everything a need follows from.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Work {
    pub preset: Preset,
    /// Of both networks, once it was asked for: the same for every pass that is tried.
    model_bytes: OnceCell<u64>,
    pub kept: Kept,
    /// Width and height of the network's images.
    pub size: [u32; 2],
    /// How photos that are looked at together come to one size.
    pub common: Common,
    pub photos: usize,
    /// The network that says which lens it was.
    lens: Option<(Preset, Kept)>,
    /// Blocks whose outputs are asked for.
    features: usize,
    /// Pixels of the largest photo.
    pub largest_photo: u64,
    /// Bytes of the weight file that are in memory while it is read: all of the built-in one, which is part of the program.
    file_bytes: u64,
}

impl Work {
    /// `device`: what the settings' choice means. `photos`: their sizes as shown; without any, one photo of 3:2 stands for
    /// those to come.
    pub fn new(settings: &Settings, device: DeviceChoice, entry: &Entry, photos: &[[u32; 2]]) -> Self {
        let stored_bytes = stored_bytes(settings, entry);
        let kept = kept(settings, device, entry.preset, stored(stored_bytes, entry));
        let photos = if photos.is_empty() { &[[3000, 2000]][..] } else { photos };
        // What no network sees is told when its turn comes.
        let usable = photos.iter().filter(|&&photo| !is_too_elongated(photo));
        let sizes: Vec<[u32; 2]> = usable.map(|&photo| size_of(settings, entry.preset, photo)).collect();
        // Views that see each other have one size; single views run at their own, the largest counts.
        let largest = sizes.iter().copied().max_by_key(|&size| area(size)).unwrap_or_default();
        let common = match is_together(settings, entry.preset) {
            true => common(&sizes, settings.shapes),
            false => Common::of_one(largest),
        };
        Self {
            preset: entry.preset,
            model_bytes: OnceCell::new(),
            kept,
            size: common.size,
            common,
            photos: photos.len(),
            features: settings.features.len(),
            lens: lens(settings, device),
            file_bytes: if settings.weights.is_none() && entry.id == catalog::BUILT_IN { stored_bytes } else { 0 },
            largest_photo: photos.iter().map(|&photo| area(photo)).max().unwrap_or(0),
        }
    }

    fn pixels(&self) -> u64 {
        area(self.size)
    }

    pub fn model_bytes(&self) -> u64 {
        *self.model_bytes.get_or_init(|| {
            weight_bytes(self.preset, self.kept) + self.lens.map_or(0, |(preset, kept)| weight_bytes(preset, kept))
        })
    }

    /// What lives together while a pass runs; the network for lenses looks before the other does, at one view at a time.
    fn pass_bytes(&self, shape: &PassShape) -> u64 {
        let alone = PassShape { views: 1, ..*shape };
        let lens = self.lens.map_or(0, |(preset, kept)| pass_bytes(preset, kept, &alone));
        lens.max(pass_bytes(self.preset, self.kept, shape))
    }

    /// What a run in passes of `views` needs, the model included; `decoded_together` photos are read side by side.
    pub fn need(&self, views: usize, decoded_together: usize, tile_bytes: usize, is_shown: bool) -> Need {
        let [width, height] = self.size.map(|side| side as usize);
        let threads = rayon::current_num_threads();
        let shape = PassShape { views: views.clamp(1, self.photos), height, width, tile_bytes, threads };
        let (pixels, photos) = (self.pixels(), self.photos as u64);
        let waiting = if self.preset.is_any_view() { photos } else { shape.views as u64 };
        let waiting_pixel = if self.preset.is_da2() { 3 + 12 } else { 3 };
        let decoding = self.largest_photo * DECODED_PIXEL_BYTES * decoded_together.min(threads).min(self.photos) as u64;
        let mut need = Need {
            model: self.model_bytes(),
            photos: waiting * waiting_pixel * pixels,
            pass: decoding.max(self.pass_bytes(&shape)),
            results: photos * (self.result_pixel_bytes() * pixels + self.feature_bytes()),
            display: if is_shown { photos * SHOWN_PIXEL_BYTES * pixels } else { 0 },
        };
        // While the model is loaded there are neither photos nor results yet.
        let loading = LAYING_OUT_BYTES + self.file_bytes;
        need.pass = need.pass.max(loading.saturating_sub(need.photos + need.results + need.display));
        need
    }

    /// Depth, the image, and what the network gives beside them.
    fn result_pixel_bytes(&self) -> u64 {
        let more = match self.preset.head().kind {
            HeadKind::Dual if self.preset.metric_part().is_some() => 6,
            HeadKind::Dual => 4,
            HeadKind::Sky => 2,
            HeadKind::Single(Da2Output::Disparity) => 5,
            HeadKind::Single(Da2Output::Metric { .. }) => 0,
        };
        let gaussians = if self.kept.gaussians { 4 * (GAUSSIAN_CHANNELS as u64 + 2) } else { 0 };
        4 + 3 + more + gaussians
    }

    /// The outputs of blocks that are asked for, of one view.
    fn feature_bytes(&self) -> u64 {
        let patches = self.pixels() / (PATCH * PATCH) as u64;
        self.features as u64 * patches * self.preset.backbone().width as u64 * 4
    }
}

/// Whether views go through the network together and share a scene.
pub fn is_joint(settings: &Settings, preset: Preset) -> bool {
    preset.is_any_view() && !settings.independent
}

/// Whether views of a pass have one size: they see each other, or share their sky.
fn is_together(settings: &Settings, preset: Preset) -> bool {
    let shares_sky =
        !preset.is_da2() && !preset.is_any_view() && settings.views_per_pass.is_some_and(|views| views > 1);
    is_joint(settings, preset) || shares_sky
}

/// Whether cameras come from rays.
pub(super) fn wants_rays(settings: &Settings, preset: Preset) -> bool {
    settings.ray_pose && preset.is_any_view()
}

/// Whether 3D Gaussians are drawn.
pub(super) fn wants_gaussians(settings: &Settings, preset: Preset) -> bool {
    settings.gaussians && preset.has_gaussians()
}

/// The model that says which lens it was, where the chosen one does not predict cameras.
pub(super) fn wants_lens(settings: &Settings) -> Option<&ModelId> {
    let finds_itself = catalog::find(&settings.model).is_none_or(|entry| entry.preset.is_any_view());
    settings.lens_model.as_ref().filter(|_| !finds_itself && settings.lens.is_none())
}

fn lens(settings: &Settings, device: DeviceChoice) -> Option<(Preset, Kept)> {
    let entry = catalog::find(wants_lens(settings)?)?;
    let own = Settings { lens_model: None, model: settings.lens_model.clone()?, weights: None, ..settings.clone() };
    Some((entry.preset, kept(&own, device, entry.preset, stored(stored_bytes(&own, entry), entry))))
}

/// Whether the network is told of cameras.
pub(super) fn wants_poses(settings: &Settings, preset: Preset) -> bool {
    settings.known_cameras.is_some() && is_joint(settings, preset)
}

/// What the file holds. Reading the header for that would take longer than a frame; the length tells as well.
fn stored(bytes: u64, entry: &Entry) -> Format {
    match () {
        () if 2 * bytes < 3 * entry.parameters => Format::Int8,
        () if bytes < 3 * entry.parameters => Format::F16,
        () => Format::F32,
    }
}

fn kept(settings: &Settings, device: DeviceChoice, preset: Preset, stored: Format) -> Kept {
    let format = match (settings.precision, device) {
        // Cards without bf16 take f16: the same size.
        (Precision::Auto, DeviceChoice::Cuda) => Format::Bf16,
        (precision, _) => precision.format(),
    };
    let backend = match device {
        DeviceChoice::Cpu => Backend::Kernels,
        DeviceChoice::Gpu => Backend::Card,
        DeviceChoice::Auto | DeviceChoice::Cuda | DeviceChoice::Metal => Backend::Candle,
    };
    let kind = match device {
        DeviceChoice::Metal => Kind::Metal,
        DeviceChoice::Cuda => Kind::Cuda,
        DeviceChoice::Auto | DeviceChoice::Cpu | DeviceChoice::Gpu => Kind::Cpu,
    };
    Kept {
        backend,
        kind,
        format,
        stored,
        rays: wants_rays(settings, preset),
        poses: wants_poses(settings, preset),
        gaussians: wants_gaussians(settings, preset),
    }
}

/// Length of the weight file; of the published one where there is none here.
fn stored_bytes(settings: &Settings, entry: &Entry) -> u64 {
    match settings.weights_of(entry) {
        Some(Weights::BuiltIn(bytes)) => bytes.len() as u64,
        Some(Weights::File(path)) => std::fs::metadata(path).map_or(entry.file_bytes, |file| file.len()),
        None => entry.file_bytes,
    }
}
