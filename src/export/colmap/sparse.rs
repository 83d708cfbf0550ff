//! Cameras and the points by which they were found, as a COLMAP model in text.

use std::io::{self, Write};
use std::sync::Arc;

use glam::DVec3;

use super::lens_model::LensModel;
use super::pose::Pose;
use super::text::{line, pose};
use crate::export::PhotoNames;
use crate::export::stored_camera::StoredCamera;
use crate::inference::ViewPrediction;

/// A point that several photos show.
#[derive(Clone, Debug)]
pub struct SparsePoint {
    /// In the world of the cameras.
    pub position: DVec3,
    pub colour: [u8; 3],
    /// Mean distance, in pixels, between where it is and where it was found.
    pub error: f64,
    /// Place of the view, and where in its photo as it is shown; centres of pixels are whole numbers.
    pub seen: Vec<(usize, [f32; 2])>,
}

/// The files `cameras.txt`, `images.txt` and `points3D.txt` of one scene. Photos, their lenses and points count from 1. Places are
/// those of the photos as they are stored, and lenses have their distortion.
pub struct SparseModel<'a> {
    views: &'a [Arc<ViewPrediction>],
    cameras: Vec<StoredCamera<'a>>,
    names: PhotoNames,
    points: &'a [SparsePoint],
}

impl<'a> SparseModel<'a> {
    pub fn new(views: &'a [Arc<ViewPrediction>], points: &'a [SparsePoint]) -> Self {
        let cameras = views.iter().map(|view| StoredCamera::new(view, true)).collect();
        Self { views, cameras, names: PhotoNames::new(views), points }
    }

    /// # Errors
    /// What the writer answers; `InvalidInput` where COLMAP has no model for a lens.
    pub fn write_cameras(&self, to: &mut dyn Write) -> io::Result<()> {
        writeln!(to, "# CAMERA_ID MODEL WIDTH HEIGHT PARAMS[]")?;
        for (number, camera) in (1..).zip(&self.cameras) {
            let lens = LensModel::new(camera.lens, &camera.distortion)
                .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "COLMAP has no camera model for a lens"))?;
            let [width, height] = camera.size;
            writeln!(to, "{number} {} {width} {height} {}", lens.name, line(&lens.parameters))?;
        }
        Ok(())
    }

    /// # Errors
    /// What the writer answers.
    pub fn write_images(&self, to: &mut dyn Write) -> io::Result<()> {
        writeln!(to, "# IMAGE_ID QW QX QY QZ TX TY TZ CAMERA_ID NAME")?;
        writeln!(to, "# X Y POINT3D_ID, for each point that the photo shows")?;
        let seen = self.seen();
        for (((number, camera), name), seen) in (1..).zip(&self.cameras).zip(self.names.iter()).zip(seen) {
            writeln!(to, "{number} {} {number} {name}", pose(&Pose::of(&camera.camera_from_world)))?;
            let places: Vec<String> = seen
                .into_iter()
                .map(|(point, at)| {
                    let [x, y] = camera.place(at.map(|at| f64::from(at) + 0.5));
                    format!("{x} {y} {}", point + 1)
                })
                .collect();
            writeln!(to, "{}", places.join(" "))?;
        }
        Ok(())
    }

    /// # Errors
    /// What the writer answers.
    pub fn write_points(&self, to: &mut dyn Write) -> io::Result<()> {
        writeln!(to, "# POINT3D_ID X Y Z R G B ERROR TRACK[] as (IMAGE_ID, POINT2D_IDX)")?;
        let mut next = vec![0usize; self.views.len()];
        for (number, point) in (1..).zip(self.points) {
            let [r, g, b] = point.colour;
            write!(to, "{number} {} {r} {g} {b} {}", line(&point.position.to_array()), point.error)?;
            for (view, _) in &point.seen {
                write!(to, " {} {}", view + 1, next[*view])?;
                next[*view] += 1;
            }
            writeln!(to)?;
        }
        Ok(())
    }

    /// By view, which points it shows and where, in the points' order.
    fn seen(&self) -> Vec<Vec<(usize, [f32; 2])>> {
        let mut seen = vec![Vec::new(); self.views.len()];
        for (point, about) in self.points.iter().enumerate() {
            about.seen.iter().for_each(|&(view, at)| seen[view].push((point, at)));
        }
        seen
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::examples::synthetic;
    use crate::geometry::{BentLens, Distortion, Projection};
    use crate::input::{KnownCameras, Turn, ViewId};

    #[test]
    fn what_is_written_is_read_with_its_lens_pose_and_points() {
        let dir = tempfile::tempdir().expect("a folder");
        let view = |index: usize| {
            let scene = synthetic::render(index, 40, 30);
            let intrinsics = scene.intrinsics;
            let mut view = scene.into_prediction(ViewId(index as u64), format!("a {index}.jpg").into());
            let distortion = Distortion::radial(Projection::Pinhole, &[0.05]);
            view.bent = Some(BentLens { intrinsics, distortion });
            view
        };
        let mut views = [view(0), view(1)];
        views[1].photo_turn = Turn { is_mirrored: false, quarters: 1 };
        let views = views.map(Arc::new);
        let point = |x: f64, seen: &[(usize, [f32; 2])]| SparsePoint {
            position: DVec3::new(x, 2.0, 3.0),
            colour: [1, 2, 3],
            error: 0.25,
            seen: seen.to_vec(),
        };
        let points =
            [point(1.0, &[(0, [5.0, 6.0]), (1, [7.0, 8.0])]), point(4.0, &[(1, [0.0, 29.0]), (0, [1.0, 1.0])])];
        let model = SparseModel::new(&views, &points);
        let mut texts = [Vec::new(), Vec::new(), Vec::new()];
        model.write_cameras(&mut texts[0]).expect("written");
        model.write_images(&mut texts[1]).expect("written");
        model.write_points(&mut texts[2]).expect("written");
        for (name, text) in ["cameras.txt", "images.txt", "points3D.txt"].iter().zip(&texts) {
            std::fs::write(dir.path().join(name), text).expect("written");
        }
        let known = KnownCameras::read(dir.path()).expect("cameras");
        let first = known.of(std::path::Path::new("a 0.jpg")).expect("its camera");
        assert_eq!(first.distortion.radial[0], 0.05);
        assert!((first.intrinsics.fx - views[0].photo_intrinsics().fx).abs() < 1e-3);
        let images = String::from_utf8(texts[1].clone()).expect("text");
        let rows: Vec<&str> = images.lines().filter(|row| !row.starts_with('#')).collect();
        assert_eq!(rows[1], "5.5 6.5 1 1.5 1.5 2");
        // The stored photo is 30 wide and 40 high: it was turned clockwise to be shown.
        assert_eq!(rows[3], "8.5 32.5 1 29.5 39.5 2");
        let points = String::from_utf8(texts[2].clone()).expect("text");
        assert!(points.ends_with("2 4 2 3 1 2 3 0.25 2 1 1 1\n"), "{points}");
    }
}
