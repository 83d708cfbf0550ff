//! From the raw numbers of the Gaussian head to a 3D Gaussian in the world (specification §7.2).

use glam::{Mat3, Vec3};

use super::pose_encoding::{matrix_from_quaternion, quaternion_from_matrix};
use super::{Intrinsics, Rigid};

/// Raw numbers of one Gaussian: offset across and down (2), scales (3), quaternion (4), spherical harmonics (3 × 9), offset
/// of depth.
pub const GAUSSIAN_CHANNELS: usize = 37;
/// Coefficients of each colour: degrees 0 to 2.
pub const HARMONICS: usize = 9;

const LEAST_SCALE: f32 = 1e-5;
const LARGEST_SCALE: f32 = 30.0;
/// What coefficients of each degree are multiplied by.
const DEGREE_1: f32 = 0.025;
const DEGREE_2: f32 = 0.006_25;

/// One Gaussian of a scene.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gaussian {
    /// World position.
    pub mean: Vec3,
    /// Standard deviations along its axes, in the world's unit.
    pub scale: Vec3,
    /// The four numbers that rasterisers and PLY files get, where they read them as a scalar-first quaternion.
    pub rotation: [f32; 4],
    /// By colour (red, green, blue), in the real basis of 3D Gaussian splatting, in world directions.
    pub harmonics: [[f32; HARMONICS]; 3],
}

/// The camera whose pixels become Gaussians.
#[derive(Clone, Copy, Debug)]
pub struct GaussianCamera {
    world_from_camera: Rigid,
    intrinsics: Intrinsics,
}

impl GaussianCamera {
    /// `intrinsics`: in pixels of the maps.
    pub fn new(camera_from_world: &Rigid, intrinsics: Intrinsics) -> Self {
        Self { world_from_camera: camera_from_world.inverse(), intrinsics }
    }

    /// The Gaussian of the pixel in this column and row. `raw`: [`GAUSSIAN_CHANNELS`] numbers; `distance`: length of the ray
    /// from the camera's centre, which is depth plus the raw offset of depth.
    pub fn gaussian(&self, [column, row]: [usize; 2], raw: &[f32], distance: f32) -> Gaussian {
        let Rigid { rotation, translation } = self.world_from_camera;
        let (u, v) = (column as f32 + 0.5 + raw[0], row as f32 + 0.5 + raw[1]);
        let direction = self.intrinsics.unproject(u, v, 1.0).normalize_or_zero();
        let pixel = 0.1 * (1.0 / self.intrinsics.fx + 1.0 / self.intrinsics.fy);
        let scale = |raw: f32| LEAST_SCALE + (LARGEST_SCALE - LEAST_SCALE) / (1.0 + (-raw).exp());
        Gaussian {
            mean: rotation * direction * distance + translation,
            scale: Vec3::new(scale(raw[2]), scale(raw[3]), scale(raw[4])) * distance * pixel,
            rotation: turned(&rotation, [raw[5], raw[6], raw[7], raw[8]]),
            harmonics: std::array::from_fn(|colour| harmonics(&rotation, &raw[9 + HARMONICS * colour..][..HARMONICS])),
        }
    }
}

/// The network was trained with an order of numbers that changes on the way: what it gives is read with the scalar in
/// front and the rest behind, and what comes out ends with the scalar, though all that follows takes it as scalar-first.
fn turned(rotation: &Mat3, raw: [f32; 4]) -> [f32; 4] {
    let length = raw.iter().map(|q| q * q).sum::<f32>().sqrt() + 1e-8;
    let [q0, q1, q2, q3] = raw.map(|q| q / length);
    quaternion_from_matrix(&(*rotation * matrix_from_quaternion([q3, q0, q1, q2])))
}

/// Coefficients in camera directions to those in world directions: f_world(R·d) = f_camera(d).
///
/// Degree 1 is a vector in disguise and degree 2 a symmetric matrix without trace, and those are what a rotation is made
/// for: v ↦ R·v, A ↦ R·A·Rᵀ.
fn harmonics(rotation: &Mat3, raw: &[f32]) -> [f32; HARMONICS] {
    // Basis of degree 1: −y, z, −x; the common factor falls out.
    let vector = *rotation * Vec3::new(-raw[3], -raw[1], raw[2]) * DEGREE_1;
    let quadric = QUADRICS.iter().zip(&raw[4..]).fold(Mat3::ZERO, |sum, (basis, &c)| sum + *basis * (c * DEGREE_2));
    let quadric = *rotation * quadric * rotation.transpose();
    let along = |basis: &Mat3| product(&quadric, basis) / product(basis, basis);
    let [q0, q1, q2, q3, q4] = QUADRICS.each_ref().map(along);
    [raw[0], -vector.y, vector.z, -vector.x, q0, q1, q2, q3, q4]
}

/// Σ aᵢⱼ·bᵢⱼ.
fn product(a: &Mat3, b: &Mat3) -> f32 {
    a.x_axis.dot(b.x_axis) + a.y_axis.dot(b.y_axis) + a.z_axis.dot(b.z_axis)
}

/// The basis of degree 2 as quadratic forms: 1.0925·xy, −1.0925·yz, 0.3154·(2z² − x² − y²), −1.0925·xz, 0.5463·(x² − y²).
const QUADRICS: [Mat3; 5] = {
    const XY: f32 = 1.092_548_4 / 2.0;
    const ZZ: f32 = 0.315_391_57;
    const XX: f32 = 0.546_274_2;
    [
        symmetric([0.0, 0.0, 0.0], [XY, 0.0, 0.0]),
        symmetric([0.0, 0.0, 0.0], [0.0, 0.0, -XY]),
        symmetric([-ZZ, -ZZ, 2.0 * ZZ], [0.0, 0.0, 0.0]),
        symmetric([0.0, 0.0, 0.0], [0.0, -XY, 0.0]),
        symmetric([XX, -XX, 0.0], [0.0, 0.0, 0.0]),
    ]
};

/// From xx, yy, zz and xy, xz, yz.
const fn symmetric([xx, yy, zz]: [f32; 3], [xy, xz, yz]: [f32; 3]) -> Mat3 {
    Mat3::from_cols(Vec3::new(xx, xy, xz), Vec3::new(xy, yy, yz), Vec3::new(xz, yz, zz))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The real basis of 3D Gaussian splatting in the direction `d`.
    fn basis(d: Vec3) -> [f32; HARMONICS] {
        let (x, y, z) = (d.x, d.y, d.z);
        let (one, two) = (0.488_602_5, 1.092_548_4);
        [
            0.282_094_8,
            -one * y,
            one * z,
            -one * x,
            two * x * y,
            -two * y * z,
            0.315_391_57 * (2.0 * z * z - x * x - y * y),
            -two * x * z,
            0.546_274_2 * (x * x - y * y),
        ]
    }

    fn colour(coefficients: &[f32; HARMONICS], d: Vec3) -> f32 {
        coefficients.iter().zip(basis(d)).map(|(c, b)| c * b).sum()
    }

    #[test]
    fn turned_harmonics_show_the_same_colour_in_the_turned_direction() {
        let rotation = Rigid::looking_at(Vec3::new(3.0, -1.0, 2.0), Vec3::new(0.5, 2.0, -1.0), Vec3::Y).rotation;
        let raw = [0.3, -1.2, 0.7, 2.1, 0.4, -0.9, 1.7, -0.2, 0.8];
        let masked: [f32; HARMONICS] = std::array::from_fn(|i| {
            raw[i]
                * match i {
                    0 => 1.0,
                    1..4 => DEGREE_1,
                    _ => DEGREE_2,
                }
        });
        let world = harmonics(&rotation, &raw);
        for d in [Vec3::X, Vec3::Y, Vec3::Z, Vec3::new(0.6, -0.48, 0.64), Vec3::new(-0.36, 0.48, 0.8)] {
            let (seen, expected) = (colour(&world, rotation * d), colour(&masked, d));
            assert!((seen - expected).abs() < 1e-6, "{d}: {seen} {expected}");
        }
    }

    #[test]
    fn a_gaussian_lies_on_its_pixels_ray_at_its_distance() {
        let pose = Rigid::looking_at(Vec3::new(1.0, 2.0, -4.0), Vec3::ZERO, Vec3::Y);
        let camera = GaussianCamera::new(&pose, Intrinsics::centred(80.0, 100, 60));
        let mut raw = [0.0; GAUSSIAN_CHANNELS];
        (raw[0], raw[1], raw[5]) = (9.5, -10.5, 1.0);
        let gaussian = camera.gaussian([40, 40], &raw, 3.0);
        assert!((gaussian.mean - pose.camera_centre()).length() - 3.0 < 1e-5);
        let seen = pose.apply(gaussian.mean);
        assert!(
            (seen.x / seen.z * 80.0).abs() < 1e-3 && (seen.y / seen.z * 80.0).abs() < 1e-3,
            "the centre of the image"
        );
        let expected = 15.0 * 3.0 * 0.1 * 2.0 / 80.0;
        assert!((gaussian.scale.x - expected).abs() < 1e-4, "{}", gaussian.scale);
    }
}
