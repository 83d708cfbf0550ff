//! What can be done with the selected views: the menu of a row.

use egui::{Button, RichText, Ui};

use crate::app::action::Action;
use crate::app::desk::ToRun;
use crate::app::desk::state::AppState;
use crate::app::request::Request;
use crate::app::theme;
use crate::app::widgets::controls::count;
use crate::input::ViewId;

/// The menu of selected views, or of one that is about to be selected.
pub struct RowMenu<'a> {
    pub state: &'a AppState,
    /// What it is about, in the order of the list.
    pub views: Vec<ViewId>,
    pub requests: &'a mut Vec<Request>,
}

impl RowMenu<'_> {
    pub fn ui(mut self, ui: &mut Ui) {
        let state = self.state;
        let results = &state.results;
        let several = (self.views.len() > 1).then(|| count(self.views.len(), "view"));
        let named = |one: &str, all: &dyn Fn(&str) -> String| several.as_deref().map_or(one.to_owned(), all);
        let shown: Vec<ViewId> = self.views.iter().copied().filter(|id| results.get(*id).is_some()).collect();
        let none_shown = shown.is_empty().then_some("There is nothing of it in 3D before a run");

        let label = if results.are_hidden(&shown) && !shown.is_empty() {
            named("Show in 3D", &|views| format!("Show {views} in 3D"))
        } else {
            named("Hide in 3D", &|views| format!("Hide {views} in 3D"))
        };
        self.item(ui, &label, Action::HideView, none_shown, "Nothing is run for that");
        let label = named("Show only this", &|views| format!("Show only these {views}"));
        self.item(ui, &label, Action::ShowOnly, none_shown, "Hides all others in 3D");
        let label = if results.are_left_out(&self.views) {
            named("Take into exports again", &|views| format!("Take {views} into exports again"))
        } else {
            named("Leave out of exports", &|views| format!("Leave {views} out of exports"))
        };
        self.item(ui, &label, Action::LeaveOut, None, "Stays in the list and in 3D; export writes nothing of it");
        ui.separator();
        let (label, tip) = if state.can_run_some() {
            let label = named("Run again", &|views| format!("Run {views} again"));
            (label, "Finds their depth anew; the others keep theirs")
        } else {
            let tip = "These cannot be run alone: the others have no result with these settings, or all are looked at together";
            (ToRun::label_of_all(state.usable()), tip)
        };
        let is_running = state.run.is_some().then_some("A run is under way");
        self.item(ui, &label, Action::RunAgain, is_running, tip);
        ui.separator();
        let label = named("Show in folder", &|views| format!("Show {views} in their folders"));
        self.item(ui, &label, Action::ShowInFolder, None, "In the file manager");
        let label = named("Copy path", &|_| format!("Copy {}", count(self.views.len(), "path")));
        if ui.button(label).clicked() {
            let paths =
                self.views.iter().filter_map(|id| state.views.row(*id)).map(|row| row.path.display().to_string());
            let paths: Vec<String> = paths.collect();
            self.requests.push(Request::Copy(paths.join("\n")));
        }
        if let Some(&first) = self.views.first()
            && ui.button("Move to the top").on_hover_text("Of the list, which is the order of a run").clicked()
        {
            self.requests.push(Request::Move(first, 0));
        }
        ui.separator();
        let label = named("Remove view", &|views| format!("Remove {views}"));
        self.item(ui, &label, Action::RemoveView, None, "Off the list; the file stays where it is");
        ui.separator();
        self.item(ui, Action::ClearViews.label(), Action::ClearViews, None, "Empties the list; the files stay");
    }

    /// `obstacle`: why it cannot be done.
    fn item(&mut self, ui: &mut Ui, label: &str, action: Action, obstacle: Option<&str>, tip: &str) {
        let key = RichText::new(action.key_text(ui.ctx())).color(theme::tokens(ui).text_weak);
        let button = Button::new(label).shortcut_text(key);
        let response = ui.add_enabled(obstacle.is_none(), button).on_hover_text(tip);
        if response.on_disabled_hover_text(obstacle.unwrap_or_default()).clicked() {
            self.requests.push(Request::Do(action));
        }
    }
}
