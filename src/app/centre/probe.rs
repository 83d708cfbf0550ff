//! What the cursor points at in one of the two views, for the other one to mark.

use std::sync::Arc;

use glam::Vec3;

use crate::inference::ViewPrediction;
use crate::input::ViewId;
use crate::scene::usable_depth;

/// The place under the cursor; views of one scene share the world that it is in.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Probe {
    #[default]
    Nothing,
    /// A pixel of a view's processed picture, in the 2D view.
    Pixel { view: ViewId, pixel: [u32; 2] },
    /// A point of the world, in the 3D view.
    Point(Vec3),
}

impl Probe {
    /// Where a pixel lies in the world of `views`; `None` where it shows no surface, and for what comes from 3D itself.
    pub fn in_world(&self, views: &[Arc<ViewPrediction>]) -> Option<Vec3> {
        let Self::Pixel { view, pixel: [x, y] } = *self else { return None };
        let view = views.iter().find(|candidate| candidate.view == view)?;
        let at = y as usize * view.width as usize + x as usize;
        let depth = usable_depth(*view.depth.get(at)?);
        let is_background = view.background.as_ref().is_some_and(|map| map.get(at) == Some(&true));
        let point = view.camera.intrinsics.unproject(x as f32, y as f32, depth);
        (depth > 0.0 && !is_background).then(|| view.camera.camera_from_world.inverse().apply(point))
    }

    /// At which pixel (whole numbers are the middle of pixels) a point of the world appears in `view`; `None` behind the
    /// camera and outside the picture, and for what comes from 2D itself.
    pub fn in_picture(&self, view: &ViewPrediction) -> Option<[f32; 2]> {
        let Self::Point(point) = *self else { return None };
        let [u, v] = view.camera.intrinsics.project(view.camera.camera_from_world.apply(point))?;
        let inside = |at: f32, size: u32| (-0.5..size as f32 - 0.5).contains(&at);
        (inside(u, view.width) && inside(v, view.height)).then_some([u, v])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::examples::synthetic;

    #[test]
    fn a_pixel_goes_into_the_world_and_back() {
        let view = Arc::new(synthetic::render(1, 40, 30).into_prediction(ViewId(7), "a.png".into()));
        let pixel = Probe::Pixel { view: ViewId(7), pixel: [31, 12] };
        let point = pixel.in_world(&[Arc::clone(&view)]).expect("a surface");
        let [u, v] = Probe::Point(point).in_picture(&view).expect("inside");
        assert!((u - 31.0).abs() < 1e-2 && (v - 12.0).abs() < 1e-2, "{u} {v}");
        assert_eq!((pixel.in_picture(&view), Probe::Point(point).in_world(&[view])), (None, None));
    }

    #[test]
    fn what_cannot_be_seen_is_not_marked() {
        let mut view = synthetic::render(0, 40, 30).into_prediction(ViewId(7), "a.png".into());
        let centre = view.camera.camera_from_world.camera_centre();
        let behind = view.camera.camera_from_world.inverse().apply(-Vec3::Z);
        for point in [centre, behind, view.camera.camera_from_world.inverse().apply(Vec3::new(50.0, 0.0, 1.0))] {
            assert_eq!(Probe::Point(point).in_picture(&view), None);
        }
        view.background = Some(vec![true; 1200]);
        let views = [Arc::new(view)];
        for pixel in [[3, 3], [0, 99]] {
            assert_eq!(Probe::Pixel { view: ViewId(7), pixel }.in_world(&views), None);
        }
        assert_eq!(Probe::Pixel { view: ViewId(8), pixel: [3, 3] }.in_world(&views), None, "of another scene");
    }
}
