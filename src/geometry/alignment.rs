//! Bringing cameras into the frame and scale of other cameras.

use glam::{DMat3, DVec3};
use nalgebra::Matrix3;

use super::Rigid;

/// y = scale · rotation · x + translation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Similarity {
    pub scale: f64,
    pub rotation: DMat3,
    pub translation: DVec3,
}

impl Similarity {
    pub const IDENTITY: Self = Self { scale: 1.0, rotation: DMat3::IDENTITY, translation: DVec3::ZERO };

    pub fn apply(&self, point: DVec3) -> DVec3 {
        self.scale * (self.rotation * point) + self.translation
    }

    /// The similarity that applies `first`, then `self`.
    pub fn after(&self, first: &Self) -> Self {
        Self {
            scale: self.scale * first.scale,
            rotation: self.rotation * first.rotation,
            translation: self.apply(first.translation),
        }
    }

    /// `camera_from_world` of the camera that was carried along with its world: world_from_camera has the rotation
    /// R·R_c and the centre s·R·c + t (specification §8.7). What the camera sees lies `scale` times as far from it.
    pub fn apply_to_camera(&self, camera_from_world: &Rigid) -> Rigid {
        let rotation = camera_from_world.rotation.as_dmat3() * self.rotation.transpose();
        let translation = -(rotation * self.apply(centre(camera_from_world)));
        Rigid::new(rotation.as_mat3(), translation.as_vec3())
    }

    pub fn is_finite(&self) -> bool {
        self.scale.is_finite() && self.rotation.is_finite() && self.translation.is_finite()
    }
}

/// Least camera distance by which extrinsics are divided.
const LEAST_MEDIAN_DISTANCE: f32 = 0.1;

/// Extrinsics (w2c) as the camera encoder wants them (specification §5.4): the first becomes the identity, and
/// translations are divided by the median distance of the cameras from the first (the lower middle value, the first
/// camera's own 0 included, at least 0.1).
pub fn normalise_extrinsics(cameras: &[Rigid]) -> Vec<Rigid> {
    let Some(first) = cameras.first() else { return Vec::new() };
    let world_from_first = first.inverse();
    let mut relative: Vec<Rigid> = cameras.iter().map(|camera| camera.after(&world_from_first)).collect();
    let mut distances: Vec<f32> = relative.iter().map(|camera| camera.camera_centre().length()).collect();
    distances.sort_unstable_by(f32::total_cmp);
    let median = distances[(distances.len() - 1) / 2].max(LEAST_MEDIAN_DISTANCE);
    relative.iter_mut().for_each(|camera| camera.translation /= median);
    relative
}

/// The similarity that carries `moving` onto `reference` with the least squared error (Umeyama 1991; specification
/// §5.8). `None` where the points do not determine a rotation: fewer than three, or on a line.
pub fn umeyama(moving: &[DVec3], reference: &[DVec3]) -> Option<Similarity> {
    let n = moving.len() as f64;
    if moving.len() != reference.len() || moving.len() < 3 {
        return None;
    }
    let mean = |points: &[DVec3]| points.iter().sum::<DVec3>() / n;
    let (x_mean, y_mean) = (mean(moving), mean(reference));
    let mut covariance = Matrix3::<f64>::zeros();
    let mut variance = 0.0;
    for (x, y) in moving.iter().zip(reference) {
        let (x, y) = (*x - x_mean, *y - y_mean);
        covariance += to_vector(y) * to_vector(x).transpose() / n;
        variance += x.length_squared() / n;
    }
    let svd = covariance.svd(true, true);
    let (u, v_t) = (svd.u?, svd.v_t?);
    let d = svd.singular_values;
    if d.iter().filter(|&&value| value > f64::EPSILON).count() < 2 {
        return None;
    }
    let (rotation, sign) = nearest_rotation(&u, &v_t);
    let scale = (d[0] + d[1] + d[2] * sign) / variance;
    Some(Similarity { scale, rotation, translation: y_mean - scale * (rotation * x_mean) })
}

/// The rotation that fits a covariance with these singular vectors best, and the sign that its smallest singular value
/// gets for it: minus where the best fit of all would be a mirroring.
pub(super) fn nearest_rotation(u: &Matrix3<f64>, v_t: &Matrix3<f64>) -> (DMat3, f64) {
    let sign = if u.determinant() * v_t.determinant() < 0.0 { -1.0 } else { 1.0 };
    // nalgebra sorts singular values in descending order, so the sign goes to the smallest.
    let signs = Matrix3::from_diagonal(&nalgebra::Vector3::new(1.0, 1.0, sign));
    (glam_matrix(&(u * signs * v_t)), sign)
}

/// Where a camera stands, in double precision: −Rᵀ·t.
pub(super) fn centre(camera_from_world: &Rigid) -> DVec3 {
    -(camera_from_world.rotation.as_dmat3().transpose() * camera_from_world.translation.as_dvec3())
}

pub(super) fn to_vector(v: DVec3) -> nalgebra::Vector3<f64> {
    nalgebra::Vector3::new(v.x, v.y, v.z)
}

/// A matrix of nalgebra's as one of glam's.
pub fn glam_matrix(m: &Matrix3<f64>) -> DMat3 {
    let column = |i: usize| DVec3::new(m[(0, i)], m[(1, i)], m[(2, i)]);
    DMat3::from_cols(column(0), column(1), column(2))
}

#[cfg(test)]
mod tests {
    use super::*;
    use glam::Vec3;

    fn points() -> Vec<DVec3> {
        let points = [[0.0, 0.0, 0.0], [1.0, 0.2, 0.0], [0.3, 2.0, 0.5], [-1.0, 0.4, 1.5]];
        points.map(DVec3::from).to_vec()
    }

    #[test]
    fn finds_a_known_similarity() {
        let truth = Similarity {
            scale: 2.5,
            rotation: DMat3::from_axis_angle(DVec3::new(1.0, 2.0, -0.5).normalize_or_zero(), 0.8),
            translation: DVec3::new(3.0, -1.0, 0.5),
        };
        let moved: Vec<DVec3> = points().iter().map(|p| truth.apply(*p)).collect();
        let found = umeyama(&points(), &moved).expect("enough points");
        assert!((found.scale - truth.scale).abs() < 1e-12);
        assert!(found.rotation.abs_diff_eq(truth.rotation, 1e-12));
        assert!(found.translation.abs_diff_eq(truth.translation, 1e-12));
    }

    #[test]
    fn a_mirrored_set_still_gets_a_rotation() {
        let mirrored: Vec<DVec3> = points().iter().map(|p| DVec3::new(-p.x, p.y, p.z)).collect();
        let found = umeyama(&points(), &mirrored).expect("enough points");
        assert!((found.rotation.determinant() - 1.0).abs() < 1e-9);
    }

    #[test]
    fn a_camera_sees_its_carried_world_as_before_but_scaled() {
        let camera = Rigid::looking_at(Vec3::new(1.0, 2.0, -3.0), Vec3::ZERO, Vec3::Y);
        let rotation = DMat3::from_axis_angle(DVec3::new(-1.0, 0.4, 0.5).normalize_or_zero(), 2.4);
        let carry = Similarity { scale: 0.3, rotation, translation: DVec3::new(5.0, 0.0, -2.0) };
        let carried = carry.apply_to_camera(&camera);
        for point in points() {
            let before = 0.3 * camera.apply(point.as_vec3());
            assert!((carried.apply(carry.apply(point).as_vec3()) - before).length() < 1e-5);
        }
        assert_eq!(Similarity::IDENTITY.apply_to_camera(&Rigid::IDENTITY), Rigid::IDENTITY);

        let twice = carry.after(&carry);
        for point in points() {
            assert!(twice.apply(point).abs_diff_eq(carry.apply(carry.apply(point)), 1e-12));
        }
        assert_eq!(carry.after(&Similarity::IDENTITY), carry);
    }

    #[test]
    fn points_on_a_line_do_not_determine_a_rotation() {
        let line: Vec<DVec3> = (0..4).map(|i| DVec3::new(f64::from(i), 0.0, 0.0)).collect();
        assert_eq!(umeyama(&line, &line), None);
        assert_eq!(umeyama(&points()[..2], &points()[..2]), None);
    }

    #[test]
    fn normalising_makes_the_first_camera_the_identity() {
        let at = |x: f32| Rigid::looking_at(Vec3::new(x, 1.0, -4.0), Vec3::ZERO, Vec3::Y);
        let normalised = normalise_extrinsics(&[at(0.0), at(1.0), at(3.0)]);
        assert!(normalised[0].rotation.abs_diff_eq(Rigid::IDENTITY.rotation, 1e-6));
        assert!(normalised[0].translation.length() < 1e-6);
        // Distances are 0, 1 and 3: the median camera ends at distance 1.
        assert!((normalised[1].camera_centre().length() - 1.0).abs() < 1e-5);
        assert!(normalise_extrinsics(&[]).is_empty());
    }
}
