//! Small line icons, painted, so that they follow the theme and need no font.

use egui::{Color32, Painter, Pos2, Rect, Response, Role, Sense, Shape, Stroke, StrokeKind, Ui, Vec2, WidgetInfo};

use crate::app::theme;
use crate::app::theme::ROW;

/// A picture of 16×16 units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Icon {
    Add,
    Bell,
    Bookmark,
    Camera,
    Check,
    Circle,
    Copy,
    Cross,
    Dot,
    Down,
    Eye,
    EyeOff,
    Film,
    Fit,
    Folder,
    /// A window with a panel on its left.
    PanelLeft,
    PanelRight,
    Home,
    More,
    Pencil,
    Play,
    Ruler,
    Stop,
    Trash,
    Up,
    Viewpoint,
    Warning,
    Photos,
}

impl Icon {
    /// Of an icon in a button, points.
    pub const SIDE: f32 = 16.0;

    /// Draws the icon into the square `rect`.
    pub fn paint(self, painter: &Painter, rect: Rect, colour: Color32) {
        let unit = rect.width() / 16.0;
        let at = |x: f32, y: f32| Pos2::new(rect.left() + x * unit, rect.top() + y * unit);
        let stroke = Stroke::new(1.5 * unit.max(0.8), colour);
        let line = |points: &[(f32, f32)]| {
            painter.add(Shape::line(points.iter().map(|&(x, y)| at(x, y)).collect(), stroke));
        };
        let area = |points: &[(f32, f32)]| {
            let points = points.iter().map(|&(x, y)| at(x, y)).collect();
            painter.add(Shape::convex_polygon(points, colour, Stroke::NONE));
        };
        let frame = |x0: f32, y0: f32, x1: f32, y1: f32| {
            painter.rect_stroke(Rect::from_min_max(at(x0, y0), at(x1, y1)), unit, stroke, StrokeKind::Middle);
        };
        match self {
            Self::Add => {
                line(&[(8.0, 3.0), (8.0, 13.0)]);
                line(&[(3.0, 8.0), (13.0, 8.0)]);
            }
            Self::Bell => {
                line(&[(3.0, 11.5), (4.5, 9.5), (4.5, 6.5), (6.0, 4.0), (8.0, 3.2), (10.0, 4.0), (11.5, 6.5)]);
                line(&[(11.5, 6.5), (11.5, 9.5), (13.0, 11.5), (3.0, 11.5)]);
                line(&[(7.0, 13.8), (9.0, 13.8)]);
            }
            Self::Bookmark => {
                line(&[(4.0, 2.5), (12.0, 2.5), (12.0, 13.5), (8.0, 10.0), (4.0, 13.5), (4.0, 2.5), (4.8, 2.5)])
            }
            Self::Camera => {
                line(&[(2.0, 5.0), (5.0, 5.0), (6.3, 3.0), (9.7, 3.0), (11.0, 5.0), (14.0, 5.0)]);
                line(&[(14.0, 5.0), (14.0, 13.0), (2.0, 13.0), (2.0, 5.0)]);
                painter.circle_stroke(at(8.0, 8.8), 2.5 * unit, stroke);
            }
            Self::Check => line(&[(3.0, 8.5), (6.5, 12.0), (13.0, 4.5)]),
            Self::Circle => {
                painter.circle_stroke(at(8.0, 8.0), 5.0 * unit, stroke);
            }
            Self::Copy => {
                frame(5.5, 5.5, 13.0, 13.5);
                line(&[(3.0, 10.5), (3.0, 2.5), (10.5, 2.5)]);
            }
            Self::Cross => {
                line(&[(4.0, 4.0), (12.0, 12.0)]);
                line(&[(12.0, 4.0), (4.0, 12.0)]);
            }
            Self::Dot => {
                painter.circle_stroke(at(8.0, 8.0), 5.0 * unit, stroke);
                painter.circle_filled(at(8.0, 8.0), 2.5 * unit, colour);
            }
            Self::Down => line(&[(3.5, 6.0), (8.0, 10.5), (12.5, 6.0)]),
            Self::Up => line(&[(3.5, 10.5), (8.0, 6.0), (12.5, 10.5)]),
            Self::Eye | Self::EyeOff => {
                line(&[(1.5, 8.0), (4.5, 4.8), (8.0, 3.8), (11.5, 4.8), (14.5, 8.0)]);
                line(&[(1.5, 8.0), (4.5, 11.2), (8.0, 12.2), (11.5, 11.2), (14.5, 8.0)]);
                painter.circle_filled(at(8.0, 8.0), 2.0 * unit, colour);
                if self == Self::EyeOff {
                    line(&[(2.5, 13.5), (13.5, 2.5)]);
                }
            }
            Self::Film => {
                frame(2.0, 3.0, 14.0, 13.0);
                line(&[(4.8, 3.0), (4.8, 13.0)]);
                line(&[(11.2, 3.0), (11.2, 13.0)]);
                for y in [6.3, 9.7] {
                    line(&[(2.0, y), (4.8, y)]);
                    line(&[(11.2, y), (14.0, y)]);
                }
            }
            Self::Fit => {
                for (x, y) in [(2.5, 2.5), (13.5, 2.5), (13.5, 13.5), (2.5, 13.5)] {
                    let inwards = |at: f32| at + (8.0 - at).signum() * 3.5;
                    line(&[(inwards(x), y), (x, y), (x, inwards(y))]);
                }
                painter.circle_filled(at(8.0, 8.0), 1.8 * unit, colour);
            }
            Self::Folder => line(&[
                (2.0, 3.8),
                (6.2, 3.8),
                (7.6, 5.4),
                (14.0, 5.4),
                (14.0, 12.8),
                (2.0, 12.8),
                (2.0, 3.8),
                (2.8, 3.8),
            ]),
            Self::PanelLeft | Self::PanelRight => {
                frame(2.0, 3.0, 14.0, 13.0);
                let x = if self == Self::PanelLeft { 6.0 } else { 10.0 };
                line(&[(x, 3.0), (x, 13.0)]);
            }
            Self::Home => {
                line(&[(1.8, 8.2), (8.0, 2.6), (14.2, 8.2)]);
                line(&[(3.8, 7.0), (3.8, 13.4), (12.2, 13.4), (12.2, 7.0)]);
            }
            Self::More => {
                for x in [3.5, 8.0, 12.5] {
                    painter.circle_filled(at(x, 8.0), 1.3 * unit, colour);
                }
            }
            Self::Pencil => {
                line(&[(2.8, 13.2), (3.6, 9.8), (10.8, 2.6), (13.4, 5.2), (6.2, 12.4), (2.8, 13.2), (3.0, 12.4)]);
                line(&[(9.0, 4.4), (11.6, 7.0)]);
            }
            Self::Photos => {
                frame(2.0, 3.0, 14.0, 13.0);
                line(&[(2.5, 11.5), (6.0, 7.5), (9.0, 10.5), (11.0, 8.5), (13.5, 11.0)]);
                painter.circle_filled(at(10.8, 5.9), 1.2 * unit, colour);
            }
            Self::Play => area(&[(4.5, 3.0), (13.0, 8.0), (4.5, 13.0)]),
            Self::Ruler => {
                line(&[(10.5, 1.5), (14.5, 5.5), (5.5, 14.5), (1.5, 10.5), (10.5, 1.5), (11.2, 2.2)]);
                for (x, y) in [(8.2, 3.8), (6.0, 6.0), (3.8, 8.2)] {
                    line(&[(x, y), (x + 1.8, y + 1.8)]);
                }
            }
            Self::Stop => area(&[(4.0, 4.0), (12.0, 4.0), (12.0, 12.0), (4.0, 12.0)]),
            Self::Trash => {
                line(&[(2.5, 4.5), (13.5, 4.5)]);
                line(&[(6.0, 4.0), (6.0, 2.5), (10.0, 2.5), (10.0, 4.0)]);
                line(&[(4.0, 4.8), (4.8, 13.5), (11.2, 13.5), (12.0, 4.8)]);
            }
            Self::Viewpoint => {
                line(&[(2.2, 8.0), (13.0, 2.6), (13.0, 13.4), (2.2, 8.0), (13.0, 2.6)]);
                painter.circle_filled(at(9.4, 8.0), 1.6 * unit, colour);
            }
            Self::Warning => {
                line(&[(8.0, 2.5), (14.5, 13.5), (1.5, 13.5), (8.0, 2.5), (9.0, 4.2)]);
                line(&[(8.0, 6.5), (8.0, 9.8)]);
                painter.circle_filled(at(8.0, 11.7), 0.9 * unit, colour);
            }
        }
    }

    /// Takes room for the icon in a row and draws it.
    pub fn ui(self, ui: &mut Ui, side: f32, colour: Color32) -> Response {
        let (rect, response) = ui.allocate_exact_size(Vec2::splat(side), Sense::hover());
        self.paint(ui.painter(), rect, colour);
        response
    }
}

/// A frameless square button; `label` is what a screen reader says, the tooltip adds what it changes.
pub fn icon_button(ui: &mut Ui, icon: Icon, label: &str, tip: &str, enabled: bool) -> Response {
    let sense = if enabled { Sense::click() } else { Sense::hover() };
    let (rect, response) = ui.allocate_exact_size(Vec2::splat(ROW), sense);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, enabled, label));
    if ui.is_rect_visible(rect) {
        let tokens = theme::tokens(ui);
        let visuals = ui.style().interact(&response);
        if enabled && (response.hovered() || response.has_focus()) {
            ui.painter().rect(rect, visuals.corner_radius, visuals.bg_fill, visuals.bg_stroke, StrokeKind::Inside);
        }
        let colour = if enabled { tokens.text } else { ui.visuals().disable(tokens.text_weak) };
        icon.paint(ui.painter(), Rect::from_center_size(rect.center(), Vec2::splat(16.0)), colour);
    }
    response.on_hover_text(format!("{label}\n{tip}"))
}
