//! The right panel: what a run uses and needs.

use std::path::PathBuf;

use egui::Ui;

use super::form::settings_ui;
use super::named_cameras::NamedCameras;
use super::run::run_ui;
use crate::app::desk::Desk;
use crate::app::request::Request;
use crate::input::{CamerasError, KnownCameras};

/// What the page keeps between frames.
#[derive(Default)]
pub struct SettingsPage {
    cameras: NamedCameras,
}

impl SettingsPage {
    /// Reads what the settings name where that is not known yet.
    pub fn follow_cameras(&mut self, desk: &mut Desk) {
        self.cameras.follow(desk);
    }

    /// Takes in what a file of cameras turned out to hold.
    pub fn cameras_read(&mut self, desk: &mut Desk, path: PathBuf, read: Result<KnownCameras, CamerasError>) {
        self.cameras.take_in(desk, path, read);
    }

    pub fn ui(&mut self, ui: &mut Ui, desk: &mut Desk, requests: &mut Vec<Request>) {
        settings_ui(ui, &mut desk.state, &desk.shelf, &mut desk.outlook, &self.cameras, requests);
    }

    /// What stands at the panel's foot.
    pub fn run_ui(&self, ui: &mut Ui, desk: &Desk, requests: &mut Vec<Request>) {
        run_ui(ui, &desk.state, &desk.shelf, &desk.outlook, requests);
    }
}
