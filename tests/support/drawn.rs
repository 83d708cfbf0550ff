//! Drawn views whose photos lie in a folder, for what looks at photos again after a run.

use std::path::{Path, PathBuf};

use fathom::examples::synthetic;
use fathom::inference::ViewPrediction;
use fathom::input::ViewId;
use fathom::sfm::{Doing, Follow};

pub const SIZE: [u32; 2] = [640, 480];

/// Lets work go on to its end.
pub struct Nobody;

impl Follow for Nobody {
    fn is_cancelled(&self) -> bool {
        false
    }

    fn progress(&self, _doing: Doing, done: f32) {
        assert!((0.0..=1.0).contains(&done), "{done}");
    }
}

/// A view with exact depth and camera.
pub fn drawn(folder: &Path, index: usize) -> ViewPrediction {
    let view = synthetic::render(index, SIZE[0], SIZE[1]);
    let path: PathBuf = folder.join(format!("{index}.png"));
    view.image.save(&path).expect("a photo");
    view.into_prediction(ViewId(index as u64), path)
}

/// Puts noise, which has nothing to do with other photos, in place of a view's photo.
pub fn make_strange(view: &ViewPrediction) {
    let noise = |x: u32, y: u32| image::Rgb([(x * 37 + y * 91) as u8, (x * x + 3 * y) as u8, (y * y * 7 + x) as u8]);
    image::RgbImage::from_fn(SIZE[0], SIZE[1], noise).save(&view.path).expect("a photo");
}
