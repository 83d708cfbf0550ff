//! `transforms.json`, as Nerfstudio and instant-ngp have it.
//!
//! Cameras are camera-to-world in OpenGL's frame: x right, y up, z backward. Lenses stand in the file, in a frame, or in both:
//! then the frame's numbers count.

use std::path::Path;

use glam::{Mat3, Vec3};
use serde_json::Value;

use super::error::damaged;
use super::file::file_name;
use super::found::{Found, Reading, newer};
use super::{CamerasError, KnownCamera, Raster};
use crate::geometry::{Distortion, Intrinsics, Projection, Rigid};

/// `all` is the file, `frames` what it has under that name.
pub fn read(path: &Path, all: &Value, frames: &Value) -> Result<Reading, CamerasError> {
    let frames = frames.as_array().ok_or_else(|| damaged(path, "its frames are no list"))?;
    let mut reading = Reading { file: file_name(path), ..Reading::default() };
    for (index, frame) in frames.iter().enumerate() {
        match frame.get("file_path").and_then(Value::as_str) {
            Some(photo) => reading.cameras.push((photo.to_owned(), found(all, frame))),
            None => reading.remarks.push(format!("{}: frame {} names no photo", reading.file, index + 1)),
        }
    }
    Ok(reading)
}

fn found(all: &Value, frame: &Value) -> Found {
    let number = |name: &str| frame.get(name).or_else(|| all.get(name)).and_then(Value::as_f64);
    let size = match [number("w"), number("h")] {
        [Some(width), Some(height)] => Some([width, height].map(|side| side.round() as u32)),
        _ => None,
    };
    let (intrinsics, size) = lens(number, size)?;
    let distortion = distortion(all, frame, number)?;
    let camera_from_world = pose(frame.get("transform_matrix").ok_or("has no transform_matrix")?)?;
    Ok(KnownCamera { intrinsics, distortion, size, raster: Raster::Stored, camera_from_world })
}

/// Focal lengths in pixels or as angles; without a size, of a photo that is one wide.
fn lens(
    number: impl Fn(&str) -> Option<f64>,
    size: Option<[u32; 2]>,
) -> Result<(Intrinsics, Option<[u32; 2]>), String> {
    let [width, height] = size.map_or([1.0, 1.0], |size| size.map(f64::from));
    let by_angle = |name: &str, side: f64| number(name).map(|angle| side / 2.0 / (angle / 2.0).tan());
    let is_in_pixels = number("fl_x").is_some() || number("fl_y").is_some();
    if is_in_pixels && size.is_none() {
        return Err("has a focal length in pixels, and no w and h to say of how many".into());
    }
    let fx = number("fl_x").or_else(|| number("fl_y")).or_else(|| by_angle("camera_angle_x", width));
    // An angle from top to bottom says nothing where it is not known how high the photo is.
    let fy = number("fl_y").or_else(|| number("fl_x"));
    let fy = fy.or_else(|| size.and_then(|_| by_angle("camera_angle_y", height))).or(fx);
    let (Some(fx), Some(fy)) = (fx.or(fy), fy) else {
        return Err("has no focal length (fl_x, or camera_angle_x)".into());
    };
    let [cx, cy] = match size {
        Some(_) => [number("cx").unwrap_or(width / 2.0), number("cy").unwrap_or(height / 2.0)],
        None => [0.5, 0.5],
    };
    let [fx, fy, cx, cy] = [fx, fy, cx, cy].map(|v| v as f32);
    Ok((Intrinsics { fx, fy, cx, cy }, size))
}

fn distortion(all: &Value, frame: &Value, number: impl Fn(&str) -> Option<f64>) -> Result<Distortion, String> {
    let field = |name: &str| frame.get(name).or_else(|| all.get(name));
    let of = |name: &str| number(name).unwrap_or(0.0);
    let model = field("camera_model").and_then(Value::as_str).unwrap_or("OPENCV");
    let is_fisheye = field("is_fisheye").and_then(Value::as_bool).unwrap_or(false);
    let radial = ["k1", "k2", "k3", "k4"].map(of);
    match model {
        _ if is_fisheye => Ok(Distortion::radial(Projection::Equidistant, &radial)),
        "OPENCV_FISHEYE" | "SIMPLE_RADIAL_FISHEYE" | "RADIAL_FISHEYE" => {
            Ok(Distortion::radial(Projection::Equidistant, &radial))
        }
        "SIMPLE_PINHOLE" | "PINHOLE" => Ok(Distortion::NONE),
        "PERSPECTIVE" | "SIMPLE_RADIAL" | "RADIAL" | "OPENCV" => {
            Ok(Distortion { tangential: [of("p2"), of("p1")], ..Distortion::radial(Projection::Pinhole, &radial) })
        }
        other => Err(newer(other)),
    }
}

fn pose(matrix: &Value) -> Result<Rigid, String> {
    let rows: Option<Vec<[f64; 4]>> =
        matrix.as_array().map(Vec::as_slice).unwrap_or_default().iter().map(row).collect();
    let [x, y, z, ..] = rows.as_deref().unwrap_or_default() else {
        return Err("has a transform_matrix that is no matrix of 4×4 numbers".into());
    };
    // Each column is an axis of the camera; OpenCV's y and z point the other way.
    let axis = |column: usize, sign: f64| Vec3::from([x, y, z].map(|row| (sign * row[column]) as f32));
    let world_from_camera = Rigid::new(Mat3::from_cols(axis(0, 1.0), axis(1, -1.0), axis(2, -1.0)), axis(3, 1.0));
    Ok(world_from_camera.inverse())
}

fn row(row: &Value) -> Option<[f64; 4]> {
    let numbers: Vec<f64> = row.as_array()?.iter().map(Value::as_f64).collect::<Option<_>>()?;
    numbers.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(text: &str) -> Reading {
        let all: Value = serde_json::from_str(text).expect("JSON");
        read(Path::new("x/transforms.json"), &all, &all["frames"]).expect("a list")
    }

    fn near(a: Vec3, b: [f32; 3]) -> bool {
        a.abs_diff_eq(Vec3::from(b), 1e-5)
    }

    #[test]
    fn cameras_look_along_minus_z_of_opengl() {
        // Stands at (1, 2, 3) and looks along the world's +x, with +z up: right is -y.
        let matrix = "[[0, 0, -1, 1], [-1, 0, 0, 2], [0, 1, 0, 3], [0, 0, 0, 1]]";
        let text = format!(
            r#"{{"camera_model": "OPENCV", "fl_x": 1000, "fl_y": 900, "cx": 410.5, "cy": 290, "w": 800, "h": 600, "k1": -0.1, "p1": 0.01,
                "frames": [{{"file_path": "./images/a.png", "transform_matrix": {matrix}}},
                           {{"file_path": "b.png", "transform_matrix": {matrix}, "fl_x": 500, "k1": 0.2}},
                           {{"transform_matrix": {matrix}}}]}}"#
        );
        let reading = reading(&text);
        assert_eq!(reading.remarks, ["transforms.json: frame 3 names no photo"]);
        let [(a, first), (b, second)] = reading.cameras.as_slice() else { panic!("{reading:?}") };
        assert_eq!((a.as_str(), b.as_str()), ("./images/a.png", "b.png"));
        let (first, second) = (first.as_ref().expect("whole"), second.as_ref().expect("whole"));
        assert_eq!(first.intrinsics, Intrinsics { fx: 1000.0, fy: 900.0, cx: 410.5, cy: 290.0 });
        assert_eq!((second.intrinsics.fx, second.intrinsics.fy, second.distortion.radial[0]), (500.0, 900.0, 0.2));
        assert_eq!((first.size, first.distortion.tangential), (Some([800, 600]), [0.0, 0.01]));
        let pose = first.camera_from_world;
        assert!(near(pose.camera_centre(), [1.0, 2.0, 3.0]));
        // Ahead is +z of the camera, up is -y.
        assert!(near(pose.apply(Vec3::new(6.0, 2.0, 3.0)), [0.0, 0.0, 5.0]));
        assert!(near(pose.apply(Vec3::new(1.0, 2.0, 4.0)), [0.0, -1.0, 0.0]));
        assert!(near(pose.apply(Vec3::new(1.0, 1.0, 3.0)), [1.0, 0.0, 0.0]));
    }

    #[test]
    fn an_angle_alone_is_a_lens_for_photos_of_any_size() {
        let reading = reading(
            r#"{"camera_angle_x": 0.6911112070083618, "frames": [
                {"file_path": "./train/r_0", "transform_matrix": [[1,0,0,0],[0,1,0,0],[0,0,1,4],[0,0,0,1]]},
                {"file_path": "./train/r_1", "transform_matrix": [[1,0,0],[0,1,0]]},
                {"file_path": "./train/r_2", "camera_model": "EQUIRECTANGULAR", "transform_matrix": []}]}"#,
        );
        let camera = reading.cameras[0].1.as_ref().expect("whole");
        // The focal length that the authors of the data give for 800×800.
        let lens = camera.intrinsics_of([800, 800]);
        assert!((lens.fx - 1111.111).abs() < 1e-2 && lens.fx == lens.fy && lens.cx == 400.0, "{lens:?}");
        let wide = camera.intrinsics_of([800, 400]);
        assert!(wide.fy == lens.fy && wide.cy == 200.0);
        assert!(reading.cameras[1].1.as_ref().is_err_and(|why| why.contains("matrix")));
        assert!(reading.cameras[2].1.as_ref().is_err_and(|why| why.contains("EQUIRECTANGULAR")));
    }
}
