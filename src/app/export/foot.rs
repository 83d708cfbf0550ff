//! What an export comes to, the button that begins it, and how far it is.

use egui::{Align, Layout, ProgressBar, Ui, Vec2};

use super::formats::about;
use super::sizes::Size;
use crate::app::desk::exporting::Exporting;
use crate::app::desk::views::capital;
use crate::app::request::Request;
use crate::app::theme;
use crate::app::widgets::controls::{Weight, big_button, bytes, count, note};
use crate::app::widgets::icons::Icon;
use crate::export::Expected;

const TIP: &str = "Asks for a folder, and writes into a new one inside it";
const ALL_LEFT_OUT: &str = "Every photo is left out: take some into exports again (X in the list)";
const BUTTON: Vec2 = Vec2::new(152.0, 34.0);

pub struct Foot<'a> {
    /// Formats that are chosen and can be written.
    pub formats: usize,
    pub photos: usize,
    /// Photos that a person does not want among them.
    pub left_out: usize,
    pub scenes: usize,
    pub size: &'a Size,
    /// Points are fewer by cubes, of which it is not known how many hold some.
    pub is_thinned: bool,
    pub exporting: Option<&'a Exporting>,
}

impl Foot<'_> {
    pub fn ui(&self, ui: &mut Ui, requests: &mut Vec<Request>) {
        let room = Vec2::new(ui.available_width(), BUTTON.y);
        ui.allocate_ui_with_layout(room, Layout::left_to_right(Align::Center), |ui| {
            ui.set_min_size(room);
            match self.exporting {
                Some(export) => progress_ui(ui, export, requests),
                None => self.begin_ui(ui, requests),
            }
        });
    }

    fn begin_ui(&self, ui: &mut Ui, requests: &mut Vec<Request>) {
        let enabled = self.formats > 0 && self.photos > 0;
        let button = big_button(ui, Icon::Folder, "Export into…", Weight::Primary, enabled, BUTTON);
        if button.on_hover_text(TIP).clicked() && enabled {
            requests.push(Request::PickExportFolder);
        }
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = 2.0;
            if !enabled {
                note(ui, if self.photos == 0 { ALL_LEFT_OUT } else { "Choose at least one format" });
                return;
            }
            let (photos, scenes) = (count(self.photos, "photo"), count(self.scenes, "scene"));
            let left_out = match self.left_out {
                0 => String::new(),
                left_out => format!(" · {} left out in the list", count(left_out, "photo")),
            };
            note(ui, format!("{} of {photos} in {scenes}, and a summary{left_out}", count(self.formats, "format")));
            match self.size {
                Size::Unknown => drop(note(ui, "Reckoning how large it will be…")),
                Size::Known(expected) => {
                    note(ui, self.words(expected.total())).on_hover_text(by_format(expected));
                }
                Size::Unsaid => {}
            }
        });
    }

    fn words(&self, total: u64) -> String {
        if self.is_thinned { format!("At most {}", told(total)) } else { capital(&told(total)) }
    }
}

fn progress_ui(ui: &mut Ui, export: &Exporting, requests: &mut Vec<Request>) {
    let is_wanted = !export.watch.is_stopped();
    let button = ui.add_enabled(is_wanted, egui::Button::new("Cancel export").min_size(BUTTON));
    if button.on_hover_text("Ends it; nothing of it stays on disk").clicked() {
        requests.push(Request::CancelExport);
    }
    ui.vertical(|ui| {
        ui.spacing_mut().item_spacing.y = 6.0;
        note(ui, export.words());
        let fill = theme::tokens(ui).accent_hovered;
        let bar = ProgressBar::new(export.done().unwrap_or(0.0)).desired_height(8.0).corner_radius(4.0).fill(fill);
        ui.add(bar);
    });
}

/// "about 417 MB".
fn told(size: u64) -> String {
    if size < 1_000_000 { "less than 1 MB".into() } else { format!("about {}", bytes(size)) }
}

/// A line for each format, the largest first.
fn by_format(expected: &Expected) -> String {
    let mut sizes: Vec<(&str, u64)> =
        expected.by_format.iter().map(|(&format, &size)| (about(format).1, size)).collect();
    if expected.photos > 0 {
        sizes.push(("Photos", expected.photos));
    }
    sizes.sort_by_key(|(_, size)| std::cmp::Reverse(*size));
    let lines = sizes.iter().map(|(name, size)| format!("{name}: {}", told(*size)));
    lines.collect::<Vec<_>>().join("\n")
}
