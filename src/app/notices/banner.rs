//! The newest error above the pictures: what happened, why, the next step as a button, and whether there are more.

use egui::{Align, Frame, Layout, Margin, RichText, Stroke, Ui};

use super::list::{fixes_ui, mark, text};
use crate::app::action::Action;
use crate::app::desk::notices::Notices;
use crate::app::request::Request;
use crate::app::theme;
use crate::app::widgets::icons::{Icon, icon_button};

pub fn banner_ui(ui: &mut Ui, notices: &Notices, requests: &mut Vec<Request>) {
    let mut banners = notices.banners();
    let Some(notice) = banners.next() else { return };
    let more = banners.count();
    let tokens = theme::tokens(ui);
    let (icon, colour) = mark(ui, notice.severity);
    let frame = Frame::new().fill(tokens.raised).stroke(Stroke::new(1.0, colour)).corner_radius(6.0);
    frame.inner_margin(Margin::symmetric(12, 10)).outer_margin(Margin::same(8)).show(ui, |ui| {
        ui.horizontal_top(|ui| {
            icon.ui(ui, 20.0, colour);
            ui.with_layout(Layout::right_to_left(Align::Min), |ui| {
                if icon_button(ui, Icon::Cross, "Dismiss error", "The notice leaves this place and the list", true)
                    .clicked()
                {
                    requests.push(Request::Dismiss(notice.id));
                }
                if icon_button(ui, Icon::Copy, "Copy error", "Copies the error as text", true).clicked() {
                    requests.push(Request::Copy(text(notice)));
                }
                ui.with_layout(Layout::top_down(Align::Min), |ui| {
                    let what = format!("{}: {}", notice.severity.label(), notice.problem.what);
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
                });
            });
        });
    });
}
