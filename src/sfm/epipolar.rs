//! How far matches of two photos lie from where their cameras would have them.

use glam::{DMat3, DVec3};

use super::SolvedCamera;
use super::given::corner_based;
use crate::geometry::Intrinsics;

/// Sampson's distance (R. Hartley and A. Zisserman, Multiple View Geometry, 2004, 11.4.3) of each match, in pixels of the photo with the
/// shorter focal length; infinite where a lens does not show its keypoint.
pub(super) fn distances<'a>(
    [a, b]: [&'a SolvedCamera; 2],
    keypoints: [&'a [[f32; 2]]; 2],
    matches: &'a [[u32; 2]],
) -> impl Iterator<Item = f64> + 'a {
    let between = b.camera_from_world.after(&a.camera_from_world.inverse());
    let (rotation, t) = (between.rotation.as_dmat3(), between.translation.as_dvec3());
    let cross = DMat3::from_cols(DVec3::new(0.0, t.z, -t.y), DVec3::new(-t.z, 0.0, t.x), DVec3::new(t.y, -t.x, 0.0));
    let essential = cross * rotation;
    let focal = f64::from(a.intrinsics.fx.min(b.intrinsics.fx));
    let distance = move |&[i, j]: &[u32; 2]| {
        let first = ray(a, keypoints[0][i as usize])?;
        let second = ray(b, keypoints[1][j as usize])?;
        let (there, here) = (essential * first, essential.transpose() * second);
        let steep = there.truncate().length_squared() + here.truncate().length_squared();
        Some(focal * second.dot(there).abs() / steep.sqrt())
    };
    matches.iter().map(move |keypoints| distance(keypoints).filter(|far| far.is_finite()).unwrap_or(f64::INFINITY))
}

/// Where a keypoint, in pixels with whole numbers at their centres, lies on the plane at distance 1, made straight.
pub(super) fn ray(camera: &SolvedCamera, keypoint: [f32; 2]) -> Option<DVec3> {
    let plane = Intrinsics { fx: 1.0, fy: 1.0, cx: 0.0, cy: 0.0 };
    let [x, y] = camera.lens().straight(&plane, corner_based(keypoint).map(f64::from))?;
    Some(DVec3::new(x, y, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::Rigid;
    use glam::Vec3;

    #[test]
    fn a_match_is_as_far_off_as_it_is_beside_its_line() {
        let intrinsics = Intrinsics::centred(500.0, 640, 480);
        let camera = |x: f32| SolvedCamera {
            intrinsics,
            k1: 0.0,
            camera_from_world: Rigid { translation: Vec3::new(-x, 0.0, 0.0), ..Rigid::IDENTITY },
        };
        // Side by side: lines are rows, and being off is shared by both photos.
        let keypoints: [&[[f32; 2]]; 2] = [&[[100.0, 50.0]; 3], &[[80.0, 50.0], [20.0, 52.0], [60.0, 46.0]]];
        let pairs = [[0, 0], [1, 1], [2, 2]];
        let far: Vec<f64> = distances([&camera(0.0), &camera(0.5)], keypoints, &pairs).collect();
        for (far, off) in far.iter().zip([0.0, 2.0, 4.0]) {
            assert!((far - off / std::f64::consts::SQRT_2).abs() < 1e-3, "{far} {off}");
        }
        let nowhere: Vec<f64> = distances([&camera(0.0), &camera(0.0)], keypoints, &pairs).collect();
        assert!(nowhere.iter().all(|far| far.is_infinite()), "two cameras at one place have no lines");
    }
}
