//! What is drawn of a frame: one picture, or what two eyes see.

use image::RgbaImage;

use super::args::RenderArguments;
use super::stage::Stage;
use super::stop::Stop;
use crate::cli::stereo::{Distance, Layout};
use crate::export::FramePacking;
use crate::inference::DepthUnit;
use crate::render::{Frame, Offscreen};
use crate::scene::{OrbitCamera, StereoLayout, StereoPair};

/// How frames become pictures.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Sight {
    OneEye,
    TwoEyes {
        layout: StereoLayout,
        swap: bool,
        /// Between the eyes: a part of the distance to the pivot, or a length in the scene's unit.
        distance: EyesApart,
    },
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum EyesApart {
    OfPivot(f32),
    Length(f32),
}

impl Sight {
    pub fn of(arguments: &RenderArguments, stage: &Stage) -> Result<Self, Stop> {
        let Some(layout) = arguments.stereo else { return Ok(Self::OneEye) };
        let distance = match arguments.eye_distance {
            Distance::Percent(percent) => EyesApart::OfPivot(percent / 100.0),
            Distance::Millimetres(distance) if stage.unit == DepthUnit::Metres => EyesApart::Length(distance / 1000.0),
            Distance::Millimetres(_) => {
                return Err(Stop::Usage(
                    "--eye-distance: this scene is not in metres. Give the distance in percent, such as 3%.".into(),
                ));
            }
        };
        Ok(Self::TwoEyes { layout: layout.into(), swap: arguments.swap_eyes, distance })
    }

    /// Width and height of a picture, of frames of this size.
    pub fn size(&self, size: [u32; 2]) -> [u32; 2] {
        match self {
            Self::OneEye => size,
            Self::TwoEyes { layout, .. } => layout.size(size),
        }
    }

    pub fn packing(&self) -> Option<FramePacking> {
        match *self {
            Self::OneEye => None,
            Self::TwoEyes { layout, swap, .. } => FramePacking::of(layout, swap),
        }
    }

    /// Draws a frame of this size.
    pub fn picture(&self, offscreen: &mut Offscreen, frame: &Frame, size: [u32; 2]) -> Result<RgbaImage, Stop> {
        let Self::TwoEyes { layout, swap, distance } = *self else { return Ok(offscreen.picture(frame, size)?) };
        let [left, right] = eyes(frame, distance, size[0] as f32 / size[1] as f32);
        let pair = StereoPair { left: offscreen.picture(&left, size)?, right: offscreen.picture(&right, size)? };
        Ok(layout.arrange(&pair, swap))
    }
}

/// What the left and the right eye see of a frame: the camera, half of the distance to each side, and its sensor shifted so that the
/// pivot stays where it is in both.
fn eyes(frame: &Frame, distance: EyesApart, aspect: f32) -> [Frame; 2] {
    let camera: &OrbitCamera = &frame.camera;
    let apart = match distance {
        EyesApart::OfPivot(part) => part * camera.pivot_depth(),
        EyesApart::Length(length) => length,
    };
    [-apart / 2.0, apart / 2.0].map(|offset| Frame {
        camera: camera.beside(offset),
        lens_shift: frame.lens_shift + camera.lens_shift(offset, aspect),
        ..frame.clone()
    })
}

/// Whether a layout mixes both pictures, so that nothing may shine through them.
pub(super) fn mixes(layout: Layout) -> bool {
    matches!(layout, Layout::Anaglyph | Layout::HalfSideBySide)
}
