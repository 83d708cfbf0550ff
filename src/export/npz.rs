//! The reference's `npz`: depth, confidence, cameras and images of all views as NumPy arrays, and what we know beyond that.

use std::io::{self, Seek, Write};
use std::sync::Arc;

use super::npy::{Archive, Element};
use crate::inference::ViewPrediction;

/// Writes views of one size, S×H×W, with the reference's keys; a key is there when every view has it.
///
/// | key | shape | |
/// |---|---|---|
/// | `depth` | S,H,W f32 | rounded to 8 decimals |
/// | `conf` | S,H,W f32 | rounded to 2 decimals |
/// | `extrinsics` | S,3,4 f32 | w2c, OpenCV frame; only cameras that a network predicted |
/// | `intrinsics` | S,3,3 f32 | pixels of the H×W image; only cameras that a network predicted |
/// | `sky` | S,H,W bool | not in the reference's file |
/// | `disparity` | S,H,W f32 | not in the reference's file |
/// | `background` | S,H,W bool | pixels without a surface, where any view has some; not in the reference's file |
/// | `image` | S,H,W,3 u8 | what the network saw, sRGB |
///
/// # Errors
/// What the writer answers; views of different sizes are `InvalidData`.
pub fn write_npz(to: impl Write + Seek, views: &[Arc<ViewPrediction>]) -> io::Result<()> {
    let mut archive = Archive::new(to);
    let shape = shape(views);
    put_reference(&mut archive, views)?;
    if let Some(maps) = every(views, |v| v.sky.as_deref()) {
        archive.array("sky", &shape, values(Some(maps)))?;
    }
    if let Some(maps) = every(views, |v| v.disparity.as_deref()) {
        archive.array("disparity", &shape, values(Some(maps)))?;
    }
    if views.iter().any(|view| view.background.is_some()) {
        archive.array("background", &shape, views.iter().flat_map(|view| background(view)))?;
    }
    let pixels = views.iter().flat_map(|view| view.image.as_raw().iter().copied());
    archive.array("image", &[shape[0], shape[1], shape[2], 3], pixels)?;
    archive.finish()
}

/// Writes the reference's `mini_npz`: `depth`, `conf`, `extrinsics` and `intrinsics`, as [`write_npz`] has them.
///
/// # Errors
/// As [`write_npz`].
pub fn write_mini_npz(to: impl Write + Seek, views: &[Arc<ViewPrediction>]) -> io::Result<()> {
    let mut archive = Archive::new(to);
    put_reference(&mut archive, views)?;
    archive.finish()
}

/// Number of views, height, width.
fn shape(views: &[Arc<ViewPrediction>]) -> [usize; 3] {
    let size = views.first().map_or([0, 0], |view| [view.height as usize, view.width as usize]);
    [views.len(), size[0], size[1]]
}

/// What both of the reference's archives hold.
fn put_reference(archive: &mut Archive<impl Write + Seek>, views: &[Arc<ViewPrediction>]) -> io::Result<()> {
    let shape = shape(views);
    archive.array("depth", &shape, values(every(views, |v| Some(&v.depth))).map(|d| rounded(d, 1e8)))?;
    if let Some(maps) = every(views, |v| v.confidence.as_deref()) {
        archive.array("conf", &shape, values(Some(maps)).map(|c| rounded(c, 1e2)))?;
    }
    if views.iter().all(|view| view.camera.pose.is_some()) {
        let poses = views.iter().flat_map(|view| view.camera.camera_from_world.rows());
        archive.array("extrinsics", &[views.len(), 3, 4], poses.flatten())?;
        let lenses = views.iter().flat_map(|view| view.camera.intrinsics.rows());
        archive.array("intrinsics", &[views.len(), 3, 3], lenses.flatten())?;
    }
    Ok(())
}

/// A view without a mask has a surface everywhere.
fn background(view: &ViewPrediction) -> impl Iterator<Item = bool> {
    let mask = view.background.as_deref();
    (0..view.depth.len()).map(move |i| mask.is_some_and(|mask| mask.get(i) == Some(&true)))
}

/// One map of each view, where all have it.
fn every<'a, T>(
    views: &'a [Arc<ViewPrediction>],
    map: impl Fn(&'a ViewPrediction) -> Option<&'a [T]>,
) -> Option<Vec<&'a [T]>> {
    views.iter().map(|view| map(view)).collect()
}

fn values<'a, T: Element + 'a>(maps: Option<Vec<&'a [T]>>) -> impl Iterator<Item = T> + 'a {
    maps.unwrap_or_default().into_iter().flatten().copied()
}

/// To a number of decimals, halves to even, as NumPy's `round` does.
fn rounded(value: f32, steps: f64) -> f32 {
    ((f64::from(value) * steps).round_ties_even() / steps) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_as_numpy_does() {
        assert_eq!(rounded(1.234_567_9, 1e2), 1.23);
        assert_eq!(rounded(0.125, 1e2), 0.12);
        assert_eq!(rounded(1e20, 1e8), 1e20);
        assert!(rounded(f32::INFINITY, 1e8).is_infinite());
    }
}
