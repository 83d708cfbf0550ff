//! A COLMAP model in a folder, of either kind of files.

use std::path::Path;

use glam::{Mat3, Quat, Vec3};

use super::error::damaged;
use super::file::bytes;
use super::found::{Found, Reading, newer};
use super::rows::{Image, Lenses};
use super::{CamerasError, KnownCamera, Raster, binary, text};
use crate::geometry::Rigid;

/// The model in a folder; `None` where there is none.
pub fn read(folder: &Path) -> Result<Option<Reading>, CamerasError> {
    for ending in ["bin", "txt"] {
        let [cameras, images] = ["cameras", "images"].map(|name| folder.join(name).with_extension(ending));
        if !(cameras.is_file() && images.is_file()) {
            continue;
        }
        let (lenses, photos) = if ending == "bin" {
            let lenses = binary::lenses(&bytes(&cameras)?).map_err(|reason| damaged(&cameras, reason))?;
            (lenses, binary::images(&bytes(&images)?).map_err(|reason| damaged(&images, reason))?)
        } else {
            let lenses = text::lenses(&bytes(&cameras)?);
            let photos = text::images(&bytes(&images)?, &lenses);
            (lenses, photos)
        };
        let mut remarks = Vec::new();
        let counts = [
            ("cameras", lenses.expected, lenses.by_number.len(), &lenses.remarks),
            ("images", photos.expected, photos.rows.len(), &photos.remarks),
        ];
        for (what, expected, found, said) in counts {
            let file = format!("{what}.{ending}");
            remarks.extend(said.iter().map(|remark| format!("{file}: {remark}")));
            if let Some(expected) = expected.filter(|&expected| expected != found as u64) {
                remarks.push(format!("{file}: it says that it lists {expected} {what}, and lists {found}"));
            }
        }
        let file = format!("images.{ending}");
        let cameras = photos.rows.into_iter().map(|image| known(image, &lenses)).collect();
        return Ok(Some(Reading { file, cameras, remarks }));
    }
    Ok(None)
}

fn known(image: Image, lenses: &Lenses) -> (String, Found) {
    let camera = || {
        let (quaternion, translation) = image.pose?;
        let number = image.lens.ok_or("has a row that does not say which lens it is")?;
        let lens = lenses.by_number.get(&number).ok_or_else(|| format!("has the lens {number}, which is missing"))?;
        let lens = lens.as_ref().map_err(Clone::clone)?;
        let (intrinsics, distortion) = lens.model.lens(&lens.parameters).ok_or_else(|| newer(lens.model.name))?;
        let [w, x, y, z] = quaternion.map(|v| v as f32);
        let quaternion = Quat::from_xyzw(x, y, z, w);
        let length = quaternion.length();
        // What is no rotation is found out where all cameras are looked at.
        let rotation = if length > 0.0 { Mat3::from_quat(quaternion / length) } else { Mat3::ZERO };
        Ok(KnownCamera {
            intrinsics,
            distortion,
            size: Some(lens.size),
            raster: Raster::Stored,
            camera_from_world: Rigid::new(rotation, Vec3::from(translation.map(|v| v as f32))),
        })
    };
    (image.name, camera())
}
