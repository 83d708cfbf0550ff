//! The options as a frame: the one place that knows what a picture consists of.

use super::args::RenderArguments;
use super::stage::Stage;
use crate::render::{Frame, PointStyle};
use crate::scene::{Frustum, OrbitCamera, Segment, axes, grid, view_colour};

/// Lines are as wide as in a window of this height.
const LINE_HEIGHT: f32 = 1080.0;
const CAMERA_WIDTH: f32 = 1.8;
const GRID_COLOUR: [u8; 4] = [0x9a, 0xa1, 0xab, 70];

/// What `camera` sees of the stage.
pub(super) fn frame(arguments: &RenderArguments, stage: &Stage, camera: OrbitCamera) -> Frame {
    let scene = &stage.scene;
    let photo_depth = scene.frustum_depth(stage.bounds.radius());
    let mut segments: Vec<Segment> = Vec::new();
    if arguments.grid {
        segments.extend(grid(&stage.bounds, &camera, GRID_COLOUR).0);
    }
    if arguments.axes {
        segments.extend(axes(stage.bounds.radius() * 0.15));
    }
    if arguments.cameras {
        for (index, view) in stage.shown() {
            segments.extend(Frustum::new(view, photo_depth).segments(view_colour(index), CAMERA_WIDTH));
        }
    }
    Frame {
        camera,
        visible: stage.visible.clone(),
        limits: scene.limits(&arguments.filters()),
        points: PointStyle {
            size: arguments.point_size,
            attenuate: true,
            colour_by: arguments.colour_by.into(),
            colour_map: arguments.colour_map.into(),
            inverse_colours: false,
        },
        eye_dome: arguments.eye_dome,
        segments,
        photos: if arguments.photos { stage.shown().map(|(index, _)| index).collect() } else { Vec::new() },
        photo_depth,
        background: arguments.background.0,
        stride: 1,
        scale: (arguments.size.0[1] as f32 / LINE_HEIGHT).max(1.0),
    }
}
