//! What a lens does beyond a pinhole, and the way back.

use serde::{Deserialize, Serialize};

/// Rays farther from the axis have no place on a plane before the camera, or one that is too far away to be of use.
const MOST_ANGLE: f64 = 1.55;
/// Steps of Newton's method; where it converges, it does so in less than ten.
const MOST_STEPS: usize = 40;
/// Places between the axis and a point at which a lens must not have folded its picture over.
const PLACES: usize = 12;

/// How a lens brings a ray to a plane, before anything bends it further.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum Projection {
    /// By the tangent of its angle to the axis.
    #[default]
    Pinhole,
    /// By the angle itself: the usual fisheye.
    Equidistant,
    /// Devernay's lens of one parameter: the field of view of an ideal fisheye, in radians.
    FieldOfView(f64),
}

/// Where a lens puts the points that a pinhole would put elsewhere, on the plane at distance 1 before the camera.
///
/// This is what the models of OpenCV and COLMAP have in common. With r² = x² + y² of the projected point p, it goes to
/// p·(1 + Σ `radial`ᵢ·r²ⁱ) ÷ (1 + Σ `radial_below`ᵢ·r²ⁱ), i from 1, and further by q·r² + 2·(q·p)·p with q = `tangential`
/// (which others call p₂, p₁), and by `prism`₀·r² + `prism`₁·r⁴.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Distortion {
    pub projection: Projection,
    pub radial: [f64; 6],
    pub radial_below: [f64; 3],
    pub tangential: [f64; 2],
    pub prism: [[f64; 2]; 2],
    /// What is not radial follows from where the radial part has brought the point, instead of from where it was before.
    pub is_radial_first: bool,
}

impl Distortion {
    /// A pinhole.
    pub const NONE: Self = Self {
        projection: Projection::Pinhole,
        radial: [0.0; 6],
        radial_below: [0.0; 3],
        tangential: [0.0; 2],
        prism: [[0.0; 2]; 2],
        is_radial_first: false,
    };

    /// With these first factors of r², r⁴, …; those beyond six are ignored.
    pub fn radial(projection: Projection, factors: &[f64]) -> Self {
        let mut radial = [0.0; 6];
        radial.iter_mut().zip(factors).for_each(|(to, from)| *to = *from);
        Self { projection, radial, ..Self::NONE }
    }

    /// Whether the lens is a pinhole.
    pub fn is_none(&self) -> bool {
        Self { is_radial_first: false, ..*self } == Self::NONE
    }

    pub fn is_finite(&self) -> bool {
        let omega = if let Projection::FieldOfView(omega) = self.projection { omega } else { 0.0 };
        let mut all =
            self.radial.iter().chain(&self.radial_below).chain(&self.tangential).chain(self.prism.as_flattened());
        omega.is_finite() && all.all(|v| v.is_finite())
    }

    /// Where the lens puts what a pinhole would put at `point`.
    pub fn distort(&self, point: [f64; 2]) -> [f64; 2] {
        self.bent(self.projected(point))
    }

    /// Where a pinhole would put what the lens puts at `point`; `None` where the model says nothing of such a point, and where
    /// its ray is so far from the axis that no pinhole shows it.
    pub fn undistort(&self, point: [f64; 2]) -> Option<[f64; 2]> {
        let [x, y] = self.straightened(point)?;
        let radius = x.hypot(y);
        if radius < 1e-12 {
            return Some([x, y]);
        }
        let at = match self.projection {
            Projection::Pinhole => radius,
            Projection::Equidistant => (radius < MOST_ANGLE).then(|| radius.tan())?,
            Projection::FieldOfView(omega) => {
                let angle = radius * omega;
                (angle < MOST_ANGLE).then(|| angle.tan() / (2.0 * (omega / 2.0).tan()))?
            }
        };
        Some([x * at / radius, y * at / radius])
    }

    /// The angle in radians between the axis and the ray that the lens brings to `point`; beyond π/2 it comes from behind.
    pub fn angle(&self, point: [f64; 2]) -> Option<f64> {
        match self.projection {
            Projection::Equidistant => self.straightened(point).map(|[x, y]| x.hypot(y)),
            _ => self.undistort(point).map(|[x, y]| x.hypot(y).atan()),
        }
    }

    /// The same lens after its picture was turned clockwise by a quarter as often as `quarters` says.
    pub fn turned(&self, quarters: u8) -> Self {
        let turn = |vector: [f64; 2]| (0..quarters % 4).fold(vector, |[x, y], _| [-y, x]);
        Self { tangential: turn(self.tangential), prism: self.prism.map(turn), ..*self }
    }

    fn projected(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        let radius = x.hypot(y);
        if radius < 1e-12 {
            return [x, y];
        }
        let at = match self.projection {
            Projection::Pinhole => radius,
            Projection::Equidistant => radius.atan(),
            Projection::FieldOfView(omega) => (2.0 * radius * (omega / 2.0).tan()).atan() / omega,
        };
        [x * at / radius, y * at / radius]
    }

    fn bent(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        let r2 = x * x + y * y;
        let series = |factors: &[f64]| 1.0 + factors.iter().rev().fold(0.0, |sum, factor| (sum + factor) * r2);
        let radial = series(&self.radial) / series(&self.radial_below);
        let [rx, ry] = [x * radial, y * radial];
        let [x, y] = if self.is_radial_first { [rx, ry] } else { [x, y] };
        let r2 = x * x + y * y;
        let [qx, qy] = self.tangential;
        let along = 2.0 * (qx * x + qy * y);
        let [[ax, ay], [bx, by]] = self.prism;
        [rx + qx * r2 + along * x + (ax + bx * r2) * r2, ry + qy * r2 + along * y + (ay + by * r2) * r2]
    }

    /// How [`Self::bent`] changes with its point: by x, by y.
    fn change(&self, [x, y]: [f64; 2]) -> [[f64; 2]; 2] {
        const STEP: f64 = 1e-6;
        let slope = |ahead: [f64; 2], behind: [f64; 2]| {
            let (a, b) = (self.bent(ahead), self.bent(behind));
            [(a[0] - b[0]) / (2.0 * STEP), (a[1] - b[1]) / (2.0 * STEP)]
        };
        [slope([x + STEP, y], [x - STEP, y]), slope([x, y + STEP], [x, y - STEP])]
    }

    /// The way back through [`Self::bent`], by Newton's method.
    fn straightened(&self, point: [f64; 2]) -> Option<[f64; 2]> {
        let mut found = point;
        for _ in 0..MOST_STEPS {
            let at = self.bent(found);
            let [dx, dy] = [at[0] - point[0], at[1] - point[1]];
            if dx.hypot(dy) < 1e-12 * (1.0 + point[0].hypot(point[1])) {
                break;
            }
            let [[a, c], [b, d]] = self.change(found);
            let determinant = a * d - b * c;
            // Beyond its largest circle a lens folds over; a shorter step back to the axis may still find the way.
            if determinant < 1e-9 {
                found = [found[0] * 0.7, found[1] * 0.7];
                continue;
            }
            found = [found[0] - (d * dx - b * dy) / determinant, found[1] - (a * dy - c * dx) / determinant];
        }
        let [dx, dy] = [0, 1].map(|axis| self.bent(found)[axis] - point[axis]);
        let is_found = dx.hypot(dy) < 1e-9 * (1.0 + point[0].hypot(point[1]));
        let is_first = (1..=PLACES).all(|place| {
            let part = place as f64 / PLACES as f64;
            let [[a, c], [b, d]] = self.change(found.map(|v| v * part));
            a * d - b * c > 0.0
        });
        (is_found && is_first).then_some(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const F: [f64; 2] = [500.0, 510.0];
    const POINTS: [[f64; 2]; 3] = [[0.3, -0.2], [-0.55, 0.4], [0.05, 0.6]];

    /// Lenses with the pixels at which pycolmap 4.2 shows [`POINTS`]; the focal length is [`F`], the principal point 320, 240.
    fn lenses() -> Vec<(Distortion, [[f64; 2]; 3])> {
        let fisheye = [-0.03, 0.004, -0.002, 0.0005];
        let pinhole = |radial: &[f64]| Distortion::radial(Projection::Pinhole, radial);
        let opencv = Distortion { tangential: [-0.003, 0.002], ..pinhole(&[-0.25, 0.08]) };
        vec![
            (opencv, [[464.7428, 141.574896], [70.049687, 425.3748], [342.505938, 522.497925]]),
            (
                Distortion {
                    radial_below: [0.02, -0.01, 0.005],
                    tangential: [-0.003, 0.002],
                    ..pinhole(&[-0.25, 0.08, 0.01])
                },
                [[464.392064, 141.813397], [71.650943, 424.186959], [342.376657, 520.915534]],
            ),
            (
                Distortion::radial(Projection::Equidistant, &fisheye),
                [[463.454818, 142.450723], [80.981723, 417.308104], [342.311566, 513.093564]],
            ),
            (
                Distortion { projection: Projection::FieldOfView(0.9), ..Distortion::NONE },
                [[474.942377, 134.639184], [58.823843, 433.745222], [344.306327, 537.509448]],
            ),
            (
                Distortion {
                    tangential: [-0.003, 0.002],
                    prism: [[0.003, -0.002], [0.0; 2]],
                    ..Distortion::radial(Projection::Equidistant, &[-0.03, 0.004, 0.001, -0.0005])
                },
                [[463.096285, 142.694526], [79.913564, 418.100483], [342.355646, 513.633101]],
            ),
            (
                Distortion {
                    tangential: [0.002, -0.003],
                    prism: [[0.003, 0.002], [-0.001, 0.0015]],
                    is_radial_first: true,
                    ..Distortion::radial(Projection::Equidistant, &[0.05, -0.02, 0.01, -0.003, 0.002, -0.0005])
                },
                [[465.418185, 141.266004], [76.566367, 421.131611], [343.43769, 518.123276]],
            ),
        ]
    }

    fn near(a: [f64; 2], b: [f64; 2], tolerance: f64) -> bool {
        (a[0] - b[0]).hypot(a[1] - b[1]) < tolerance
    }

    #[test]
    fn lenses_show_points_where_colmap_does_and_the_way_back_is_exact() {
        for (lens, pixels) in lenses() {
            for (point, expected) in POINTS.into_iter().zip(pixels) {
                let shown = lens.distort(point);
                let pixel = [F[0] * shown[0] + 320.0, F[1] * shown[1] + 240.0];
                assert!(near(pixel, expected, 2e-6), "{lens:?} {point:?}: {pixel:?} for {expected:?}");
                let back = lens.undistort(shown).expect("within the lens");
                assert!(near(back, point, 1e-9), "{lens:?} {point:?}: {back:?}");
            }
        }
    }

    #[test]
    fn a_turned_lens_shows_turned_points() {
        for (lens, _) in lenses() {
            for quarters in 0..4 {
                let turn = |point: [f64; 2]| (0..quarters).fold(point, |[x, y], _| [-y, x]);
                for point in POINTS {
                    let shown = lens.turned(quarters).distort(turn(point));
                    assert!(near(shown, turn(lens.distort(point)), 1e-12), "{quarters} {lens:?}");
                }
            }
        }
    }

    #[test]
    fn what_a_lens_cannot_show_has_no_way_back() {
        // 1 - 0.5 r² is largest at r = √(2/3), where it shows 0.5443.
        let folds = Distortion::radial(Projection::Pinhole, &[-0.5]);
        assert!(folds.undistort([0.54, 0.0]).is_some_and(|[x, _]| x > 0.7 && x < 0.8165));
        assert_eq!(folds.undistort([0.56, 0.0]), None);
        let fisheye = Distortion { projection: Projection::Equidistant, ..Distortion::NONE };
        assert_eq!(fisheye.undistort([1.6, 0.0]), None);
        assert!((fisheye.angle([0.0, 1.6]).expect("an angle") - 1.6).abs() < 1e-12);
        assert!((folds.angle([0.0, 0.0]).expect("the axis")).abs() < 1e-12);
        assert!(Distortion::NONE.is_none() && !fisheye.is_none() && !folds.is_none());
        assert!(!Distortion::radial(Projection::Pinhole, &[f64::NAN]).is_finite());
    }
}
