//! Photos to what a network wants to see, with everything that is needed to speak of the result later.

use std::path::PathBuf;

use image::RgbImage;

use super::given::Given;
use super::{InferenceError, Lens, Settings};
use crate::geometry::{Distortion, Intrinsics, Straightening};
use crate::input::preprocess::{self, PixelTransform, Prepared, network_size, network_size_da2};
use crate::input::{Focal, KnownCamera, Limits, Turn, Upright, View, ViewId, load_view, straighten};
use crate::model::Preset;

/// A photo that a run should look at; it is decoded when its turn comes.
#[derive(Clone, Debug)]
pub struct Photo {
    pub id: ViewId,
    pub path: PathBuf,
}

/// A decoded photo at the size of the network's input. The photo itself is gone.
pub(super) struct Ready {
    pub photo: Photo,
    pub photo_size: [u32; 2],
    pub photo_turn: Turn,
    pub image: RgbImage,
    pub transform: PixelTransform,
    pub focal: Option<Focal>,
    /// What a person says of the lens.
    pub lens: Option<Lens>,
    /// What another network says of the lens, in pixels of `image`.
    pub estimated: Option<Intrinsics>,
    /// The photo's camera, where a run knows it before: a pinhole, whose picture the photo was made.
    pub known: Option<KnownCamera>,
    /// That camera is of a picture of another shape.
    pub is_stretched: bool,
    /// Depth Anything V2's input, which is resampled in float: [3, H, W]. Others are made from `image`.
    tensor: Option<Vec<f32>>,
}

/// Process resolutions that make sense.
pub const LEAST_RESOLUTION: u32 = 56;
pub const MOST_RESOLUTION: u32 = 4096;
/// Largest network input, in pixels: a strip of a panorama must not ask for more tokens than any machine has room for.
const MOST_PIXELS: u64 = 4096 * 2048;

/// The process resolution that a model is made for.
pub fn default_resolution(preset: Preset) -> u32 {
    if preset.is_da2() { 518 } else { 504 }
}

impl Ready {
    /// Decodes a photo and brings it to the network's size. Where the run has known cameras, the photo must have one, and is
    /// made straight.
    pub fn new(
        photo: &Photo,
        preset: Preset,
        settings: &Settings,
        limits: &Limits,
        given: Option<&Given>,
    ) -> Result<Self, InferenceError> {
        let resolution = settings.resolution.unwrap_or(default_resolution(preset));
        if !(LEAST_RESOLUTION..=MOST_RESOLUTION).contains(&resolution) {
            let (least, most) = (LEAST_RESOLUTION, MOST_RESOLUTION);
            return Err(InferenceError::Resolution { resolution, least, most });
        }
        // Who has none need not be decoded.
        let known = given.map(|given| given.of(photo)).transpose()?;
        let mut view = load_view(photo.id, &photo.path, limits)?;
        let known = known.map(|known| made_straight(&mut view, &known)).transpose()?;
        let photo_size = [view.image.width(), view.image.height()];
        let [width, height] = if preset.is_da2() {
            network_size_da2(photo_size[0], photo_size[1], resolution)
        } else {
            network_size(photo_size[0], photo_size[1], resolution, settings.method)
        };
        if u64::from(width) * u64::from(height) > MOST_PIXELS {
            return Err(InferenceError::TooElongated { path: photo.path.clone(), width, height });
        }
        let (image, transform, tensor) = if preset.is_da2() {
            let prepared = preprocess::prepare_da2(&view.image, resolution);
            (prepared.image, prepared.transform, Some(prepared.tensor))
        } else {
            let prepared = preprocess::prepare(&view.image, resolution, settings.method);
            (prepared.image, prepared.transform, None)
        };
        Ok(Self {
            photo: photo.clone(),
            photo_size,
            photo_turn: view.turn,
            image,
            transform,
            focal: view.focal,
            lens: settings.lens,
            estimated: None,
            known: known.map(|known| known.camera),
            is_stretched: known.is_some_and(|known| known.is_stretched),
            tensor,
        })
    }

    pub fn size(&self) -> [u32; 2] {
        [self.image.width(), self.image.height()]
    }

    /// The network's input [3, H, W], normalised.
    pub fn tensor(&self) -> Vec<f32> {
        self.tensor.clone().unwrap_or_else(|| preprocess::normalise(&self.image))
    }

    /// Pinhole of the processed image for a focal length in pixels of the photo, principal point in the centre.
    pub fn intrinsics(&self, focal_pixels: f32) -> Intrinsics {
        self.transform.apply(&Intrinsics::centred(focal_pixels, self.photo_size[0], self.photo_size[1]))
    }
}

/// Makes the photo that of a pinhole. Returns that pinhole.
fn made_straight(view: &mut View, known: &KnownCamera) -> Result<Upright, InferenceError> {
    let misfit = |fault: String| InferenceError::CameraMisfit { path: view.path.clone(), fault };
    let mut upright = known.upright(view.stored_size, view.turn).map_err(|error| misfit(error.to_string()))?;
    let camera = &mut upright.camera;
    if !camera.distortion.is_none() {
        let size = [view.image.width(), view.image.height()];
        let by = Straightening::new(camera.intrinsics, camera.distortion, size);
        let by = by.map_err(|error| misfit(error.to_string()))?;
        view.image = straighten(&view.image, &by);
        *camera = KnownCamera { intrinsics: by.straight, distortion: Distortion::NONE, ..*camera };
    }
    Ok(upright)
}

/// Crops all to the smallest width and height among them, around their centres. Returns that size where any was cropped.
pub(super) fn unify(ready: &mut [Ready]) -> Option<[u32; 2]> {
    let first = ready.first()?.size();
    if ready.iter().all(|one| one.size() == first) {
        return None;
    }
    let mut prepared: Vec<Prepared> = ready
        .iter_mut()
        .map(|one| Prepared { image: std::mem::take(&mut one.image), transform: one.transform })
        .collect();
    preprocess::unify(&mut prepared);
    for (one, prepared) in ready.iter_mut().zip(prepared) {
        (one.image, one.transform) = (prepared.image, prepared.transform);
    }
    ready.first().map(Ready::size)
}
