//! The camera of a photo's pixels as they are stored, which is how COLMAP and the trainers of splats see photos.

use glam::DVec3;

use crate::geometry::{BentLens, Distortion, Intrinsics, Rigid};
use crate::inference::ViewPrediction;

/// Of the photo, or of the straight picture that was made of it.
pub(super) struct StoredCamera<'v> {
    pub view: &'v ViewPrediction,
    /// The lens that took the photo, where that is the one.
    bent: Option<BentLens>,
    /// By how many quarters the photo as it is shown must be turned clockwise to be as it is stored. A photo that was mirrored
    /// stays: what is stored has no camera without a mirror.
    quarters: u8,
    /// Width and height of the photo.
    pub size: [u32; 2],
    /// fx, fy, cx, cy
    pub lens: [f64; 4],
    pub distortion: Distortion,
    /// w2c
    pub camera_from_world: Rigid,
}

impl<'v> StoredCamera<'v> {
    /// `as_taken`: with the distortion of the lens, where that was undone.
    pub fn new(view: &'v ViewPrediction, as_taken: bool) -> Self {
        let bent = view.bent.filter(|_| as_taken);
        let quarters = quarters_to_stored(view);
        let (mut lens, distortion) = match bent {
            Some(BentLens { intrinsics: Intrinsics { fx, fy, cx, cy }, distortion }) => {
                ([fx, fy, cx, cy].map(f64::from), distortion)
            }
            None => (pinhole(view), Distortion::NONE),
        };
        let mut size = view.photo_size;
        let mut camera_from_world = view.camera.camera_from_world;
        for _ in 0..quarters {
            let [fx, fy, cx, cy] = lens;
            lens = [fy, fx, f64::from(size[1]) - cy, cx];
            size.swap(0, 1);
            camera_from_world = camera_from_world.quarter_turned();
        }
        Self { view, bent, quarters, size, lens, distortion: distortion.turned(quarters), camera_from_world }
    }

    /// The pixel of the photo at which a pixel of the maps lies, cut to whole numbers as the reference does.
    pub fn pixel(&self, x: u32, y: u32) -> [f64; 2] {
        let (part, [sx, sy]) = (self.view.photo_part, photo_scale(self.view));
        let mut at = [part.left + f64::from(x) * sx, part.top + f64::from(y) * sy];
        if let Some(bent) = &self.bent {
            let [u, v] = bent.bent(&self.view.photo_intrinsics(), at.map(|at| at + 0.5));
            at = [u - 0.5, v - 0.5];
        }
        self.place(at.map(|at| at.trunc() + 0.5)).map(|at| at - 0.5)
    }

    /// Where a place of the photo as it is shown lies as it is stored; (0.5, 0.5) is the middle of the first pixel in both.
    pub fn place(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        let (mut at, mut size) = ([x, y], self.view.photo_size);
        for _ in 0..self.quarters {
            at = [f64::from(size[1]) - at[1], at[0]];
            size.swap(0, 1);
        }
        at
    }

    /// Where a pixel of the maps lies in the world.
    pub fn position(&self, x: u32, y: u32, depth: f32) -> DVec3 {
        let in_camera = self.view.camera.intrinsics.unproject(x as f32, y as f32, depth);
        self.view.camera.camera_from_world.inverse().apply(in_camera).as_dvec3()
    }
}

/// By how many quarters a photo as it is shown must be turned clockwise to be as it is stored; none for one that was mirrored.
pub(super) fn quarters_to_stored(view: &ViewPrediction) -> u8 {
    if view.photo_turn.is_mirrored { 0 } else { view.photo_turn.quarters_back() }
}

fn pinhole(view: &ViewPrediction) -> [f64; 4] {
    let ([sx, sy], part) = (photo_scale(view), view.photo_part);
    let Intrinsics { fx, fy, cx, cy } = view.camera.intrinsics;
    let [fx, fy, cx, cy] = [fx, fy, cx, cy].map(f64::from);
    [fx * sx, fy * sy, part.left + cx * sx, part.top + cy * sy]
}

/// Pixels of the photo per pixel of what the network saw.
fn photo_scale(view: &ViewPrediction) -> [f64; 2] {
    view.photo_part.scale([view.width, view.height])
}
