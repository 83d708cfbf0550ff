//! The camera of a photo as it is shown, from that of the pixels as they are stored.

use super::{KnownCamera, Raster};
use crate::input::Turn;

/// Shapes that differ by more are not those of one picture in two sizes.
const SAME_SHAPE: f64 = 0.01;

/// The camera of a photo as it is shown, in its pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Upright {
    /// Of a picture of the photo's size, and of [`Raster::Shown`].
    pub camera: KnownCamera,
    /// The camera was that of a picture of another shape, and has been stretched to this one.
    pub is_stretched: bool,
}

/// A mirrored picture is what no camera sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is of the stored picture, which EXIF says to mirror; what a mirror shows has no camera without one")]
pub struct Mirrored;

impl KnownCamera {
    /// For a photo of this stored size, which is shown turned.
    ///
    /// A camera of the stored pixels turns with them. Where its shape says that it is of the turned photo already, it is left.
    ///
    /// # Errors
    /// Where a camera of stored pixels would have to be mirrored.
    pub fn upright(&self, stored: [u32; 2], turn: Turn) -> Result<Upright, Mirrored> {
        let shown = turn.size(stored);
        let is_of = |shape: [u32; 2]| self.size.is_none_or(|size| is_same_shape(size, shape));
        let is_upright = self.raster == Raster::Shown || (turn.quarters % 2 == 1 && !is_of(stored) && is_of(shown));
        let (at, turn) = if is_upright { (shown, Turn::NONE) } else { (stored, turn) };
        if turn.is_mirrored {
            return Err(Mirrored);
        }
        let mut camera =
            KnownCamera { intrinsics: self.intrinsics_of(at), size: Some(at), raster: Raster::Shown, ..*self };
        for _ in 0..turn.quarters {
            camera = camera.quarter_turned(camera.size.unwrap_or(at));
        }
        Ok(Upright { camera, is_stretched: !is_of(at) })
    }

    /// After its picture, which has this size, was turned clockwise by a quarter: right becomes down, down becomes left.
    fn quarter_turned(&self, [width, height]: [u32; 2]) -> Self {
        Self {
            intrinsics: self.intrinsics.quarter_turned(height as f32),
            distortion: self.distortion.turned(1),
            size: Some([height, width]),
            camera_from_world: self.camera_from_world.quarter_turned(),
            ..*self
        }
    }
}

fn is_same_shape(a: [u32; 2], b: [u32; 2]) -> bool {
    let ratio = f64::from(a[0]) * f64::from(b[1]) / (f64::from(a[1]) * f64::from(b[0]));
    (ratio - 1.0).abs() <= SAME_SHAPE
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::{Distortion, Intrinsics, Projection, Rigid};
    use glam::Vec3;
    use image::{DynamicImage, GrayImage, Luma, metadata::Orientation};

    fn camera() -> KnownCamera {
        KnownCamera {
            intrinsics: Intrinsics { fx: 50.0, fy: 52.0, cx: 31.0, cy: 17.0 },
            distortion: Distortion {
                tangential: [0.01, -0.02],
                ..Distortion::radial(Projection::Pinhole, &[-0.1, 0.01])
            },
            size: Some([60, 40]),
            raster: Raster::Stored,
            camera_from_world: Rigid::looking_at(Vec3::new(1.0, 2.0, -3.0), Vec3::ZERO, Vec3::new(0.2, -1.0, 0.1)),
        }
    }

    /// The pixel, counted from edges, at which a camera shows a point.
    fn seen(camera: &KnownCamera, point: Vec3) -> [f64; 2] {
        let p = camera.camera_from_world.apply(point);
        let [x, y] = camera.distortion.distort([p.x / p.z, p.y / p.z].map(f64::from));
        let k = camera.intrinsics;
        [f64::from(k.fx) * x + f64::from(k.cx), f64::from(k.fy) * y + f64::from(k.cy)]
    }

    #[test]
    fn a_camera_turns_with_its_picture() {
        // A point that the stored picture shows in the middle of a pixel is shown by the turned camera in that pixel.
        let stored = camera();
        let world = stored.camera_from_world.inverse().apply(Vec3::new(-0.2, 0.12, 1.0) * 2.0);
        let [u, v] = seen(&stored, world).map(|v| v as u32);
        let mut picture = GrayImage::new(60, 40);
        picture.put_pixel(u, v, Luma([255]));
        for exif in 1..=8 {
            let orientation = Orientation::from_exif(exif).expect("one of eight");
            let mut upright = DynamicImage::ImageLuma8(picture.clone());
            upright.apply_orientation(orientation);
            let upright = upright.into_luma8();
            let found = stored.upright([60, 40], orientation.into());
            if [2, 4, 5, 7].contains(&exif) {
                assert_eq!(found, Err(Mirrored), "orientation {exif}");
                continue;
            }
            let Upright { camera, is_stretched } = found.expect("not mirrored");
            assert!(!is_stretched && camera.size == Some([upright.width(), upright.height()]));
            let [u, v] = seen(&camera, world).map(|v| v as u32);
            assert_eq!(upright.get_pixel(u, v).0, [255], "orientation {exif}");
        }
    }

    #[test]
    fn what_is_upright_already_stays_and_other_shapes_are_told() {
        let right = Turn { is_mirrored: false, quarters: 1 };
        // COLMAP has seen a copy that was turned, at half the size.
        let upright = KnownCamera { size: Some([20, 30]), ..camera() };
        let found = upright.upright([60, 40], right).expect("not mirrored");
        assert_eq!((found.camera.intrinsics.fx, found.camera.size), (100.0, Some([40, 60])));
        assert!(found.camera.camera_from_world == upright.camera_from_world && !found.is_stretched);
        // This program's own cameras are of the photo as it is shown, mirrored or not.
        let own = KnownCamera { raster: Raster::Shown, size: Some([40, 60]), ..camera() };
        let mirrored = Turn { is_mirrored: true, quarters: 1 };
        assert_eq!(own.upright([60, 40], mirrored).map(|found| found.camera.intrinsics), Ok(own.intrinsics));
        for (size, is_stretched) in [([60, 40], false), ([119, 80], false), ([40, 60], true), ([64, 40], true)] {
            let found = KnownCamera { size: Some(size), ..camera() }.upright([60, 40], Turn::NONE);
            assert_eq!(found.map(|found| found.is_stretched), Ok(is_stretched), "{size:?}");
        }
        let any = KnownCamera { size: None, intrinsics: Intrinsics { fx: 1.0, fy: 1.0, cx: 0.5, cy: 0.5 }, ..camera() };
        let found = any.upright([60, 40], right).expect("not mirrored").camera;
        assert_eq!((found.intrinsics.fx, found.intrinsics.cx, found.intrinsics.cy), (60.0, 20.0, 30.0));
    }
}
