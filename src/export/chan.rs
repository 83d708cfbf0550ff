//! The cameras of a scene as a camera that moves: the text files (`.chan`) that Nuke, Houdini, Blender and others read.

use std::io::{self, Write};
use std::sync::Arc;

use glam::{DMat3, DVec3};

use crate::inference::ViewPrediction;

/// Writes a row for each view: its number from 1, where the camera is (x, y, z in the scene's unit), its turns around x, y and z in
/// degrees, and its vertical field of view in degrees, of the photo as it is shown.
///
/// The world has y up (x, −y, −z of the cameras' world, as [`Axes::YUp`](super::Axes::YUp)), and the camera looks along −z. Turns
/// are applied in the order z, x, y, which is what Nuke begins with, and never jump by a whole turn.
///
/// # Errors
/// What the writer answers.
pub fn write_chan(mut to: impl Write, views: &[Arc<ViewPrediction>]) -> io::Result<()> {
    let mut last = DVec3::ZERO;
    for (frame, view) in (1..).zip(views) {
        let flip = DMat3::from_diagonal(DVec3::new(1.0, -1.0, -1.0));
        let w2c = &view.camera.camera_from_world;
        let turned = flip * w2c.rotation.as_dmat3().transpose() * flip;
        let at = flip * w2c.inverse().translation.as_dvec3();
        last = nearest(angles(turned), last);
        let vertical = 2.0 * (f64::from(view.photo_size[1]) / (2.0 * f64::from(view.photo_intrinsics().fy))).atan();
        let numbers = [at.x, at.y, at.z, last.x, last.y, last.z, vertical.to_degrees()];
        // No "-0".
        writeln!(to, "{frame}\t{}", numbers.map(|number| format!("{:.9}", number + 0.0)).join("\t"))?;
    }
    Ok(())
}

/// Degrees around x, y and z of a rotation R = R_y · R_x · R_z; none around z where x is turned by a right angle, because only
/// the sum of the other two counts there.
fn angles(r: DMat3) -> DVec3 {
    // Row, column.
    let at = |row: usize, column: usize| r.col(column)[row];
    let x = (-at(1, 2)).clamp(-1.0, 1.0).asin();
    let (y, z) = match x.cos() > 1e-6 {
        true => (at(0, 2).atan2(at(2, 2)), at(1, 0).atan2(at(1, 1))),
        false => ((-at(2, 0)).atan2(at(0, 0)), 0.0),
    };
    DVec3::new(x, y, z).map(f64::to_degrees)
}

/// The same rotation in angles near to others: there are two ways to say it, each with any number of whole turns.
fn nearest(angles: DVec3, last: DVec3) -> DVec3 {
    let other = DVec3::new(180.0 - angles.x, angles.y + 180.0, angles.z + 180.0);
    let near = |angles: DVec3| angles - 360.0 * ((angles - last) / 360.0).round();
    let [a, b] = [near(angles), near(other)];
    if (a - last).length() <= (b - last).length() { a } else { b }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::examples::synthetic;
    use crate::geometry::Rigid;
    use crate::input::ViewId;
    use glam::{Mat3, Vec3};

    fn rotation(angles: DVec3) -> DMat3 {
        let [x, y, z] = angles.map(f64::to_radians).to_array();
        DMat3::from_rotation_y(y) * DMat3::from_rotation_x(x) * DMat3::from_rotation_z(z)
    }

    fn rows(turns: &[Mat3]) -> Vec<Vec<f64>> {
        let view = |rotation: &Mat3| {
            let mut view = synthetic::render(0, 40, 30).into_prediction(ViewId(0), "a.jpg".into());
            view.camera.camera_from_world = Rigid::new(*rotation, Vec3::new(0.1, 0.2, 0.3));
            Arc::new(view)
        };
        let mut text = Vec::new();
        write_chan(&mut text, &turns.iter().map(view).collect::<Vec<_>>()).expect("written");
        let text = String::from_utf8(text).expect("text");
        text.lines().map(|line| line.split('\t').map(|word| word.parse().expect("a number")).collect()).collect()
    }

    #[test]
    fn angles_give_the_rotation_back() {
        for x in [-90.0, -89.9, -30.0, 0.0, 45.0, 90.0] {
            for y in [-170.0, 10.0, 100.0] {
                for z in [-100.0, 0.0, 20.0, 179.0] {
                    let r = rotation(DVec3::new(x, y, z));
                    assert!(rotation(angles(r)).abs_diff_eq(r, 1e-6), "{x} {y} {z}");
                    let near = nearest(angles(r), DVec3::new(400.0, -200.0, 90.0));
                    assert!(rotation(near).abs_diff_eq(r, 1e-6), "{x} {y} {z}");
                }
            }
        }
    }

    #[test]
    fn what_lies_before_the_camera_is_before_that_of_the_file() {
        let w2c = Rigid::new(Mat3::from_rotation_x(0.4) * Mat3::from_rotation_y(0.7), Vec3::new(0.1, 0.2, 0.3));
        let [row] = &rows(&[w2c.rotation])[..] else { panic!("one view, one row") };
        assert_eq!((row.len(), row[0]), (8, 1.0));
        let camera = rotation(DVec3::new(row[4], row[5], row[6]));
        // One before the camera, half right and a quarter below, where y is up.
        let world = camera * DVec3::new(0.5, -0.25, -1.0) + DVec3::new(row[1], row[2], row[3]);
        let seen = w2c.apply(Vec3::new(world.x as f32, -world.y as f32, -world.z as f32));
        assert!(seen.abs_diff_eq(Vec3::new(0.5, 0.25, 1.0), 1e-5), "{seen}");
    }

    #[test]
    fn a_camera_that_goes_round_does_not_jump() {
        let turns: Vec<Mat3> =
            (0..50).map(|i| Mat3::from_rotation_x(-0.5) * Mat3::from_rotation_y(i as f32 * 0.3)).collect();
        let rows = rows(&turns);
        assert!(rows.windows(2).all(|pair| (4..7).all(|at| (pair[0][at] - pair[1][at]).abs() < 30.0)));
        let [first, last] = [&rows[0], &rows[49]];
        assert!((last[5] - first[5]).abs() > 700.0, "two turns and more");
    }
}
