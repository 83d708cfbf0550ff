//! The cameras that photos were taken with, as glTF has them: they look along −z with y up.

use std::sync::Arc;

use glam::{DMat4, DQuat, DVec3};
use serde_json::{Value, json};

use crate::export::photo_names::photo_names;
use crate::inference::ViewPrediction;

/// Name of the camera that goes from photo to photo.
pub(super) const PATH: &str = "camera path";

/// A camera at a place in the file's world.
pub(super) struct Camera {
    /// Of its photo.
    pub name: String,
    /// Vertical field of view in radians.
    yfov: f64,
    /// What makes the horizontal field of view right, too: width ÷ height where pixels are square.
    aspect: f64,
    /// In pixels of the photo; glTF itself has no word for a principal point that is not in the middle.
    lens: Value,
    pub at: [f32; 3],
    /// x, y, z, w; its sign is such that the way from the camera before it is the short one.
    pub turn: [f32; 4],
}

impl Camera {
    pub fn all(views: &[Arc<ViewPrediction>], file_from_world: DMat4) -> Vec<Self> {
        let mut cameras = Vec::with_capacity(views.len());
        let mut last = DQuat::IDENTITY;
        for (view, name) in views.iter().zip(photo_names(views)) {
            let world_from_camera = view.camera.camera_from_world.matrix().as_dmat4().inverse();
            // OpenCV's y and z point the other way.
            let axes = DMat4::from_diagonal(DVec3::new(1.0, -1.0, -1.0).extend(1.0));
            let (_, turn, at) = (file_from_world * world_from_camera * axes).to_scale_rotation_translation();
            let turn = if turn.dot(last) < 0.0 { -turn } else { turn }.normalize();
            last = turn;
            let (k, [width, height]) = (view.photo_intrinsics(), view.photo_size);
            let [fx, fy, cx, cy] = [k.fx, k.fy, k.cx, k.cy].map(f64::from);
            let half = |side: u32, focal: f64| f64::from(side) / (2.0 * focal);
            cameras.push(Self {
                name,
                yfov: 2.0 * half(height, fy).atan(),
                aspect: half(width, fx) / half(height, fy),
                lens: json!({"fx": fx, "fy": fy, "cx": cx, "cy": cy, "width": width, "height": height}),
                at: at.as_vec3().to_array(),
                turn: turn.as_quat().to_array(),
            });
        }
        cameras
    }

    /// An entry of the document's `cameras`, which sees nothing nearer than `near`.
    pub fn lens(&self, near: f64) -> Value {
        json!({
            "name": self.name,
            "type": "perspective",
            "perspective": {"yfov": self.yfov, "aspectRatio": self.aspect, "znear": near},
        })
    }

    /// A node that has number `lens` of the document's cameras.
    pub fn node(&self, lens: usize) -> Value {
        json!({
            "name": self.name, "camera": lens, "translation": self.at, "rotation": self.turn, "extras": self.lens,
        })
    }

    /// The node that is animated; it begins where this camera is.
    pub fn path(&self, lens: usize) -> Value {
        json!({"name": PATH, "camera": lens, "translation": self.at, "rotation": self.turn})
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::examples::synthetic;
    use crate::geometry::Rigid;
    use crate::input::ViewId;
    use glam::{DVec4, Mat3, Vec3};

    fn view(turn: f32) -> Arc<ViewPrediction> {
        let mut view = synthetic::render(0, 40, 30).into_prediction(ViewId(0), "a.jpg".into());
        view.camera.camera_from_world = Rigid::new(Mat3::from_rotation_y(turn), Vec3::new(1.0, 2.0, 3.0));
        Arc::new(view)
    }

    #[test]
    fn cameras_look_along_their_photos() {
        let view = view(0.7);
        let [camera] = &Camera::all(std::slice::from_ref(&view), DMat4::IDENTITY)[..] else {
            panic!("one view, one camera")
        };
        let node = DMat4::from_rotation_translation(
            DQuat::from_array(camera.turn.map(f64::from)),
            DVec3::from_array(camera.at.map(f64::from)),
        );
        // What lies one before the camera, half right and a quarter below: in glTF's words.
        let world = node * DVec4::new(0.5, -0.25, -1.0, 1.0);
        let seen = view.camera.camera_from_world.apply(world.truncate().as_vec3());
        assert!(seen.abs_diff_eq(Vec3::new(0.5, 0.25, 1.0), 1e-5), "{seen}");
    }

    #[test]
    fn turns_never_go_the_long_way() {
        let views: Vec<_> = (0..40).map(|i| view(i as f32 * 0.4)).collect();
        let cameras = Camera::all(&views, DMat4::IDENTITY);
        let turn = |camera: &Camera| DQuat::from_array(camera.turn.map(f64::from));
        assert!(cameras.windows(2).all(|pair| turn(&pair[0]).dot(turn(&pair[1])) > 0.9));
    }
}
