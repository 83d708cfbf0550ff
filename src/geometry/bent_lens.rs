//! The lens that took a photo, where the photo was made straight for the network.

use serde::{Deserialize, Serialize};

use super::{Distortion, Intrinsics};

/// A lens that distorts. Pixels are those of the photo as it is shown, pixel centres at halves.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct BentLens {
    pub intrinsics: Intrinsics,
    pub distortion: Distortion,
}

impl BentLens {
    /// Where the lens shows what the camera of the straight picture shows at this place.
    pub fn bent(&self, straight: &Intrinsics, [u, v]: [f64; 2]) -> [f64; 2] {
        let k = numbers(straight);
        let [x, y] = self.distortion.distort([(u - k[2]) / k[0], (v - k[3]) / k[1]]);
        let k = numbers(&self.intrinsics);
        [x * k[0] + k[2], y * k[1] + k[3]]
    }

    /// Where the camera of the straight picture shows what the lens shows at this place; `None` where no pinhole shows that.
    pub fn straight(&self, straight: &Intrinsics, [u, v]: [f64; 2]) -> Option<[f64; 2]> {
        let k = numbers(&self.intrinsics);
        let [x, y] = self.distortion.undistort([(u - k[2]) / k[0], (v - k[3]) / k[1]])?;
        let k = numbers(straight);
        Some([x * k[0] + k[2], y * k[1] + k[3]])
    }

    pub fn is_finite(&self) -> bool {
        let k = numbers(&self.intrinsics);
        k.iter().all(|v| v.is_finite()) && k[0] > 0.0 && k[1] > 0.0 && self.distortion.is_finite()
    }
}

fn numbers(k: &Intrinsics) -> [f64; 4] {
    [k.fx, k.fy, k.cx, k.cy].map(f64::from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::{Projection, Straightening};

    #[test]
    fn there_and_back() {
        let intrinsics = Intrinsics { fx: 500.0, fy: 510.0, cx: 330.0, cy: 236.0 };
        let distortion =
            Distortion { tangential: [0.001, -0.002], ..Distortion::radial(Projection::Pinhole, &[-0.25, 0.08]) };
        let lens = BentLens { intrinsics, distortion };
        let by = Straightening::new(intrinsics, distortion, [640, 480]).expect("a usual lens");
        for place in [[0.5, 0.5], [320.0, 240.0], [639.5, 100.5]] {
            let bent = lens.bent(&by.straight, place);
            assert_eq!(bent, by.source_of(place[0], place[1]));
            let back = lens.straight(&by.straight, bent).expect("before the camera");
            assert!((back[0] - place[0]).hypot(back[1] - place[1]) < 1e-6, "{place:?}: {back:?}");
        }
    }
}
