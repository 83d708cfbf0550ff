//! The left panel: photos in order, each with its picture and state. Only visible rows cost anything.

use egui::{
    Align, Color32, Layout, Pos2, Rect, RichText, Role, Sense, Stroke, StrokeKind, TextStyle, Ui, Vec2, WidgetInfo,
    pos2,
};

use super::menu::RowMenu;
use crate::app::action::Action;
use crate::app::desk::state::AppState;
use crate::app::desk::views::{Row, RowState, capital};
use crate::app::request::Request;
use crate::app::theme;
use crate::app::theme::GRID;
use crate::app::widgets::controls::{lines, row_plate};
use crate::app::widgets::icons::{Icon, icon_button};
use crate::app::widgets::thumbnails::{Thumb, Thumbnails};
use crate::session::PhotoFile;

const ROW_HEIGHT: f32 = 60.0;
const PICTURE: Vec2 = Vec2::new(64.0, 48.0);

/// What the panel draws.
pub struct ViewsPanel<'a> {
    pub state: &'a AppState,
    pub thumbnails: &'a mut Thumbnails,
    /// Bring the selected row into sight.
    pub follow: bool,
    pub requests: &'a mut Vec<Request>,
}

impl ViewsPanel<'_> {
    pub fn ui(mut self, ui: &mut Ui) {
        self.header_ui(ui);
        self.failed_ui(ui);
        let rows = self.state.views.rows();
        let step = ROW_HEIGHT + GRID;
        ui.spacing_mut().item_spacing.y = GRID;
        let mut area = egui::ScrollArea::vertical().auto_shrink([false, false]).id_salt("views");
        if self.follow
            && let Some(at) = self.state.views.selected().and_then(|id| self.state.views.position(id))
        {
            let middle = (at as f32 + 0.5) * step - ui.available_height() / 2.0;
            area = area.vertical_scroll_offset(middle.max(0.0));
        }
        area.show_rows(ui, ROW_HEIGHT, rows.len(), |ui, visible| {
            for (index, row) in rows.iter().enumerate().take(visible.end).skip(visible.start) {
                self.row_ui(ui, index, row);
            }
        });
    }

    /// What can be done about all photos that could not be used.
    fn failed_ui(&mut self, ui: &mut Ui) {
        let failed = self.state.views.failed().count();
        if failed == 0 {
            return;
        }
        ui.horizontal(|ui| {
            let tokens = theme::tokens(ui);
            Icon::Warning.ui(ui, 14.0, tokens.danger);
            ui.label(RichText::new(format!("{failed} failed")).small().color(tokens.text_weak));
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let tip = "Takes them off the list; the files stay where they are";
                if ui.small_button("Remove").on_hover_text(tip).clicked() {
                    self.requests.push(Request::RemoveFailed);
                }
                let tip = "Reads them once more, for instance after they were copied again";
                if ui.small_button("Retry").on_hover_text(tip).clicked() {
                    self.requests.push(Request::RetryFailed);
                }
            });
        });
    }

    fn header_ui(&mut self, ui: &mut Ui) {
        ui.horizontal(|ui| {
            let (all, selected) = (self.state.views.rows().len(), self.state.views.selected_count());
            let (text, tip) = match selected {
                0 | 1 => (format!("Views · {all}"), "Photos in the order in which a run sees them".to_owned()),
                _ => (format!("{selected} of {all}"), format!("{selected} of {all} views are selected (Esc: one)")),
            };
            ui.label(RichText::new(text).strong().size(14.0)).on_hover_text(tip);
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                ui.spacing_mut().item_spacing.x = 0.0;
                let views = &self.state.views;
                let [remove, up, down] = [Action::RemoveView, Action::MoveViewUp, Action::MoveViewDown].map(|action| {
                    let of_all = action.label().replace("view", &format!("the {selected} selected views"));
                    if selected > 1 { of_all } else { action.label().to_owned() }
                });
                let tip = "Takes what is selected off the list; the files stay";
                self.tool(ui, Icon::Trash, Action::RemoveView, &remove, tip, selected > 0);
                let tip = "The order matters to models that look at views jointly";
                self.tool(ui, Icon::Down, Action::MoveViewDown, &down, tip, views.can_move_selection(true));
                self.tool(ui, Icon::Up, Action::MoveViewUp, &up, tip, views.can_move_selection(false));
                let tip = "Adds photos; you can also drop them on the window";
                self.tool(ui, Icon::Add, Action::OpenPhotos, Action::OpenPhotos.label(), tip, true);
            });
        });
    }

    fn tool(&mut self, ui: &mut Ui, icon: Icon, action: Action, label: &str, tip: &str, enabled: bool) {
        let tip = format!("{tip} ({})", action.key_text(ui.ctx()));
        if icon_button(ui, icon, label, &tip, enabled).clicked() {
            self.requests.push(Request::Do(action));
        }
    }

    fn row_ui(&mut self, ui: &mut Ui, index: usize, row: &Row) {
        let tokens = theme::tokens(ui);
        let views = &self.state.views;
        let is_selected = views.is_selected(row.id);
        let size = Vec2::new(ui.available_width(), ROW_HEIGHT);
        let (rect, response) = ui.allocate_exact_size(size, Sense::click_and_drag());
        let file = file_word(row.file).map_or(String::new(), |word| format!(", {word}"));
        let left_out = if self.state.results.are_left_out(&[row.id]) { ", not exported" } else { "" };
        let label = format!("{}, {}{file}{left_out}", row.name, row.state.label().to_lowercase());
        response.widget_info(|| WidgetInfo::selected(Role::Button, true, is_selected, &label));
        row_plate(ui, &response, is_selected);
        if views.selected_count() > 1 && views.selected() == Some(row.id) {
            // Of several it is the one that is shown.
            ui.painter().rect_stroke(rect, 4.0, Stroke::new(1.0, tokens.on_selected), StrokeKind::Inside);
        }
        let inner = rect.shrink2(Vec2::new(6.0, 6.0));
        let picture = Rect::from_min_size(inner.min, PICTURE);
        let photo_size = self.picture_ui(ui, picture, row);
        // A failure has two lines for its reason, the other states one word.
        let top = if matches!(row.state, RowState::Failed(_)) { 0.0 } else { 5.0 };
        let text = Rect::from_min_max(pos2(picture.right() + 2.0 * GRID, inner.top() + top), inner.max);
        let text = if self.state.results.get(row.id).is_some() { text.with_max_x(text.right() - 24.0) } else { text };
        let text_colour = if is_selected { tokens.on_selected } else { tokens.text };
        lines(ui, text, &row.name, TextStyle::Body, text_colour, 1);
        let second = text.translate(Vec2::new(0.0, 20.0));
        self.state_ui(ui, second, row, is_selected);
        self.hide_ui(ui, rect, row, is_selected);
        self.react(ui, index, row, response, rect, photo_size);
    }

    /// The thumbnail, letterboxed; gives the photo's size where it is known.
    fn picture_ui(&mut self, ui: &Ui, rect: Rect, row: &Row) -> Option<[u32; 2]> {
        let tokens = theme::tokens(ui);
        ui.painter().rect_filled(rect, 3.0, tokens.canvas);
        match self.thumb(ui, row) {
            Thumb::Ready { texture, photo_size } => {
                let size = texture.size_vec2();
                let scale = (rect.width() / size.x).min(rect.height() / size.y);
                let shown = Rect::from_center_size(rect.center(), size * scale);
                let uv = Rect::from_min_max(Pos2::ZERO, pos2(1.0, 1.0));
                ui.painter().image(texture.id(), shown, uv, Color32::WHITE);
                Some(photo_size)
            }
            Thumb::Wanted => None,
            Thumb::Failed(_) => {
                let middle = Rect::from_center_size(rect.center(), Vec2::splat(18.0));
                Icon::Warning.paint(ui.painter(), middle, tokens.danger);
                None
            }
        }
    }

    /// Of the photo as the result knows it, where its file is not that any more.
    fn thumb(&mut self, ui: &Ui, row: &Row) -> Thumb {
        match self.state.results.get(row.id).filter(|_| row.file != PhotoFile::AsItWas) {
            Some(view) => self.thumbnails.of_result(ui.ctx(), view),
            None => self.thumbnails.get(&row.path),
        }
    }

    fn state_ui(&self, ui: &Ui, rect: Rect, row: &Row, is_selected: bool) {
        let tokens = theme::tokens(ui);
        let weak = if is_selected { tokens.on_selected } else { tokens.text_weak };
        let file = file_word(row.file).filter(|_| !matches!(row.state, RowState::Failed(_)));
        let (icon, colour) = match row.state {
            _ if file.is_some() => (Icon::Warning, if is_selected { weak } else { tokens.warning }),
            RowState::Waiting => (Icon::Circle, weak),
            RowState::Running => (Icon::Dot, tokens.accent_hovered),
            RowState::Done => (Icon::Check, if is_selected { weak } else { tokens.success }),
            RowState::Failed(_) => (Icon::Warning, if is_selected { weak } else { tokens.danger }),
        };
        let icon_rect = Rect::from_min_size(rect.min + Vec2::new(0.0, 1.0), Vec2::splat(12.0));
        icon.paint(ui.painter(), icon_rect, colour);
        let text = match &row.state {
            RowState::Failed(problem) => capital(&row.without_name(&problem.what)),
            state if self.state.results.are_left_out(&[row.id]) => {
                capital(&format!("{} · not exported", file.unwrap_or(state.label())))
            }
            state => file.map_or(state.label().to_owned(), capital),
        };
        lines(ui, rect.with_min_x(rect.left() + 16.0), &text, TextStyle::Small, weak, 2);
    }

    fn hide_ui(&mut self, ui: &mut Ui, row_rect: Rect, row: &Row, is_selected: bool) {
        if self.state.results.get(row.id).is_none() {
            return;
        }
        let rect = Rect::from_center_size(row_rect.right_center() - Vec2::new(18.0, 0.0), Vec2::splat(24.0));
        let is_hidden = self.state.results.hidden().contains(&row.id);
        let response = ui.interact(rect, ui.scope_id().with(("hide", row.id)), Sense::click());
        let label = format!("Show {} in 3D", row.name);
        response.widget_info(|| WidgetInfo::selected(Role::CheckBox, true, !is_hidden, &label));
        let tokens = theme::tokens(ui);
        let colour = if is_selected { tokens.on_selected } else { tokens.text_weak };
        let icon = if is_hidden { Icon::EyeOff } else { Icon::Eye };
        icon.paint(ui.painter(), Rect::from_center_size(rect.center(), Vec2::splat(16.0)), colour);
        let tip = if is_hidden { "Hidden in 3D; click to show (H)" } else { "Shown in 3D; click to hide (H)" };
        if response.on_hover_text(tip).clicked() {
            self.requests.push(Request::Hide(row.id));
        }
    }

    fn react(
        &mut self,
        ui: &Ui,
        index: usize,
        row: &Row,
        response: egui::Response,
        rect: Rect,
        size: Option<[u32; 2]>,
    ) {
        let modifiers = ui.input(|input| input.modifiers);
        let is_selected = self.state.views.is_selected(row.id);
        if response.clicked() {
            self.requests.push(match modifiers {
                _ if modifiers.shift => Request::SelectTo(row.id),
                _ if modifiers.command => Request::SelectAlso(row.id),
                _ => Request::Select(row.id),
            });
        } else if response.secondary_clicked() && !is_selected {
            self.requests.push(Request::Select(row.id));
        }
        response.dnd_set_drag_payload(row.id);
        let tokens = theme::tokens(ui);
        if response.dnd_hover_payload::<crate::input::ViewId>().is_some() {
            ui.painter().hline(rect.x_range(), rect.top() - GRID / 2.0, Stroke::new(2.0, tokens.accent_hovered));
        }
        if let Some(dragged) = response.dnd_release_payload::<crate::input::ViewId>() {
            self.requests.push(Request::Move(*dragged, index));
        }
        response.context_menu(|ui| {
            let views = if is_selected { self.state.views.selection() } else { vec![row.id] };
            RowMenu { state: self.state, views, requests: self.requests }.ui(ui);
        });
        response.on_hover_ui(|ui| {
            ui.label(row.path.display().to_string());
            if let Some([w, h]) = size {
                ui.label(format!("{w} × {h} px"));
            }
            if let RowState::Failed(problem) = &row.state {
                ui.label(problem.to_string());
            }
            match row.file {
                PhotoFile::AsItWas => {}
                PhotoFile::Missing => drop(ui.label("The file is not there any more; the result is from before")),
                PhotoFile::Changed => drop(ui.label("The file is another one by now; the result is of the one before")),
            }
            if let Thumb::Failed(why) = self.thumb(ui, row) {
                ui.label(why);
            }
        });
    }
}

/// What is wrong with a photo's file.
fn file_word(file: PhotoFile) -> Option<&'static str> {
    match file {
        PhotoFile::AsItWas => None,
        PhotoFile::Changed => Some("file changed"),
        PhotoFile::Missing => Some("file missing"),
    }
}
