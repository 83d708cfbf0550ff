//! What one frame's input refers to: the view, what lies in it, and how somebody wants to move.

use egui::{Pos2, Rect, Response};
use glam::{Vec2, Vec3};

use super::cameras::{ShownCamera, camera_at};
use super::moves::Move;
use super::settings::TwoFingers;
use crate::scene::{CloudScene, Extent, OrbitCamera};

/// What one frame's input refers to.
pub struct Gesture<'a> {
    pub rect: Rect,
    pub response: &'a Response,
    pub aspect: f32,
    pub scene: &'a CloudScene,
    /// What a picture of all that is shown has to hold.
    pub extent: &'a dyn Fn() -> Option<Extent>,
    pub cameras: &'a [ShownCamera],
    pub photos_hang: bool,
    /// Upwards in the world, unit length.
    pub up: Vec3,
    /// Position of the selected view in the scene.
    pub selected: Option<usize>,
    pub two_fingers: TwoFingers,
    pub has_inertia: bool,
    /// What is asked of the camera.
    pub moves: &'a [Move],
    /// Clicks measure.
    pub measures: bool,
    /// Keys are for this view.
    pub takes_keys: bool,
}

impl Gesture<'_> {
    /// 0..1 across and down the view.
    pub fn part(&self, at: Pos2) -> [f32; 2] {
        let at = (at - self.rect.min) / self.rect.size();
        [at.x, at.y]
    }

    /// −1..1, x right and y down.
    pub fn screen(&self, at: Pos2) -> Vec2 {
        Vec2::from(self.part(at)) * 2.0 - 1.0
    }

    pub fn viewport(&self) -> Vec2 {
        Vec2::new(self.rect.width(), self.rect.height())
    }

    /// The camera drawn at a place of the window.
    pub fn camera_at(&self, at: Pos2, camera: &OrbitCamera) -> Option<&ShownCamera> {
        let cursor = Vec2::from(self.part(at)) * self.viewport();
        camera_at(self.cameras, cursor, camera, self.viewport(), self.photos_hang)
    }
}
