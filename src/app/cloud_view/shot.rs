//! What the 3D view shows at one moment, to be drawn again in another size or from another camera.

use std::sync::Arc;

use crate::render::{Frame, Shown};
use crate::scene::{CloudScene, Look, OrbitCamera};

/// Everything that a picture needs but its size.
#[derive(Clone)]
pub struct Shot {
    pub scene: Arc<CloudScene>,
    pub look: Look,
    pub shown: Shown,
    /// Of the view on the screen, pixels; 0 before it was drawn.
    pub height: u32,
}

impl Shot {
    /// Leaves out everything that is no point of the cloud.
    pub fn only_points(mut self) -> Self {
        let look = &mut self.look;
        (look.frusta, look.photos, look.path, look.grid, look.axes) = (false, false, false, false, false);
        self.shown.overlay = None;
        self
    }

    /// The picture of `size` (pixels) that `camera` sees, with all points; on request without background.
    pub fn frame(&self, camera: OrbitCamera, size: [u32; 2], transparent: bool) -> Frame {
        // Which camera is selected or under the cursor belongs to the window, not to the picture.
        let shown = Shown { camera, selected: None, hovered: None, ..self.shown.clone() };
        let mut frame = Frame::new(&self.scene, &self.look, shown);
        if self.height > 0 {
            frame.scale *= size[1] as f32 / self.height as f32;
        }
        if transparent {
            frame.background = [0; 4];
        }
        frame
    }
}
