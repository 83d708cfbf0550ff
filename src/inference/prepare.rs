//! Photos to what a network wants to see, with everything that is needed to speak of the result later.

use image::imageops::crop_imm;
use image::{GrayImage, RgbImage};

use super::known_cameras::Given;
use super::resolution::{area, is_too_elongated, size_of};
use super::{InferenceError, LEAST_RESOLUTION, Lens, MOST_RESOLUTION, Notice, Photo, Settings, default_resolution};
use crate::geometry::{BentLens, Distortion, Intrinsics, Straightening};
use crate::input::preprocess::{self, PixelTransform, Prepared, Way, common, margins};
use crate::input::{Focal, KnownCamera, Limits, Remark, Shapes, Turn, Upright, View, ViewId, load_view};
use crate::model::Preset;

/// A decoded photo at the size of the network's input. The photo itself is gone.
pub(super) struct Ready {
    pub photo: Photo,
    pub photo_size: [u32; 2],
    pub photo_turn: Turn,
    pub image: RgbImage,
    pub transform: PixelTransform,
    pub focal: Option<Focal>,
    /// Pixels of `image` that are not to be looked at, 255; `None` where none is.
    hidden: Option<GrayImage>,
    /// There are masks, and none for this photo.
    pub lacks_mask: bool,
    /// Width and height of the frame in whose middle the network sees it, where others of the pass have another shape.
    frame: Option<[u32; 2]>,
    pub remark: Option<Remark>,
    /// What a person says of the lens.
    pub lens: Option<Lens>,
    /// What another network says of the lens, in pixels of `image`.
    pub estimated: Option<Intrinsics>,
    /// The photo's camera, where a run knows it before: a pinhole, whose picture the photo was made.
    pub known: Option<KnownCamera>,
    /// The lens that took it, where the photo was made straight.
    pub bent: Option<BentLens>,
    /// That camera is of a picture of another shape.
    pub is_stretched: bool,
    /// Depth Anything V2's input, which is resampled in float: [3, H, W]. Others are made from `image`.
    tensor: Option<Vec<f32>>,
}

impl Ready {
    /// Decodes a photo and brings it to the network's size. Where the run has known cameras, the photo must have one, and is
    /// made straight.
    ///
    /// # Errors
    /// A resolution that makes no sense; what is wrong with the file, or with its camera; a photo that no network can look at, or
    /// that has more than `most_pixels` to this one.
    pub fn new(
        photo: &Photo,
        preset: Preset,
        settings: &Settings,
        limits: &Limits,
        most_pixels: Option<u64>,
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
        let lacks_mask = match &settings.masks {
            Some(masks) => !view.hide_by_mask(masks, limits)?,
            None => false,
        };
        let known = known.map(|known| made_straight(&mut view, &known)).transpose()?;
        let photo_size = [view.image.width(), view.image.height()];
        let size = size_of(settings, preset, photo_size);
        let [width, height] = photo_size;
        if is_too_elongated(photo_size) {
            return Err(InferenceError::TooElongated { path: photo.path.clone(), width, height });
        }
        if most_pixels.is_some_and(|most| area(size) > most) {
            let [across, down] = size;
            return Err(InferenceError::TooLargeForOthers { path: photo.path.clone(), width, height, across, down });
        }
        let (image, transform, tensor) = if preset.is_da2() {
            let prepared = preprocess::prepare_da2(&view.image, resolution);
            (prepared.image, prepared.transform, Some(prepared.tensor))
        } else {
            let prepared = preprocess::prepare(&view.image, resolution, settings.method);
            (prepared.image, prepared.transform, None)
        };
        let hidden = view.hidden.map(|hidden| transform.seen(&hidden, [image.width(), image.height()]));
        Ok(Self {
            photo: photo.clone(),
            photo_size,
            photo_turn: view.turn,
            image,
            transform,
            focal: view.focal,
            hidden,
            lacks_mask,
            frame: None,
            remark: view.remark,
            lens: settings.lens,
            estimated: None,
            known: known.map(|(known, _)| known.camera),
            bent: known.and_then(|(_, bent)| bent),
            is_stretched: known.is_some_and(|(known, _)| known.is_stretched),
            tensor,
        })
    }

    pub fn size(&self) -> [u32; 2] {
        [self.image.width(), self.image.height()]
    }

    /// Width and height of what the network sees: with the rim of a frame.
    pub fn framed_size(&self) -> [u32; 2] {
        self.frame.unwrap_or(self.size())
    }

    /// Columns and rows of the rim before the picture.
    pub fn margins(&self) -> [u32; 2] {
        margins(self.framed_size(), self.size())
    }

    /// Whether pixels are hidden, row by row; `None` where none is.
    pub fn hidden(&self) -> Option<Vec<bool>> {
        self.hidden.as_ref().map(|hidden| hidden.iter().map(|&value| value > 0).collect())
    }

    /// The network's input [3, H, W], normalised.
    pub fn tensor(&self) -> Vec<f32> {
        self.tensor.clone().unwrap_or_else(|| preprocess::normalise(&self.image))
    }

    /// The same with the rim of a frame, which has the mean colour of the photos that networks were trained with: zero.
    pub fn framed_tensor(&self) -> Vec<f32> {
        let tensor = self.tensor();
        if self.frame.is_none() {
            return tensor;
        }
        let [width, height] = self.size().map(|side| side as usize);
        let [across, down] = self.framed_size().map(|side| side as usize);
        let [left, top] = self.margins().map(|side| side as usize);
        let mut framed = vec![0.0; 3 * across * down];
        for (row, numbers) in tensor.chunks_exact(width).enumerate() {
            let start = (row / height * down + top + row % height) * across + left;
            framed[start..start + width].copy_from_slice(numbers);
        }
        framed
    }

    /// Pinhole of the processed image for a focal length in pixels of the photo, principal point in the centre.
    pub fn intrinsics(&self, focal_pixels: f32) -> Intrinsics {
        self.transform.apply(&Intrinsics::centred(focal_pixels, self.photo_size[0], self.photo_size[1]))
    }
}

/// Makes the photo that of a pinhole. Returns that pinhole, and the lens that took the photo where that is another.
fn made_straight(view: &mut View, known: &KnownCamera) -> Result<(Upright, Option<BentLens>), InferenceError> {
    let misfit = |fault: String| InferenceError::CameraMisfit { path: view.path.clone(), fault };
    let mut upright = known.upright(view.stored_size, view.turn).map_err(|error| misfit(error.to_string()))?;
    let camera = &mut upright.camera;
    if !camera.distortion.is_none() {
        let size = [view.image.width(), view.image.height()];
        let by = Straightening::new(camera.intrinsics, camera.distortion, size);
        let by = by.map_err(|error| misfit(error.to_string()))?;
        view.straighten(&by);
        let bent = BentLens { intrinsics: camera.intrinsics, distortion: camera.distortion };
        *camera = KnownCamera { intrinsics: by.straight, distortion: Distortion::NONE, ..*camera };
        return Ok((upright, Some(bent)));
    }
    Ok((upright, None))
}

/// Photos of a pass at one size, what is said about it, and those that are left out for their shape.
pub(super) struct Unified {
    pub ready: Vec<Ready>,
    pub notice: Option<Notice>,
    pub left_out: Vec<(ViewId, InferenceError)>,
}

/// Brings all to one size, see [`Shapes`].
pub(super) fn unify(ready: Vec<Ready>, shapes: Shapes) -> Unified {
    let sizes: Vec<[u32; 2]> = ready.iter().map(Ready::size).collect();
    let common = common(&sizes, shapes);
    let mut left_out = Vec::new();
    let mut kept = Vec::with_capacity(ready.len());
    for mut one in ready {
        let one_size = one.size();
        if one_size != common.size {
            match common.way {
                Way::AsTheyAre => {}
                Way::Cropped => {
                    let whole = Prepared { image: std::mem::take(&mut one.image), transform: one.transform };
                    let cropped = preprocess::crop(&whole, common.size);
                    let [left, top] = margins(one_size, common.size);
                    let [width, height] = common.size;
                    one.hidden = one.hidden.map(|hidden| crop_imm(&hidden, left, top, width, height).to_image());
                    (one.image, one.transform) = (cropped.image, cropped.transform);
                }
                Way::Framed => one.frame = Some(common.size),
                Way::LeftOut => {
                    let [width, height] = one.photo_size;
                    left_out.push((one.photo.id, InferenceError::OddShape { path: one.photo.path, width, height }));
                    continue;
                }
            }
        }
        kept.push(one);
    }
    let notice = Notice::of_shapes(&common);
    Unified { ready: kept, notice, left_out }
}
