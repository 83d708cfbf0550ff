//! How the 3D view looks: plain data that the window remembers.

use serde::{Deserialize, Serialize};

use crate::scene::{ColourBy, ColourMap, Filters};

/// Everything that the controls of the 3D view set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct CloudSettings {
    pub filters: Filters,
    pub colour_by: ColourBy,
    pub colour_map: ColourMap,
    pub inverse_colours: bool,
    /// Screen points, or footprints of the photo's pixels where `attenuate`.
    pub point_size: f32,
    pub attenuate: bool,
    pub eye_dome: bool,
    /// 0..=1.
    pub eye_dome_strength: f32,
    pub frusta: bool,
    /// 1 is the size that suits the scene.
    pub frustum_size: f32,
    pub photos: bool,
    pub grid: bool,
    pub axes: bool,
    /// sRGB; `None` follows the theme.
    pub background: Option<[u8; 3]>,
    /// The hint about mouse and keys was read: somebody has moved the view.
    pub hint_seen: bool,
}

impl Default for CloudSettings {
    fn default() -> Self {
        Self {
            filters: Filters::default(),
            colour_by: ColourBy::default(),
            colour_map: ColourMap::default(),
            inverse_colours: false,
            point_size: 1.5,
            attenuate: true,
            eye_dome: true,
            eye_dome_strength: 0.4,
            frusta: true,
            frustum_size: 1.0,
            photos: false,
            grid: false,
            axes: false,
            background: None,
            hint_seen: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_survive_a_restart_and_a_newer_version() {
        let settings = CloudSettings { point_size: 3.0, background: Some([1, 2, 3]), ..Default::default() };
        let text = serde_json::to_string(&settings).expect("plain data");
        assert_eq!(serde_json::from_str::<CloudSettings>(&text).expect("the same"), settings);
        let older = serde_json::from_str::<CloudSettings>(r#"{"point_size":2.0,"filters":{"edge":0.7}}"#);
        let older = older.expect("missing fields have defaults");
        assert_eq!((older.point_size, older.filters.edge, older.frusta), (2.0, 0.7, true));
    }
}
