//! Mouse and keys of the 3D view: what they do to the camera, and what they select.

use std::time::Duration;

use egui::{MouseWheelSource, PointerButton, Pos2, Ui};
use glam::{Vec2, Vec3};

use super::exchange::CloudAction;
use super::flight::fly;
use super::gesture::Gesture;
use super::moves::Move;
use super::settings::TwoFingers;
use super::stage::StageHandle;
use crate::render::Pick;
use crate::scene::{Bounds, Extent, OrbitCamera, fit_cloud, go_home, look_from_side, percentile};

/// Radians of orbit per point of drag.
const ORBIT_SPEED: f32 = 0.006;
/// Scroll distance in points of one wheel notch.
const NOTCH_POINTS: f32 = 40.0;
/// Notches of pinching by a factor of e: what is looked at then becomes larger by as much.
const PINCHED: f32 = 9.5;
/// Seconds of a glide to another place.
const GLIDE_SECS: f64 = 0.25;
/// Part of its speed that a drag keeps per second after the button is let go, with inertia.
const SPIN_LEFT: f32 = 0.02;
/// Points per second below which a spin ends.
const LEAST_SPIN: f32 = 12.0;
/// Seconds that the cursor rests before the point under it is read back.
const REST_SECS: f32 = 0.12;
/// Wheel events closer than this, in seconds, are one movement towards one point.
const WHEEL_PAUSE_SECS: f64 = 0.3;

struct Glide {
    from: OrbitCamera,
    start: f64,
}

/// The camera and what its movement needs between frames.
#[derive(Default)]
pub struct Navigation {
    camera: Option<OrbitCamera>,
    glide: Option<Glide>,
    /// What the camera was last fitted to.
    extent: Option<Extent>,
    /// z-depth of what a pan has grabbed.
    grabbed_depth: f32,
    /// When the wheel last turned, and the point it moves towards.
    wheel: Option<(f64, Option<Vec3>)>,
    hovered: Option<(Pos2, Option<Pick>)>,
    /// The view whose camera is looked through, until the camera moves.
    through: Option<usize>,
    /// Where one was before looking through a camera.
    came_from: Option<OrbitCamera>,
    /// Whether the last scroll came from a trackpad, and whether Shift was held.
    scroll: (bool, bool),
    /// How fast the view goes on turning, points of drag per second.
    spin: Vec2,
    /// Where to go with the next picture.
    wanted: Option<OrbitCamera>,
    was_used: bool,
    /// Where the first picture of its scene is to be taken from, in place of the usual one.
    begins_at: Option<OrbitCamera>,
    /// Whether the next picture is the first one of its scene.
    starts_over: bool,
    /// Width by height of the last picture.
    aspect: f32,
}

impl Navigation {
    /// Starts over with the next picture. Until then the camera stays, for what is drawn by it before it is placed anew.
    pub fn reset(&mut self) {
        *self = Self { camera: self.camera, starts_over: true, ..Self::default() };
    }

    /// Keeps the picture of a world whose coordinates are multiplied by `factor`.
    pub fn rescale(&mut self, factor: f32) {
        let camera = self.camera.map(|camera| camera.scaled(factor));
        let extent = self.extent.take().map(|extent| extent.scaled(factor));
        *self = Self { camera, extent, was_used: self.was_used, ..Self::default() };
    }

    /// Where the camera is, or where it glides to.
    pub fn camera(&self) -> Option<&OrbitCamera> {
        self.camera.as_ref()
    }

    /// Glides to `camera` from the next picture on.
    pub fn go_to(&mut self, camera: OrbitCamera) {
        self.wanted = Some(camera);
    }

    /// Starts over with the next picture, at `camera`.
    pub fn begin_at(&mut self, camera: OrbitCamera) {
        self.reset();
        self.begins_at = Some(camera);
    }

    /// What the camera was last fitted to.
    pub fn bounds(&self) -> Option<Bounds> {
        self.extent.as_ref().map(|extent| extent.bounds)
    }

    /// Whether somebody has moved the view since the last reset.
    pub fn was_used(&self) -> bool {
        self.was_used
    }

    /// The point under the resting cursor.
    pub fn hovered(&self) -> Option<Pick> {
        self.hovered.as_ref().and_then(|(_, pick)| *pick)
    }

    /// The view whose camera is looked through.
    pub fn through(&self) -> Option<usize> {
        self.through
    }

    /// Notes that the picture changes now.
    pub fn moved(&mut self) {
        self.hovered = None;
    }

    /// Answers this frame's input; the camera to draw with is `None` when there is nothing to look at.
    pub fn update(
        &mut self,
        ui: &Ui,
        gesture: &Gesture<'_>,
        stage: &StageHandle,
    ) -> (Option<OrbitCamera>, Vec<CloudAction>) {
        let time = ui.input(|i| i.time);
        if std::mem::take(&mut self.starts_over) {
            self.camera = None;
        }
        let Some(mut camera) = self.camera.or_else(|| self.first_camera(gesture)) else {
            return (None, Vec::new());
        };
        // As long as nobody has moved, the scene fills the view whatever its shape.
        if let Some(extent) = self.extent.as_ref().filter(|_| !self.was_used && self.aspect != gesture.aspect) {
            go_home(&mut camera, gesture.scene, extent, gesture.aspect);
        }
        self.aspect = gesture.aspect;
        camera.set_up(gesture.up);
        let before = camera;
        self.drag(ui, gesture, stage, &mut camera);
        self.wheel(ui, gesture, stage, &mut camera, time);
        if gesture.takes_keys {
            fly(ui, &mut camera);
        }
        if camera != before {
            self.was_used = true;
            (self.glide, self.through) = (None, None);
        }
        let (steady, mut actions) = (camera, Vec::new());
        let mut through = None;
        for &to in gesture.moves {
            self.go(to, gesture, &mut camera, &mut through);
        }
        self.click(gesture, stage, &mut camera, &mut through, &mut actions);
        camera = self.wanted.take().unwrap_or(camera);
        if camera != steady {
            self.was_used = true;
            (self.through, self.spin) = (through, Vec2::ZERO);
            // Parallel rays and perspective have no between.
            let jumps = camera.is_orthographic != steady.is_orthographic;
            self.glide = (!jumps).then(|| Glide { from: self.shown(steady, time), start: time });
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
        self.extent = (gesture.extent)();
        let reference = gesture.scene.views().first()?.camera.camera_from_world;
        let extent = self.extent.as_ref()?;
        let mut camera = OrbitCamera::new(&reference, &extent.bounds, gesture.aspect);
        camera.set_up(gesture.up);
        go_home(&mut camera, gesture.scene, extent, gesture.aspect);
        let chosen = self.begins_at.take();
        self.was_used |= chosen.is_some();
        Some(chosen.unwrap_or(camera))
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
        if pans && delta != Vec2::ZERO {
            camera.pan(delta / gesture.viewport() * 2.0, self.grabbed_depth, gesture.aspect);
        } else if primary && delta != Vec2::ZERO {
            orbit(camera, delta);
        }
        self.spin(ui, gesture, primary && !pans, camera);
    }

    /// What is left of an orbit's speed turns the view on after the drag.
    fn spin(&mut self, ui: &Ui, gesture: &Gesture<'_>, orbits: bool, camera: &mut OrbitCamera) {
        if !gesture.has_inertia || gesture.response.is_pointer_button_down_on() {
            self.spin = Vec2::ZERO;
            if gesture.has_inertia && orbits {
                let velocity = ui.input(|i| i.pointer.velocity());
                self.spin = Vec2::new(velocity.x, velocity.y);
            }
        } else if self.spin.length() > LEAST_SPIN {
            let seconds = ui.input(|i| i.stable_dt).min(0.1);
            orbit(camera, self.spin * seconds);
            self.spin *= SPIN_LEFT.powf(seconds);
            ui.ctx().request_repaint();
        }
    }

    fn wheel(&mut self, ui: &Ui, gesture: &Gesture<'_>, stage: &StageHandle, camera: &mut OrbitCamera, time: f64) {
        let Some(at) = gesture.response.hover_pos() else { return };
        let (scroll, pinch) = ui.input(|i| (i.smooth_scroll_delta(), i.zoom_delta()));
        let scroll = Vec2::new(scroll.x, scroll.y);
        if self.two_fingers(ui, gesture, camera, scroll) {
            return;
        }
        let notches = scroll.y / NOTCH_POINTS + pinch.ln() * PINCHED;
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

    /// Whether two fingers on a trackpad did something else than zooming.
    fn two_fingers(&mut self, ui: &Ui, gesture: &Gesture<'_>, camera: &mut OrbitCamera, scroll: Vec2) -> bool {
        use MouseWheelSource::{Momentum, Trackpad};
        // egui spreads a scroll over frames; the first says where it comes from.
        let source = ui.input(|i| {
            i.events.iter().rev().find_map(|event| match event {
                egui::Event::MouseWheel { source, modifiers, .. } => {
                    Some((matches!(source, Trackpad | Momentum), modifiers.shift))
                }
                _ => None,
            })
        });
        self.scroll = source.unwrap_or(self.scroll);
        let (is_trackpad, shift) = self.scroll;
        if scroll == Vec2::ZERO || !(is_trackpad || shift) {
            return false;
        }
        match gesture.two_fingers {
            _ if shift => camera.pan(scroll / gesture.viewport() * 2.0, camera.pivot_depth(), gesture.aspect),
            TwoFingers::Pan => camera.pan(scroll / gesture.viewport() * 2.0, camera.pivot_depth(), gesture.aspect),
            TwoFingers::Orbit => orbit(camera, scroll),
            TwoFingers::Zoom => return false,
        }
        true
    }

    fn go(&mut self, to: Move, gesture: &Gesture<'_>, camera: &mut OrbitCamera, through: &mut Option<usize>) {
        let (scene, aspect) = (gesture.scene, gesture.aspect);
        match to {
            Move::From(side) => camera.look_against(side),
            Move::SwitchProjection => camera.is_orthographic = !camera.is_orthographic,
            Move::Through => match (self.came_from.filter(|_| self.through == gesture.selected), gesture.selected) {
                (Some(before), Some(_)) => *camera = before,
                (None, Some(selected)) => *through = self.look_through(gesture, selected, camera),
                (_, None) => {}
            },
            Move::Home => self.fit(gesture, |extent| go_home(camera, scene, extent, aspect)),
            Move::Fit => self.fit(gesture, |extent| fit_cloud(camera, extent, aspect)),
            Move::Side(view) => self.fit(gesture, |extent| look_from_side(camera, view, extent, aspect)),
        }
    }

    fn fit(&mut self, gesture: &Gesture<'_>, to: impl FnOnce(&Extent)) {
        if let Some(extent) = (gesture.extent)() {
            to(&extent);
            self.extent = Some(extent);
        }
    }

    /// Takes the place of a photo's camera; returns which one it is.
    fn look_through(&mut self, gesture: &Gesture<'_>, index: usize, camera: &mut OrbitCamera) -> Option<usize> {
        let view = gesture.scene.views().get(index)?;
        // From one photo to the next the way back still leads to where none was looked through.
        self.came_from = self.came_from.filter(|_| self.through.is_some()).or(Some(*camera));
        let depth = percentile(view.depth.iter().copied().filter(|depth| *depth > 0.0), 50.0).unwrap_or(camera.reach());
        camera.look_through(view, depth, gesture.aspect);
        Some(index)
    }

    fn click(
        &mut self,
        gesture: &Gesture<'_>,
        stage: &StageHandle,
        camera: &mut OrbitCamera,
        through: &mut Option<usize>,
        actions: &mut Vec<CloudAction>,
    ) {
        let response = gesture.response;
        if !response.clicked() || gesture.measures {
            return;
        }
        response.request_focus();
        let Some(at) = response.interact_pointer_pos() else { return };
        if let Some(hit) = gesture.camera_at(at, camera) {
            actions.push(CloudAction::SelectView(hit.view));
            if response.double_clicked() {
                *through = self.look_through(gesture, hit.index, camera);
            }
        } else if response.double_clicked() {
            match stage.pick(gesture.part(at)) {
                Some(pick) => camera.focus(pick.position),
                None => self.go(Move::Home, gesture, camera, through),
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

fn orbit(camera: &mut OrbitCamera, points: Vec2) {
    camera.orbit(points.x * ORBIT_SPEED, -points.y * ORBIT_SPEED);
}
