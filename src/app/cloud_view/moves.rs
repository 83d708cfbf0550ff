//! What a person asks of the camera by a key, a button or the axes in the corner.

use egui::{Key, Modifiers, Ui};
use glam::Vec3;

use crate::scene::StandardView;

/// A place for the camera to go to, or another way to look from where it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Move {
    /// All of the scene within the frame, without turning.
    Fit,
    /// Where the scene was first seen from.
    Home,
    /// The selected photo's camera; from there back to where one was before.
    Through,
    /// Parallel rays, or perspective again.
    SwitchProjection,
    /// One of the standard views.
    Side(StandardView),
    /// Look from this side (unit length, in the world).
    From(Vec3),
}

/// What the keys that were pressed ask for.
pub fn of_keys(ui: &Ui) -> Vec<Move> {
    let keys = [
        (Key::Num5, Move::SwitchProjection, None),
        (Key::V, Move::Through, None),
        (Key::R, Move::Home, None),
        (Key::F, Move::Fit, None),
        (Key::Num1, Move::Side(StandardView::Front), Some(Move::Side(StandardView::Back))),
        (Key::Num3, Move::Side(StandardView::Right), Some(Move::Side(StandardView::Left))),
        (Key::Num7, Move::Side(StandardView::Top), Some(Move::Side(StandardView::Bottom))),
    ];
    ui.input_mut(|input| {
        // With Shift first: without it a key counts whatever is held.
        let pressed = keys.into_iter().filter_map(|(key, plain, shifted)| {
            let shifted = shifted.filter(|_| input.consume_key(Modifiers::SHIFT, key));
            shifted.or_else(|| input.consume_key(Modifiers::NONE, key).then_some(plain))
        });
        pressed.collect()
    })
}
