//! Zoom and pan of pictures inside a pane.

use egui::{Pos2, Rect, Vec2};

/// Largest zoom over "fit".
const MAX_ZOOM: f32 = 64.0;

/// Which part of a picture a pane shows; shared by panes, so that they move together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PanZoom {
    /// 1 fits the picture into the pane.
    zoom: f32,
    /// Picture coordinate (0..1) in the middle of the pane.
    centre: Vec2,
}

impl Default for PanZoom {
    fn default() -> Self {
        Self { zoom: 1.0, centre: Vec2::splat(0.5) }
    }
}

impl PanZoom {
    /// Where the whole picture (width and height in any unit) lies on screen.
    pub fn picture_rect(&self, pane: Rect, size: Vec2) -> Rect {
        let shown = size * self.scale(pane, size);
        let centre = Vec2::new(
            keep_inside(self.centre.x, pane.width() / shown.x),
            keep_inside(self.centre.y, pane.height() / shown.y),
        );
        Rect::from_min_size(pane.center() - centre * shown, shown)
    }

    /// Zooms by `factor`, keeping what is under `cursor` where it is.
    pub fn zoom_at(&mut self, pane: Rect, size: Vec2, cursor: Pos2, factor: f32) {
        let before = self.picture_rect(pane, size);
        let held = (cursor - before.min) / before.size();
        self.zoom = (self.zoom * factor).clamp(1.0, MAX_ZOOM);
        let shown = size * self.scale(pane, size);
        self.set_centre(held + (pane.center() - cursor) / shown, pane, shown);
    }

    /// Moves the picture by screen points.
    pub fn pan(&mut self, pane: Rect, size: Vec2, delta: Vec2) {
        let shown = size * self.scale(pane, size);
        self.set_centre(self.centre - delta / shown, pane, shown);
    }

    fn scale(&self, pane: Rect, size: Vec2) -> f32 {
        (pane.width() / size.x).min(pane.height() / size.y) * self.zoom
    }

    fn set_centre(&mut self, centre: Vec2, pane: Rect, shown: Vec2) {
        let x = keep_inside(centre.x, pane.width() / shown.x);
        self.centre = Vec2::new(x, keep_inside(centre.y, pane.height() / shown.y));
    }
}

/// A centre for which the pane (`visible` of the picture) shows no more emptiness than it must.
fn keep_inside(centre: f32, visible: f32) -> f32 {
    if visible >= 1.0 { 0.5 } else { centre.clamp(visible / 2.0, 1.0 - visible / 2.0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PANE: Rect = Rect { min: Pos2::new(10.0, 20.0), max: Pos2::new(410.0, 220.0) };
    const SIZE: Vec2 = Vec2::new(300.0, 200.0);

    #[test]
    fn fit_shows_all_of_it_in_the_middle() {
        let rect = PanZoom::default().picture_rect(PANE, SIZE);
        assert_eq!(rect, Rect::from_center_size(PANE.center(), Vec2::new(300.0, 200.0)));
    }

    #[test]
    fn zoom_holds_what_is_under_the_cursor() {
        let mut view = PanZoom::default();
        view.zoom_at(PANE, SIZE, PANE.center(), 4.0);
        let cursor = Pos2::new(250.0, 100.0);
        let before = view.picture_rect(PANE, SIZE);
        let held = (cursor - before.min) / before.size();
        view.zoom_at(PANE, SIZE, cursor, 1.5);
        let after = view.picture_rect(PANE, SIZE);
        assert!((after.min + held * after.size() - cursor).length() < 0.01);
    }

    #[test]
    fn the_picture_cannot_be_lost() {
        let mut view = PanZoom::default();
        view.pan(PANE, SIZE, Vec2::splat(1e5));
        assert_eq!(view, PanZoom::default());
        view.zoom_at(PANE, SIZE, PANE.center(), 1e9);
        view.pan(PANE, SIZE, Vec2::splat(-1e7));
        assert!(view.picture_rect(PANE, SIZE).contains_rect(PANE));
    }
}
