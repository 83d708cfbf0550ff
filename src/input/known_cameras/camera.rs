//! One camera, as a file tells it.

use glam::Mat3;

use crate::geometry::{Distortion, Intrinsics, Rigid};

/// One camera.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct KnownCamera {
    /// Pixels of an image of `size`.
    pub intrinsics: Intrinsics,
    /// What the lens does beyond a pinhole.
    pub distortion: Distortion,
    /// Width × height. `None`: of any; the intrinsics are in widths of the photo, whose centre is the principal point.
    pub size: Option<[u32; 2]>,
    pub raster: Raster,
    /// Extrinsics, w2c, OpenCV frame.
    pub camera_from_world: Rigid,
}

/// Which picture of a photo a camera is of, where EXIF says that the two differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Raster {
    /// The pixels as they are stored.
    Stored,
    /// The photo as it was held.
    Shown,
}

impl KnownCamera {
    /// Intrinsics in pixels of a photo of this size: the camera's own, where somebody has resized the photo.
    pub fn intrinsics_of(&self, photo: [u32; 2]) -> Intrinsics {
        let [width, height] = photo.map(|side| side as f32);
        match self.size {
            Some([own_width, own_height]) => {
                self.intrinsics.scaled(width / own_width as f32, height / own_height as f32)
            }
            None => Intrinsics { cx: width / 2.0, cy: height / 2.0, ..self.intrinsics.scaled(width, width) },
        }
    }

    /// Whether its numbers can be those of a camera.
    pub fn is_usable(&self) -> bool {
        let k = self.intrinsics;
        let pose = self.camera_from_world;
        let off = pose.rotation * pose.rotation.transpose() - Mat3::IDENTITY;
        let is_rotation = off.to_cols_array().iter().all(|v| v.abs() < 0.01) && pose.rotation.determinant() > 0.0;
        k.fx > 0.0
            && k.fy > 0.0
            && [k.fx, k.fy, k.cx, k.cy].iter().all(|v| v.is_finite())
            && self.distortion.is_finite()
            && self.size.is_none_or(|size| size.iter().all(|&side| side > 0))
            && is_rotation
            && pose.translation.is_finite()
    }
}
