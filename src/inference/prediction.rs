//! What a run gives: plain arrays per view, never a tensor.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::Arc;

use image::RgbImage;
use serde::{Deserialize, Serialize};

use super::{Camera, DepthFit, DeviceChoice, Matched};
use crate::geometry::{BentLens, Intrinsics};
use crate::input::preprocess::PhotoPart;
use crate::input::{Turn, ViewId};
use crate::memory::Need;
use crate::model::{FeatureMap, RawGaussians};

/// The result of one run, views in the order in which they were asked for (views that failed are absent).
#[derive(Clone, Debug, Default)]
pub struct Prediction {
    /// Display name of the model that made it.
    pub model: String,
    /// Of every scene that nobody has brought to metres, see [`Self::unit_of`].
    pub unit: DepthUnit,
    pub views: Vec<Arc<ViewPrediction>>,
    /// By scene: the factor by which a person has multiplied its depth and the places of its cameras. Such a scene is in
    /// metres, whatever the model gives.
    pub set_scales: BTreeMap<usize, f32>,
    /// By scene: how depths that are known brought it to metres, before anybody set a scale.
    pub fits: BTreeMap<usize, DepthFit>,
    /// How photos that were looked at one by one became one scene.
    pub matched: Option<Matched>,
    pub seconds: StageSeconds,
    /// How passes were brought into the scene of those before them.
    pub alignments: Vec<PassAlignment>,
    /// Largest resident memory of the process seen during the run, in bytes.
    pub peak_bytes: u64,
    pub memory: RunMemory,
    /// Where its views came from, in the order in which devices took turns; empty where that is not known.
    pub ran_on: Vec<RanOn>,
}

/// Views that one device gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RanOn {
    pub device: DeviceChoice,
    pub views: usize,
}

impl Prediction {
    /// What a depth of 1 means in a scene.
    pub fn unit_of(&self, scene: usize) -> DepthUnit {
        let is_in_metres = self.set_scales.contains_key(&scene) || self.fits.contains_key(&scene);
        if is_in_metres { DepthUnit::Metres } else { self.unit }
    }

    /// The first number that no scene has.
    pub fn next_scene(&self) -> usize {
        self.views.iter().map(|view| view.scene + 1).max().unwrap_or(0)
    }

    /// Takes in views, in the place of those of the same photos; of a shared one no copy is made where it has them all.
    pub fn complete(whole: &mut Arc<Self>, views: impl IntoIterator<Item = Arc<ViewPrediction>>) {
        let places: HashMap<ViewId, usize> = whole.views.iter().enumerate().map(|(at, view)| (view.view, at)).collect();
        for view in views {
            match places.get(&view.view) {
                Some(&at) if Arc::ptr_eq(&whole.views[at], &view) => {}
                Some(&at) => Arc::make_mut(whole).views[at] = view,
                None => Arc::make_mut(whole).views.push(view),
            }
        }
    }

    /// Takes in what another run with the same settings gave of other photos. Its scenes are numbered on from `first_scene`, which is
    /// none of those that are here.
    pub fn take_in(&mut self, more: &Self, first_scene: usize) {
        self.views.extend(more.views.iter().map(|view| Arc::clone(view).in_scene_from(first_scene)));
        self.fits.extend(more.fits.iter().map(|(scene, fit)| (scene + first_scene, *fit)));
        self.set_scales.extend(more.set_scales.iter().map(|(scene, scale)| (scene + first_scene, *scale)));
        self.seconds = self.seconds.and(&more.seconds);
        self.peak_bytes = self.peak_bytes.max(more.peak_bytes);
        self.memory = more.memory;
        self.ran_on.extend(&more.ran_on);
    }
}

/// How one pass came to lie in the scene of those before it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct PassAlignment {
    /// Place of the first new view of the pass among the run's photos.
    pub first_view: usize,
    /// Number of views by which it was aligned.
    pub shared: usize,
    /// By which its depth was multiplied.
    pub scale: f64,
    /// Median distance between what both passes see, as a part of its depth: 0.01 is 1 %.
    pub residual: f64,
    /// Share of what both see in which they agree, 0..1.
    pub inliers: f64,
}

/// What a run was expected to take, in bytes, and how it was cut for that.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunMemory {
    /// Of the process: what was in use before the run and what the run was expected to add.
    pub estimated_peak_bytes: u64,
    pub need: Need,
    /// Free before the run, in the machine or on the graphics card.
    pub free_bytes: u64,
    pub views_per_pass: usize,
    pub overlap: usize,
    pub passes: usize,
    /// A pass failed, and the run went on with less at once or elsewhere: how long it took says nothing of the plan.
    #[serde(default)]
    pub went_otherwise: bool,
}

/// Depth and what belongs to it for one view. All maps are row-major, `width`·`height` long.
#[derive(Clone, Debug)]
pub struct ViewPrediction {
    pub view: ViewId,
    pub path: PathBuf,
    /// Views with the same number share one world frame and one depth scale.
    pub scene: usize,
    /// Width and height of the photo as shown (EXIF orientation applied), in pixels.
    pub photo_size: [u32; 2],
    /// What EXIF orientation did to the photo.
    pub photo_turn: Turn,
    /// The part of the photo that the maps show: all of it, unless it was cropped.
    pub photo_part: PhotoPart,
    /// The lens that took the photo, where the photo was made straight for the network: maps and camera are of the straight
    /// picture.
    pub bent: Option<BentLens>,
    pub width: u32,
    pub height: u32,
    /// The 8-bit image that the network saw, `width`×`height`.
    pub image: RgbImage,
    /// z-depth, finite and > 0 (0 where the photo is hidden), in the prediction's [`DepthUnit`].
    pub depth: Vec<f32>,
    /// ≥ 1, larger is surer; any-view models only.
    pub confidence: Option<Vec<f32>>,
    /// Sky (≥ 0.5 of the sky head), mono and metric models only.
    pub sky: Option<Vec<bool>>,
    /// Relative inverse depth as the network gave it (larger is nearer, 0 is infinitely far); Depth Anything V2
    /// relative models only. `depth` is derived from it.
    pub disparity: Option<Vec<f32>>,
    /// Pixels without a surface: sky, or a disparity of (almost) zero. Left out of clouds.
    pub background: Option<Vec<bool>>,
    pub camera: Camera,
    pub extras: Extras,
}

/// What a run was asked for beyond depth and cameras.
#[derive(Clone, Debug, Default)]
pub struct Extras {
    /// With [`super::Settings::gaussians`], of networks that have a head for them.
    pub gaussians: Option<GaussianMaps>,
    /// With [`super::Settings::features`], in ascending order of blocks.
    pub features: Arc<Vec<FeatureMap>>,
}

/// One 3D Gaussian per pixel, as the network gave it: where it lies follows from the view's camera.
#[derive(Clone, Debug)]
pub struct GaussianMaps {
    pub raw: Arc<RawGaussians>,
    /// Length of the ray from the camera's centre to each Gaussian, in the prediction's [`DepthUnit`].
    pub distance: Vec<f32>,
}

impl Extras {
    /// Follows a world that becomes larger by `factor`.
    pub(super) fn scale(&mut self, factor: f32) {
        if let Some(gaussians) = &mut self.gaussians {
            gaussians.distance.iter_mut().for_each(|distance| *distance *= factor);
        }
    }

    fn bytes(&self) -> usize {
        let of_gaussians = |maps: &GaussianMaps| {
            [&maps.raw.channels, &maps.raw.opacity, &maps.distance].map(|map| size_of_val(map.as_slice())).iter().sum()
        };
        let gaussians: usize = self.gaussians.as_ref().map_or(0, of_gaussians);
        gaussians + self.features.iter().map(|map| size_of_val(map.values.as_slice())).sum::<usize>()
    }
}

impl ViewPrediction {
    /// The same, in a scene whose number is higher by `first_scene`.
    #[must_use]
    pub fn in_scene_from(self: Arc<Self>, first_scene: usize) -> Arc<Self> {
        match first_scene {
            0 => self,
            first => Arc::new(Self { scene: self.scene + first, ..Self::clone(&self) }),
        }
    }

    /// Memory that its maps take, in bytes.
    pub fn bytes(&self) -> u64 {
        let floats = [Some(&self.depth), self.confidence.as_ref(), self.disparity.as_ref()];
        let flags = [self.sky.as_ref(), self.background.as_ref()];
        let of_floats: usize = floats.into_iter().flatten().map(|map| size_of_val(map.as_slice())).sum();
        let of_flags: usize = flags.into_iter().flatten().map(Vec::len).sum();
        (of_floats + of_flags + self.image.as_raw().len() + self.extras.bytes()) as u64
    }

    /// The pixel of the maps that shows this place of the photo, in the photo's pixels, whose centres are whole numbers.
    pub fn pixel_at(&self, [x, y]: [f64; 2]) -> Option<usize> {
        let part = &self.photo_part;
        let place = |at: f64, start: f64, length: f64, side: u32| {
            let place = (at + 0.5 - start) / length * f64::from(side);
            (0.0..f64::from(side)).contains(&place).then_some(place as usize)
        };
        let column = place(x, part.left, part.width, self.width)?;
        let row = place(y, part.top, part.height, self.height)?;
        Some(row * self.width as usize + column)
    }

    /// Whether a pixel shows something that has a depth: it is neither hidden nor sky nor infinitely far.
    pub fn is_surface(&self, pixel: usize) -> bool {
        let is_marked = |map: &Option<Vec<bool>>| map.as_ref().is_some_and(|map| map[pixel]);
        self.depth[pixel] > 0.0 && !is_marked(&self.background) && !is_marked(&self.sky)
    }

    /// The part of the photo that the maps show, where that is not all of it.
    pub fn cropped_part(&self) -> Option<PhotoPart> {
        Some(self.photo_part).filter(|part| *part != PhotoPart::whole(self.photo_size))
    }

    /// Intrinsics in pixels of the photo.
    pub fn photo_intrinsics(&self) -> Intrinsics {
        self.photo_part.camera_of_photo(&self.camera.intrinsics, [self.width, self.height])
    }

    /// The same view in a world that is larger by `factor`: depth and the place of the camera are multiplied.
    #[must_use]
    pub fn scaled(&self, factor: f32) -> Self {
        let mut view = self.clone();
        view.depth.iter_mut().for_each(|depth| *depth *= factor);
        view.camera.camera_from_world.translation *= factor;
        view.extras.scale(factor);
        view
    }
}

/// What a depth of 1 means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DepthUnit {
    Metres,
    /// Up to an unknown scale: one for all views of a scene.
    #[default]
    Relative,
}

impl DepthUnit {
    /// The word shown behind a number.
    pub fn label(self) -> &'static str {
        match self {
            Self::Metres => "m",
            Self::Relative => "relative",
        }
    }
}

/// Wall-clock seconds per stage of one run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StageSeconds {
    pub load_model: f64,
    pub decode: f64,
    pub backbone: f64,
    pub head: f64,
    pub finish: f64,
    /// Matching photos, placing cameras and fitting depth to them.
    #[serde(default)]
    pub join: f64,
    pub total: f64,
}

impl StageSeconds {
    /// Of two runs, one after the other.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        Self {
            load_model: self.load_model + other.load_model,
            decode: self.decode + other.decode,
            backbone: self.backbone + other.backbone,
            head: self.head + other.head,
            finish: self.finish + other.finish,
            join: self.join + other.join,
            total: self.total + other.total,
        }
    }
}
