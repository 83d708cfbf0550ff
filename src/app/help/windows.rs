//! The windows behind Help: keys, and about.

use egui::{Align2, Grid, RichText, Vec2};

use crate::app::action::Action;
use crate::app::theme;
use crate::app::widgets::window::window;
use crate::catalog;

/// Keys and mouse of the pictures and the 3D view, which are not actions of the window.
const VIEWS: [(&str, &str); 17] = [
    ("Add copied files, a folder or a picture", "Ctrl+V"),
    ("2D: zoom towards the pointer", "Wheel"),
    ("2D: pan · fit", "Drag · double-click"),
    ("2D: move the line of a swipe", "Drag or Left, Right"),
    ("3D: orbit around what is under the pointer", "Drag"),
    ("3D: pan", "Right drag or Shift+drag"),
    ("3D: zoom towards the pointer", "Wheel"),
    ("3D: fly, fast with Shift", "W A S D Q E"),
    ("3D: focus a point, look through a camera", "Double-click"),
    ("3D: select the view of a camera", "Click"),
    ("3D: standard views (Shift: opposite) · fit · reset", "1 3 7 · F · R"),
    ("3D: parallel rays · look through the camera, and back", "5 · V"),
    ("3D: copy the point under the cursor", "Ctrl+C"),
    ("3D: measure · end the line · end measuring", "P · Enter · Escape"),
    ("3D: take back the last measured point", "Backspace"),
    ("Size of the interface · as it was", "Ctrl+Plus, Ctrl+Minus · Ctrl+0"),
    ("Next control · press it", "Tab · Space"),
];

/// From this width of the screen on, in points, the keys stand in two columns.
const TWO_COLUMNS: f32 = 980.0;

pub fn keys_window(ctx: &egui::Context, open: &mut bool) {
    let actions = Action::ALL.iter().map(|action| {
        let keys: Vec<String> = action.keys().iter().map(|key| ctx.format_shortcut(key)).collect();
        (action.label().trim_end_matches('…').to_owned(), keys.join(" or "))
    });
    let lines: Vec<_> = actions.chain(VIEWS.map(|(what, keys)| (what.to_owned(), keys.to_owned()))).collect();
    let columns = if ctx.content_rect().width() < TWO_COLUMNS { 1 } else { 2 };
    window(ctx, "Keys", open).anchor(Align2::CENTER_CENTER, Vec2::ZERO).show(ctx, |ui| {
        ui.horizontal_top(|ui| {
            ui.spacing_mut().item_spacing.x = 32.0;
            for (column, lines) in lines.chunks(lines.len().div_ceil(columns)).enumerate() {
                Grid::new(("keys", column)).num_columns(2).min_row_height(20.0).spacing([24.0, 4.0]).show(ui, |ui| {
                    ui.spacing_mut().interact_size.y = 20.0;
                    for (what, keys) in lines {
                        ui.label(what);
                        ui.label(RichText::new(keys).monospace().color(theme::tokens(ui).text_weak));
                        ui.end_row();
                    }
                });
            }
        });
    });
}

pub fn about_window(ctx: &egui::Context, open: &mut bool) {
    window(ctx, "About Fathom", open).anchor(Align2::CENTER_CENTER, Vec2::ZERO).show(ctx, |ui| {
        ui.set_width(440.0);
        ui.label(RichText::new(format!("Fathom {}", env!("CARGO_PKG_VERSION"))).heading());
        ui.label("Photos to depth maps, camera poses and a 3D scene, on your own machine");
        ui.label(format!("Licence: {}", env!("CARGO_PKG_LICENSE")));
        ui.separator();
        ui.label(RichText::new("Models and their licences").strong());
        let height = (ctx.content_rect().height() - 320.0).max(120.0);
        egui::ScrollArea::vertical().max_height(height).show(ui, |ui| {
            Grid::new("licences").num_columns(2).spacing([24.0, 4.0]).show(ui, |ui| {
                for entry in catalog::entries() {
                    ui.hyperlink_to(entry.name, entry.source).on_hover_text(entry.source);
                    let restriction = if entry.non_commercial { " · non-commercial use only" } else { "" };
                    ui.label(format!("{}{restriction}", entry.licence));
                    ui.end_row();
                }
            });
        });
        ui.separator();
        ui.label(RichText::new("Fonts: Ubuntu (UFL), Hack (MIT), Noto Emoji (OFL)").small());
    });
}
