//! From the picture of a lens that distorts to that of a pinhole in its place.

use super::{Distortion, Intrinsics, Projection};

/// A pinhole that sees more than this across shows little but its rim.
const MOST_DEGREES: f64 = 120.0;
/// Places along each side of a picture that are looked at.
const PLACES: usize = 32;
/// By how much more the picture may be enlarged where its corners are what the lens's model says nothing of, and in how many
/// steps that is tried.
const MOST_MORE: f64 = 0.5;
const ZOOMS: u32 = 10;

/// Why there is no pinhole for a lens.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum Crooked {
    #[error("sees {degrees:.0}° across, and a straight picture shows {MOST_DEGREES:.0}° at most")]
    TooWide { degrees: f64 },
    #[error("has a distortion that folds its picture over, so that it cannot be undone")]
    Folded,
}

/// A pinhole of the same place, direction and picture size as a lens, whose picture the lens's picture fills.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Straightening {
    distortion: Distortion,
    lens: Intrinsics,
    /// The camera of the straight picture.
    pub straight: Intrinsics,
    /// How far a corner of the picture lies from where a pinhole of the lens's focal length had shown it, in pixels: the
    /// largest of those that such a pinhole shows at all.
    pub corner_pixels: f64,
}

impl Straightening {
    /// For a lens that takes pictures of `size`, [width, height] in pixels. Pixel centres lie at halves, as in COLMAP.
    ///
    /// # Errors
    /// See [`Crooked`].
    pub fn new(lens: Intrinsics, distortion: Distortion, size: [u32; 2]) -> Result<Self, Crooked> {
        let [width, height] = size.map(f64::from);
        let [fx, fy, cx, cy] = numbers(lens);
        let back = |u: f64, v: f64| distortion.undistort([(u - cx) / fx, (v - cy) / fy]);
        if distortion.projection != Projection::Pinhole {
            let angle = |u: f64, v: f64| distortion.angle([(u - cx) / fx, (v - cy) / fy]).ok_or(Crooked::Folded);
            let across = [angle(0.0, cy)? + angle(width, cy)?, angle(cx, 0.0)? + angle(cx, height)?];
            let degrees = across[0].max(across[1]).to_degrees();
            if degrees > MOST_DEGREES {
                return Err(Crooked::TooWide { degrees });
            }
        }
        // By which the focal length must grow for a side of the straight picture to lie within the lens's.
        let mut zoom = 0.0f64;
        for (u, v) in rim([width, height]) {
            let Some(point) = back(u, v) else { continue };
            let sides = [(u == 0.0 || u == width, 0, (u - cx) / fx), (v == 0.0 || v == height, 1, (v - cy) / fy)];
            for (_, axis, side) in sides.into_iter().filter(|(is_there, ..)| *is_there) {
                // A side on the wrong side of the axis has no say.
                if point[axis] * side > 0.0 {
                    zoom = zoom.max(side / point[axis]);
                }
            }
        }
        let is_shown = |zoom: f64| {
            rim([width, height]).all(|(u, v)| {
                let point = [(u - cx) / (fx * zoom), (v - cy) / (fy * zoom)];
                let [x, y] = distortion.distort(point);
                let is_near = |found: [f64; 2]| (found[0] - point[0]).hypot(found[1] - point[1]) < 1e-6;
                let within = |at: f64, side: f64| (-1.0..=side + 1.0).contains(&at);
                within(x * fx + cx, width)
                    && within(y * fy + cy, height)
                    && distortion.undistort([x, y]).is_some_and(is_near)
            })
        };
        // Corners that the model says nothing of have had no say so far.
        let zooms = (0..=ZOOMS).map(|step| zoom * (1.0 + MOST_MORE * f64::from(step) / f64::from(ZOOMS)));
        let zoom = zooms.filter(|zoom| *zoom > 0.0 && zoom.is_finite()).find(|&zoom| is_shown(zoom));
        let zoom = zoom.ok_or(Crooked::Folded)?;
        let corners = [(0.0, 0.0), (width, 0.0), (0.0, height), (width, height)];
        let off = corners.iter().filter_map(|&(u, v)| {
            let [x, y] = back(u, v)?;
            Some((x * fx + cx - u).hypot(y * fy + cy - v))
        });
        let corner_pixels = off.fold(0.0, f64::max);
        let zoom = zoom as f32;
        let straight = Intrinsics { fx: lens.fx * zoom, fy: lens.fy * zoom, ..lens };
        Ok(Self { distortion, lens, straight, corner_pixels })
    }

    /// Where the lens's picture shows what the straight one shows at this place; both in pixels, whose centres lie at halves.
    pub fn source_of(&self, u: f64, v: f64) -> [f64; 2] {
        let [fx, fy, cx, cy] = numbers(self.straight);
        let [x, y] = self.distortion.distort([(u - cx) / fx, (v - cy) / fy]);
        let [fx, fy, cx, cy] = numbers(self.lens);
        [x * fx + cx, y * fy + cy]
    }
}

/// Places along the four sides of a picture.
fn rim([width, height]: [f64; 2]) -> impl Iterator<Item = (f64, f64)> {
    (0..=PLACES).flat_map(move |place| {
        let part = place as f64 / PLACES as f64;
        let (u, v) = (width * part, height * part);
        [(0.0, v), (width, v), (u, 0.0), (u, height)]
    })
}

fn numbers(k: Intrinsics) -> [f64; 4] {
    [k.fx, k.fy, k.cx, k.cy].map(f64::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LENS: Intrinsics = Intrinsics { fx: 500.0, fy: 510.0, cx: 330.0, cy: 236.0 };
    const SIZE: [u32; 2] = [640, 480];

    #[test]
    fn the_straight_picture_is_filled_and_not_smaller_than_needed() {
        for radial in [[-0.25, 0.08], [0.1, 0.02], [0.0, 0.0]] {
            let lens = Distortion { tangential: [0.001, -0.002], ..Distortion::radial(Projection::Pinhole, &radial) };
            let straightening = Straightening::new(LENS, lens, SIZE).expect("a usual lens");
            let mut nearest = f64::MAX;
            for place in 0..=400 {
                let part = f64::from(place) / 400.0;
                for (u, v) in [(640.0 * part, 0.0), (640.0 * part, 480.0), (0.0, 480.0 * part), (640.0, 480.0 * part)] {
                    let [x, y] = straightening.source_of(u, v);
                    nearest = nearest.min(x.min(640.0 - x)).min(y.min(480.0 - y));
                }
            }
            assert!(nearest > -0.05, "{radial:?}: {nearest} px beyond the picture");
            assert!(nearest < 3.0, "{radial:?}: {nearest} px could be shown");
        }
        let none = Straightening::new(LENS, Distortion::NONE, SIZE).expect("a pinhole");
        assert!((none.straight.fx - LENS.fx).abs() < 1e-3 && none.corner_pixels < 1e-6);
    }

    #[test]
    fn corners_are_off_by_what_the_lens_bends_them() {
        let lens = Intrinsics { fx: 500.0, fy: 500.0, cx: 300.0, cy: 200.0 };
        // The corner lies at (0.6, 0.4), where it came from p with p·(1 − 0.1·|p|²) = that.
        let bent = Distortion::radial(Projection::Pinhole, &[-0.1]);
        let found = Straightening::new(lens, bent, [600, 400]).expect("a usual lens").corner_pixels;
        let mut radius = 0.52f64.sqrt();
        for _ in 0..100 {
            radius = 0.52f64.sqrt() / (1.0 - 0.1 * radius * radius);
        }
        assert!((found - 500.0 * (radius - 0.52f64.sqrt())).abs() < 1e-6, "{found}");
    }

    #[test]
    fn wide_lenses_and_folded_ones_are_refused() {
        let fisheye = Distortion { projection: Projection::Equidistant, ..Distortion::NONE };
        let lens = Intrinsics { fx: 320.0, fy: 320.0, cx: 320.0, cy: 240.0 };
        // 1.5 radians from top to bottom are shown whole; of the 2 radians across some are lost.
        let straight = Straightening::new(lens, fisheye, SIZE).expect("less than 120°").straight;
        assert!((straight.fx - 240.0 / 0.75f32.tan()).abs() < 1e-2, "{straight:?}");
        let wide = Intrinsics { fx: 200.0, fy: 200.0, ..lens };
        // 3.2 radians across.
        let refused = Straightening::new(wide, fisheye, SIZE);
        assert!(
            matches!(refused, Err(Crooked::TooWide { degrees }) if (degrees - 183.346).abs() < 1e-2),
            "{refused:?}"
        );
        // The corners of the picture lie beyond the largest circle, its sides within: the straight corners are shown.
        let lens = Intrinsics { fx: 640.0, fy: 640.0, ..lens };
        let corners = Distortion::radial(Projection::Pinhole, &[-0.5]);
        let straight = Straightening::new(lens, corners, SIZE).expect("a picture without those corners").straight;
        // What the lens shows at 240/640 above the axis comes from y with y·(1 − y²/2) = 240/640.
        assert!((straight.fx - 240.0 / 0.409279).abs() < 0.01, "{straight:?}");
        let folds = Distortion::radial(Projection::Pinhole, &[-2.0]);
        assert_eq!(Straightening::new(lens, folds, SIZE), Err(Crooked::Folded));
    }
}
