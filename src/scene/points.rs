//! A prediction's views as one list of coloured points.

use std::sync::Arc;

use glam::Vec3;

use crate::inference::ViewPrediction;

/// Which pixels become points.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filters {}

/// One pixel in the world.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    pub position: Vec3,
    pub colour: [u8; 3],
    pub confidence: Option<f32>,
    pub view: usize,
}

/// The points of these views that pass the filters, thinned evenly to at most `max_points`.
pub fn points(views: &[Arc<ViewPrediction>], _filters: &Filters, max_points: usize) -> Vec<Point> {
    let total: usize = views.iter().map(|view| view.depth.len()).sum();
    let step = total.div_ceil(max_points.max(1)).max(1);
    let mut points = Vec::new();
    for (index, view) in views.iter().enumerate() {
        let world_from_camera = view.camera.camera_from_world.inverse();
        for pixel in (0..view.depth.len()).step_by(step) {
            if view.background.as_ref().is_some_and(|mask| mask[pixel]) {
                continue;
            }
            let (x, y) = (pixel as u32 % view.width, pixel as u32 / view.width);
            let camera = view.camera.intrinsics.unproject(x as f32, y as f32, view.depth[pixel]);
            points.push(Point {
                position: world_from_camera.apply(camera),
                colour: view.image.get_pixel(x, y).0,
                confidence: view.confidence.as_ref().map(|map| map[pixel]),
                view: index,
            });
        }
    }
    points
}
