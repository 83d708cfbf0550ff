//! COLMAP's camera models: how many numbers a lens has, and what they mean.

use crate::geometry::{Distortion, Intrinsics, Projection};

/// A camera model of COLMAP.
#[derive(Debug, PartialEq)]
pub struct Model {
    pub name: &'static str,
    /// How many there are.
    pub parameters: usize,
}

const fn model(name: &'static str, parameters: usize) -> Model {
    Model { name, parameters }
}

/// In the order of their numbers. The last ones came with COLMAP 4; lenses of theirs are told from each other, and those
/// that are not understood are said to be newer.
static MODELS: [Model; 18] = [
    model("SIMPLE_PINHOLE", 3),
    model("PINHOLE", 4),
    model("SIMPLE_RADIAL", 4),
    model("RADIAL", 5),
    model("OPENCV", 8),
    model("OPENCV_FISHEYE", 8),
    model("FULL_OPENCV", 12),
    model("FOV", 5),
    model("SIMPLE_RADIAL_FISHEYE", 4),
    model("RADIAL_FISHEYE", 5),
    model("THIN_PRISM_FISHEYE", 12),
    model("RAD_TAN_THIN_PRISM_FISHEYE", 16),
    model("SIMPLE_DIVISION", 4),
    model("DIVISION", 5),
    model("SIMPLE_FISHEYE", 3),
    model("FISHEYE", 4),
    model("EUCM", 6),
    model("EQUIRECTANGULAR", 2),
];

pub fn model_named(name: &str) -> Option<&'static Model> {
    MODELS.iter().find(|model| model.name == name)
}

pub fn model_numbered(number: u32) -> Option<&'static Model> {
    MODELS.get(usize::try_from(number).ok()?)
}

impl Model {
    /// The lens with these parameters; `None` where this is not understood.
    pub fn lens(&self, parameters: &[f64]) -> Option<(Intrinsics, Distortion)> {
        use Projection::{Equidistant, FieldOfView, Pinhole};
        let bent = Distortion::radial;
        // One focal length or two, the principal point, and then what bends.
        let is_simple =
            ["SIMPLE_PINHOLE", "SIMPLE_RADIAL", "RADIAL", "SIMPLE_RADIAL_FISHEYE", "RADIAL_FISHEYE", "SIMPLE_FISHEYE"]
                .contains(&self.name);
        let ([fx, fy, cx, cy], rest) = match *parameters {
            [f, cx, cy, ref rest @ ..] if is_simple => ([f, f, cx, cy], rest),
            [fx, fy, cx, cy, ref rest @ ..] => ([fx, fy, cx, cy], rest),
            _ => return None,
        };
        let distortion = match (self.name, rest) {
            ("SIMPLE_PINHOLE" | "PINHOLE" | "SIMPLE_RADIAL" | "RADIAL", radial) => bent(Pinhole, radial),
            ("SIMPLE_RADIAL_FISHEYE" | "RADIAL_FISHEYE" | "OPENCV_FISHEYE" | "SIMPLE_FISHEYE" | "FISHEYE", radial) => {
                bent(Equidistant, radial)
            }
            ("OPENCV", &[k1, k2, p1, p2]) => Distortion { tangential: [p2, p1], ..bent(Pinhole, &[k1, k2]) },
            ("FULL_OPENCV", &[k1, k2, p1, p2, k3, k4, k5, k6]) => {
                Distortion { radial_below: [k4, k5, k6], tangential: [p2, p1], ..bent(Pinhole, &[k1, k2, k3]) }
            }
            // Without an angle it is a pinhole.
            ("FOV", &[omega]) if omega.abs() < 1e-9 => Distortion::NONE,
            ("FOV", &[omega]) => bent(FieldOfView(omega), &[]),
            ("THIN_PRISM_FISHEYE", &[k1, k2, p1, p2, k3, k4, sx, sy]) => {
                Distortion { tangential: [p2, p1], prism: [[sx, sy], [0.0; 2]], ..bent(Equidistant, &[k1, k2, k3, k4]) }
            }
            ("RAD_TAN_THIN_PRISM_FISHEYE", &[k0, k1, k2, k3, k4, k5, p0, p1, s0, s1, s2, s3]) => Distortion {
                tangential: [p0, p1],
                prism: [[s0, s2], [s1, s3]],
                is_radial_first: true,
                ..bent(Equidistant, &[k0, k1, k2, k3, k4, k5])
            },
            _ => return None,
        };
        let [fx, fy, cx, cy] = [fx, fy, cx, cy].map(|v| v as f32);
        Some((Intrinsics { fx, fy, cx, cy }, distortion))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A model, its focal lengths and principal point, what bends, and two pixels.
    type Case<'a> = (&'a str, &'a [f64], &'a [f64], [f64; 4]);

    /// Where pycolmap 4.2 shows (0.3, -0.2, 1) with the parameters of the first line, (-0.55, 0.4, 1) as well.
    #[test]
    fn every_model_shows_points_where_colmap_does() {
        let (s, k) = ([500.0, 320.0, 240.0], [500.0, 510.0, 320.0, 240.0]);
        let cases: [Case<'_>; 14] = [
            ("SIMPLE_PINHOLE", &s, &[], [470.0, 140.0, 45.0, 440.0]),
            ("PINHOLE", &k, &[], [470.0, 138.0, 45.0, 444.0]),
            ("SIMPLE_RADIAL", &s, &[-0.12], [467.66, 141.56, 60.2625, 428.9]),
            ("RADIAL", &s, &[-0.2, 0.05], [466.22675, 142.5155, 67.496289, 423.639062]),
            ("OPENCV", &k, &[-0.25, 0.08, 0.002, -0.003], [464.7428, 141.574896, 70.049687, 425.3748]),
            (
                "FULL_OPENCV",
                &k,
                &[-0.25, 0.08, 0.002, -0.003, 0.01, 0.02, -0.01, 0.005],
                [464.392064, 141.813397, 71.650943, 424.186959],
            ),
            ("OPENCV_FISHEYE", &k, &[-0.03, 0.004, -0.002, 0.0005], [463.454818, 142.450723, 80.981723, 417.308104]),
            ("SIMPLE_RADIAL_FISHEYE", &s, &[0.05], [464.8262, 143.4492, 74.193612, 418.768282]),
            ("RADIAL_FISHEYE", &s, &[0.05, -0.01], [464.805556, 143.462963, 74.500849, 418.544837]),
            ("FOV", &k, &[0.9], [474.942377, 134.639184, 58.823843, 433.745222]),
            (
                "THIN_PRISM_FISHEYE",
                &k,
                &[-0.03, 0.004, 0.002, -0.003, 0.001, -0.0005, 0.003, -0.002],
                [463.096285, 142.694526, 79.913564, 418.100483],
            ),
            (
                "RAD_TAN_THIN_PRISM_FISHEYE",
                &k,
                &[0.05, -0.02, 0.01, -0.003, 0.002, -0.0005, 0.002, -0.003, 0.003, -0.001, 0.002, 0.0015],
                [465.418185, 141.266004, 76.566367, 421.131611],
            ),
            ("SIMPLE_FISHEYE", &s, &[], [463.964225, 144.02385, 78.500514, 415.63599]),
            ("FISHEYE", &k, &[], [463.964225, 142.104327, 78.500514, 419.14871]),
        ];
        for (name, first, rest, expected) in cases {
            let model = model_named(name).expect("known");
            let parameters = [first, rest].concat();
            assert_eq!(parameters.len(), model.parameters, "{name}");
            let (k, distortion) = model.lens(&parameters).expect("understood");
            for (point, pixel) in [[0.3, -0.2], [-0.55, 0.4]].into_iter().zip(expected.chunks(2)) {
                let [x, y] = distortion.distort(point);
                let found = [f64::from(k.fx) * x + f64::from(k.cx), f64::from(k.fy) * y + f64::from(k.cy)];
                assert!((found[0] - pixel[0]).abs() < 2e-6 && (found[1] - pixel[1]).abs() < 2e-6, "{name} {found:?}");
            }
        }
        for newer in ["SIMPLE_DIVISION", "DIVISION", "EUCM", "EQUIRECTANGULAR"] {
            let model = model_named(newer).expect("known by name");
            assert_eq!(model.lens(&vec![1.0; model.parameters]), None, "{newer}");
        }
        assert_eq!(model_numbered(11).map(|model| model.name), Some("RAD_TAN_THIN_PRISM_FISHEYE"));
        assert_eq!(model_numbered(18), None);
    }
}
