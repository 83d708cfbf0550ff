//! The window of what photos have in common, pair by pair: for whoever wants to see why one was left out of a scene.

use egui::{
    Align2, Color32, Layout, Pos2, Rect, Response, RichText, Role, ScrollArea, Sense, Stroke, TextStyle, Ui, UiBuilder,
    Vec2, WidgetInfo, pos2, vec2,
};

use crate::app::desk::views::ViewList;
use crate::app::theme;
use crate::app::widgets::controls::{choice, count, lines, note, row_plate};
use crate::app::widgets::thumbnails::{Thumb, Thumbnails};
use crate::app::widgets::window::window;
use crate::inference::{Match, Matched, MatchedPair};
use crate::input::{ViewId, display_name};

const LIST_WIDTH: f32 = 250.0;
const ROW_HEIGHT: f32 = 44.0;
const GAP: f32 = 12.0;

/// What is chosen in it.
#[derive(Debug)]
pub struct MatchesWindow {
    /// The photo whose pairs are listed; of `None` all are.
    photo: Option<ViewId>,
    pair: Option<[ViewId; 2]>,
    shows_strays: bool,
}

impl Default for MatchesWindow {
    fn default() -> Self {
        Self { photo: None, pair: None, shows_strays: true }
    }
}

/// What it shows.
pub struct Shared<'a> {
    pub matched: Option<&'a Matched>,
    pub views: &'a ViewList,
    pub previews: &'a mut Thumbnails,
}

impl MatchesWindow {
    /// Draws the window where it is open.
    pub fn window(&mut self, ctx: &egui::Context, open: &mut bool, mut shared: Shared<'_>) {
        if !*open {
            return;
        }
        let room = ctx.content_rect().size();
        let size = vec2((room.x - 80.0).min(1080.0), (room.y - 150.0).min(620.0));
        window(ctx, "Matches between photos", open).anchor(Align2::CENTER_CENTER, Vec2::ZERO).show(ctx, |ui| {
            ui.set_min_size(size);
            ui.set_max_size(size);
            let pairs = shared.matched.map_or(&[][..], |matched| matched.matches.as_slice());
            if pairs.is_empty() {
                note(ui, none_of(shared.matched));
                return;
            }
            let whole = ui.available_rect_before_wrap();
            let (list, pictures) = whole.split_left_right_at_x(whole.left() + LIST_WIDTH);
            let mut part = |rect: Rect| ui.new_child(UiBuilder::new().max_rect(rect).layout(Layout::default()));
            let (mut list, mut pictures) = (part(list), part(pictures.with_min_x(pictures.left() + GAP)));
            self.list_ui(&mut list, pairs, shared.views);
            match pairs.iter().find(|pair| Some(pair.photos) == self.pair) {
                Some(pair) => self.pair_ui(&mut pictures, pair, &mut shared),
                None => _ = note(&mut pictures, "Choose a pair of photos"),
            }
        });
    }

    fn list_ui(&mut self, ui: &mut Ui, pairs: &[MatchedPair], views: &ViewList) {
        let name = |id: ViewId| views.rows().iter().find(|row| row.id == id).map(|row| display_name(&row.path));
        let name = |id: ViewId| name(id).unwrap_or_else(|| "(removed)".into());
        let photos: Vec<Option<ViewId>> =
            std::iter::once(None).chain(views.rows().iter().map(|row| Some(row.id))).collect();
        if !photos.contains(&self.photo) {
            self.photo = None;
        }
        let tip = "Whose pairs are listed";
        choice(ui, "Photo", tip, &mut self.photo, &photos, |photo| photo.map_or("All".into(), name));
        let listed: Vec<&MatchedPair> =
            pairs.iter().filter(|pair| self.photo.is_none_or(|photo| pair.photos.contains(&photo))).collect();
        if !listed.iter().any(|pair| Some(pair.photos) == self.pair) {
            self.pair = listed.iter().max_by_key(|pair| pair.fitting).map(|pair| pair.photos);
        }
        note(ui, count(listed.len(), "pair"));
        ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            for pair in listed {
                let names = pair.photos.map(name).join(" – ");
                if row_ui(ui, &names, pair, Some(pair.photos) == self.pair).clicked() {
                    self.pair = Some(pair.photos);
                }
            }
            if self.photo.is_some() && !pairs.iter().any(|pair| self.photo.is_some_and(|id| pair.photos.contains(&id)))
            {
                note(ui, "Nothing on this photo was found on another");
            }
        });
    }

    fn pair_ui(&mut self, ui: &mut Ui, pair: &MatchedPair, shared: &mut Shared<'_>) {
        let tokens = theme::tokens(ui);
        ui.horizontal(|ui| {
            ui.label(RichText::new(told(pair)).strong());
            ui.add_space(GAP);
            let strays = pair.matched - pair.fitting;
            let tip = "Matches of things that moved or only look alike, of pairs that contradict stronger ones, and of pairs that do not tell \
                       where the camera went, because they show one plane or were taken from one spot";
            ui.add_enabled_ui(strays > 0, |ui| {
                ui.checkbox(&mut self.shows_strays, "Those not used").on_hover_text(tip);
            });
        });
        let (whole, _) = ui.allocate_exact_size(ui.available_size(), Sense::hover());
        ui.painter().rect_filled(whole, 4.0, tokens.canvas);
        let width = (whole.width() - 3.0 * GAP) / 2.0;
        let rooms = [0.0, 1.0].map(|at| {
            let left = whole.left() + GAP + at * (width + GAP);
            Rect::from_min_size(pos2(left, whole.top() + GAP), vec2(width, whole.height() - 2.0 * GAP))
        });
        let [Some(first), Some(second)] =
            [0, 1].map(|at| photo_ui(ui, rooms[at], pair.photos[at], shared.views, shared.previews))
        else {
            return;
        };
        let shown = pair.shown.iter().filter(|one| one.fits || self.shows_strays);
        shown.for_each(|one| match_ui(ui, one, [first, second]));
    }
}

/// A pair in the list: its photos, and what they share beneath.
fn row_ui(ui: &mut Ui, names: &str, pair: &MatchedPair, is_chosen: bool) -> Response {
    let tokens = theme::tokens(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW_HEIGHT), Sense::click());
    let told = told(pair);
    let said = format!("{names}, {told}");
    response.widget_info(|| WidgetInfo::selected(Role::ListItem, true, is_chosen, &said));
    row_plate(ui, &response, is_chosen);
    let (strong, weak) =
        if is_chosen { (tokens.on_selected, tokens.on_selected) } else { (tokens.text, tokens.text_weak) };
    // Painted and not labels of their own: the row says all of it.
    let inner = rect.shrink2(vec2(8.0, 5.0));
    lines(ui, inner, names, TextStyle::Body, strong, 1);
    let beneath = inner.with_min_y(inner.bottom() - ui.text_style_height(&TextStyle::Small));
    lines(ui, beneath, &told, TextStyle::Small, weak, 1);
    response.on_hover_text(names)
}

/// Why there is nothing to show.
fn none_of(matched: Option<&Matched>) -> &'static str {
    match matched {
        Some(_) => "Matches are not kept in files. Run the photos again to see them",
        None => {
            "No scene has come of matching these photos. Run two photos or more, not independently, to see what they share"
        }
    }
}

fn told(pair: &MatchedPair) -> String {
    match (pair.fitting, pair.matched) {
        (0, 1) => "1 match, not used".into(),
        (0, matched) => format!("{matched} matches, not used"),
        (fitting, matched) => format!("{fitting} of {matched} matches used"),
    }
}

/// Draws a photo into the room and says where it is, once it is there.
fn photo_ui(ui: &Ui, room: Rect, id: ViewId, views: &ViewList, previews: &mut Thumbnails) -> Option<Rect> {
    let row = views.rows().iter().find(|row| row.id == id)?;
    let Thumb::Ready { texture, .. } = previews.get(&row.path) else { return None };
    let size = texture.size_vec2();
    let scale = (room.width() / size.x).min(room.height() / size.y);
    let shown = Rect::from_center_size(room.center(), size * scale);
    let whole = Rect::from_min_max(Pos2::ZERO, pos2(1.0, 1.0));
    // Lines are to be seen on any photo.
    ui.painter().image(texture.id(), shown, whole, Color32::from_gray(170));
    Some(shown)
}

fn match_ui(ui: &Ui, one: &Match, photos: [Rect; 2]) {
    let tokens = theme::tokens(ui);
    let colour = if one.fits { tokens.success } else { tokens.danger };
    let ends = [0, 1].map(|at| photos[at].lerp_inside(Vec2::from(one.places[at])));
    ui.painter().line_segment(ends, Stroke::new(1.0, colour.gamma_multiply(0.55)));
    ends.iter().for_each(|end| _ = ui.painter().circle_filled(*end, 2.0, colour));
}
