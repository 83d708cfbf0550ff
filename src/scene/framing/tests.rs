use std::sync::Arc;

use glam::Vec2;

use super::*;
use crate::geometry::{Intrinsics, Rigid};
use crate::inference::PoseSource;
use crate::scene::synthetic::flat_view;
use crate::scene::{Filters, Thinning, points};

const ASPECTS: [f32; 4] = [0.6, 1.0, 16.0 / 9.0, 3.0];

/// A view whose depth follows from the place of its pixels, 0..1 across and down.
fn view(depth: impl Fn(f32, f32) -> f32) -> ViewPrediction {
    let (width, height) = (160, 120);
    let mut view = flat_view(width, height, 1.0);
    view.camera.intrinsics = Intrinsics::from_horizontal_fov(1.0, width, height);
    view.depth = (0..width * height)
        .map(|i| depth((i % width) as f32 / width as f32, (i / width) as f32 / height as f32))
        .collect();
    view
}

/// A floor from near to far away, under a sky without depth.
fn landscape() -> ViewPrediction {
    view(|_, v| if v > 0.4 { (0.6 / (v - 0.39)).clamp(1.0, 40.0) } else { 0.0 })
}

/// A ball before a wall that is near.
fn portrait() -> ViewPrediction {
    view(|u, v| {
        let radius = ((u - 0.5).powi(2) + (v - 0.5).powi(2)).sqrt();
        if radius < 0.3 { 2.0 - 0.4 * (1.0 - (radius / 0.3).powi(2)).sqrt() } else { 2.6 }
    })
}

/// As far as a relative depth reaches, with a near thing in the middle.
fn deep() -> ViewPrediction {
    view(|u, v| if (u - 0.5).abs() < 0.1 && v > 0.3 { 1.0 } else { 2.0 + 9.0 * (1.0 - v) })
}

fn at(mut view: ViewPrediction, eye: Vec3, target: Vec3) -> Arc<ViewPrediction> {
    view.camera.camera_from_world = Rigid::looking_at(eye, target, Vec3::NEG_Y);
    Arc::new(view)
}

fn round(depth: fn() -> ViewPrediction) -> Vec<Arc<ViewPrediction>> {
    let middle = Vec3::new(0.0, 0.0, 2.0);
    let eyes = [[0.0, 0.0, 0.0], [1.6, -0.4, 0.6], [-1.5, -0.3, 0.4], [0.3, -1.2, -0.4]];
    eyes.into_iter().map(|eye| at(depth(), eye.into(), middle)).collect()
}

fn scenes() -> Vec<Vec<Arc<ViewPrediction>>> {
    let single = |depth: fn() -> ViewPrediction| vec![Arc::new(depth())];
    vec![single(landscape), single(portrait), single(deep), round(landscape), round(portrait), round(deep)]
}

fn first(scene: &CloudScene, aspect: f32) -> (OrbitCamera, Extent) {
    let extent = scene.extent(|_| true, &Filters::default()).expect("points");
    let mut camera = OrbitCamera::new(&scene.views()[0].camera.camera_from_world, &extent.bounds, aspect);
    go_home(&mut camera, scene, &extent, aspect);
    (camera, extent)
}

/// Which part of the points of all views that are drawn is within the frame, and how much of it they fill.
fn within(camera: &OrbitCamera, views: &[Arc<ViewPrediction>], aspect: f32) -> (f32, f32) {
    let points = points(views, &Filters::default(), &Thinning::NONE);
    let on_screen: Vec<Vec2> =
        points.iter().filter_map(|p| camera.project(p.position, aspect)).map(|(at, _)| at).collect();
    let inside: Vec<&Vec2> = on_screen.iter().filter(|at| at.abs().max_element() <= 1.0).collect();
    let side = |axis: usize, sign: f32| inside.iter().map(|at| at[axis] * sign).fold(f32::MIN, f32::max);
    let filled = [0, 1].map(|axis| (side(axis, 1.0) + side(axis, -1.0)) / 2.0);
    (inside.len() as f32 / points.len() as f32, filled[0].max(filled[1]))
}

#[test]
fn what_is_seen_first_is_the_whole_scene() {
    for (number, views) in scenes().into_iter().enumerate() {
        let scene = CloudScene::new(&views).expect("drawable");
        for aspect in ASPECTS {
            let (camera, _) = first(&scene, aspect);
            let (share, filled) = within(&camera, &views, aspect);
            assert!(share >= 0.99, "scene {number}, aspect {aspect}: {share} of the points");
            assert!(filled > 0.5, "scene {number}, aspect {aspect} wastes the frame: {filled}");
        }
    }
}

#[test]
fn all_cameras_are_within_the_frame_but_one_that_is_lost() {
    let mut views = round(portrait);
    let lost = Vec3::new(900.0, 0.0, -2000.0);
    views.push(at(portrait(), lost, Vec3::ZERO));
    // Its points lie where it stands.
    let mut far = (*views[4]).clone();
    far.depth.fill(0.0);
    far.depth[7] = 1.0;
    views[4] = Arc::new(far);
    let scene = CloudScene::new(&views).expect("drawable");
    for aspect in ASPECTS {
        let (camera, _) = first(&scene, aspect);
        for view in &views[..4] {
            let (at, _) = camera.project(view.camera.camera_from_world.camera_centre(), aspect).expect("in front");
            assert!(at.abs().max_element() <= 1.0, "aspect {aspect}: {at}");
        }
        assert!(camera.eye.distance(lost) > 1000.0, "the scene is looked at, not the lost camera");
    }
}

#[test]
fn a_single_photo_is_seen_from_near_its_camera_and_turned_where_its_depth_allows() {
    // Half of it is so far away that a turn would take it out of sight.
    let open = view(|_, v| if v < 0.45 { 40.0 } else { 2.0 });
    for (views, is_turned) in [(portrait(), true), (open, false)] {
        let depth = CloudScene::new(&[Arc::new(views.clone())]).expect("drawable").median_depth();
        let mut views = views;
        views.camera.pose = PoseSource::Predicted;
        let scene = CloudScene::new(&[Arc::new(views)]).expect("drawable");
        let (camera, _) = first(&scene, 4.0 / 3.0);
        let angle = camera.forward().angle_between(Vec3::Z);
        assert_eq!(angle > 0.05, is_turned, "{angle}");
        assert!(camera.eye.length() < 1.2 * depth, "{} away from the camera, depth {depth}", camera.eye.length());
    }
}

#[test]
fn every_side_and_both_projections_hold_the_whole_cloud() {
    for views in scenes() {
        let scene = CloudScene::new(&views).expect("drawable");
        for (aspect, is_orthographic) in [(0.7, false), (1.8, false), (0.7, true), (1.8, true)] {
            let (mut camera, extent) = first(&scene, aspect);
            camera.is_orthographic = is_orthographic;
            for side in [StandardView::Front, StandardView::Right, StandardView::Top, StandardView::Back] {
                look_from_side(&mut camera, side, &extent, aspect);
                let (share, filled) = within(&camera, &views, aspect);
                assert!(share >= 0.99 && filled > 0.6, "{side:?}, parallel {is_orthographic}: {share}, {filled}");
            }
            camera.orbit(0.5, 0.3);
            let turned = camera.world_from_camera;
            fit_cloud(&mut camera, &extent, aspect);
            assert_eq!(camera.world_from_camera, turned, "nothing turns");
            let (share, _) = within(&camera, &views, aspect);
            assert!(share >= 0.99, "{share}");
        }
    }
}

#[test]
fn a_scene_in_another_scale_is_seen_alike() {
    let views = round(portrait);
    let scene = CloudScene::new(&views).expect("drawable");
    let (camera, extent) = first(&scene, 1.5);
    let mut scaled = camera.scaled(3.0);
    scaled.fly(Vec3::X);
    go_home(&mut scaled, &scene, &extent.scaled(3.0), 1.5);
    let point = Vec3::new(0.2, 0.1, 1.8);
    let [a, b] = [camera.project(point, 1.5), scaled.project(point * 3.0, 1.5)].map(|at| at.expect("in front").0);
    assert!((a - b).length() < 1e-3, "{a} {b}");
}
