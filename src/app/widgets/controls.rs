//! Controls that several panels share, so that they look and speak alike.

use egui::text::LayoutJob;
use egui::{
    Align, Button, Color32, ComboBox, Layout, Rect, Response, RichText, Role, Sense, Slider, Stroke, StrokeKind,
    TextStyle, Ui, Vec2, WidgetInfo, WidgetText, pos2,
};

pub use crate::memory::shown_bytes as bytes;

use super::icons::Icon;
use crate::app::theme;
use crate::app::theme::ROW;

/// Width of the label column in front of controls.
const LABEL_WIDTH: f32 = 104.0;
/// Size of the titles of sections and windows, in points.
pub const SECTION: f32 = 15.0;
/// Room for the number behind a slider: "100 %".
const NUMBER_WIDTH: f32 = 56.0;

/// A label and one control in a row. The control fills the rest of the row and is named by the label. Wherever on the row the pointer
/// rests, it is said what the control is for, and why it cannot be used where that is so.
#[derive(Clone, Copy)]
pub struct Row<'a> {
    pub label: &'a str,
    pub tip: &'a str,
    /// Why the control is grey.
    pub obstacle: Option<&'a str>,
}

impl<'a> Row<'a> {
    pub fn new(label: &'a str, tip: &'a str) -> Self {
        Self { label, tip, obstacle: None }
    }

    /// Grey where there is something against it.
    pub fn unless(self, obstacle: Option<&'a str>) -> Self {
        Self { obstacle, ..self }
    }

    pub fn ui(self, ui: &mut Ui, control: impl FnOnce(&mut Ui) -> Response) -> Response {
        let tip = self.obstacle.map_or(self.tip.to_owned(), |obstacle| format!("{obstacle}\n{}", self.tip));
        let row = ui.add_enabled_ui(self.obstacle.is_none(), |ui| {
            ui.horizontal(|ui| {
                ui.set_min_height(ROW);
                let column = Vec2::new(LABEL_WIDTH, ROW);
                let name = ui.allocate_ui_with_layout(column, Layout::left_to_right(Align::Center), |ui| {
                    ui.set_min_width(LABEL_WIDTH);
                    let colour = theme::tokens(ui).text_weak;
                    ui.add(egui::Label::new(RichText::new(self.label).color(colour)).sense(Sense::hover()))
                });
                let control = control(ui).labelled_by(name.inner.id).on_hover_text(&tip);
                // A caller may have its own reason for a control that is grey.
                if self.obstacle.is_some() { control.on_disabled_hover_text(&tip) } else { control }
            })
            .inner
        });
        // What is nearest to the pointer has spoken already.
        row.response.on_hover_text(&tip).on_disabled_hover_text(&tip);
        row.inner
    }

    /// A row whose control is a menu of values.
    pub fn choice<T: PartialEq + Copy>(
        self,
        ui: &mut Ui,
        value: &mut T,
        options: &[T],
        name: impl Fn(T) -> String,
    ) -> Response {
        self.ui(ui, |ui| {
            menu(self.label, ui.available_width())
                .selected_text(name(*value))
                .show_ui(ui, |ui| {
                    for &option in options {
                        ui.selectable_value(value, option, name(option));
                    }
                })
                .response
        })
    }
}

/// A row that can always be used, see [`Row`].
pub fn row(ui: &mut Ui, label: &str, tip: &str, control: impl FnOnce(&mut Ui) -> Response) -> Response {
    Row::new(label, tip).ui(ui, control)
}

/// A row whose control is a menu of values.
pub fn choice<T: PartialEq + Copy>(
    ui: &mut Ui,
    label: &str,
    tip: &str,
    value: &mut T,
    options: &[T],
    name: impl Fn(T) -> String,
) -> Response {
    Row::new(label, tip).choice(ui, value, options, name)
}

/// A box to tick with its label; grey where there is something against it, which is said then.
pub fn tick(ui: &mut Ui, value: &mut bool, label: &str, tip: &str, obstacle: Option<&str>) -> Response {
    let response = ui.add_enabled(obstacle.is_none(), egui::Checkbox::new(value, label)).on_hover_text(tip);
    match obstacle {
        Some(obstacle) => response.on_disabled_hover_text(format!("{obstacle}\n{tip}")),
        None => response,
    }
}

/// A row whose control is a slider with its number behind it.
pub fn slider_row(ui: &mut Ui, label: &str, tip: &str, slider: Slider<'_>) -> Response {
    row(ui, label, tip, |ui| {
        let width = ui.available_width() - NUMBER_WIDTH - ui.spacing().item_spacing.x;
        let spacing = ui.spacing_mut();
        (spacing.slider_width, spacing.interact_size.x, spacing.button_padding.x) = (width, NUMBER_WIDTH, theme::GRID);
        ui.add(slider)
    })
}

/// A menu of values, closed, with an arrow that matches the other icons.
pub fn menu(id: &str, width: f32) -> ComboBox<'static> {
    ComboBox::from_id_salt(id).width(width).truncate().icon(|ui, rect, visuals, _is_open| {
        let icon_rect = Rect::from_center_size(rect.center(), Vec2::splat(14.0));
        Icon::Down.paint(ui.painter(), icon_rect, visuals.fg_stroke.color);
    })
}

/// A row of joined buttons of which one is chosen; each has its own tooltip.
pub fn segments<T: PartialEq + Copy>(ui: &mut Ui, value: &mut T, options: &[(T, &str, &str)]) {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 2.0;
        for &(option, name, tip) in options {
            let chosen = *value == option;
            let button = Button::new(name).selected(chosen).min_size(Vec2::new(48.0, ROW));
            if ui.add(button).on_hover_text(tip).clicked() {
                *value = option;
            }
        }
    });
}

/// A large button with an icon; `Weight::Primary` stands out, once per panel.
pub fn big_button(ui: &mut Ui, icon: Icon, label: &str, weight: Weight, enabled: bool, size: Vec2) -> Response {
    let tokens = theme::tokens(ui);
    let sense = if enabled { Sense::click() } else { Sense::hover() };
    let (rect, response) = ui.allocate_exact_size(size, sense);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, enabled, label));
    let active = enabled && (response.hovered() || response.has_focus());
    let (fill, text) = match weight {
        Weight::Primary if active => (tokens.accent_hovered, tokens.on_accent),
        Weight::Primary if enabled => (tokens.accent, tokens.on_accent),
        _ if active => (tokens.hovered, tokens.text),
        _ if enabled => (tokens.raised, tokens.text),
        _ => (tokens.raised, ui.visuals().disable(tokens.text_weak)),
    };
    let radius = ui.visuals().widgets.inactive.corner_radius;
    let border = Stroke::new(1.0, if fill == tokens.raised || fill == tokens.hovered { tokens.border } else { fill });
    ui.painter().rect(rect, radius, fill, border, StrokeKind::Inside);
    let galley = ui.painter().layout_no_wrap(label.to_owned(), TextStyle::Button.resolve(ui.style()), text);
    let (side, gap) = (16.0, 2.0 * theme::GRID);
    let left = rect.center().x - (side + gap + galley.size().x) / 2.0;
    let icon_rect = Rect::from_center_size(pos2(left + side / 2.0, rect.center().y), Vec2::splat(side));
    icon.paint(ui.painter(), icon_rect, text);
    ui.painter().galley(pos2(left + side + gap, rect.center().y - galley.size().y / 2.0), galley, text);
    response
}

/// A button that stands once for each of several things; a screen reader says for which.
pub fn button_of(ui: &mut Ui, label: &str, thing: &str, enabled: bool) -> Response {
    let response = ui.add_enabled(enabled, Button::new(label));
    response.widget_info(|| WidgetInfo::labeled(Role::Button, enabled, format!("{label}, {thing}")));
    response
}

/// How much a [`big_button`] stands out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    Primary,
    Plain,
}

/// The title of a section of a panel.
pub fn section(ui: &mut Ui, title: &str) {
    ui.label(RichText::new(title).strong().size(SECTION));
}

/// The title of a few controls inside a section.
pub fn group(ui: &mut Ui, title: &str) {
    ui.add_space(theme::GRID);
    let colour = theme::tokens(ui).text_weak;
    ui.label(RichText::new(title).small().strong().color(colour));
}

/// One line of secondary text, wrapped.
pub fn note(ui: &mut Ui, text: impl Into<String>) -> Response {
    let colour = theme::tokens(ui).text_weak;
    ui.add(egui::Label::new(RichText::new(text).small().color(colour)).wrap())
}

/// One line that is cut with an ellipsis where it does not fit; the tooltip has all of it.
pub fn elided(ui: &mut Ui, text: impl Into<WidgetText>, full: &str) -> Response {
    ui.add(egui::Label::new(text).truncate().show_tooltip_when_elided(false)).on_hover_text(full)
}

/// Seconds as "0:07" or "1:02:03".
pub fn clock(secs: f64) -> String {
    let secs = secs.max(0.0) as u64;
    let (h, m, s) = (secs / 3600, secs / 60 % 60, secs % 60);
    if h > 0 { format!("{h}:{m:02}:{s:02}") } else { format!("{m}:{s:02}") }
}

/// A time that is known roughly: "12 s", "3 min", "2 h 10 min".
pub fn roughly(secs: f64) -> String {
    let minutes = (secs / 60.0).round();
    match secs {
        _ if secs < 1.0 => "1 s".into(),
        _ if secs < 90.0 => format!("{secs:.0} s"),
        _ if secs < 5400.0 => format!("{minutes:.0} min"),
        _ => format!("{:.0} h {:.0} min", (minutes / 60.0).floor(), minutes % 60.0),
    }
}

/// A number of things: "1 photo", "12 photos".
pub fn count(n: usize, one: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{n} {one}s") }
}

/// A plot to look at, not to handle: no axes, no grid, and the pointer does nothing.
pub fn still_plot(id: &'static str) -> egui_plot::Plot<'static> {
    egui_plot::Plot::new(id)
        .show_axes([false, false])
        .show_grid([false, false])
        .show_background(false)
        .allow_drag(false)
        .allow_zoom(false)
        .allow_scroll(false)
        .allow_boxed_zoom(false)
        .show_x(false)
        .show_y(false)
}

/// What lies behind a row of a list, by whether it is selected, pointed at and has the focus.
pub fn row_plate(ui: &Ui, row: &Response, is_selected: bool) {
    let tokens = theme::tokens(ui);
    let fill = match (is_selected, row.hovered()) {
        (true, _) => tokens.selected,
        (false, true) => tokens.hovered,
        (false, false) => Color32::TRANSPARENT,
    };
    ui.painter().rect_filled(row.rect, 4.0, fill);
    if row.has_focus() {
        ui.painter().rect_stroke(row.rect, 4.0, Stroke::new(1.0, tokens.accent), StrokeKind::Inside);
    }
}

/// Text in at most so many lines, cut with an ellipsis at the right edge of `rect`.
pub fn lines(ui: &Ui, rect: Rect, text: &str, style: TextStyle, colour: Color32, most: usize) {
    let font = style.resolve(ui.style());
    let mut job = LayoutJob::simple(text.to_owned(), font, colour, rect.width());
    job.wrap.max_rows = most;
    job.wrap.break_anywhere = most == 1;
    let galley = ui.painter().layout_job(job);
    ui.painter().galley(rect.min, galley, colour);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_like_words() {
        assert_eq!(clock(7.9), "0:07");
        assert_eq!(clock(3723.0), "1:02:03");
        assert_eq!(["1 s", "12 s", "3 min", "2 h 10 min"], [0.2, 12.4, 170.0, 7800.0].map(roughly).as_slice());
        assert_eq!(count(1, "photo"), "1 photo");
        assert_eq!(count(0, "photo"), "0 photos");
    }
}
