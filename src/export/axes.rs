//! Which way is up in files of points: their programs do not agree.

use glam::{Mat3, Vec3};
use serde::{Deserialize, Serialize};

use super::Format;
use crate::scene::Point;

/// What becomes of the cameras' world (OpenCV: x right, y down, z forward) in PLY, XYZ and LAS files. All are turns: nothing is
/// mirrored, and lengths stay.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Axes {
    /// As the format's programs expect it: z up for LAS, the world as it is for PLY and XYZ.
    #[default]
    Auto,
    Opencv,
    /// (x, −y, −z): of glTF, Maya, Nuke and most programs for pictures.
    YUp,
    /// (x, z, −y): of surveying, CAD and Blender.
    ZUp,
}

/// What a file of points has for axes, as `cameras.json` and the summary tell it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct FileAxes {
    pub axes: &'static str,
    /// Row by row, applied to columns: point of the file = M · point of the world.
    pub file_from_world: [[f32; 3]; 3],
}

impl Axes {
    /// The formats that have a say.
    pub const FORMATS: [Format; 3] = [Format::Ply, Format::Xyz, Format::Las];

    /// Of files of this format: never `Auto`.
    #[must_use]
    pub fn of(self, format: Format) -> Self {
        match (self, format) {
            (Self::Auto, Format::Las) => Self::ZUp,
            (Self::Auto, _) => Self::Opencv,
            (chosen, _) => chosen,
        }
    }

    /// In words, for a file's header.
    pub fn words(self) -> &'static str {
        match self {
            Self::Auto | Self::Opencv => "x right, y down, z forward",
            Self::YUp => "x right, y up, z backward",
            Self::ZUp => "x right, y forward, z up",
        }
    }

    /// The turn that brings the world into the file.
    pub fn turn(self) -> Mat3 {
        match self {
            Self::Auto | Self::Opencv => Mat3::IDENTITY,
            Self::YUp => Mat3::from_cols(Vec3::X, Vec3::NEG_Y, Vec3::NEG_Z),
            Self::ZUp => Mat3::from_cols(Vec3::X, Vec3::NEG_Z, Vec3::Y),
        }
    }

    pub fn told(self) -> FileAxes {
        FileAxes { axes: self.words(), file_from_world: self.turn().transpose().to_cols_array_2d() }
    }
}

/// Brings points and their normals from some axes to others. In place, because clouds are large; exact, because axes are only
/// swapped and turned round.
pub(super) fn turn(points: &mut [Point], from: Axes, to: Axes) {
    let turn = to.turn() * from.turn().transpose();
    if turn == Mat3::IDENTITY {
        return;
    }
    for point in points {
        (point.position, point.normal) = (turn * point.position, turn * point.normal);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turned(from: Axes, to: Axes, position: [f32; 3]) -> ([f32; 3], [f32; 3]) {
        let (position, normal) = (Vec3::from_array(position), Vec3::new(0.0, -1.0, 0.0));
        let mut points = [Point { position, normal, colour: [0; 3], confidence: None, view: 0 }];
        turn(&mut points, from, to);
        (points[0].position.to_array(), points[0].normal.to_array())
    }

    #[test]
    fn axes_are_swapped_and_what_was_up_is_up() {
        let world = [1.0, 2.0, 3.0];
        assert_eq!(turned(Axes::Opencv, Axes::Opencv, world), (world, [0.0, -1.0, 0.0]));
        assert_eq!(turned(Axes::Opencv, Axes::YUp, world), ([1.0, -2.0, -3.0], [0.0, 1.0, 0.0]));
        assert_eq!(turned(Axes::Opencv, Axes::ZUp, world), ([1.0, 3.0, -2.0], [0.0, 0.0, 1.0]));
        assert_eq!(turned(Axes::YUp, Axes::ZUp, [1.0, -2.0, -3.0]).0, [1.0, 3.0, -2.0]);
        for axes in [Axes::Opencv, Axes::YUp, Axes::ZUp] {
            assert_eq!(axes.turn().determinant(), 1.0, "a turn and no mirror");
            assert_eq!(turned(axes, Axes::Opencv, turned(Axes::Opencv, axes, world).0).0, world);
        }
        assert_eq!(Axes::ZUp.told().file_from_world, [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, -1.0, 0.0]]);
    }

    #[test]
    fn formats_have_their_own_axes_unless_some_are_chosen() {
        assert_eq!(Axes::FORMATS.map(|format| Axes::Auto.of(format)), [Axes::Opencv, Axes::Opencv, Axes::ZUp]);
        assert_eq!(Axes::FORMATS.map(|format| Axes::YUp.of(format)), [Axes::YUp; 3]);
    }
}
