//! The choice of a folder with masks of the photos.

use std::path::Path;

use egui::Ui;

use super::files_menu::{files_menu, place_ui};
use crate::app::request::Request;
use crate::app::widgets::controls::Row;
use crate::inference::Settings;

const TIP: &str = "A folder with a picture for each photo, of its name: what is dark there gives no depth and no points, as where \
                   a photo is transparent. Forgotten with the photos";

pub fn masks_ui(ui: &mut Ui, settings: &Settings, requests: &mut Vec<Request>) {
    let chosen: Vec<&Path> = settings.masks.as_deref().into_iter().collect();
    let choices = [("A folder of masks…", Request::ChooseMasks)];
    files_menu(ui, Row::new("Masks", TIP), &chosen, &choices, Request::ForgetMasks, requests);
    chosen.into_iter().for_each(|path| place_ui(ui, path));
}
