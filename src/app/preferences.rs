//! What is remembered between starts.

use serde::{Deserialize, Serialize};

use super::centre::CentreMode;
use super::cloud_view::CloudSettings;
use super::depth_view::DepthSettings;
use super::desk::places::Places;
use super::export::ExportChoices;
use super::recent::Recents;
use super::side_panels::SidePanels;
use crate::inference::Settings;

/// Key in eframe's storage.
pub const KEY: &str = "fathom";

/// Choices of the person, beyond what egui remembers itself (panel widths, UI scale).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct Preferences {
    pub settings: Settings,
    pub theme: egui::ThemePreference,
    pub centre: CentreMode,
    /// What the 2D view has of the middle beside 3D, 0..1.
    pub split: f32,
    pub depth: DepthSettings,
    pub cloud: CloudSettings,
    pub export: ExportChoices,
    /// Where dialogs begin.
    pub places: Places,
    pub recent: Recents,
    pub panels: SidePanels,
}

impl Default for Preferences {
    fn default() -> Self {
        Self {
            settings: Settings::default(),
            theme: egui::ThemePreference::default(),
            centre: CentreMode::default(),
            split: 0.5,
            depth: DepthSettings::default(),
            cloud: CloudSettings::default(),
            export: ExportChoices::default(),
            places: Places::default(),
            recent: Recents::default(),
            panels: SidePanels::default(),
        }
    }
}
