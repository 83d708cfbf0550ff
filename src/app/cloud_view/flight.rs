//! Flying through the scene with keys.

use egui::{Key, Ui};
use glam::Vec3;

use crate::scene::OrbitCamera;

/// Flight per second, in radii of the scene, and what Shift makes of it.
const FLY_SPEED: f32 = 0.5;
const FAST: f32 = 4.0;

/// Moves the camera as long as its keys are held down.
pub fn fly(ui: &Ui, camera: &mut OrbitCamera) {
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
