//! Mouse and keys of the 3D view: what they do to the camera, and what they select.

use std::time::Duration;

use egui::{Key, Modifiers, PointerButton, Pos2, Rect, Response, Ui};
use glam::{Vec2, Vec3};

use super::CloudAction;
use super::stage::StageHandle;
use crate::input::ViewId;
use crate::render::Pick;
use crate::scene::{Bounds, CloudScene, Frustum, OrbitCamera, StandardView, percentile};

/// Radians of orbit per point of drag.
const ORBIT_SPEED: f32 = 0.006;
/// Scroll distance in points of one wheel notch.
const NOTCH_POINTS: f32 = 40.0;
/// Flight per second, in radii of the scene, and what Shift makes of it.
const FLY_SPEED: f32 = 0.5;
const FAST: f32 = 4.0;
/// Seconds of a glide to another place.
const GLIDE_SECS: f64 = 0.25;
/// Seconds after the last movement until everything is drawn.
const SETTLE_SECS: f64 = 0.15;
/// Seconds that the cursor rests before the point under it is read back.
const REST_SECS: f32 = 0.12;
/// Wheel events closer than this, in seconds, are one movement towards one point.
const WHEEL_PAUSE_SECS: f64 = 0.3;

/// What one frame's input refers to.
pub struct Gesture<'a> {
    pub rect: Rect,
    pub response: &'a Response,
    pub aspect: f32,
    pub scene: &'a CloudScene,
    pub bounds: &'a dyn Fn() -> Option<Bounds>,
}

impl Gesture<'_> {
    /// 0..1 across and down the view.
    fn part(&self, at: Pos2) -> [f32; 2] {
        let at = (at - self.rect.min) / self.rect.size();
        [at.x, at.y]
    }

    /// −1..1, x right and y down.
    fn screen(&self, at: Pos2) -> Vec2 {
        Vec2::from(self.part(at)) * 2.0 - 1.0
    }

    fn viewport(&self) -> Vec2 {
        Vec2::new(self.rect.width(), self.rect.height())
    }
}

struct Glide {
    from: OrbitCamera,
    start: f64,
}

/// The camera and what its movement needs between frames.
#[derive(Default)]
pub struct Navigation {
    camera: Option<OrbitCamera>,
    glide: Option<Glide>,
    bounds: Option<Bounds>,
    /// z-depth of what a pan has grabbed.
    grabbed_depth: f32,
    /// When the wheel last turned, and the point it moves towards.
    wheel: Option<(f64, Option<Vec3>)>,
    hovered: Option<(Pos2, Option<Pick>)>,
    last_moved: f64,
    was_used: bool,
}

impl Navigation {
    /// Starts over with the next picture.
    pub fn reset(&mut self) {
        *self = Self { was_used: false, ..Self::default() };
    }

    /// Where the camera is, or where it glides to.
    pub fn camera(&self) -> Option<&OrbitCamera> {
        self.camera.as_ref()
    }

    /// What the camera was last fitted to.
    pub fn bounds(&self) -> Option<Bounds> {
        self.bounds
    }

    /// Whether somebody has moved the view since the last reset.
    pub fn was_used(&self) -> bool {
        self.was_used
    }

    /// The point under the resting cursor.
    pub fn hovered(&self) -> Option<Pick> {
        self.hovered.as_ref().and_then(|(_, pick)| *pick)
    }

    /// Notes that the picture changes now.
    pub fn moved(&mut self, time: f64) {
        self.last_moved = time;
        self.hovered = None;
    }

    /// Whether the picture is still changing; asks for the frame that shows it at rest.
    pub fn is_moving(&self, ui: &Ui, time: f64) -> bool {
        let moving = time - self.last_moved < SETTLE_SECS;
        if moving {
            ui.ctx().request_repaint_after(Duration::from_secs_f64(SETTLE_SECS));
        }
        moving
    }

    /// Answers this frame's input; the camera to draw with is `None` when there is nothing to look at.
    pub fn update(
        &mut self,
        ui: &Ui,
        gesture: &Gesture<'_>,
        stage: &StageHandle,
        frusta: &[(usize, ViewId, Frustum)],
        photos_hang: bool,
    ) -> (Option<OrbitCamera>, Vec<CloudAction>) {
        let time = ui.input(|i| i.time);
        let Some(mut camera) = self.camera.or_else(|| self.first_camera(gesture)) else {
            return (None, Vec::new());
        };
        let before = camera;
        self.drag(ui, gesture, stage, &mut camera);
        self.wheel(ui, gesture, stage, &mut camera, time);
        fly(ui, gesture, &mut camera);
        if camera != before {
            self.was_used = true;
            self.glide = None;
        }
        let (steady, mut actions) = (camera, Vec::new());
        self.keys(ui, gesture, &mut camera);
        self.clicks(gesture, stage, frusta, photos_hang, &mut camera, &mut actions);
        if camera != steady {
            self.was_used = true;
            self.glide = Some(Glide { from: self.shown(steady, time), start: time });
        }
        self.camera = Some(camera);
        self.rest(ui, gesture, stage);
        let shown = self.shown(camera, time);
        if shown == camera {
            self.glide = None;
        } else {
            ui.ctx().request_repaint();
        }
        (Some(shown), actions)
    }

    fn first_camera(&mut self, gesture: &Gesture<'_>) -> Option<OrbitCamera> {
        self.bounds = (gesture.bounds)();
        let reference = gesture.scene.views().first()?.camera.camera_from_world;
        let mut camera = OrbitCamera::new(&reference, &self.bounds?, gesture.aspect);
        camera.go_home(gesture.scene, &self.bounds?, gesture.aspect);
        Some(camera)
    }

    /// `camera`, or where the glide to it is by now.
    fn shown(&self, camera: OrbitCamera, time: f64) -> OrbitCamera {
        let Some(glide) = &self.glide else { return camera };
        let t = ((time - glide.start) / GLIDE_SECS).clamp(0.0, 1.0) as f32;
        if t >= 1.0 { camera } else { glide.from.towards(&camera, t * t * (3.0 - 2.0 * t)) }
    }

    fn drag(&mut self, ui: &Ui, gesture: &Gesture<'_>, stage: &StageHandle, camera: &mut OrbitCamera) {
        let response = gesture.response;
        let shift = ui.input(|i| i.modifiers.shift);
        let primary = response.dragged_by(PointerButton::Primary);
        let pans = response.dragged_by(PointerButton::Secondary)
            || response.dragged_by(PointerButton::Middle)
            || (primary && shift);
        if response.drag_started() {
            let at = ui.input(|i| i.pointer.press_origin()).or(response.interact_pointer_pos());
            let pick = at.and_then(|at| stage.pick(gesture.part(at)));
            self.grabbed_depth = pick.map_or(camera.pivot_depth(), |pick| pick.depth);
            if let Some(pick) = pick.filter(|_| !pans) {
                camera.pivot = pick.position;
            }
        }
        let delta = Vec2::new(response.drag_delta().x, response.drag_delta().y);
        if delta == Vec2::ZERO {
            return;
        }
        if pans {
            camera.pan(delta / gesture.viewport() * 2.0, self.grabbed_depth, gesture.aspect);
        } else if primary {
            camera.orbit(delta.x * ORBIT_SPEED, -delta.y * ORBIT_SPEED);
        }
    }

    fn wheel(&mut self, ui: &Ui, gesture: &Gesture<'_>, stage: &StageHandle, camera: &mut OrbitCamera, time: f64) {
        let Some(at) = gesture.response.hover_pos() else { return };
        let (scroll, pinch) = ui.input(|i| (i.smooth_scroll_delta().y, i.zoom_delta()));
        // Pinching by a factor of e is five notches.
        let notches = scroll / NOTCH_POINTS + pinch.ln() * 5.0;
        if notches == 0.0 || !notches.is_finite() {
            return;
        }
        let (since, point) = match self.wheel {
            Some((last, point)) if time - last < WHEEL_PAUSE_SECS => (last, point),
            _ => (time, stage.pick(gesture.part(at)).map(|pick| pick.position)),
        };
        // A point that was passed is forgotten: the next one may be behind it.
        let point = point.filter(|p| camera.project(*p, gesture.aspect).is_some() || time == since);
        let anchor = camera.dolly_anchor(point, gesture.screen(at), gesture.aspect);
        camera.dolly(anchor, notches);
        self.wheel = Some((time, point));
    }

    fn keys(&mut self, ui: &Ui, gesture: &Gesture<'_>, camera: &mut OrbitCamera) {
        if !takes_keys(ui, gesture.response) {
            return;
        }
        let pressed = |key| ui.input_mut(|i| i.consume_key(Modifiers::NONE, key));
        let standard =
            [(Key::Num1, StandardView::Front), (Key::Num3, StandardView::Right), (Key::Num7, StandardView::Top)];
        if pressed(Key::R) {
            self.fit(gesture, |bounds| camera.go_home(gesture.scene, bounds, gesture.aspect));
        }
        if pressed(Key::F) {
            self.fit(gesture, |bounds| camera.fit(bounds, gesture.aspect));
        }
        for (_, view) in standard.into_iter().filter(|(key, _)| pressed(*key)) {
            self.fit(gesture, |bounds| camera.look_from(view, bounds, gesture.aspect));
        }
    }

    fn fit(&mut self, gesture: &Gesture<'_>, to: impl FnOnce(&Bounds)) {
        if let Some(bounds) = (gesture.bounds)() {
            self.bounds = Some(bounds);
            to(&bounds);
        }
    }

    fn clicks(
        &mut self,
        gesture: &Gesture<'_>,
        stage: &StageHandle,
        frusta: &[(usize, ViewId, Frustum)],
        photos_hang: bool,
        camera: &mut OrbitCamera,
        actions: &mut Vec<CloudAction>,
    ) {
        let response = gesture.response;
        if !response.clicked() {
            return;
        }
        response.request_focus();
        let Some(at) = response.interact_pointer_pos() else { return };
        let cursor = Vec2::from(gesture.part(at)) * gesture.viewport();
        let hits = frusta.iter().filter_map(|(index, view, frustum)| {
            frustum.hit(cursor, camera, gesture.viewport(), photos_hang).map(|depth| (depth, *index, *view))
        });
        let hit = hits.min_by(|a, b| a.0.total_cmp(&b.0));
        if let Some((_, index, view)) = hit {
            actions.push(CloudAction::SelectView(view));
            if response.double_clicked() {
                let view = &gesture.scene.views()[index];
                let depth = percentile(view.depth.iter().copied(), 50.0).unwrap_or(camera.reach());
                camera.look_through(view, depth, gesture.aspect);
            }
        } else if response.double_clicked() {
            match stage.pick(gesture.part(at)) {
                Some(pick) => camera.focus(pick.position),
                None => self.fit(gesture, |bounds| camera.go_home(gesture.scene, bounds, gesture.aspect)),
            }
        }
    }

    /// Reads back the point under a cursor that rests.
    fn rest(&mut self, ui: &Ui, gesture: &Gesture<'_>, stage: &StageHandle) {
        let Some(at) = gesture.response.hover_pos().filter(|_| !gesture.response.dragged()) else {
            self.hovered = None;
            return;
        };
        if self.hovered.as_ref().is_some_and(|(known, _)| *known == at) {
            return;
        }
        self.hovered = None;
        if ui.input(|i| i.pointer.time_since_last_movement()) < REST_SECS {
            ui.ctx().request_repaint_after(Duration::from_secs_f32(REST_SECS));
        } else if self.glide.is_none() {
            self.hovered = Some((at, stage.pick(gesture.part(at))));
        }
    }
}

/// Keys are for the view under the cursor or with the focus, and never while somebody types.
fn takes_keys(ui: &Ui, response: &Response) -> bool {
    (response.hovered() || response.has_focus()) && !ui.ctx().text_edit_focused()
}

fn fly(ui: &Ui, gesture: &Gesture<'_>, camera: &mut OrbitCamera) {
    if !takes_keys(ui, gesture.response) {
        return;
    }
    let (direction, seconds) = ui.input(|i| {
        if i.modifiers.ctrl || i.modifiers.command || i.modifiers.alt {
            return (Vec3::ZERO, 0.0);
        }
        let axis = |plus, minus| f32::from(i8::from(i.key_down(plus)) - i8::from(i.key_down(minus)));
        let direction = Vec3::new(axis(Key::D, Key::A), axis(Key::E, Key::Q), axis(Key::W, Key::S));
        let speed = if i.modifiers.shift { FLY_SPEED * FAST } else { FLY_SPEED };
        (direction.normalize_or_zero() * speed, i.stable_dt.min(0.1))
    });
    if direction != Vec3::ZERO {
        camera.fly(direction * seconds);
        ui.ctx().request_repaint();
    }
}
