//! What COLMAP's two kinds of files have in common.

use std::collections::HashMap;
use std::path::Path;

use glam::{Mat3, Quat, Vec3};

use super::{CamerasError, KnownCamera, binary, bytes, damaged, text};
use crate::geometry::{Intrinsics, Rigid};

/// COLMAP's camera models in the order of their numbers: name, and how many parameters they have.
pub const MODELS: [(&str, usize); 12] = [
    ("SIMPLE_PINHOLE", 3),
    ("PINHOLE", 4),
    ("SIMPLE_RADIAL", 4),
    ("RADIAL", 5),
    ("OPENCV", 8),
    ("OPENCV_FISHEYE", 8),
    ("FULL_OPENCV", 12),
    ("FOV", 5),
    ("SIMPLE_RADIAL_FISHEYE", 4),
    ("RADIAL_FISHEYE", 5),
    ("THIN_PRISM_FISHEYE", 12),
    ("RAD_TAN_THIN_PRISM_FISHEYE", 16),
];

/// A lens, by its number.
pub type Lenses = HashMap<u32, Lens>;

/// A row of COLMAP's cameras.
pub struct Lens {
    /// Place in [`MODELS`].
    pub model: usize,
    pub size: [u32; 2],
    pub parameters: Vec<f64>,
}

/// A row of COLMAP's images.
pub struct Image {
    pub name: String,
    pub lens: u32,
    /// Of the rotation world to camera: w, x, y, z.
    pub quaternion: [f64; 4],
    pub translation: [f64; 3],
}

/// The model in a folder; `None` where there is none.
pub fn read(folder: &Path) -> Result<Option<Vec<(String, KnownCamera)>>, CamerasError> {
    for ending in ["bin", "txt"] {
        let [cameras, images] = ["cameras", "images"].map(|name| folder.join(name).with_extension(ending));
        if !(cameras.is_file() && images.is_file()) {
            continue;
        }
        let (lenses, poses) = match ending {
            "bin" => (binary::lenses(&bytes(&cameras)?), binary::images(&bytes(&images)?)),
            _ => (text::lenses(&bytes(&cameras)?), text::images(&bytes(&images)?)),
        };
        let lenses = lenses.map_err(|reason| damaged(&cameras, reason))?;
        let poses = poses.map_err(|reason| damaged(&images, reason))?;
        let known = poses.into_iter().map(|image| known(image, &lenses).map_err(|reason| damaged(&images, reason)));
        return known.collect::<Result<_, _>>().map(Some);
    }
    Ok(None)
}

fn known(image: Image, lenses: &Lenses) -> Result<(String, KnownCamera), String> {
    let lens =
        lenses.get(&image.lens).ok_or_else(|| format!("{} has camera {}, which is missing", image.name, image.lens))?;
    let [w, x, y, z] = image.quaternion.map(|v| v as f32);
    let quaternion = Quat::from_xyzw(x, y, z, w);
    let rotation =
        if quaternion.length_squared() > 0.0 { Mat3::from_quat(quaternion / quaternion.length()) } else { Mat3::ZERO };
    let camera = KnownCamera {
        intrinsics: pinhole(lens),
        size: lens.size,
        camera_from_world: Rigid::new(rotation, Vec3::from(image.translation.map(|v| v as f32))),
    };
    Ok((image.name, camera))
}

fn pinhole(lens: &Lens) -> Intrinsics {
    let [width, height] = lens.size;
    let parameters: Vec<f32> = lens.parameters.iter().map(|&v| v as f32).collect();
    match (MODELS[lens.model].0, parameters.as_slice()) {
        ("PINHOLE", &[fx, fy, cx, cy]) => Intrinsics { fx, fy, cx, cy },
        ("SIMPLE_PINHOLE", &[f, cx, cy]) => Intrinsics { fx: f, fy: f, cx, cy },
        (_, parameters) => Intrinsics::centred(parameters.first().copied().unwrap_or(0.0), width, height),
    }
}
