//! A view's maps at the size in which they are written.

use super::Enlarging;
use crate::inference::ViewPrediction;

/// Neighbours whose depths differ by more than this part of the smaller one belong to different surfaces.
const STEP: f32 = 0.1;

/// Maps of one view at some size, row-major.
#[derive(Clone, Debug)]
pub(super) struct SizedMaps {
    pub size: [u32; 2],
    /// How depth and confidence came to this size; `None` for the size in which the network gave them.
    pub enlarging: Option<Enlarging>,
    pub depth: Vec<f32>,
    pub confidence: Option<Vec<f32>>,
    pub background: Option<Vec<bool>>,
    pub sky: Option<Vec<bool>>,
}

impl SizedMaps {
    /// The maps as the network gave them.
    pub fn as_processed(view: &ViewPrediction) -> Self {
        Self {
            size: [view.width, view.height],
            enlarging: None,
            depth: view.depth.clone(),
            confidence: view.confidence.clone(),
            background: view.background.clone(),
            sky: view.sky.clone(),
        }
    }

    /// The maps at the photo's size; masks take the nearest pixel. What lies outside of the part that the network saw is
    /// background of depth 0. Where a straight picture was made of the photo, the maps are of that.
    pub fn as_photo(view: &ViewPrediction, enlarging: Enlarging) -> Self {
        let grid = Grid::new(view);
        let enlarged = |map: &[f32]| match enlarging {
            // Between something and nothing there is nothing.
            Enlarging::Bilinear => grid.between(map, |around| around.iter().all(|&at| view.depth[at] > 0.0)),
            Enlarging::EdgeAware => grid.between(map, |around| is_one_surface(around.map(|at| view.depth[at]))),
            Enlarging::Nearest => grid.nearest(map),
        };
        Self {
            size: view.photo_size,
            enlarging: Some(enlarging),
            depth: enlarged(&view.depth),
            confidence: view.confidence.as_deref().map(enlarged),
            background: grid.background(view.background.as_deref()),
            sky: view.sky.as_ref().map(|mask| grid.nearest(mask)),
        }
    }
}

/// Depth at the size of the part of the photo that the maps show ([`crate::inference::PhotoPart::pixels`]), row-major, in the
/// prediction's unit: smooth but for the edges of things ([`Enlarging::EdgeAware`]).
pub fn full_size_depth(view: &ViewPrediction) -> Vec<f32> {
    Grid::within_part(view).between(&view.depth, |around| is_one_surface(around.map(|at| view.depth[at])))
}

pub(super) fn is_one_surface(depths: [f32; 4]) -> bool {
    let (near, far) = depths.iter().fold((f32::MAX, f32::MIN), |(near, far), &d| (near.min(d), far.max(d)));
    far - near <= STEP * near
}

/// Where the pixels of a photo look, corners of its part on corners of the maps: the part's pixel i at i·(in−1)/(out−1). None
/// outside of it.
struct Grid {
    width: usize,
    columns: Vec<Option<Tap>>,
    rows: Vec<Option<Tap>>,
}

/// Two neighbouring positions, and how far something lies towards the second.
#[derive(Clone, Copy)]
struct Tap {
    first: usize,
    second: usize,
    fraction: f32,
}

impl Grid {
    fn new(view: &ViewPrediction) -> Self {
        let [left, top, width, height] = view.photo_part.pixels(view.photo_size);
        let axis = |from: u32, start: u32, length: u32, side: u32| {
            let tap = |i: u32| (start..start + length).contains(&i).then(|| Tap::new(i - start, from, length));
            (0..side).map(tap).collect()
        };
        Self {
            width: view.width as usize,
            columns: axis(view.width, left, width, view.photo_size[0]),
            rows: axis(view.height, top, height, view.photo_size[1]),
        }
    }

    /// The same for the pixels of the part alone.
    fn within_part(view: &ViewPrediction) -> Self {
        let mut grid = Self::new(view);
        grid.columns.retain(Option::is_some);
        grid.rows.retain(Option::is_some);
        grid
    }

    /// Every pixel of the photo in row order, with where it looks.
    fn pixels(&self) -> impl Iterator<Item = Option<(&Tap, &Tap)>> {
        self.rows.iter().flat_map(|y| self.columns.iter().map(move |x| x.as_ref().zip(y.as_ref())))
    }

    /// A mask, and all outside of the part.
    fn background(&self, mask: Option<&[bool]>) -> Option<Vec<bool>> {
        let is_whole = self.rows.iter().chain(&self.columns).all(Option::is_some);
        let inside = |(x, y): (&Tap, &Tap)| mask.is_some_and(|mask| mask[y.nearest() * self.width + x.nearest()]);
        (mask.is_some() || !is_whole).then(|| self.pixels().map(|at| at.is_none_or(inside)).collect())
    }

    /// Bilinear where `is_smooth` agrees for the four pixels around (their indices), else the nearest of them.
    fn between(&self, map: &[f32], is_smooth: impl Fn([usize; 4]) -> bool) -> Vec<f32> {
        let value = |(x, y): (&Tap, &Tap)| {
            let (upper, lower) = (y.first * self.width, y.second * self.width);
            let around = [upper + x.first, upper + x.second, lower + x.first, lower + x.second];
            if !is_smooth(around) {
                return map[y.nearest() * self.width + x.nearest()];
            }
            let [a, b, c, d] = around.map(|at| map[at]);
            let (top, bottom) = (a + (b - a) * x.fraction, c + (d - c) * x.fraction);
            top + (bottom - top) * y.fraction
        };
        self.pixels().map(|at| at.map_or(0.0, value)).collect()
    }

    fn nearest<T: Copy + Default>(&self, map: &[T]) -> Vec<T> {
        let value = |(x, y): (&Tap, &Tap)| map[y.nearest() * self.width + x.nearest()];
        self.pixels().map(|at| at.map_or(T::default(), value)).collect()
    }
}

impl Tap {
    fn new(i: u32, from: u32, to: u32) -> Self {
        if to <= 1 || from <= 1 {
            return Self { first: 0, second: 0, fraction: 0.0 };
        }
        let position = f64::from(i) * f64::from(from - 1) / f64::from(to - 1);
        let first = (position as usize).min(from as usize - 1);
        let second = (first + 1).min(from as usize - 1);
        Self { first, second, fraction: (position - first as f64) as f32 }
    }

    fn nearest(&self) -> usize {
        if self.fraction < 0.5 { self.first } else { self.second }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::examples::synthetic;
    use crate::inference::PhotoPart;
    use crate::input::ViewId;

    fn flat_view(width: u32, height: u32, depth: f32) -> ViewPrediction {
        let view = synthetic::render(0, width, height).into_prediction(ViewId(0), "a.jpg".into());
        ViewPrediction { depth: vec![depth; (width * height) as usize], background: None, ..view }
    }

    fn grid([width, height]: [u32; 2], photo_size: [u32; 2]) -> Grid {
        let view = flat_view(width, height, 1.0);
        Grid::new(&ViewPrediction { photo_size, photo_part: PhotoPart::whole(photo_size), ..view })
    }

    fn bilinear(map: &[f32], from: [u32; 2], to: [u32; 2]) -> Vec<f32> {
        grid(from, to).between(map, |_| true)
    }

    #[test]
    fn nothing_is_said_of_what_was_cropped_away() {
        let part = PhotoPart { left: 2.0, top: 0.0, width: 4.0, height: 2.0 };
        let view = ViewPrediction { photo_size: [8, 2], photo_part: part, ..flat_view(2, 1, 3.0) };
        let maps = SizedMaps::as_photo(&view, Enlarging::Nearest);
        assert_eq!(maps.depth[..8], [0.0, 0.0, 3.0, 3.0, 3.0, 3.0, 0.0, 0.0]);
        let background = maps.background.expect("a rim");
        assert_eq!(background[..8], [true, true, false, false, false, false, true, true]);
        assert_eq!(full_size_depth(&view), [3.0; 4 * 2], "the part alone");
    }

    #[test]
    fn corners_stay_and_slopes_are_straight() {
        // Depth = x + 10·y is reproduced exactly at any size.
        let map: Vec<f32> = (0..3).flat_map(|y| (0..5).map(move |x| x as f32 + 10.0 * y as f32)).collect();
        let out = bilinear(&map, [5, 3], [9, 7]);
        for y in 0..7 {
            for x in 0..9 {
                let expected = x as f32 * 0.5 + 10.0 * y as f32 / 3.0;
                assert!((out[y * 9 + x] - expected).abs() < 1e-5);
            }
        }
        assert_eq!(bilinear(&map, [5, 3], [5, 3]), map);
        assert_eq!(bilinear(&map, [5, 3], [1, 1]), [0.0]);
        assert_eq!(bilinear(&[7.0], [1, 1], [2, 2]), [7.0; 4]);
    }

    #[test]
    fn nothing_hangs_between_two_surfaces() {
        let map = [1.0, 1.05, 3.0];
        let grid = grid([3, 1], [5, 1]);
        let out = grid.between(&map, |around| is_one_surface(around.map(|at| map[at])));
        assert!((out[1] - 1.025).abs() < 1e-6, "smooth within a surface");
        assert_eq!([out[0], out[2], out[3], out[4]], [1.0, 1.05, 3.0, 3.0]);
        assert_eq!(grid.nearest(&map), [1.0, 1.05, 1.05, 3.0, 3.0]);
    }

    #[test]
    fn masks_take_the_nearest_pixel() {
        let grid = grid([2, 1], [4, 2]);
        assert_eq!(grid.nearest(&[true, false]), [true, true, false, false, true, true, false, false]);
    }
}
