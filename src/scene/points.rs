//! The points of a scene as data, for files: the same rules as the shader that draws them.

use std::sync::Arc;

use glam::Vec3;

use super::CloudScene;
use super::filters::{Filters, usable_depth};
use crate::inference::ViewPrediction;

/// One point of a cloud.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// In the world frame of the scene, in the prediction's unit.
    pub position: Vec3,
    /// sRGB of the photo.
    pub colour: [u8; 3],
    pub confidence: Option<f32>,
    /// Index into the views that were asked for.
    pub view: usize,
}

/// The points of `views` (one scene) that the filters keep, view by view in row order, at most `max_points`.
///
/// When more are kept, an even selection in that order stands for them. Percentiles of the filters are those of these
/// views together. Keep in sync with `keep_pixel` and `world_point` in shaders/pixel.wgsl.
pub fn points(views: &[Arc<ViewPrediction>], filters: &Filters, max_points: usize) -> Vec<Point> {
    let Some(scene) = CloudScene::new(views) else {
        return Vec::new();
    };
    let kept = kept_pixels(&scene, filters).count();
    let wanted = kept.min(max_points);
    let mut points = Vec::with_capacity(wanted);
    for (ordinal, (view, x, y)) in kept_pixels(&scene, filters).enumerate() {
        if evenly_selected(ordinal, kept, wanted) {
            points.extend(views.iter().position(|v| Arc::ptr_eq(v, view)).map(|index| point(view, index, x, y)));
        }
    }
    points
}

fn kept_pixels<'a>(
    scene: &'a CloudScene,
    filters: &Filters,
) -> impl Iterator<Item = (&'a Arc<ViewPrediction>, u32, u32)> {
    let limits = scene.limits(filters);
    scene.views().iter().flat_map(move |view| {
        (0..view.height)
            .flat_map(move |y| (0..view.width).map(move |x| (x, y)))
            .filter(move |&(x, y)| limits.keeps(view, x, y))
            .map(move |(x, y)| (view, x, y))
    })
}

/// Whether item `ordinal` of `total` belongs to an even selection of `wanted`.
fn evenly_selected(ordinal: usize, total: usize, wanted: usize) -> bool {
    let quota = |n: usize| n as u128 * wanted as u128 / total.max(1) as u128;
    quota(ordinal + 1) > quota(ordinal)
}

fn point(view: &ViewPrediction, index: usize, x: u32, y: u32) -> Point {
    let at = y as usize * view.width as usize + x as usize;
    let camera = &view.camera;
    let in_camera = camera.intrinsics.unproject(x as f32, y as f32, usable_depth(view.depth[at]));
    Point {
        position: camera.camera_from_world.inverse().apply(in_camera),
        colour: view.image.get_pixel(x, y).0,
        confidence: view.confidence.as_ref().map(|map| map[at]),
        view: index,
    }
}

#[cfg(test)]
mod tests {
    use super::super::synthetic::flat_view;
    use super::*;
    use crate::geometry::Rigid;

    #[test]
    fn points_lie_on_the_wall_in_front_of_the_camera() {
        let mut view = flat_view(5, 3, 2.0);
        view.camera.camera_from_world = Rigid::looking_at(Vec3::new(0.0, 0.0, -3.0), Vec3::ZERO, Vec3::NEG_Y);
        let points = points(&[Arc::new(view)], &Filters::default(), usize::MAX);
        assert_eq!(points.len(), 15);
        assert!(points.iter().all(|p| (p.position.z + 1.0).abs() < 1e-5), "{points:?}");
        assert_eq!(points[7].colour, [2, 1, 7]);
        assert!((points[7].position.x - (2.0 - 2.5) / 5.0 * 2.0).abs() < 1e-5);
    }

    #[test]
    fn selection_is_even_and_exact() {
        let views = [Arc::new(flat_view(10, 10, 1.0)), Arc::new(flat_view(10, 10, 2.0))];
        let all = points(&views, &Filters::NONE, usize::MAX);
        let some = points(&views, &Filters::NONE, 50);
        assert_eq!((all.len(), some.len()), (200, 50));
        assert_eq!(some.iter().filter(|p| p.view == 0).count(), 25);
        assert!(points(&views, &Filters::NONE, 0).is_empty());
    }

    #[test]
    fn index_counts_views_that_cannot_be_drawn() {
        let mut broken = flat_view(4, 4, 1.0);
        broken.depth.clear();
        let views = [Arc::new(broken), Arc::new(flat_view(4, 4, 1.0))];
        let points = points(&views, &Filters::NONE, usize::MAX);
        assert!(points.len() == 16 && points.iter().all(|p| p.view == 1));
    }
}
