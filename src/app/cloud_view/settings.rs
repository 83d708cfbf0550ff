//! What the window remembers about the 3D view.

use serde::{Deserialize, Serialize};

use crate::scene::Look;

/// Everything that the controls of the 3D view set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct CloudSettings {
    pub look: Look,
    /// The view goes on turning a little after a drag.
    pub inertia: bool,
    pub two_fingers: TwoFingers,
    /// The points by which cameras were found lie over the cloud.
    pub shared_points: bool,
    /// Large clouds are drawn with fewer points while something moves.
    pub thins: bool,
    /// Of the photo over the scene while looking through its camera, 0..=1. Under its first name nobody had chosen the 0 that was kept.
    #[serde(rename = "photo_over_scene")]
    pub overlay_opacity: f32,
    /// The hint about mouse and keys was read: somebody has moved the view.
    pub hint_seen: bool,
}

impl Default for CloudSettings {
    fn default() -> Self {
        Self {
            look: Look::default(),
            inertia: false,
            two_fingers: TwoFingers::default(),
            shared_points: false,
            thins: true,
            overlay_opacity: 0.5,
            hint_seen: false,
        }
    }
}

/// What two fingers on a trackpad do; pinching always zooms.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TwoFingers {
    #[default]
    Orbit,
    Pan,
    Zoom,
}

impl TwoFingers {
    pub const ALL: [Self; 3] = [Self::Orbit, Self::Pan, Self::Zoom];

    /// The word in the menu.
    pub fn label(self) -> &'static str {
        match self {
            Self::Orbit => "Orbit",
            Self::Pan => "Pan",
            Self::Zoom => "Zoom",
        }
    }
}
