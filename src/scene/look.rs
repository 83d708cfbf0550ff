//! How a scene is drawn: plain data that the window remembers and the command line sets.

use glam::Vec3;
use serde::{Deserialize, Serialize};

use super::{ColourBy, ColourMap, Filters};

/// Everything about a picture but its camera, its size and which views are shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Look {
    pub filters: Filters,
    pub colour_by: ColourBy,
    pub colour_map: ColourMap,
    pub inverse_colours: bool,
    pub shape: Shape,
    pub sizing: Sizing,
    /// Screen points, or multiples of what `sizing` gives.
    pub point_size: f32,
    pub eye_dome: bool,
    /// 0..=1.
    pub eye_dome_strength: f32,
    pub frusta: bool,
    /// 1 is the size that suits the scene.
    pub frustum_size: f32,
    pub photos: bool,
    /// A line from camera to camera, in the order of the views.
    pub path: bool,
    pub grid: bool,
    pub axes: bool,
    pub up: UpAxis,
    /// sRGB; `None` follows the theme.
    pub background: Option<[u8; 3]>,
}

impl Default for Look {
    fn default() -> Self {
        Self {
            filters: Filters::default(),
            colour_by: ColourBy::default(),
            colour_map: ColourMap::default(),
            inverse_colours: false,
            shape: Shape::default(),
            sizing: Sizing::default(),
            point_size: 1.0,
            eye_dome: true,
            eye_dome_strength: 0.4,
            frusta: true,
            frustum_size: 1.0,
            photos: false,
            path: false,
            grid: false,
            axes: false,
            up: UpAxis::default(),
            background: None,
        }
    }
}

impl Look {
    /// The nearest look that can be chosen: one that was read may hold anything.
    #[must_use]
    pub fn within_limits(mut self) -> Self {
        let filters = &mut self.filters;
        filters.confidence_percentile = filters.confidence_percentile.clamp(0.0, 100.0);
        filters.edge = filters.edge.clamp(0.0, 1.0);
        filters.depth_range = filters.depth_range.map(|percentile| percentile.clamp(0.0, 100.0));
        filters.every = filters.every.clamp(1, 16);
        self.point_size = self.point_size.clamp(0.5, 8.0);
        self.eye_dome_strength = self.eye_dome_strength.clamp(0.0, 1.0);
        self.frustum_size = self.frustum_size.clamp(0.2, 5.0);
        self
    }
}

/// What is drawn of a depth map.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    /// A round point per pixel.
    #[default]
    Points,
    /// Triangles between neighbouring pixels, cut where the edge filter sees a step.
    Surface,
}

impl Shape {
    pub const ALL: [Self; 2] = [Self::Points, Self::Surface];

    /// The word in the menu.
    pub fn label(self) -> &'static str {
        match self {
            Self::Points => "Points",
            Self::Surface => "Surface",
        }
    }
}

/// How wide a point is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sizing {
    /// As wide as the gap to the neighbouring samples, also where a surface is seen at a slant: surfaces look closed.
    #[default]
    Adaptive,
    /// As wide as what the photo's pixel covers: near points are wide and far ones narrow.
    Attenuated,
    /// The same number of pixels everywhere.
    Pixels,
}

impl Sizing {
    pub const ALL: [Self; 3] = [Self::Adaptive, Self::Attenuated, Self::Pixels];

    /// The word in the menu.
    pub fn label(self) -> &'static str {
        match self {
            Self::Adaptive => "Adaptive",
            Self::Attenuated => "By distance",
            Self::Pixels => "Pixels",
        }
    }
}

/// Which way is up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UpAxis {
    /// As the reference (first) camera was held.
    #[default]
    FirstCamera,
    PlusX,
    MinusX,
    PlusY,
    MinusY,
    PlusZ,
    MinusZ,
}

impl UpAxis {
    pub const ALL: [Self; 7] =
        [Self::FirstCamera, Self::PlusX, Self::MinusX, Self::PlusY, Self::MinusY, Self::PlusZ, Self::MinusZ];

    /// The word in the menu.
    pub fn label(self) -> &'static str {
        match self {
            Self::FirstCamera => "As the first camera",
            Self::PlusX => "+X",
            Self::MinusX => "\u{2212}X",
            Self::PlusY => "+Y",
            Self::MinusY => "\u{2212}Y",
            Self::PlusZ => "+Z",
            Self::MinusZ => "\u{2212}Z",
        }
    }

    /// Unit length in the world, where `first_camera` is the upward direction of the reference camera.
    pub fn direction(self, first_camera: Vec3) -> Vec3 {
        match self {
            Self::FirstCamera => first_camera,
            Self::PlusX => Vec3::X,
            Self::MinusX => Vec3::NEG_X,
            Self::PlusY => Vec3::Y,
            Self::MinusY => Vec3::NEG_Y,
            Self::PlusZ => Vec3::Z,
            Self::MinusZ => Vec3::NEG_Z,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_survive_a_restart_and_a_newer_version() {
        let look = Look { point_size: 3.0, background: Some([1, 2, 3]), shape: Shape::Surface, ..Look::default() };
        let text = serde_json::to_string(&look).expect("plain data");
        assert_eq!(serde_json::from_str::<Look>(&text).expect("the same"), look);
        let older = serde_json::from_str::<Look>(r#"{"point_size":2.0,"filters":{"edge":0.7}}"#);
        let older = older.expect("missing fields have defaults");
        assert_eq!((older.point_size, older.filters.edge, older.frusta), (2.0, 0.7, true));
    }
}
