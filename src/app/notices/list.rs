//! The list of notices, with buttons to copy, dismiss and fix.

use egui::{Align, Align2, Layout, RichText, Ui, Vec2};

use crate::app::desk::notices::{Notice, Notices, Severity};
use crate::app::request::Request;
use crate::app::theme;
use crate::app::widgets::icons::{Icon, icon_button};
use crate::app::widgets::window::window;

/// Draws the window where it is open.
pub fn notices_window(ctx: &egui::Context, open: &mut bool, notices: &Notices, requests: &mut Vec<Request>) {
    window(ctx, "Notices", open)
        .pivot(Align2::CENTER_BOTTOM)
        .default_pos(ctx.content_rect().center_bottom() - Vec2::new(0.0, 52.0))
        .show(ctx, |ui| {
            ui.set_width(420.0);
            if notices.all().is_empty() {
                ui.label("Nothing to tell");
                return;
            }
            egui::ScrollArea::vertical().max_height(320.0).show(ui, |ui| {
                // Apart from the scroll bar, which floats.
                ui.set_max_width(ui.available_width() - 12.0);
                for notice in notices.all().iter().rev() {
                    notice_ui(ui, notice, requests);
                    ui.separator();
                }
            });
            ui.horizontal(|ui| {
                if ui.button("Copy all").on_hover_text("Copies every notice as text").clicked() {
                    let lines: Vec<String> = notices.all().iter().map(text).collect();
                    requests.push(Request::Copy(lines.join("\n")));
                }
                if ui.button("Dismiss all").on_hover_text("Empties this list").clicked() {
                    requests.push(Request::DismissAll);
                }
            });
        });
}

/// One notice as copied.
pub fn text(notice: &Notice) -> String {
    format!("{}: {}", notice.severity.label(), notice.problem)
}

/// Icon and colour of a severity; the word stands beside them.
pub fn mark(ui: &Ui, severity: Severity) -> (Icon, egui::Color32) {
    let tokens = theme::tokens(ui);
    match severity {
        Severity::News => (Icon::Bell, tokens.text_weak),
        Severity::Warning => (Icon::Warning, tokens.warning),
        Severity::Error => (Icon::Warning, tokens.danger),
    }
}

fn notice_ui(ui: &mut Ui, notice: &Notice, requests: &mut Vec<Request>) {
    let (icon, colour) = mark(ui, notice.severity);
    ui.horizontal(|ui| {
        icon.ui(ui, 16.0, colour);
        ui.label(RichText::new(notice.severity.label()).strong());
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if icon_button(ui, Icon::Cross, "Dismiss", "Takes this notice off the list", true).clicked() {
                requests.push(Request::Dismiss(notice.id));
            }
            if icon_button(ui, Icon::Copy, "Copy notice", "Copies this notice as text", true).clicked() {
                requests.push(Request::Copy(text(notice)));
            }
        });
    });
    ui.add(egui::Label::new(&notice.problem.what).wrap().selectable(true));
    if !notice.problem.advice.is_empty() {
        let weak = theme::tokens(ui).text_weak;
        ui.add(egui::Label::new(RichText::new(&notice.problem.advice).color(weak)).wrap().selectable(true));
    }
    fixes_ui(ui, notice, requests);
}

/// The remedies of a notice as buttons.
pub fn fixes_ui(ui: &mut Ui, notice: &Notice, requests: &mut Vec<Request>) {
    if notice.fixes.is_empty() {
        return;
    }
    ui.horizontal_wrapped(|ui| {
        for fix in &notice.fixes {
            if ui.button(fix.label()).on_hover_text(fix.tip()).clicked() {
                requests.push(Request::Fix(fix.clone()));
            }
        }
    });
}
