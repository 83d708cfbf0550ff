//! The 3D view. (Stand-in with the agreed interface until the real one is merged.)

use std::collections::HashSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::inference::{DepthUnit, ViewPrediction};
use crate::input::ViewId;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CloudSettings {}

pub struct CloudInput<'a> {
    pub views: &'a [Arc<ViewPrediction>],
    pub hidden: &'a HashSet<ViewId>,
    pub unit: DepthUnit,
    pub selected: Option<ViewId>,
    pub revision: u64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum CloudAction {
    SelectView(ViewId),
}

pub struct CloudView {
    pub settings: CloudSettings,
}

impl CloudView {
    pub fn new(_render: &egui_wgpu::RenderState) -> Self {
        Self { settings: CloudSettings::default() }
    }

    pub fn ui(&mut self, ui: &mut egui::Ui, input: &CloudInput<'_>) -> Vec<CloudAction> {
        ui.centered_and_justified(|ui| ui.label(format!("{} views in 3D", input.views.len())));
        Vec::new()
    }

    pub fn controls_ui(&mut self, ui: &mut egui::Ui) {
        ui.label("3D controls");
    }
}
