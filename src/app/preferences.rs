//! What is remembered between starts.

use serde::{Deserialize, Serialize};

use crate::inference::Settings;

use super::cloud_view::CloudSettings;
use super::depth_view::DepthSettings;

/// Key in eframe's storage.
pub const KEY: &str = "fathom";

/// What the centre shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum CentreMode {
    Flat,
    Space,
    #[default]
    Split,
}

/// Choices of the person, beyond what egui remembers itself (panel widths, UI scale).
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Preferences {
    pub settings: Settings,
    pub theme: egui::ThemePreference,
    pub centre: CentreMode,
    pub depth: DepthSettings,
    pub cloud: CloudSettings,
}
