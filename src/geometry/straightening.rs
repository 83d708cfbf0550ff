//! From the picture of a lens that distorts to that of a pinhole in its place.

use super::{Distortion, Intrinsics, Projection};

/// A pinhole that sees more than this across shows little but its rim.
const MOST_DEGREES: f64 = 120.0;
/// Places along each side of a picture that are looked at.
const PLACES: usize = 32;

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
        for place in 0..=PLACES {
            let part = place as f64 / PLACES as f64;
            let (u, v) = (width * part, height * part);
            for (at, axis, side) in [
                ((0.0, v), 0, -cx / fx),
                ((width, v), 0, (width - cx) / fx),
                ((u, 0.0), 1, -cy / fy),
                ((u, height), 1, (height - cy) / fy),
            ] {
                match back(at.0, at.1) {
                    // A side on the wrong side of the axis has no say.
                    Some(point) if point[axis] * side > 0.0 => zoom = zoom.max(side / point[axis]),
                    Some(_) => {}
                    None if distortion.projection == Projection::Pinhole => return Err(Crooked::Folded),
                    // Corners of a fisheye may lie beyond what a plane shows.
                    None => {}
                }
            }
        }
        if !(zoom > 0.0 && zoom.is_finite()) {
            return Err(Crooked::Folded);
        }
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
        let folds = Distortion::radial(Projection::Pinhole, &[-2.0]);
        assert_eq!(Straightening::new(lens, folds, SIZE), Err(Crooked::Folded));
    }
}
