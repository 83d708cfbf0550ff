//! The choice of depths that are known before a run, by which results come to metres.

use std::path::Path;

use egui::Ui;

use super::files_menu::{files_menu, place_ui};
use crate::app::desk::open_dialog::Open;
use crate::app::request::Request;
use crate::app::widgets::controls::Row;
use crate::inference::Settings;

const TIP: &str = "Depths of these photos that somebody measured: results come to metres by them. A file has rows of photo,x,y,metres; \
                   a folder has the pictures of a depth sensor, by the photos' names. Forgotten with the photos";

pub fn known_depths_ui(ui: &mut Ui, settings: &Settings, requests: &mut Vec<Request>) {
    let chosen = [&settings.known_depths, &settings.sensor_depth];
    let chosen: Vec<&Path> = chosen.into_iter().flatten().map(AsRef::as_ref).collect();
    let choices = [
        ("A file of points…", Request::ChooseDepths(Open::Depths)),
        ("A folder of depth pictures…", Request::ChooseDepths(Open::DepthFolder)),
    ];
    files_menu(ui, Row::new("Known depths", TIP), &chosen, &choices, Request::ForgetDepths, requests);
    chosen.into_iter().for_each(|path| place_ui(ui, path));
}
