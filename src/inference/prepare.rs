//! Photos to what a network wants to see, with everything that is needed to speak of the result later.

use std::path::PathBuf;

use image::RgbImage;

use super::{InferenceError, Lens, Settings};
use crate::geometry::Intrinsics;
use crate::input::preprocess::{self, PixelTransform, Prepared, network_size, network_size_da2};
use crate::input::{Focal, KnownCamera, KnownCameras, Limits, Remark, ViewId, load_view};
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
    pub image: RgbImage,
    pub transform: PixelTransform,
    pub focal: Option<Focal>,
    pub remark: Option<Remark>,
    /// What a person says of the lens.
    pub lens: Option<Lens>,
    /// What another network says of the lens, in pixels of `image`.
    pub estimated: Option<Intrinsics>,
    /// The photo's camera, where a run knows it before.
    pub known: Option<KnownCamera>,
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
    /// Decodes a photo and brings it to the network's size.
    pub fn new(photo: &Photo, preset: Preset, settings: &Settings, limits: &Limits) -> Result<Self, InferenceError> {
        let resolution = settings.resolution.unwrap_or(default_resolution(preset));
        if !(LEAST_RESOLUTION..=MOST_RESOLUTION).contains(&resolution) {
            let (least, most) = (LEAST_RESOLUTION, MOST_RESOLUTION);
            return Err(InferenceError::Resolution { resolution, least, most });
        }
        let view = load_view(photo.id, &photo.path, limits)?;
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
            image,
            transform,
            focal: view.focal,
            remark: view.remark,
            lens: settings.lens,
            estimated: None,
            known: None,
            tensor,
        })
    }

    /// The photo with its known camera, where the run has some.
    pub fn with_camera(self, cameras: Option<&KnownCameras>) -> Result<Self, InferenceError> {
        let Some(cameras) = cameras else { return Ok(self) };
        match cameras.of(&self.photo.path) {
            Some(&known) => Ok(Self { known: Some(known), ..self }),
            None => Err(InferenceError::NoCamera { path: self.photo.path, cameras: cameras.path().to_owned() }),
        }
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
