//! Colours, spacing and type of the window: the only place that names a colour.

use egui::style::{HandleShape, WidgetVisuals};
use egui::{Color32, CornerRadius, FontFamily, FontId, Margin, Shadow, Stroke, Style, TextStyle, Theme, Vec2, Visuals};

use crate::worker::Stage;

/// Spacing grid in points: everything is a multiple of [`GRID`].
pub const GRID: f32 = 4.0;
/// Inner margin of side panels.
pub const PANEL_MARGIN: i8 = 12;
/// Height of one row of controls.
pub const ROW: f32 = 26.0;

const RADIUS: CornerRadius = CornerRadius::same(4);

/// Meaning → colour. One accent; the other hues only ever accompany an icon and a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tokens {
    /// Behind pictures.
    pub canvas: Color32,
    /// Behind points: neither as dark as a night photo nor as light as a sky.
    pub space: Color32,
    pub panel: Color32,
    /// Cards, fields and menus.
    pub raised: Color32,
    pub hovered: Color32,
    pub pressed: Color32,
    pub border: Color32,
    pub text: Color32,
    pub text_weak: Color32,
    pub accent: Color32,
    pub accent_hovered: Color32,
    pub on_accent: Color32,
    pub link: Color32,
    /// Background of what is selected.
    pub selected: Color32,
    pub on_selected: Color32,
    pub success: Color32,
    pub warning: Color32,
    pub danger: Color32,
    /// Laid over pictures, under text.
    pub scrim: Color32,
    pub on_scrim: Color32,
}

/// The colour of a stage in a plot, on dark and on light; its name stands beside it.
pub fn stage_colour(stage: Stage) -> Color32 {
    match stage {
        Stage::LoadModel => Color32::from_rgb(0x8a, 0x90, 0x9c),
        Stage::Decode => Color32::from_rgb(0xc9, 0x8a, 0x1e),
        Stage::Backbone => Color32::from_rgb(0x8b, 0x6b, 0xd8),
        Stage::Head => Color32::from_rgb(0x2f, 0x9e, 0x6b),
        Stage::Finish => Color32::from_rgb(0xd0, 0x5c, 0x6e),
        Stage::Match => Color32::from_rgb(0x2f, 0x8f, 0xb5),
        Stage::Place => Color32::from_rgb(0x9a, 0x7b, 0x4f),
    }
}

const DARK: Tokens = Tokens {
    canvas: Color32::from_rgb(0x14, 0x16, 0x1a),
    space: Color32::from_rgb(0x2b, 0x2f, 0x36),
    panel: Color32::from_rgb(0x1d, 0x20, 0x25),
    raised: Color32::from_rgb(0x29, 0x2d, 0x34),
    hovered: Color32::from_rgb(0x34, 0x39, 0x42),
    pressed: Color32::from_rgb(0x3f, 0x45, 0x50),
    border: Color32::from_rgb(0x37, 0x3c, 0x45),
    text: Color32::from_rgb(0xe8, 0xea, 0xee),
    text_weak: Color32::from_rgb(0xa4, 0xab, 0xb6),
    accent: Color32::from_rgb(0x2c, 0x6c, 0xd6),
    accent_hovered: Color32::from_rgb(0x3b, 0x7c, 0xe8),
    on_accent: Color32::from_rgb(0xff, 0xff, 0xff),
    link: Color32::from_rgb(0x7d, 0xb0, 0xff),
    selected: Color32::from_rgb(0x24, 0x41, 0x6d),
    on_selected: Color32::from_rgb(0xf2, 0xf6, 0xfc),
    success: Color32::from_rgb(0x5d, 0xc0, 0x8a),
    warning: Color32::from_rgb(0xe5, 0xb1, 0x54),
    danger: Color32::from_rgb(0xf8, 0x8a, 0x83),
    scrim: Color32::from_rgba_premultiplied(0x0b, 0x0c, 0x0e, 0xd8),
    on_scrim: Color32::from_rgb(0xf4, 0xf5, 0xf7),
};

const LIGHT: Tokens = Tokens {
    canvas: Color32::from_rgb(0xe3, 0xe6, 0xea),
    space: Color32::from_rgb(0xd3, 0xd7, 0xdd),
    panel: Color32::from_rgb(0xf4, 0xf5, 0xf7),
    raised: Color32::from_rgb(0xff, 0xff, 0xff),
    hovered: Color32::from_rgb(0xe9, 0xed, 0xf3),
    pressed: Color32::from_rgb(0xdb, 0xe1, 0xea),
    border: Color32::from_rgb(0xcd, 0xd2, 0xda),
    text: Color32::from_rgb(0x17, 0x1b, 0x21),
    text_weak: Color32::from_rgb(0x53, 0x5b, 0x67),
    accent: Color32::from_rgb(0x1f, 0x5f, 0xc9),
    accent_hovered: Color32::from_rgb(0x2d, 0x6f, 0xdb),
    on_accent: Color32::from_rgb(0xff, 0xff, 0xff),
    link: Color32::from_rgb(0x1c, 0x55, 0xb4),
    selected: Color32::from_rgb(0xd3, 0xe3, 0xfb),
    on_selected: Color32::from_rgb(0x10, 0x36, 0x73),
    success: Color32::from_rgb(0x17, 0x74, 0x44),
    warning: Color32::from_rgb(0x8a, 0x5a, 0x00),
    danger: Color32::from_rgb(0xb4, 0x2a, 0x22),
    scrim: Color32::from_rgba_premultiplied(0x0b, 0x0c, 0x0e, 0xd8),
    on_scrim: Color32::from_rgb(0xf4, 0xf5, 0xf7),
};

/// The tokens of one theme.
pub fn tokens_of(theme: Theme) -> &'static Tokens {
    match theme {
        Theme::Dark => &DARK,
        Theme::Light => &LIGHT,
    }
}

/// The tokens of the theme that `ui` is drawn in.
pub fn tokens(ui: &egui::Ui) -> &'static Tokens {
    if ui.visuals().dark_mode { &DARK } else { &LIGHT }
}

/// Sets the style of both themes; which one is shown is the context's `ThemePreference`.
pub fn install(ctx: &egui::Context) {
    for theme in [Theme::Dark, Theme::Light] {
        ctx.style_mut_of(theme, |style| apply(style, theme));
    }
}

fn apply(style: &mut Style, theme: Theme) {
    let size = |text: TextStyle, points: f32, family: FontFamily| (text, FontId::new(points, family));
    style.text_styles = [
        size(TextStyle::Small, 11.5, FontFamily::Proportional),
        size(TextStyle::Body, 13.5, FontFamily::Proportional),
        size(TextStyle::Button, 13.5, FontFamily::Proportional),
        size(TextStyle::Heading, 17.0, FontFamily::Proportional),
        size(TextStyle::Monospace, 12.0, FontFamily::Monospace),
    ]
    .into();
    let spacing = &mut style.spacing;
    spacing.item_spacing = Vec2::splat(2.0 * GRID);
    spacing.button_padding = Vec2::new(10.0, GRID);
    spacing.interact_size = Vec2::new(32.0, ROW);
    spacing.window_margin = Margin::same(16);
    spacing.menu_margin = Margin::same(6);
    spacing.menu_width = 260.0;
    spacing.icon_width = 16.0;
    spacing.icon_width_inner = 9.0;
    spacing.icon_spacing = 6.0;
    spacing.slider_rail_height = 4.0;
    spacing.combo_height = 460.0;
    spacing.tooltip_width = 320.0;
    spacing.indent = 16.0;
    spacing.scroll.dormant_handle_opacity = 0.25;
    spacing.scroll.active_handle_opacity = 0.45;
    spacing.scroll.interact_handle_opacity = 0.7;
    style.interaction.selectable_labels = false;
    style.visuals = visuals(tokens_of(theme), theme);
}

fn visuals(t: &Tokens, theme: Theme) -> Visuals {
    let mut v = match theme {
        Theme::Dark => Visuals::dark(),
        Theme::Light => Visuals::light(),
    };
    let widget = |fill: Color32, border: Color32, text: Color32| WidgetVisuals {
        bg_fill: fill,
        weak_bg_fill: fill,
        bg_stroke: Stroke::new(1.0, border),
        corner_radius: RADIUS,
        fg_stroke: Stroke::new(1.0, text),
        expansion: 0.0,
    };
    v.widgets.noninteractive = widget(t.panel, t.border, t.text);
    v.widgets.inactive = widget(t.raised, t.border, t.text);
    v.widgets.hovered = widget(t.hovered, t.border, t.text);
    v.widgets.active = widget(t.pressed, t.accent, t.text);
    v.widgets.open = widget(t.hovered, t.border, t.text);
    v.selection.bg_fill = t.selected;
    v.selection.stroke = Stroke::new(1.0, t.on_selected);
    v.hyperlink_color = t.link;
    v.faint_bg_color = t.hovered;
    v.extreme_bg_color = t.border;
    v.text_edit_bg_color = Some(t.raised);
    v.code_bg_color = t.raised;
    v.warn_fg_color = t.warning;
    v.error_fg_color = t.danger;
    v.weak_text_color = Some(t.text_weak);
    v.window_corner_radius = CornerRadius::same(8);
    v.menu_corner_radius = CornerRadius::same(6);
    v.window_fill = t.panel;
    v.window_stroke = Stroke::new(1.0, t.border);
    v.panel_fill = t.panel;
    v.window_shadow = Shadow { offset: [0, 6], blur: 20, spread: 0, color: Color32::from_black_alpha(72) };
    v.popup_shadow = Shadow { offset: [0, 4], blur: 12, spread: 0, color: Color32::from_black_alpha(64) };
    v.indent_has_left_vline = false;
    v.slider_trailing_fill = true;
    v.handle_shape = HandleShape::Rect { aspect_ratio: 0.4 };
    v
}

#[cfg(test)]
mod tests {
    use super::*;

    /// WCAG relative luminance.
    fn luminance(c: Color32) -> f64 {
        let linear = |v: u8| {
            let v = f64::from(v) / 255.0;
            if v <= 0.04045 { v / 12.92 } else { ((v + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(c.r()) + 0.7152 * linear(c.g()) + 0.0722 * linear(c.b())
    }

    fn contrast(a: Color32, b: Color32) -> f64 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn text_is_readable_on_every_surface() {
        for theme in [Theme::Dark, Theme::Light] {
            let t = tokens_of(theme);
            for surface in [t.canvas, t.panel, t.raised, t.hovered] {
                for text in [t.text, t.text_weak, t.link, t.success, t.warning, t.danger] {
                    let ratio = contrast(text, surface);
                    assert!(ratio >= 4.5, "{theme:?}: {text:?} on {surface:?} has only {ratio:.2}");
                }
            }
            for (text, surface) in [
                (t.on_accent, t.accent),
                (t.on_selected, t.selected),
                (t.on_accent, t.accent_hovered),
                (t.text_weak, t.space),
            ] {
                let ratio = contrast(text, surface);
                assert!(ratio >= 4.0, "{theme:?}: {text:?} on {surface:?} has only {ratio:.2}");
            }
        }
    }
}
