//! The choice of cameras that are known before a run.

use std::path::Path;

use egui::{RichText, Ui};

use super::files_menu::{files_menu, place_ui};
use super::named_cameras::{NamedCameras, photos_with};
use crate::app::desk::open_dialog::Open;
use crate::app::desk::views::ViewList;
use crate::app::request::Request;
use crate::app::theme;
use crate::app::widgets::controls::{Row, note};
use crate::inference::Settings;

const TIP: &str = "Cameras of these photos from COLMAP, from a transforms.json, or from a cameras.json that Fathom wrote: results lie in their world and \
                   scale. They are forgotten with the photos: when the list is emptied, and when the window is closed";

/// A menu, and how well what was chosen fits the photos.
pub fn known_cameras_ui(
    ui: &mut Ui,
    settings: &Settings,
    cameras: &NamedCameras,
    views: &ViewList,
    obstacle: Option<&str>,
    requests: &mut Vec<Request>,
) {
    let path = settings.known_cameras.as_deref();
    let chosen: Vec<&Path> = path.into_iter().collect();
    let choices = [
        ("A cameras.json or transforms.json…", Request::ChooseCameras(Open::Cameras)),
        ("A folder of COLMAP…", Request::ChooseCameras(Open::CameraFolder)),
    ];
    files_menu(
        ui,
        Row::new("Known cameras", TIP).unless(obstacle),
        &chosen,
        &choices,
        Request::ForgetCameras,
        requests,
    );
    let Some(path) = path else { return };
    let photos = views.rows().len();
    match cameras.of(path) {
        None => drop(note(ui, "Reading the cameras…")),
        Some(_) if photos == 0 => drop(note(ui, "Photos find their camera by file name")),
        Some(known) => {
            let found = photos_with(known, views);
            let (text, is_well) = match found {
                0 => (format!("None of the {photos} photos has a camera there: they are matched by file name"), false),
                _ if found < photos => {
                    (format!("{found} of {photos} photos have a camera; the others will give no result"), false)
                }
                _ => (format!("All {photos} photos have a camera"), true),
            };
            let tokens = theme::tokens(ui);
            let colour = if is_well { tokens.text_weak } else { tokens.warning };
            ui.add(egui::Label::new(RichText::new(text).small().color(colour)).wrap());
        }
    }
    place_ui(ui, path);
}
