//! All cameras as JSON, in both directions and at both sizes, so that nobody has to guess a convention.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::Arc;

use serde::Serialize;

use super::photo_names::photo_names;
use super::{Axes, FileAxes};
use crate::geometry::{BentLens, Distortion, Rigid};
use crate::inference::{DepthUnit, LensSource, PoseSource, Prediction, ViewPrediction};

#[derive(Serialize)]
struct Cameras {
    program: &'static str,
    version: &'static str,
    convention: Convention,
    /// Of files of points, by their ending. Poses below are not turned.
    axes: BTreeMap<&'static str, FileAxes>,
    cameras: Vec<Camera>,
}

#[derive(Serialize)]
struct Convention {
    frame: &'static str,
    camera_from_world: &'static str,
    world_from_camera: &'static str,
    intrinsics: &'static str,
    photo_intrinsics: &'static str,
    lens_as_taken: &'static str,
    scene: &'static str,
    axes: &'static str,
}

const CONVENTION: Convention = Convention {
    frame: "OpenCV: x right, y down, z forward",
    camera_from_world: "w2c, also called extrinsics: 4x4, row by row, applied to columns: camera = M * world",
    world_from_camera: "c2w, the inverse: its last column is where the camera stands",
    intrinsics: "K, row by row, in pixels of processed_size; pixel centres are whole numbers, (0, 0) is the top left pixel",
    photo_intrinsics: "the same in pixels of photo_size, also where the network saw only a part of the photo",
    lens_as_taken: "where maps and cameras are of a picture that was made straight: the lens of the photo as it is, intrinsics in pixels \
                    of photo_size, and its distortion: radial are OpenCV's k1, k2, k3 of r^2, r^4, r^6 and so on, radial_below those \
                    below the line, tangential is [p2, p1]",
    scene: "cameras with the same number share one world; unit is that of its lengths",
    axes: "which axes files of points have, and what brings the world into them: file = M * world, row by row; the cameras here \
           stay in the world",
};

#[derive(Serialize)]
struct Camera {
    photo: String,
    scene: usize,
    unit: DepthUnit,
    lens_source: LensSource,
    /// Where there is none, the pose is the identity.
    pose_source: PoseSource,
    processed_size: [u32; 2],
    photo_size: [u32; 2],
    intrinsics: [[f32; 3]; 3],
    photo_intrinsics: [[f32; 3]; 3],
    #[serde(skip_serializing_if = "Option::is_none")]
    lens_as_taken: Option<LensAsTaken>,
    camera_from_world: [[f32; 4]; 4],
    world_from_camera: [[f32; 4]; 4],
}

#[derive(Serialize)]
struct LensAsTaken {
    intrinsics: [[f32; 3]; 3],
    distortion: Distortion,
}

/// Writes the cameras of all views, and which axes files of points have beside them.
///
/// # Errors
/// What the writer answers.
pub fn write_cameras(mut to: impl Write, prediction: &Prediction, axes: Axes) -> io::Result<()> {
    let camera = |(view, photo): (&Arc<ViewPrediction>, String)| {
        let pose = view.camera.camera_from_world;
        Camera {
            photo,
            scene: view.scene,
            unit: prediction.unit_of(view.scene),
            lens_source: view.camera.lens,
            pose_source: view.camera.pose,
            processed_size: [view.width, view.height],
            photo_size: view.photo_size,
            intrinsics: view.camera.intrinsics.rows(),
            photo_intrinsics: view.photo_intrinsics().rows(),
            lens_as_taken: view
                .bent
                .map(|BentLens { intrinsics, distortion }| LensAsTaken { intrinsics: intrinsics.rows(), distortion }),
            camera_from_world: square(&pose),
            world_from_camera: square(&pose.inverse()),
        }
    };
    let all = Cameras {
        program: "fathom",
        version: env!("CARGO_PKG_VERSION"),
        convention: CONVENTION,
        axes: Axes::FORMATS.map(|format| (format.name(), axes.of(format).told())).into(),
        cameras: prediction.views.iter().zip(photo_names(&prediction.views)).map(camera).collect(),
    };
    serde_json::to_writer_pretty(&mut to, &all)?;
    to.write_all(b"\n")
}

fn square(pose: &Rigid) -> [[f32; 4]; 4] {
    pose.matrix().transpose().to_cols_array_2d()
}
