//! Above the button that starts a run: what it would need of what is free, and what to do where that is too much.

use egui::{Color32, CornerRadius, Rect, RichText, Role, Sense, Ui, Vec2, WidgetInfo};

use crate::app::desk::fix::Fix;
use crate::app::desk::outlook::Outlook;
use crate::app::request::Request;
use crate::app::theme;
use crate::app::widgets::controls::{bytes, count, elided, roughly};
use crate::inference::Plan;
use crate::input::preprocess::Way;
use crate::memory::Fit;

/// Remedies that are offered; more would push the settings out of sight.
const OFFERED: usize = 3;
const BAR_HEIGHT: f32 = 6.0;

/// The need of the next run as a bar, a line of words, and remedies as buttons.
pub fn need_ui(ui: &mut Ui, outlook: &Outlook, percent: u8, requests: &mut Vec<Request>) {
    let Some(plan) = outlook.plan() else { return };
    let tokens = theme::tokens(ui);
    let colour = match plan.fit {
        Fit::Well => tokens.accent_hovered,
        Fit::Tight => tokens.warning,
        Fit::Not => tokens.danger,
    };
    let remark = plan.remark().map_or(String::new(), |remark| format!(" · {remark}"));
    let (need, free) = (plan.need.total(), plan.room.main_free_bytes());
    // Of a run that cannot be, nobody asks how long it would take.
    let secs = outlook.secs().filter(|_| plan.fit != Fit::Not);
    let time = secs.map_or(String::new(), |secs| format!(", about {}", roughly(secs)));
    let text = format!("Needs about {} of {} free{time}{remark}", bytes(need), bytes(free));
    let source =
        secs.map_or("", |_| "\nThe time is what earlier runs on this machine took; matching photos comes on top");
    let tip = format!("{}\n{}{source}", parts(plan), cut(plan));
    bar_ui(ui, need as f32 / free.max(1) as f32, f32::from(percent) / 100.0, colour, &text);
    let words = if plan.fit == Fit::Well { tokens.text_weak } else { colour };
    elided(ui, RichText::new(&text).small().color(words), &format!("{text}\n{tip}"));
    if let Some(text) = shapes(plan) {
        elided(
            ui,
            RichText::new(&text).small().color(tokens.text_weak),
            &format!("{text}\nAdvanced › Shapes offers other ways"),
        );
    }
    if outlook.remedies().is_empty() {
        return;
    }
    ui.horizontal_wrapped(|ui| {
        for remedy in outlook.remedies().iter().take(OFFERED) {
            let fix = Fix::Remedy(remedy.clone());
            if ui.button(fix.label()).on_hover_text(fix.tip()).clicked() {
                requests.push(Request::Fix(fix));
            }
        }
    });
}

/// `part` of the bar is filled; a mark stands where a run may plan to.
fn bar_ui(ui: &mut Ui, part: f32, limit: f32, colour: Color32, text: &str) {
    let tokens = theme::tokens(ui);
    let (rect, response) = ui.allocate_exact_size(Vec2::new(ui.available_width(), BAR_HEIGHT), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::ProgressIndicator, true, text));
    let radius = CornerRadius::same(3);
    let painter = ui.painter();
    painter.rect_filled(rect, radius, tokens.raised);
    let filled = Rect::from_min_size(rect.min, Vec2::new(rect.width() * part.clamp(0.0, 1.0), rect.height()));
    painter.rect_filled(filled, radius, colour);
    let mark = rect.left() + rect.width() * limit;
    painter.vline(mark, rect.y_range(), (1.0, tokens.text_weak));
}

/// What becomes of photos of different shapes.
fn shapes(plan: &Plan) -> Option<String> {
    let (percent, others) = ((100.0 * plan.common.lost).round(), count(plan.common.others, "photo"));
    match plan.common.way {
        Way::AsTheyAre => None,
        Way::Cropped => Some(format!("{others} lose up to {percent} % to a common shape")),
        Way::Framed => Some(format!("Different shapes: each is seen whole (a crop loses {percent} %)")),
        Way::LeftOut => Some(format!("{others} of other shapes are left out")),
    }
}

/// What takes how much.
fn parts(plan: &Plan) -> String {
    let need = &plan.need;
    let parts = [
        ("model", need.model),
        ("model at work", need.pass),
        ("photos", need.photos),
        ("results", need.results),
        ("3D view", need.display),
    ];
    let said: Vec<String> =
        parts.iter().filter(|part| part.1 > 0).map(|(name, size)| format!("{name} {}", bytes(*size))).collect();
    said.join(", ")
}

/// How the run goes.
fn cut(plan: &Plan) -> String {
    match (plan.passes, plan.views_per_pass, plan.overlap) {
        (1, 1, _) => "One view".into(),
        (1, views, _) => format!("{views} views in one pass"),
        (passes, 1, _) => format!("{passes} views, one at a time"),
        (passes, views, 0) => format!("{passes} passes of {views} views"),
        (passes, views, shared) => {
            format!("{passes} passes of {views} views, {shared} of them shared with the pass before")
        }
    }
}
