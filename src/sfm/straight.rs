//! Maps of a photo whose lens turned out to bend, made those of a pinhole.

use crate::geometry::{BentLens, Straightening};
use crate::inference::ViewPrediction;
use crate::input::resampled;

/// A lens that moves no corner of the maps by more than this bends too little to matter, pixels.
const STRAIGHT: f64 = 0.5;

/// A view with this lens of its photo, in pixels of the photo: where it bends, maps and image are
/// drawn again as a pinhole would show them (bilinear; what is no surface by the nearest pixel).
pub(super) fn with_lens(view: &ViewPrediction, lens: &BentLens) -> ViewPrediction {
    let mut view = view.clone();
    let (part, size) = (view.photo_part, [view.width, view.height]);
    let [across, down] = part.scale(size);
    view.camera.intrinsics = part.camera_of_image(&lens.intrinsics, size);
    let by = Straightening::new(lens.intrinsics, lens.distortion, view.photo_size).ok();
    let Some(by) = by.filter(|by| by.corner_pixels > STRAIGHT * across) else { return view };
    view.camera.intrinsics = part.camera_of_image(&by.straight, size);
    view.bent = Some(*lens);
    // Where the maps so far show what the straight ones show; whole numbers are the centres of pixels.
    let source = |x: f64, y: f64| {
        let [u, v] = by.source_of(part.left + (x + 0.5) * across, part.top + (y + 0.5) * down);
        [(u - part.left) / across - 0.5, (v - part.top) / down - 0.5]
    };
    let width = size[0] as usize;
    let places: Vec<[f64; 2]> =
        (0..view.depth.len()).map(|pixel| source((pixel % width) as f64, (pixel / width) as f64)).collect();
    let nearest = |at: [f64; 2]| {
        let [x, y] = [0, 1].map(|axis| (at[axis].round().max(0.0) as usize).min(size[axis] as usize - 1));
        y * width + x
    };
    for map in [view.sky.as_mut(), view.background.as_mut()].into_iter().flatten() {
        *map = places.iter().map(|&place| map[nearest(place)]).collect();
    }
    let maps = [Some(&mut view.depth), view.disparity.as_mut(), view.confidence.as_mut()];
    for map in maps.into_iter().flatten() {
        // What is hidden has no depth, and none may come to it from beside it.
        let number = |&place: &[f64; 2]| if map[nearest(place)] > 0.0 { between(map, size, place) } else { 0.0 };
        *map = places.iter().map(number).collect();
    }
    view.image = resampled(&view.image, source);
    view
}

/// A map at a place between pixels: the mean of its neighbours that are not zero, by how near they are.
fn between(map: &[f32], [width, height]: [u32; 2], at: [f64; 2]) -> f32 {
    let sides = [width, height].map(|side| side as usize - 1);
    let at: [f64; 2] = std::array::from_fn(|axis| at[axis].clamp(0.0, sides[axis] as f64));
    let low = at.map(|at| at as usize);
    let high: [usize; 2] = std::array::from_fn(|axis| (low[axis] + 1).min(sides[axis]));
    let along: [f64; 2] = std::array::from_fn(|axis| at[axis] - low[axis] as f64);
    let corners = [(low[0], low[1]), (high[0], low[1]), (low[0], high[1]), (high[0], high[1])];
    let shares = [
        (1.0 - along[0]) * (1.0 - along[1]),
        along[0] * (1.0 - along[1]),
        (1.0 - along[0]) * along[1],
        along[0] * along[1],
    ];
    let mut sum = [0.0; 2];
    for ((x, y), share) in corners.into_iter().zip(shares) {
        let value = f64::from(map[y * width as usize + x]);
        if value > 0.0 {
            sum = [sum[0] + share * value, sum[1] + share];
        }
    }
    if sum[1] > 0.0 { (sum[0] / sum[1]) as f32 } else { 0.0 }
}
