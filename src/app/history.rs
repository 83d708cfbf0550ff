//! What a person has changed, kept in one place, so that it can be undone and done again.

use std::collections::HashSet;
use std::rc::Rc;

use super::centre::CentrePage;
use super::cloud_view::Places;
use super::desk::Desk;
use super::desk::results::Results;
use super::desk::views::{Row, RowState, ViewList};
use super::widgets::controls::count;
use crate::input::ViewId;
use crate::scene::Filters;
use crate::worker::RunId;

/// Changes that can be undone; older ones are forgotten.
const KEPT: usize = 100;

/// How all that a person can change stood. Maps are shared with the results of the run; those of earlier runs are let go of.
#[derive(Debug)]
struct Moment {
    views: ViewList,
    results: Results,
    places: Places,
    filters: Filters,
}

#[derive(Debug)]
struct Change {
    what: String,
    /// The run in whose scenes it was made, where it means nothing in others.
    run: Option<RunId>,
    before: Rc<Moment>,
    after: Rc<Moment>,
}

/// What was changed, the newest last.
#[derive(Debug, Default)]
pub struct History {
    now: Option<Rc<Moment>>,
    done: Vec<Change>,
    undone: Vec<Change>,
}

impl History {
    /// What would be undone, of what was made in scenes only that of the run that is shown.
    pub fn undoable(&self, shown: RunId) -> Option<&str> {
        latest(&self.done, shown).map(|at| self.done[at].what.as_str())
    }

    /// What would be done again.
    pub fn redoable(&self, shown: RunId) -> Option<&str> {
        latest(&self.undone, shown).map(|at| self.undone[at].what.as_str())
    }

    /// Takes note of what has changed since the last frame. While a slider is held, nothing is final.
    pub fn note(&mut self, ctx: &egui::Context, desk: &mut Desk, centre: &CentrePage) {
        if ctx.input(|input| input.pointer.any_down()) || self.now.as_ref().is_some_and(|now| now.holds(desk, centre)) {
            return;
        }
        let after = Rc::new(Moment::of(desk, centre));
        let Some(before) = self.now.replace(Rc::clone(&after)) else { return };
        if after.results.run() != before.results.run() {
            let run = after.results.run();
            for change in self.done.iter_mut().chain(&mut self.undone) {
                for moment in [&mut change.before, &mut change.after] {
                    if moment.results.run() != run {
                        *moment = Rc::new(moment.without_maps());
                    }
                }
            }
        }
        if let Some((what, is_of_scenes)) = after.told(&before) {
            // What is gone, or will not be written, is not to be missed unawares.
            let is_gone = after.views.rows().len() < before.views.rows().len();
            if is_gone || after.results.marks().left_out != before.results.marks().left_out {
                desk.state.outcome = Some(what.clone());
            }
            self.undone.clear();
            let run = is_of_scenes.then(|| after.results.run());
            self.done.push(Change { what, run, before, after });
            if self.done.len() > KEPT {
                self.done.remove(0);
            }
        }
    }

    /// What has changed since the last frame was nobody's doing.
    pub fn pass_over(&mut self) {
        self.now = None;
    }

    pub fn undo(&mut self, desk: &mut Desk, centre: &mut CentrePage) {
        let Some(at) = latest(&self.done, desk.state.results.run()) else { return };
        let change = self.done.remove(at);
        change.before.bring_back(&change.after, desk, centre);
        desk.state.outcome = Some(format!("Undone: {}", change.what));
        self.undone.push(change);
        self.now = Some(Rc::new(Moment::of(desk, centre)));
    }

    pub fn redo(&mut self, desk: &mut Desk, centre: &mut CentrePage) {
        let Some(at) = latest(&self.undone, desk.state.results.run()) else { return };
        let change = self.undone.remove(at);
        change.after.bring_back(&change.before, desk, centre);
        desk.state.outcome = Some(format!("Done again: {}", change.what));
        self.done.push(change);
        self.now = Some(Rc::new(Moment::of(desk, centre)));
    }
}

impl Moment {
    fn of(desk: &Desk, centre: &CentrePage) -> Self {
        Self {
            views: desk.state.views.clone(),
            results: desk.state.results.kept(),
            places: centre.places(desk.state.results.run()),
            filters: centre.cloud_settings().look.filters,
        }
    }

    /// The same without what a run gave.
    fn without_maps(&self) -> Self {
        let (views, places) = (self.views.clone(), self.places.clone());
        Self { views, results: self.results.bare(), places, filters: self.filters }
    }

    /// Whether all is as it was.
    fn holds(&self, desk: &Desk, centre: &CentrePage) -> bool {
        let results = &desk.state.results;
        self.results.revision() == results.revision()
            && ids(&self.views).eq(ids(&desk.state.views))
            && self.results.marks() == results.marks()
            && self.filters == centre.cloud_settings().look.filters
            && self.places.scenes == centre.places(results.run()).scenes
    }

    /// What a person has changed since then, in words, and whether it means something in the scenes of this run alone; `None` where it
    /// was nobody, or photos came.
    fn told(&self, before: &Self) -> Option<(String, bool)> {
        let stayed = |id: &ViewId| before.views.position(*id).is_some();
        if !ids(&self.views).all(|id| stayed(&id)) {
            return None;
        }
        if let Some(what) = self.told_of_list(before) {
            return Some((what, false));
        }
        if self.results.run() != before.results.run() {
            return None;
        }
        if self.results.set_scales() != before.results.set_scales() {
            return Some(("Scale of the scene".into(), true));
        }
        (self.places.scenes != before.places.scenes).then(|| ("Measured lines and saved views".into(), true))
    }

    /// The same of what means something in any run.
    fn told_of_list(&self, before: &Self) -> Option<String> {
        let now: HashSet<ViewId> = ids(&self.views).collect();
        let removed = ids(&before.views).filter(|id| !now.contains(id)).count();
        if removed > 0 {
            return Some(format!("{} removed", count(removed, "view")));
        }
        if ids(&self.views).ne(ids(&before.views)) {
            return Some("Order of the list".into());
        }
        self.told_of_marks(before).or_else(|| (self.filters != before.filters).then(|| "Filters".into()))
    }

    /// The same of what was switched off.
    fn told_of_marks(&self, before: &Self) -> Option<String> {
        let changed = |marked: fn(&Results) -> &HashSet<ViewId>| {
            [(&self.results, &before.results), (&before.results, &self.results)]
                .map(|(a, b)| marked(a).difference(marked(b)).count())
        };
        match changed(Results::hidden) {
            [0, 0] => {}
            [hidden, 0] => return Some(format!("{} hidden", count(hidden, "view"))),
            [0, shown] => return Some(format!("{} shown", count(shown, "view"))),
            [hidden, shown] => return Some(format!("{} shown, {hidden} hidden", count(shown, "view"))),
        }
        match changed(|results| &results.marks().left_out) {
            [0, 0] => None,
            [left, 0] => Some(format!("{} left out of exports", count(left, "view"))),
            [_, taken] => Some(format!("{} in exports again", count(taken, "view"))),
        }
    }

    /// Makes what is here as it was at this moment, as far as it differs from `other`, another moment. Photos that neither knows stay.
    fn bring_back(&self, other: &Self, desk: &mut Desk, centre: &mut CentrePage) {
        let state = &mut desk.state;
        let is_known = |id: ViewId| self.views.position(id).is_some() || other.views.position(id).is_some();
        let of_now = |row: &Row| match (state.views.row(row.id), &row.state) {
            (Some(now), _) => now.clone(),
            // The run in which it was looked at then has nothing of it any more.
            (None, RowState::Running) => Row { state: RowState::Waiting, ..row.clone() },
            (None, _) => row.clone(),
        };
        let mut rows: Vec<Row> = self.views.rows().iter().map(of_now).collect();
        rows.extend(state.views.rows().iter().filter(|row| !is_known(row.id)).cloned());
        state.views.put(rows, self.views.selected());
        let scale = |results: &Results| results.set_scale_of(state.views.selected()).unwrap_or(1.0);
        let before = scale(&state.results);
        state.results.bring_back(&self.results, state.views.rows());
        let grown = scale(&state.results) / before;
        state.follow_results();
        desk.follow = true;
        centre.follow_scale(desk);
        let run = desk.state.results.run();
        let Some(cloud) = &mut centre.cloud else { return };
        if self.filters != other.filters {
            cloud.settings.look.filters = self.filters;
        }
        if self.results.run() == run && self.places.scenes != other.places.scenes {
            let camera = cloud.places(run).camera.map(|camera| camera.scaled(grown));
            cloud.restore(run, Places { camera, scenes: self.places.scenes.clone() });
        }
    }
}

/// The newest change that means something where this run is shown.
fn latest(changes: &[Change], shown: RunId) -> Option<usize> {
    changes.iter().rposition(|change| change.run.is_none_or(|run| run == shown))
}

fn ids(views: &ViewList) -> impl Iterator<Item = ViewId> {
    views.rows().iter().map(|row| row.id)
}
