//! Menus that say which of their entries would not fit into memory, and offer the largest that does.

use egui::style::ScrollAnimation;
use egui::text::{LayoutJob, TextFormat};
use egui::{Align, Button, Color32, Response, TextStyle, Ui};

use crate::app::desk::outlook::{Outlook, Prospect};
use crate::app::theme;
use crate::app::widgets::controls::{Row, bytes, menu, roughly};
use crate::inference::Settings;
use crate::memory::Fit;

/// A row whose control is a menu of values that change what a run needs.
pub struct FittingMenu<'a, T> {
    pub label: &'static str,
    pub tip: &'a str,
    pub entries: &'a [T],
    /// Why the menu is grey.
    pub obstacle: Option<&'a str>,
}

impl<T: PartialEq + Copy> FittingMenu<'_, T> {
    /// Draws the row. `change` is what an entry does to settings; plans are only made while the menu is open.
    pub fn ui(
        self,
        ui: &mut Ui,
        value: &mut T,
        outlook: &mut Outlook,
        name: impl Fn(T) -> String,
        change: impl Fn(&mut Settings, T),
    ) -> Response {
        Row::new(self.label, self.tip).unless(self.obstacle).ui(ui, |ui| {
            let width = ui.available_width();
            menu(self.label, width)
                .selected_text(name(*value))
                .show_ui(ui, |ui| {
                    let prospects = outlook.prospects(self.label, self.entries, change);
                    values_ui(ui, value, self.entries, &prospects, outlook.secs(), name);
                })
                .response
        })
    }
}

/// The entries of an open menu, each with its need and how its time compares with `secs`, and before them the largest that fits
/// where some do not.
pub fn values_ui<T: PartialEq + Copy>(
    ui: &mut Ui,
    value: &mut T,
    entries: &[T],
    prospects: &[Option<Prospect>],
    secs: Option<f64>,
    name: impl Fn(T) -> String,
) {
    let offered = largest_that_fits(prospects, |_| ()).map(|index| entries[index]).filter(|offered| offered != value);
    if let Some(offered) = offered
        && offer_ui(ui, &name(offered))
    {
        *value = offered;
    }
    for (&entry, prospect) in entries.iter().zip(prospects) {
        let is_chosen = *value == entry;
        let text = marked_text(ui, &name(entry), prospect.as_ref(), secs);
        let response = tip(ui.add(Button::selectable(is_chosen, text)), prospect.as_ref());
        if response.clicked() && !is_chosen {
            *value = entry;
        }
    }
}

/// Before the entries of a menu of which some do not fit: one click to the largest that does. True when it is clicked.
pub fn offer_ui(ui: &mut Ui, name: &str) -> bool {
    let button = Button::new(format!("Largest that fits: {name}")).min_size(egui::vec2(ui.available_width(), 0.0));
    let response = ui.add(button.wrap()).on_hover_text("Of what this menu offers, the most that has room now");
    ui.separator();
    if was_just_opened(ui) {
        // Menus remember how far they were scrolled.
        ui.scroll_to_rect_animation(response.rect, Some(Align::Min), ScrollAnimation::none());
    }
    response.clicked()
}

/// True in the first frames in which a menu is drawn after others in which it was not.
fn was_just_opened(ui: &Ui) -> bool {
    let (id, now) = (ui.scope_id().with("opened"), ui.ctx().cumulative_frame_nr());
    let (mut since, last): (u64, u64) = ui.data(|data| data.get_temp(id)).unwrap_or_default();
    if since == 0 || now > last + 1 {
        since = now;
    }
    ui.data_mut(|data| data.insert_temp(id, (since, now)));
    // The first frame of a menu only measures it.
    now <= since + 1
}

/// Which of these is the largest of those that fit, where some do not: within the share of memory before beyond it, and of
/// a higher rank before a lower one. The first of equal ones.
pub fn largest_that_fits<R: Ord>(prospects: &[Option<Prospect>], rank: impl Fn(usize) -> R) -> Option<usize> {
    if !prospects.iter().flatten().any(|prospect| prospect.plan.fit == Fit::Not) {
        return None;
    }
    let fitting = prospects.iter().enumerate().rev().filter_map(|(index, prospect)| Some((index, prospect.as_ref()?)));
    let fitting = fitting.filter(|(_, prospect)| prospect.plan.fit != Fit::Not);
    let best = fitting.max_by_key(|(index, Prospect { plan, size_bytes, .. })| {
        (plan.fit == Fit::Well, rank(*index), *size_bytes, plan.need.total())
    });
    best.map(|(index, _)| index)
}

/// The name of an entry, what it needs and how much slower it is; muted and with a remark where it does not fit.
fn marked_text(ui: &Ui, name: &str, prospect: Option<&Prospect>, secs: Option<f64>) -> LayoutJob {
    let tokens = theme::tokens(ui);
    let font_id = TextStyle::Button.resolve(ui.style());
    let format = |color| TextFormat { font_id: font_id.clone(), color, ..TextFormat::default() };
    let mut job = LayoutJob::default();
    let is_muted = prospect.is_some_and(|prospect| prospect.plan.fit == Fit::Not);
    // Else the button's own colour, which tells what is chosen.
    job.append(name, 0.0, format(if is_muted { tokens.text_weak } else { Color32::PLACEHOLDER }));
    if let Some(prospect) = prospect {
        job.append(&format!(" · {}", bytes(prospect.compared_bytes)), 0.0, format(tokens.text_weak));
    }
    if let (Some(now), Some(then)) = (secs, prospect.filter(|_| !is_muted).and_then(|prospect| prospect.secs))
        && let Some(pace) = pace(then / now)
    {
        job.append(&format!(" · {pace}"), 0.0, format(tokens.text_weak));
    }
    if let Some((remark, colour)) = mark(ui, prospect) {
        job.append(&format!(" · {remark}"), 0.0, format(colour));
    }
    job
}

/// What is said of an entry that does not fit well, and in which colour.
pub fn mark(ui: &Ui, prospect: Option<&Prospect>) -> Option<(String, Color32)> {
    let tokens = theme::tokens(ui);
    let plan = prospect?.plan;
    let colour = if plan.fit == Fit::Not { tokens.danger } else { tokens.warning };
    Some((plan.remark()?, colour))
}

/// How a time compares with that of the present choice, in words; nothing where a person would not notice.
fn pace(ratio: f64) -> Option<String> {
    const NOTICED: f64 = 1.15;
    let (times, word) = if ratio < 1.0 { (1.0 / ratio, "faster") } else { (ratio, "slower") };
    // Nobody knows it more exactly.
    let rounded = if times < 2.95 { format!("{:.1}", times) } else { format!("{times:.0}") };
    let rounded = rounded.trim_end_matches(".0");
    (times.is_finite() && times >= NOTICED).then(|| format!("about {rounded} × {word}"))
}

/// Says what an entry would need of what is free.
pub fn tip(response: Response, prospect: Option<&Prospect>) -> Response {
    let Some(Prospect { plan, secs, compared_bytes, .. }) = prospect else { return response };
    let (need, free) = (bytes(plan.need.total()), bytes(plan.room.main_free_bytes()));
    let time = secs.map_or(String::new(), |secs| format!("\nIt would take about {}", roughly(secs)));
    let is_here = *compared_bytes > plan.need.total();
    let with = if is_here {
        format!(": {} with the model, which is in memory", bytes(*compared_bytes))
    } else {
        String::new()
    };
    response.on_hover_text(format!("A run would need about {need} of {free} free{with}{time}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_compared_in_words() {
        let said = |ratio: f64| pace(ratio).unwrap_or_default();
        assert_eq!([said(1.1), said(0.9)], ["", ""]);
        assert_eq!([said(4.2), said(1.51), said(2.0)], ["about 4 × slower", "about 1.5 × slower", "about 2 × slower"]);
        assert_eq!([said(0.25), said(0.6)], ["about 4 × faster", "about 1.7 × faster"]);
        assert_eq!([said(0.0), said(f64::NAN)], ["", ""]);
    }
}
