//! Whether a picture can hold large splats: without them a simpler shader will do.

use glam::{Mat4, Vec3};

use super::frame::Frame;
use crate::inference::ViewPrediction;
use crate::scene::{Sizing, usable_depth};

/// Radius, in pixels, up to which splats are small. Keep in sync with `LARGEST_SMALL` in shaders/points.wgsl.
const LARGEST_SMALL: f32 = 2.5;

/// Adaptive splats are this much wider than their footprint. Keep in sync with `CLOSED` in shaders/points.wgsl.
const CLOSED: f32 = 1.4143;

/// Parts of a view's depth that are bounded one by one.
const SLABS: usize = 10;

/// Where the points of one view can lie.
pub struct SplatBound {
    world_from_camera: Mat4,
    /// Directions to the corners of the depth map at z-depth 1, in its camera.
    corners: [Vec3; 4],
    /// z-depths between which slabs lie, ascending.
    depths: Vec<f32>,
    /// The shorter focal length, pixels.
    focal: f32,
}

impl SplatBound {
    pub fn of(view: &ViewPrediction) -> Self {
        let depths = view.depth.iter().map(|&depth| usable_depth(depth)).filter(|&depth| depth > 0.0);
        let (near, far) = depths.fold((f32::INFINITY, 0.0f32), |(near, far), d| (near.min(d), far.max(d)));
        let step = (far / near).max(1.0).powf(1.0 / SLABS as f32);
        let depths =
            if near.is_finite() { (0..=SLABS).map(|i| near * step.powi(i as i32)).collect() } else { Vec::new() };
        let k = view.camera.intrinsics;
        let [right, bottom] = [view.width, view.height].map(|side| side as f32);
        Self {
            world_from_camera: view.camera.camera_from_world.inverse().matrix(),
            corners: [[0.0, 0.0], [right, 0.0], [0.0, bottom], [right, bottom]].map(|[x, y]| k.unproject(x, y, 1.0)),
            depths,
            focal: k.fx.min(k.fy),
        }
    }

    /// Whether a splat of this view can be larger than small ones in a picture `height` pixels high. May say yes for no
    /// reason, never no.
    pub fn may_be_large(&self, frame: &Frame, height: f32) -> bool {
        let size = frame.points.size;
        if frame.points.sizing == Sizing::Pixels {
            return 0.5 * size * frame.scale > LARGEST_SMALL;
        }
        let [every, _] = frame.limits.lattice;
        let closed = if frame.points.sizing == Sizing::Adaptive { CLOSED } else { 1.0 };
        let widening = size * closed * (every as f32).sqrt() * frame.camera.focal_pixels(height) / self.focal;
        let seen_from_view = frame.camera.camera_from_world() * self.world_from_camera;
        self.depths.windows(2).any(|slab| {
            // Depth is linear, so the nearest place of a slab is one of its corners.
            let corners = slab.iter().flat_map(|&depth| self.corners.map(|corner| corner * depth));
            let nearest = corners.map(|corner| seen_from_view.transform_point3(corner).z).fold(f32::INFINITY, f32::min);
            let away = if frame.camera.is_orthographic { 1.0 } else { nearest };
            away <= 0.0 || 0.5 * widening * slab[1] / away > LARGEST_SMALL
        })
    }
}
