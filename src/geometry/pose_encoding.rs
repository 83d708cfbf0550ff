//! The nine numbers in which Depth Anything 3 speaks of a camera (specification §5.1, §5.2).

use glam::{Mat3, Vec3};

use super::{Intrinsics, Rigid};

/// Translation of c2w (3), quaternion of the c2w rotation as x y z w (4), vertical and horizontal field of view in
/// radians (2).
pub type PoseEncoding = [f32; 9];

/// Encodes a camera for an image of `width`×`height` pixels. The principal point is not part of the encoding.
pub fn encode_pose(camera_from_world: &Rigid, intrinsics: &Intrinsics, width: u32, height: u32) -> PoseEncoding {
    let world_from_camera = camera_from_world.inverse();
    let t = world_from_camera.translation;
    let [x, y, z, w] = quaternion_from_matrix(&world_from_camera.rotation);
    let fov = |side: u32, focal: f32| 2.0 * (side as f32 / 2.0 / focal).atan();
    [t.x, t.y, t.z, x, y, z, w, fov(height, intrinsics.fy), fov(width, intrinsics.fx)]
}

/// Decodes to `camera_from_world` and intrinsics with a centred principal point. Any quaternion length is accepted.
pub fn decode_pose(encoding: &PoseEncoding, width: u32, height: u32) -> (Rigid, Intrinsics) {
    let [tx, ty, tz, x, y, z, w, fov_h, fov_w] = *encoding;
    let world_from_camera = Rigid::new(matrix_from_quaternion([x, y, z, w]), Vec3::new(tx, ty, tz));
    let focal = |side: u32, fov: f32| side as f32 / 2.0 / (fov / 2.0).tan().max(1e-6);
    let intrinsics = Intrinsics {
        fx: focal(width, fov_w),
        fy: focal(height, fov_h),
        cx: width as f32 / 2.0,
        cy: height as f32 / 2.0,
    };
    (world_from_camera.inverse(), intrinsics)
}

/// Rotation of a scalar-last quaternion of any length.
pub(super) fn matrix_from_quaternion([i, j, k, r]: [f32; 4]) -> Mat3 {
    let s = 2.0 / (i * i + j * j + k * k + r * r);
    Mat3::from_cols(
        Vec3::new(1.0 - s * (j * j + k * k), s * (i * j + k * r), s * (i * k - j * r)),
        Vec3::new(s * (i * j - k * r), 1.0 - s * (i * i + k * k), s * (j * k + i * r)),
        Vec3::new(s * (i * k + j * r), s * (j * k - i * r), 1.0 - s * (i * i + j * j)),
    )
}

/// Scalar-last quaternion with a non-negative last element, from the best conditioned of the four candidates.
pub(super) fn quaternion_from_matrix(m: &Mat3) -> [f32; 4] {
    let at = |row: usize, column: usize| m.col(column)[row];
    let (m00, m11, m22) = (at(0, 0), at(1, 1), at(2, 2));
    let roots = [1.0 + m00 + m11 + m22, 1.0 + m00 - m11 - m22, 1.0 - m00 + m11 - m22, 1.0 - m00 - m11 + m22]
        .map(|q| q.max(0.0).sqrt());
    let (mut best, mut largest) = (0, roots[0]);
    for (i, &root) in roots.iter().enumerate().skip(1) {
        if root > largest {
            (best, largest) = (i, root);
        }
    }
    let [a, b, c] = [at(2, 1) - at(1, 2), at(0, 2) - at(2, 0), at(1, 0) - at(0, 1)];
    let [d, e, f] = [at(1, 0) + at(0, 1), at(0, 2) + at(2, 0), at(1, 2) + at(2, 1)];
    let square = largest * largest;
    // w x y z, each candidate times 2·root.
    let [w, x, y, z] = match best {
        0 => [square, a, b, c],
        1 => [a, square, d, e],
        2 => [b, d, square, f],
        _ => [c, e, f, square],
    }
    .map(|v| v / (2.0 * largest.max(0.1)));
    if w < 0.0 { [-x, -y, -z, -w] } else { [x, y, z, w] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encoding_round_trips() {
        let pose = Rigid::looking_at(Vec3::new(2.0, -1.0, 4.0), Vec3::new(0.3, 0.2, 0.1), Vec3::Y);
        let intrinsics = Intrinsics { fx: 400.0, fy: 410.0, cx: 252.0, cy: 140.0 };
        let encoding = encode_pose(&pose, &intrinsics, 504, 280);
        let (decoded, k) = decode_pose(&encoding, 504, 280);
        assert!(decoded.rotation.abs_diff_eq(pose.rotation, 1e-5));
        assert!(decoded.translation.abs_diff_eq(pose.translation, 1e-5));
        assert!((k.fx - 400.0).abs() < 1e-2 && (k.fy - 410.0).abs() < 1e-2);
        let doubled: PoseEncoding =
            std::array::from_fn(|i| if (3..7).contains(&i) { encoding[i] * 2.0 } else { encoding[i] });
        assert!(decode_pose(&doubled, 504, 280).0.rotation.abs_diff_eq(pose.rotation, 1e-5));
    }

    #[test]
    fn zero_field_of_view_stays_finite() {
        let (_, k) = decode_pose(&[0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0], 100, 50);
        assert!(k.fx.is_finite() && k.fy.is_finite());
    }
}
