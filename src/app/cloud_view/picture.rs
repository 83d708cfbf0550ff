//! The picture that is on the screen, as what is drawn over it sees it.

use egui::{Pos2, Rect, Response, Ui};
use glam::{Vec2, Vec3};

use crate::scene::{CloudScene, OrbitCamera, screen_line};

/// The picture that is on the screen.
pub struct Picture<'a> {
    pub rect: Rect,
    pub response: &'a Response,
    pub scene: &'a CloudScene,
    pub camera: OrbitCamera,
    pub aspect: f32,
}

impl Picture<'_> {
    /// Where a point of the world is in the window; `None` behind the camera.
    pub fn at(&self, point: Vec3) -> Option<Pos2> {
        self.camera.project(point, self.aspect).map(|(at, _)| self.on_screen(at))
    }

    /// What can be seen of a line between two points of the world.
    pub fn line(&self, from: Vec3, to: Vec3) -> Option<[Pos2; 2]> {
        screen_line(&self.camera, self.aspect, from, to).map(|ends| ends.map(|end| self.on_screen(end)))
    }

    /// What of it is not covered by panels, which a narrow window pushes over it.
    pub fn visible(&self, ui: &Ui) -> Rect {
        self.rect.intersect(ui.clip_rect())
    }

    fn on_screen(&self, at: Vec2) -> Pos2 {
        self.rect.center() + egui::vec2(at.x, at.y) * self.rect.size() / 2.0
    }

    /// 0..1 across and down.
    pub fn part(&self, at: Pos2) -> [f32; 2] {
        let at = (at - self.rect.min) / self.rect.size();
        [at.x, at.y]
    }
}
