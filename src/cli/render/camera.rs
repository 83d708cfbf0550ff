//! Where a picture is taken from, and the ways of films.

use super::args::RenderArguments;
use super::stage::Stage;
use super::stop::Stop;
use super::values::Viewpoint;
use crate::cli::numbers::Pair;
use crate::scene::{
    OrbitCamera, StandardView, all_round, fit_cloud, go_home, look_from_side, photo_path, sway, turntable,
};

/// The camera of a picture, or the first one of a turntable.
pub(super) fn start(arguments: &RenderArguments, stage: &Stage) -> Result<OrbitCamera, Stop> {
    let (scene, extent, aspect) = (&stage.scene, &stage.extent, aspect(arguments));
    let mut camera = OrbitCamera::new(&scene.views()[0].camera.camera_from_world, &extent.bounds, aspect);
    camera.set_up(arguments.look().up.direction(scene.up()));
    camera.is_orthographic = arguments.orthographic;
    let mut from = |side| look_from_side(&mut camera, side, extent, aspect);
    match arguments.view {
        Viewpoint::Home => go_home(&mut camera, scene, extent, aspect),
        Viewpoint::Front => from(StandardView::Front),
        Viewpoint::Right => from(StandardView::Right),
        Viewpoint::Top => from(StandardView::Top),
        Viewpoint::Back => from(StandardView::Back),
        Viewpoint::Left => from(StandardView::Left),
        Viewpoint::Bottom => from(StandardView::Bottom),
        Viewpoint::Camera(number) => camera.look_through(stage.view(number)?, scene.median_depth(), aspect),
    }
    // Places of photos are taken in perspective. What is as far as the pivot stays as large; what is behind it gets larger.
    if arguments.orthographic && !camera.is_orthographic {
        camera.is_orthographic = true;
        if !matches!(arguments.view, Viewpoint::Camera(_)) {
            fit_cloud(&mut camera, extent, aspect);
        }
    }
    if let Some(Pair([yaw, pitch])) = arguments.orbit {
        // A scene that is dragged to the left shows its right side.
        camera.orbit(-yaw.to_radians(), -pitch.to_radians());
    }
    if arguments.turntable && !matches!(arguments.view, Viewpoint::Camera(_)) {
        camera = all_round(&camera, &extent.bounds, aspect);
    }
    if let Some(factor) = arguments.zoom {
        camera.eye = camera.pivot + (camera.eye - camera.pivot) / factor;
    }
    Ok(camera)
}

/// The cameras of a film.
pub(super) fn way(arguments: &RenderArguments, stage: &Stage, start: OrbitCamera) -> Result<Vec<OrbitCamera>, Stop> {
    let frames = arguments.film_frames();
    if arguments.sway {
        return Ok(sway(&start, frames));
    }
    if !arguments.path {
        return Ok(turntable(&start, &stage.extent.bounds, frames));
    }
    let views: Vec<_> = stage.shown().map(|(_, view)| view.clone()).collect();
    if views.len() < 2 {
        return Err(Stop::Usage("--path needs at least two views; --sway and --turntable show a single one.".into()));
    }
    let mut way = photo_path(&start, &views, stage.scene.median_depth(), aspect(arguments), frames);
    way.iter_mut().for_each(|camera| camera.is_orthographic = arguments.orthographic);
    Ok(way)
}

fn aspect(arguments: &RenderArguments) -> f32 {
    let [width, height] = arguments.size.0;
    width as f32 / height as f32
}
