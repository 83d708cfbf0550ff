//! The points of a scene as data, for files: the same rules as the shader that draws them.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
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
    /// Towards the camera that took the photo, unit length; zero where no neighbour has depth.
    pub normal: Vec3,
    /// sRGB of the photo.
    pub colour: [u8; 3],
    pub confidence: Option<f32>,
    /// Index into the views that were asked for.
    pub view: usize,
}

/// How many of the kept points are left.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Thinning {
    /// Side of the cubes that keep one point each, in the prediction's unit: the surest one, of equals the first.
    pub voxel: Option<f32>,
    /// Largest number of points; an even selection, in their order, stands for more.
    pub most: usize,
}

impl Thinning {
    pub const NONE: Self = Self { voxel: None, most: usize::MAX };
}

/// The points of `views` (one scene) that filters and thinning keep, view by view in row order.
///
/// Percentiles of the filters are those of these views together. Keep in sync with `keep_pixel` and `world_point` in
/// shaders/pixel.wgsl.
pub fn points(views: &[Arc<ViewPrediction>], filters: &Filters, thinning: &Thinning) -> Vec<Point> {
    shown_points(views, |_| true, filters, thinning)
}

/// The same of some of the views: those that are not shown count for percentiles all the same, as in the 3D view.
pub fn shown_points(
    views: &[Arc<ViewPrediction>],
    is_shown: impl Fn(&ViewPrediction) -> bool,
    filters: &Filters,
    thinning: &Thinning,
) -> Vec<Point> {
    let Some(scene) = CloudScene::new(views) else {
        return Vec::new();
    };
    let all = || {
        let of_view = |view| views.iter().position(|v| Arc::ptr_eq(v, view));
        kept_pixels(&scene, &is_shown, filters).filter_map(move |(view, x, y)| Some(point(view, of_view(view)?, x, y)))
    };
    match thinning.voxel {
        Some(side) => {
            let points = one_per_voxel(all(), side);
            evenly(points.len(), thinning.most, points.into_iter())
        }
        // Counted first, so that points that nobody wants need no memory.
        None => evenly(kept_pixels(&scene, &is_shown, filters).count(), thinning.most, all()),
    }
}

/// The surest point of each cube, in the order in which the cubes were first met.
fn one_per_voxel(points: impl Iterator<Item = Point>, side: f32) -> Vec<Point> {
    let mut places = HashMap::new();
    let mut kept: Vec<Point> = Vec::new();
    for point in points {
        match places.entry((point.position / side).floor().as_i64vec3()) {
            Entry::Vacant(vacant) => {
                vacant.insert(kept.len());
                kept.push(point);
            }
            Entry::Occupied(place) if point.confidence > kept[*place.get()].confidence => kept[*place.get()] = point,
            Entry::Occupied(_) => {}
        }
    }
    kept
}

fn evenly(total: usize, most: usize, points: impl Iterator<Item = Point>) -> Vec<Point> {
    let wanted = total.min(most);
    let mut kept = Vec::with_capacity(wanted);
    kept.extend(points.enumerate().filter(|&(i, _)| evenly_selected(i, total, wanted)).map(|(_, point)| point));
    kept
}

fn kept_pixels<'a>(
    scene: &'a CloudScene,
    is_shown: &'a impl Fn(&ViewPrediction) -> bool,
    filters: &Filters,
) -> impl Iterator<Item = (&'a Arc<ViewPrediction>, u32, u32)> {
    let limits = scene.limits(filters);
    scene.views().iter().filter(|view| is_shown(view)).flat_map(move |view| {
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
    let world_from_camera = view.camera.camera_from_world.inverse();
    Point {
        position: world_from_camera.apply(in_camera(view, x, y)),
        normal: world_from_camera.rotation * normal(view, x, y),
        colour: view.image.get_pixel(x, y).0,
        confidence: view.confidence.as_ref().map(|map| map[at]),
        view: index,
    }
}

fn in_camera(view: &ViewPrediction, x: u32, y: u32) -> Vec3 {
    let depth = view.depth[y as usize * view.width as usize + x as usize];
    view.camera.intrinsics.unproject(x as f32, y as f32, usable_depth(depth))
}

/// In the camera's frame, towards the camera, from the nearer neighbour of each side. Keep in sync with `normal_at` in
/// shaders/pixel.wgsl.
fn normal(view: &ViewPrediction, x: u32, y: u32) -> Vec3 {
    let here = in_camera(view, x, y);
    let along = |before: Option<[u32; 2]>, after: Option<[u32; 2]>| {
        let step = |pixel: Option<[u32; 2]>, sign: f32| {
            let there = pixel.map(|[x, y]| in_camera(view, x, y)).filter(|there| there.z > 0.0)?;
            Some((there - here) * sign)
        };
        match (step(before, -1.0), step(after, 1.0)) {
            (Some(before), Some(after)) if before.z.abs() < after.z.abs() => before,
            (Some(before), None) => before,
            (_, after) => after.unwrap_or(Vec3::ZERO),
        }
    };
    let (right, below) = (x + 1 < view.width, y + 1 < view.height);
    let side = along(x.checked_sub(1).map(|x| [x, y]), right.then_some([x + 1, y]));
    let down = along(y.checked_sub(1).map(|y| [x, y]), below.then_some([x, y + 1]));
    down.cross(side).normalize_or_zero()
}

#[cfg(test)]
mod tests {
    use super::super::synthetic::flat_view;
    use super::*;
    use crate::geometry::Rigid;

    fn most(most: usize) -> Thinning {
        Thinning { voxel: None, most }
    }

    #[test]
    fn points_lie_on_the_wall_in_front_of_the_camera() {
        let mut view = flat_view(5, 3, 2.0);
        view.camera.camera_from_world = Rigid::looking_at(Vec3::new(0.0, 0.0, -3.0), Vec3::ZERO, Vec3::NEG_Y);
        let points = points(&[Arc::new(view)], &Filters::default(), &Thinning::NONE);
        assert_eq!(points.len(), 15);
        assert!(points.iter().all(|p| (p.position.z + 1.0).abs() < 1e-5), "{points:?}");
        assert_eq!(points[7].colour, [2, 1, 7]);
        assert!((points[7].position.x - (2.0 - 2.5) / 5.0 * 2.0).abs() < 1e-5);
    }

    #[test]
    fn selection_is_even_and_exact() {
        let views = [Arc::new(flat_view(10, 10, 1.0)), Arc::new(flat_view(10, 10, 2.0))];
        let all = points(&views, &Filters::NONE, &Thinning::NONE);
        let some = points(&views, &Filters::NONE, &most(50));
        assert_eq!((all.len(), some.len()), (200, 50));
        assert_eq!(some.iter().filter(|p| p.view == 0).count(), 25);
        assert!(points(&views, &Filters::NONE, &most(0)).is_empty());
    }

    #[test]
    fn index_counts_views_that_cannot_be_drawn() {
        let mut broken = flat_view(4, 4, 1.0);
        broken.depth.clear();
        let views = [Arc::new(broken), Arc::new(flat_view(4, 4, 1.0))];
        let points = points(&views, &Filters::NONE, &Thinning::NONE);
        assert!(points.len() == 16 && points.iter().all(|p| p.view == 1));
    }

    #[test]
    fn normals_look_at_the_camera() {
        let mut view = flat_view(6, 6, 2.0);
        for (i, depth) in view.depth.iter_mut().enumerate() {
            // A floor: y = 0.5 below the camera, where the pixel looks down.
            let down = ((i / 6) as f32 - view.camera.intrinsics.cy) / view.camera.intrinsics.fy;
            *depth = if down > 0.0 { 0.5 / down } else { 0.0 };
        }
        let floor = points(&[Arc::new(view)], &Filters::NONE, &Thinning::NONE);
        assert!(floor.len() == 12 && floor.iter().all(|p| (p.normal - Vec3::NEG_Y).length() < 1e-4), "{floor:?}");
        let wall = points(&[Arc::new(flat_view(3, 3, 1.0))], &Filters::NONE, &Thinning::NONE);
        assert!(wall.iter().all(|p| (p.normal - Vec3::NEG_Z).length() < 1e-5));
        let alone = points(&[Arc::new(flat_view(1, 1, 1.0))], &Filters::NONE, &Thinning::NONE);
        assert_eq!(alone[0].normal, Vec3::ZERO);
    }

    #[test]
    fn a_voxel_keeps_its_surest_point() {
        let mut view = flat_view(10, 10, 1.0);
        view.confidence = Some((0..100).map(|i| if i == 57 { 9.0 } else { 1.0 }).collect());
        let views = [Arc::new(view)];
        let thinned = |side, most| points(&views, &Filters::NONE, &Thinning { voxel: Some(side), most });
        // The wall reaches from -0.5 to 0.4 on both axes: four cubes of side 1 meet it, and the last has pixel (7, 5).
        let four = thinned(1.0, usize::MAX);
        assert_eq!(four.len(), 4);
        assert_eq!(four.iter().filter(|p| p.confidence == Some(9.0)).count(), 1);
        assert_eq!((four[0].colour, four[3].colour), ([0, 0, 7], [7, 5, 7]));
        assert_eq!(thinned(1e-6, usize::MAX).len(), 100);
        assert_eq!(thinned(1e-6, 10).len(), 10);
    }
}
