//! The pinhole camera of one view, in pixels of the image it belongs to.

use glam::{Mat3, Vec3};
use serde::{Deserialize, Serialize};

/// Pinhole intrinsics in pixels: u = fx·x/z + cx, v = fy·y/z + cy.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Intrinsics {
    pub fx: f32,
    pub fy: f32,
    pub cx: f32,
    pub cy: f32,
}

impl Intrinsics {
    /// Square pixels and a centred principal point from a horizontal field of view in radians.
    pub fn from_horizontal_fov(fov_radians: f32, width: u32, height: u32) -> Self {
        let focal = width as f32 / 2.0 / (fov_radians / 2.0).tan();
        Self::centred(focal, width, height)
    }

    /// Square pixels with focal length `focal` (pixels) and a centred principal point.
    pub fn centred(focal: f32, width: u32, height: u32) -> Self {
        Self { fx: focal, fy: focal, cx: width as f32 / 2.0, cy: height as f32 / 2.0 }
    }

    /// From the row-major 3×3 matrix K (skew ignored).
    pub fn from_rows(k: [[f32; 3]; 3]) -> Self {
        Self { fx: k[0][0], fy: k[1][1], cx: k[0][2], cy: k[1][2] }
    }

    /// The row-major 3×3 matrix K.
    pub fn rows(&self) -> [[f32; 3]; 3] {
        [[self.fx, 0.0, self.cx], [0.0, self.fy, self.cy], [0.0, 0.0, 1.0]]
    }

    /// K as a `glam` matrix.
    pub fn matrix(&self) -> Mat3 {
        Mat3::from_cols(Vec3::new(self.fx, 0.0, 0.0), Vec3::new(0.0, self.fy, 0.0), Vec3::new(self.cx, self.cy, 1.0))
    }

    /// The intrinsics after the image was resized by `sx` and `sy`: row 0 × sx, row 1 × sy.
    pub fn scaled(&self, sx: f32, sy: f32) -> Self {
        Self { fx: self.fx * sx, fy: self.fy * sy, cx: self.cx * sx, cy: self.cy * sy }
    }

    /// The intrinsics after `left` columns and `top` rows were cropped away.
    pub fn cropped(&self, left: f32, top: f32) -> Self {
        Self { cx: self.cx - left, cy: self.cy - top, ..*self }
    }

    /// The intrinsics after the image, which is so high, was turned clockwise by a quarter: right becomes down.
    pub fn quarter_turned(&self, height: f32) -> Self {
        Self { fx: self.fy, fy: self.fx, cx: height - self.cy, cy: self.cx }
    }

    /// The point in the camera frame that pixel (u, v) shows at z-depth `depth`.
    pub fn unproject(&self, u: f32, v: f32, depth: f32) -> Vec3 {
        Vec3::new((u - self.cx) / self.fx, (v - self.cy) / self.fy, 1.0) * depth
    }

    /// The pixel at which a camera-frame point appears; `None` behind or on the camera plane.
    pub fn project(&self, point: Vec3) -> Option<[f32; 2]> {
        (point.z > 0.0).then(|| [self.fx * point.x / point.z + self.cx, self.fy * point.y / point.z + self.cy])
    }

    /// Horizontal field of view in radians of an image `width` pixels wide.
    pub fn horizontal_fov(&self, width: u32) -> f32 {
        2.0 * (width as f32 / 2.0 / self.fx).atan()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unproject_undoes_project() {
        let k = Intrinsics { fx: 417.2, fy: 411.8, cx: 251.0, cy: 139.5 };
        let p = k.unproject(17.0, 203.0, 3.5);
        let [u, v] = k.project(p).expect("in front");
        assert!((u - 17.0).abs() < 1e-3 && (v - 203.0).abs() < 1e-3);
        assert!(k.project(-p).is_none());
    }

    #[test]
    fn fov_round_trip() {
        let k = Intrinsics::from_horizontal_fov(1.0, 640, 480);
        assert!((k.horizontal_fov(640) - 1.0).abs() < 1e-6);
        assert_eq!(k.cx, 320.0);
    }
}
