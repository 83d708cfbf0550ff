//! The newest error above the pictures: what happened, why, the next step as a button, and whether there are more.

use egui::{Align, Frame, Layout, Margin, RichText, ScrollArea, Stroke, Ui};

use super::list::{fixes_ui, mark, text};
use crate::app::action::Action;
use crate::app::desk::notices::{Notice, Notices};
use crate::app::request::Request;
use crate::app::theme;
use crate::app::widgets::icons::{Icon, icon_button};

/// Narrower than this, words and remedies stand beneath the marks, not between them.
const NARROW: f32 = 400.0;
/// What a banner may have of the height; of a longer one the rest is scrolled to.
const MOST_OF_HEIGHT: f32 = 0.5;

pub fn banner_ui(ui: &mut Ui, notices: &Notices, requests: &mut Vec<Request>) {
    let mut banners = notices.banners();
    let Some(notice) = banners.next() else { return };
    let more = banners.count();
    let tokens = theme::tokens(ui);
    let (icon, colour) = mark(ui, notice.severity);
    let frame = Frame::new().fill(tokens.raised).stroke(Stroke::new(1.0, colour)).corner_radius(6.0);
    let (is_narrow, most) = (ui.available_width() < NARROW, MOST_OF_HEIGHT * ui.available_height());
    frame.inner_margin(Margin::symmetric(12, 10)).outer_margin(Margin::same(8)).show(ui, |ui| {
        if is_narrow {
            ui.spacing_mut().button_padding.x = 6.0;
            ui.horizontal(|ui| {
                icon.ui(ui, 20.0, colour);
                ui.label(RichText::new(notice.severity.label()).strong());
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| buttons_ui(ui, notice, requests));
            });
            let area = ScrollArea::vertical().max_height(most).auto_shrink([false, true]);
            area.show(ui, |ui| words_ui(ui, notice, &notice.problem.what, more, requests));
            return;
        }
        ui.horizontal_top(|ui| {
            icon.ui(ui, 20.0, colour);
            ui.with_layout(Layout::right_to_left(Align::Min), |ui| {
                buttons_ui(ui, notice, requests);
                ui.with_layout(Layout::top_down(Align::Min), |ui| {
                    let what = format!("{}: {}", notice.severity.label(), notice.problem.what);
                    words_ui(ui, notice, &what, more, requests);
                });
            });
        });
    });
}

/// To be rid of it, and to keep its words.
fn buttons_ui(ui: &mut Ui, notice: &Notice, requests: &mut Vec<Request>) {
    if icon_button(ui, Icon::Cross, "Dismiss error", "The notice leaves this place and the list", true).clicked() {
        requests.push(Request::Dismiss(notice.id));
    }
    if icon_button(ui, Icon::Copy, "Copy error", "Copies the error as text", true).clicked() {
        requests.push(Request::Copy(text(notice)));
    }
}

fn words_ui(ui: &mut Ui, notice: &Notice, what: &str, more: usize, requests: &mut Vec<Request>) {
    ui.add(egui::Label::new(RichText::new(what).strong()).wrap().selectable(true));
    if !notice.problem.advice.is_empty() {
        ui.add(egui::Label::new(&notice.problem.advice).wrap().selectable(true));
    }
    fixes_ui(ui, notice, requests);
    if more > 0 {
        let button = ui.button(format!("and {more} more"));
        if button.on_hover_text("Shows all that was told (N)").clicked() {
            requests.push(Request::Do(Action::ToggleNotices));
        }
    }
}
