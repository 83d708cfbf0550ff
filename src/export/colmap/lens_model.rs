//! Lenses in the words of COLMAP's camera models.

use crate::geometry::{Distortion, Projection};

/// A camera model: COLMAP's number and name of it, and its parameters.
#[derive(Clone, Debug, PartialEq)]
pub struct LensModel {
    pub number: i32,
    pub name: &'static str,
    pub parameters: Vec<f64>,
}

impl LensModel {
    /// The simplest model that says this of a lens with `k` = fx, fy, cx, cy; `None` where COLMAP has none.
    pub fn new(k: [f64; 4], lens: &Distortion) -> Option<Self> {
        let [k1, k2, k3, k4, k5, k6] = lens.radial;
        let [p2, p1] = lens.tangential;
        let [[sx, sy], [sx2, sy2]] = lens.prism;
        let is_below = lens.radial_below != [0.0; 3];
        let has_prism = lens.prism != [[0.0; 2]; 2];
        let (number, name, bent): (i32, &str, Vec<f64>) = match lens.projection {
            _ if lens.is_none() => (1, "PINHOLE", Vec::new()),
            Projection::Pinhole if !has_prism && !lens.is_radial_first && [k4, k5, k6] == [0.0; 3] => {
                if k3 == 0.0 && !is_below {
                    (4, "OPENCV", vec![k1, k2, p1, p2])
                } else {
                    let [below1, below2, below3] = lens.radial_below;
                    (6, "FULL_OPENCV", vec![k1, k2, p1, p2, k3, below1, below2, below3])
                }
            }
            Projection::FieldOfView(omega) if Distortion { projection: Projection::Pinhole, ..*lens }.is_none() => {
                (7, "FOV", vec![omega])
            }
            Projection::Equidistant if !is_below => match lens.is_radial_first {
                false if [k5, k6, sx2, sy2] != [0.0; 4] => return None,
                false if !has_prism && [p1, p2] == [0.0; 2] => (5, "OPENCV_FISHEYE", vec![k1, k2, k3, k4]),
                false => (10, "THIN_PRISM_FISHEYE", vec![k1, k2, p1, p2, k3, k4, sx, sy]),
                true => (11, "RAD_TAN_THIN_PRISM_FISHEYE", vec![k1, k2, k3, k4, k5, k6, p2, p1, sx, sx2, sy, sy2]),
            },
            _ => return None,
        };
        Some(Self { number, name, parameters: k.into_iter().chain(bent).collect() })
    }
}
