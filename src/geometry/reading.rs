//! In which convention poses were written: four readings of the same numbers, held against cameras that are known to be right.

use glam::{DVec3, Mat3, Vec3};
use serde::{Deserialize, Serialize};

use super::alignment::centre;
use super::{Rigid, Similarity, median, umeyama};

/// Axes of an OpenGL camera (y up, z back) in those of OpenCV (y down, z forward), and the other way round.
const TURNED_AXES: Mat3 = Mat3::from_diagonal(Vec3::new(1.0, -1.0, -1.0));
/// A reading fits better where its error is this many times smaller…
const SEVERAL_TIMES: f64 = 3.0;
/// …and that of the poses as they are given is no noise, in degrees.
const WORTH_SAYING: f64 = 10.0;

/// What the rows of a pose mean.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reading {
    /// w2c of an OpenCV camera.
    #[default]
    AsGiven,
    /// c2w of an OpenCV camera.
    Inverse,
    /// w2c of an OpenGL camera.
    OpenGl,
    /// c2w of an OpenGL camera.
    OpenGlInverse,
}

impl Reading {
    /// In the order in which they are offered.
    pub const ALL: [Self; 4] = [Self::AsGiven, Self::Inverse, Self::OpenGl, Self::OpenGlInverse];

    /// As shown to people.
    pub fn label(self) -> &'static str {
        match self {
            Self::AsGiven => "w2c, OpenCV axes",
            Self::Inverse => "c2w, OpenCV axes",
            Self::OpenGl => "w2c, OpenGL axes",
            Self::OpenGlInverse => "c2w, OpenGL axes",
        }
    }

    /// `camera_from_world` of an OpenCV camera whose pose was written so.
    pub fn read(self, pose: &Rigid) -> Rigid {
        let turned = Rigid::new(TURNED_AXES, Vec3::ZERO);
        match self {
            Self::AsGiven => *pose,
            Self::Inverse => pose.inverse(),
            Self::OpenGl => turned.after(pose),
            Self::OpenGlInverse => turned.after(&pose.inverse()),
        }
    }

    /// How a pose is written in this convention: the way back.
    pub fn written(self, camera_from_world: &Rigid) -> Rigid {
        match self {
            // These undo themselves.
            Self::AsGiven | Self::Inverse | Self::OpenGl => self.read(camera_from_world),
            Self::OpenGlInverse => Self::OpenGl.read(camera_from_world).inverse(),
        }
    }

    /// How far relative rotations of poses that are read so are from those of `right`: the median angle over all pairs, in
    /// degrees. `None` for fewer than two cameras.
    pub fn error(self, given: &[Rigid], right: &[Rigid]) -> Option<f64> {
        let rotations: Vec<Mat3> = given.iter().map(|pose| self.read(pose).rotation).collect();
        let mut angles = Vec::new();
        for i in 0..rotations.len().min(right.len()) {
            for j in 0..i {
                let between = |a: Mat3, b: Mat3| a * b.transpose();
                let off =
                    between(rotations[i], rotations[j]).transpose() * between(right[i].rotation, right[j].rotation);
                let trace = off.x_axis.x + off.y_axis.y + off.z_axis.z;
                angles.push(f64::from((trace - 1.0) / 2.0).clamp(-1.0, 1.0).acos().to_degrees());
            }
        }
        median(angles)
    }

    /// How far poses that are read so are from `right` in rotation and place, in degrees: [`Self::error`], and the angle under which
    /// the spread of the cameras sees what is left of their places after the best similarity. A walk around something upright turns
    /// the same way in two readings, so that rotations alone do not tell.
    fn misfit(self, given: &[Rigid], right: &[Rigid]) -> Option<f64> {
        let places: Vec<DVec3> = given.iter().map(|pose| centre(&self.read(pose))).collect();
        let right_places: Vec<DVec3> = right.iter().map(centre).collect();
        let rms = |distances: &mut dyn Iterator<Item = f64>| {
            (distances.map(|distance| distance * distance).sum::<f64>() / places.len() as f64).sqrt()
        };
        let mean = right_places.iter().sum::<DVec3>() / right_places.len().max(1) as f64;
        let spread = rms(&mut right_places.iter().map(|place| place.distance(mean)));
        let left = match umeyama(&places, &right_places).filter(Similarity::is_finite) {
            Some(fit) => rms(&mut places.iter().zip(&right_places).map(|(at, right)| fit.apply(*at).distance(*right))),
            None if places.len() < 3 => 0.0,
            None => spread,
        };
        let of_places = if spread > 0.0 { (left / spread).atan().to_degrees() } else { 0.0 };
        Some(self.error(given, right)? + of_places)
    }

    /// The reading that fits cameras several times better than the one that was used, and how far both are off, in degrees (its own
    /// and the other's); `None` where no other does.
    pub fn better(used: Self, given: &[Rigid], right: &[Rigid]) -> Option<(Self, [f64; 2])> {
        let with_error = |reading: Self| Some((reading, reading.misfit(given, right)?));
        let (best, error) = Self::ALL.into_iter().filter_map(with_error).min_by(|a, b| a.1.total_cmp(&b.1))?;
        let of_used = used.misfit(given, right)?;
        (best != used && of_used > WORTH_SAYING && of_used > SEVERAL_TIMES * error).then_some((best, [error, of_used]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Cameras on a bow that look at a point, none of them upright.
    fn cameras() -> Vec<Rigid> {
        let at = |i: u8| {
            let angle = f32::from(i) * 0.25;
            let eye = Vec3::new(3.0 * angle.sin(), 0.4 * angle, -3.0 * angle.cos());
            Rigid::looking_at(eye, Vec3::new(0.2, 0.1, 0.0), Vec3::new(0.1, 1.0, 0.2))
        };
        (0..6).map(at).collect()
    }

    #[test]
    fn each_convention_is_told_from_the_others() {
        let right = cameras();
        for reading in Reading::ALL {
            let given: Vec<Rigid> = right.iter().map(|pose| reading.written(pose)).collect();
            for (read, right) in given.iter().map(|pose| reading.read(pose)).zip(&right) {
                assert!(read.rotation.abs_diff_eq(right.rotation, 1e-5), "{reading:?}");
                assert!(read.translation.abs_diff_eq(right.translation, 1e-5), "{reading:?}");
            }
            let better = Reading::better(Reading::AsGiven, &given, &right);
            match reading {
                Reading::AsGiven => assert_eq!(better, None),
                _ => {
                    let (found, [error, before]) = better.expect("a better one");
                    assert_eq!(found, reading);
                    assert!(error < 0.2 && before > 10.0, "{reading:?}: {error} {before}");
                }
            }
            assert_eq!(Reading::better(reading, &given, &right), None, "{reading:?}");
        }
    }

    #[test]
    fn small_differences_are_not_worth_a_word() {
        let right = cameras();
        let off = Mat3::from_rotation_y(0.05);
        let given: Vec<Rigid> = (0..6)
            .zip(&right)
            .map(|(i, pose)| Rigid::new(if i % 2 == 0 { off * pose.rotation } else { pose.rotation }, pose.translation))
            .collect();
        assert_eq!(Reading::better(Reading::AsGiven, &given, &right), None);
        assert!((Reading::AsGiven.error(&given, &right).expect("pairs") - 0.05f64.to_degrees()).abs() < 0.1);
        assert_eq!(Reading::AsGiven.error(&given[..1], &right[..1]), None);
    }
}
