//! The question what becomes of unsaved work, over everything else.

use egui::{Align, Id, Key, Layout, Modal, RichText, Vec2};

use super::leaving::{Answer, Leaving};
use super::open_session::OpenSession;
use crate::app::desk::state::AppState;
use crate::app::request::Request;
use crate::app::theme;
use crate::app::widgets::controls::count;

const WIDTH: f32 = 400.0;
const BUTTON: Vec2 = Vec2::new(96.0, 30.0);

pub fn unsaved_window(ctx: &egui::Context, session: &OpenSession, state: &AppState, requests: &mut Vec<Request>) {
    let Some(leaving) = session.asked() else { return };
    let tokens = theme::tokens_of(ctx.theme());
    let frame = egui::Frame::new()
        .fill(tokens.panel)
        .stroke((1.0, tokens.border))
        .corner_radius(8.0)
        .inner_margin(egui::Margin::symmetric(20, 16));
    let modal = Modal::new(Id::unique("unsaved work")).frame(frame).backdrop_color(tokens.scrim.gamma_multiply(0.6));
    let shown = modal.show(ctx, |ui| {
        ui.set_width(WIDTH);
        let title = match session.name() {
            Some(name) => format!("Save the changes to “{name}”?"),
            None => "Save this session?".into(),
        };
        ui.label(RichText::new(title).strong().size(16.0));
        ui.add_space(4.0);
        let what = match leaving {
            Leaving::Quit => "Closing the window",
            Leaving::Open(_) => "Opening something else",
            Leaving::Clear => "Removing all views",
        };
        let views = state.results.views().len();
        let lost = match (session.file(), views) {
            (Some(_), _) => "the latest changes".into(),
            (None, 0) => "the run that is under way".into(),
            (None, views) => format!("the results of {}", count(views, "view")),
        };
        ui.label(RichText::new(format!("{what} loses {lost}.")).color(tokens.text_weak));
        ui.add_space(14.0);
        let mut answer = None;
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let save = egui::Button::new(RichText::new("Save").color(tokens.on_accent)).fill(tokens.accent);
            if ui.add(save.min_size(BUTTON)).clicked() || ui.input(|input| input.key_pressed(Key::Enter)) {
                answer = Some(Answer::Save);
            }
            if ui.add(egui::Button::new("Cancel").min_size(BUTTON)).on_hover_text("Everything stays as it is").clicked()
            {
                answer = Some(Answer::Cancel);
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                if ui.add(egui::Button::new("Don't save").min_size(BUTTON)).clicked() {
                    answer = Some(Answer::Discard);
                }
            });
        });
        answer
    });
    let answer = shown.inner.or(shown.should_close().then_some(Answer::Cancel));
    requests.extend(answer.map(Request::Answer));
}
