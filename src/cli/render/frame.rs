//! The options as a frame.

use super::args::RenderArguments;
use super::stage::Stage;
use crate::render::{Frame, Shown};
use crate::scene::OrbitCamera;

/// Lines are as wide as in a window of this height.
const LINE_HEIGHT: f32 = 1080.0;
const LINE_COLOUR: [u8; 3] = [0x9a, 0xa1, 0xab];

/// What `camera` sees of the stage.
pub(super) fn frame(arguments: &RenderArguments, stage: &Stage, camera: OrbitCamera) -> Frame {
    let shown = Shown {
        camera,
        bounds: Some(stage.extent.bounds),
        visible: stage.visible.clone(),
        selected: None,
        hovered: None,
        overlay: None,
        background: arguments.background.0,
        line_colour: LINE_COLOUR,
        scale: (arguments.size.0[1] as f32 / LINE_HEIGHT).max(1.0),
    };
    Frame::new(&stage.scene, &arguments.look(), shown)
}
