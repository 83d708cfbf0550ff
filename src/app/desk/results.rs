//! What the last run gave so far, by view, and what of it is shown.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use super::views::Row;
use crate::export::RunNotes;
use crate::inference::{DepthFit, DepthUnit, Matched, MatchedPoint, Prediction, ViewPrediction};
use crate::input::ViewId;
use crate::worker::RunId;

/// The complete result of a run: what an export writes.
#[derive(Clone, Debug)]
pub struct Finished {
    pub prediction: Arc<Prediction>,
    pub notes: RunNotes,
}

/// What depths of a scene mean.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measure {
    /// As they are shown.
    pub unit: DepthUnit,
    /// As the run gave them.
    pub given: DepthUnit,
    /// By what somebody has multiplied them.
    pub set_scale: f32,
}

/// Room for scene numbers below the revision; there are far fewer scenes than this than photos that may be added.
const SCENE_BITS: u32 = 24;

/// What a person has switched off, by view.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    /// In 3D.
    pub hidden: HashSet<ViewId>,
    /// In exports.
    pub left_out: HashSet<ViewId>,
}

/// Finished views of the newest run that finished any.
#[derive(Debug, Default)]
pub struct Results {
    run: RunId,
    /// As the run gave them.
    given: HashMap<ViewId, Arc<ViewPrediction>>,
    /// As they are shown: those of a scene whose scale was set are not as they were given.
    by_view: HashMap<ViewId, Arc<ViewPrediction>>,
    /// By scene, as [`Prediction::set_scales`].
    set_scales: BTreeMap<usize, f32>,
    /// The views in list order.
    ordered: Vec<Arc<ViewPrediction>>,
    /// Once the run has finished.
    finished: Option<Finished>,
    marks: Marks,
    revision: u64,
    unit: DepthUnit,
}

impl Results {
    pub fn get(&self, view: ViewId) -> Option<&Arc<ViewPrediction>> {
        self.by_view.get(&view)
    }

    /// Finished views in list order.
    pub fn views(&self) -> &[Arc<ViewPrediction>] {
        &self.ordered
    }

    pub fn is_empty(&self) -> bool {
        self.by_view.is_empty()
    }

    /// The complete result as the run gave it.
    pub fn finished(&self) -> Option<&Finished> {
        self.finished.as_ref()
    }

    /// Whether a run is complete and its photos are not all gone from the list.
    pub fn can_be_exported(&self) -> bool {
        self.finished.is_some() && !self.ordered.is_empty()
    }

    /// The complete result of the photos in the list as it is shown, in the list's order and with the scales that were set.
    pub fn shown(&self) -> Option<Finished> {
        self.finished.as_ref()?;
        let mut finished = self.given();
        let prediction = Arc::make_mut(&mut finished.prediction);
        for view in &mut prediction.views {
            if let Some(shown) = self.by_view.get(&view.view) {
                *view = shown.clone();
            }
        }
        let places: HashMap<ViewId, usize> = self.ordered.iter().map(|view| view.view).zip(0..).collect();
        prediction.views.sort_by_key(|view| places.get(&view.view).copied().unwrap_or(usize::MAX));
        if let Some(matched) = &mut prediction.matched {
            matched.scale(self.set_scales.get(&matched.scene).copied().unwrap_or(1.0));
        }
        prediction.set_scales = self.set_scales.clone();
        Some(finished)
    }

    /// What an export writes: what is shown, without the views that were left out.
    pub fn to_export(&self) -> Option<Finished> {
        let mut finished = self.shown()?;
        let is_in = |id| !self.marks.left_out.contains(&id);
        Arc::make_mut(&mut finished.prediction).views.retain(|view| is_in(view.view));
        Some(finished)
    }

    /// What the run gave of the photos in the list, complete or not, without the scales that were set.
    pub fn given(&self) -> Finished {
        let Some(Finished { prediction, notes }) = &self.finished else {
            let views = self.ordered.iter().filter_map(|view| self.given.get(&view.view).cloned());
            let prediction = Prediction { unit: self.unit, views: views.collect(), ..Prediction::default() };
            return Finished { prediction: prediction.into(), notes: RunNotes::default() };
        };
        let mut prediction = (**prediction).clone();
        prediction.views.retain(|view| self.given.contains_key(&view.view));
        Finished { prediction: prediction.into(), notes: notes.clone() }
    }

    /// The points by which the cameras of a view's scene were found, as the run gave them.
    pub fn shared_points_of(&self, view: Option<ViewId>) -> &[MatchedPoint] {
        let matched = self.finished.as_ref().and_then(|finished| finished.prediction.matched.as_ref());
        let of_scene = |matched: &&Matched| self.scene_number(view) == Some(matched.scene);
        matched.filter(of_scene).map_or(&[], |matched| &matched.points)
    }

    /// By scene: by what somebody has multiplied it.
    pub fn set_scales(&self) -> &BTreeMap<usize, f32> {
        &self.set_scales
    }

    /// The run that these results are of.
    pub fn run(&self) -> RunId {
        self.run
    }

    /// What a person has switched off.
    pub fn marks(&self) -> &Marks {
        &self.marks
    }

    /// Views switched off in 3D.
    pub fn hidden(&self) -> &HashSet<ViewId> {
        &self.marks.hidden
    }

    /// Whether all of these are switched off in 3D.
    pub fn are_hidden(&self, views: &[ViewId]) -> bool {
        views.iter().all(|id| self.marks.hidden.contains(id))
    }

    /// Whether all of these are left out of exports.
    pub fn are_left_out(&self, views: &[ViewId]) -> bool {
        views.iter().all(|id| self.marks.left_out.contains(id))
    }

    /// Changes whenever the views or their order change.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// What a depth of 1 means in the scene that is shown for `view`, see [`Self::scene_of`].
    pub fn unit_of(&self, view: Option<ViewId>) -> DepthUnit {
        self.measure_of(view).unit
    }

    /// What depths mean in the scene that is shown for `view`.
    pub fn measure_of(&self, view: Option<ViewId>) -> Measure {
        let (set_scale, fit) = (self.set_scale_of(view), self.fit_of(view));
        let in_metres = |is_it| if is_it { DepthUnit::Metres } else { self.unit };
        let unit = in_metres(set_scale.is_some() || fit.is_some());
        Measure { unit, given: in_metres(fit.is_some()), set_scale: set_scale.unwrap_or(1.0) }
    }

    /// How known depths brought the scene that is shown for `view` to metres in the run.
    pub fn fit_of(&self, view: Option<ViewId>) -> Option<&DepthFit> {
        self.finished.as_ref()?.prediction.fits.get(&self.scene_number(view)?)
    }

    /// By what somebody multiplied the scene that is shown for `view`.
    pub fn set_scale_of(&self, view: Option<ViewId>) -> Option<f32> {
        self.set_scales.get(&self.scene_number(view)?).copied()
    }

    /// Multiplies depth and camera positions of the scene that is shown for `view`, which is in metres from then on;
    /// `None` shows it as the run gave it. Returns by how much the scene has become larger.
    pub fn set_scale(&mut self, view: Option<ViewId>, factor: Option<f32>) -> Option<f32> {
        let scene = self.scene_number(view)?;
        let before = self.set_scales.get(&scene).copied().unwrap_or(1.0);
        let after = factor.map_or(1.0, |factor| before * factor);
        if !(after > 0.0 && after.is_finite()) {
            return None;
        }
        match factor {
            Some(_) => self.set_scales.insert(scene, after),
            None => self.set_scales.remove(&scene),
        };
        self.by_view.retain(|_, view| view.scene != scene);
        self.show_given();
        for view in &mut self.ordered {
            if let Some(shown) = self.by_view.get(&view.view) {
                *view = Arc::clone(shown);
            }
        }
        self.revision += 1;
        Some(after / before)
    }

    /// The finished views that share a scene with `view` (with the first where it has no result), and a number that
    /// changes whenever they do.
    pub fn scene_of(&self, view: Option<ViewId>) -> (Vec<Arc<ViewPrediction>>, u64) {
        let Some(scene) = self.scene_number(view) else { return (Vec::new(), self.revision) };
        let views = self.ordered.iter().filter(|view| view.scene == scene).cloned().collect();
        (views, (self.revision << SCENE_BITS) | scene as u64)
    }

    /// The first number that no scene has.
    pub fn next_scene(&self) -> usize {
        self.given.values().map(|view| view.scene + 1).max().unwrap_or(0)
    }

    /// The same without what can be made again from the rest.
    pub fn kept(&self) -> Self {
        let (by_view, ordered) = (HashMap::new(), Vec::new());
        Self { by_view, ordered, given: self.given.clone(), finished: self.finished.clone(), ..self.bare() }
    }

    /// What a person has made, without views.
    pub fn bare(&self) -> Self {
        Self {
            run: self.run,
            set_scales: self.set_scales.clone(),
            marks: self.marks.clone(),
            revision: self.revision,
            unit: self.unit,
            ..Self::default()
        }
    }

    /// Makes views that came to a complete result a part of it.
    pub fn complete(&mut self) {
        let Some(finished) = &mut self.finished else { return };
        let given = self.ordered.iter().filter_map(|view| self.given.get(&view.view).cloned());
        Prediction::complete(&mut finished.prediction, given);
    }

    /// The scene of a view, or of the first where it has none.
    pub fn scene_number(&self, view: Option<ViewId>) -> Option<usize> {
        view.and_then(|id| self.get(id)).or(self.ordered.first()).map(|view| view.scene)
    }

    /// A view as it is shown.
    fn rescaled(&self, view: &Arc<ViewPrediction>) -> Arc<ViewPrediction> {
        self.set_scales.get(&view.scene).map_or_else(|| Arc::clone(view), |factor| Arc::new(view.scaled(*factor)))
    }

    /// Makes what is shown of views that were given and are not shown.
    fn show_given(&mut self) {
        let missing = self.given.values().filter(|view| !self.by_view.contains_key(&view.view));
        let missing: Vec<_> = missing.map(|view| (view.view, self.rescaled(view))).collect();
        self.by_view.extend(missing);
    }

    /// Forgets what an earlier run gave.
    fn begin(&mut self, run: RunId) {
        if run != self.run {
            self.given.clear();
            self.by_view.clear();
            self.set_scales.clear();
            self.finished = None;
            self.run = run;
        }
    }

    /// A view that is known already keeps its rescaled copy: it may be large.
    fn take(&mut self, view: Arc<ViewPrediction>) {
        if !self.given.get(&view.view).is_some_and(|known| Arc::ptr_eq(known, &view)) {
            self.by_view.insert(view.view, self.rescaled(&view));
            self.given.insert(view.view, view);
        }
    }

    /// Takes a finished view. The first view of a new run replaces the results of the run before: until then they stay,
    /// so that a run cancelled at once loses nothing.
    pub fn add(&mut self, run: RunId, unit: DepthUnit, view: Arc<ViewPrediction>, rows: &[Row]) {
        self.begin(run);
        self.unit = unit;
        self.take(view);
        self.reorder(rows);
    }

    /// Takes the complete result of a run.
    pub fn finish(&mut self, run: RunId, finished: Finished, rows: &[Row]) {
        self.begin(run);
        let views = &finished.prediction.views;
        self.given.retain(|id, _| views.iter().any(|view| view.view == *id));
        views.iter().for_each(|view| self.take(Arc::clone(view)));
        self.unit = finished.prediction.unit;
        self.finished = Some(finished);
        self.reorder(rows);
    }

    /// Takes what a file held of a run: [`Self::given`], and what was done with it.
    pub fn restore(
        &mut self,
        run: RunId,
        given: Finished,
        is_finished: bool,
        set_scales: BTreeMap<usize, f32>,
        marks: Marks,
        rows: &[Row],
    ) {
        self.begin(run);
        (self.set_scales, self.marks) = (set_scales, marks);
        self.finish(run, given, rows);
        self.finished.take_if(|_| !is_finished);
    }

    /// Takes an earlier run's results, as [`Self::kept`] gave them, in the place of those that are here. What a person has switched off
    /// meanwhile stays so.
    pub fn go_back(&mut self, then: Self, rows: &[Row]) {
        let (marks, revision) = (std::mem::take(&mut self.marks), self.revision);
        *self = Self { marks, revision, ..then };
        self.show_given();
        self.reorder(rows);
    }

    /// For how many photos of the list there are results.
    pub fn given_of(&self, rows: &[Row]) -> usize {
        rows.iter().filter(|row| self.given.contains_key(&row.id)).count()
    }

    /// Takes over what a person had made at another moment, with the views of this run that were taken off the list since. Of another
    /// run's views only those stay hidden, or left out, that were.
    pub fn bring_back(&mut self, then: &Self, rows: &[Row]) {
        self.marks.clone_from(&then.marks);
        let is_same = then.run == self.run;
        if is_same {
            let before = std::mem::replace(&mut self.set_scales, then.set_scales.clone());
            self.by_view.retain(|_, view| before.get(&view.scene) == then.set_scales.get(&view.scene));
            if self.finished.is_none() {
                self.finished.clone_from(&then.finished);
            }
        }
        let here: HashSet<ViewId> = rows.iter().map(|row| row.id).collect();
        let of_then = then.given.values().filter(|_| is_same);
        // What was off the list while another run came and went is still among what its own gave.
        let of_run = self.finished.iter().flat_map(|finished| &finished.prediction.views);
        for view in of_then.chain(of_run).filter(|view| here.contains(&view.view)) {
            self.given.entry(view.view).or_insert_with(|| Arc::clone(view));
        }
        self.show_given();
        self.reorder(rows);
        // A run over other photos may have left out what was off the list.
        self.complete();
    }

    /// Follows the list: order changed, or views removed.
    pub fn reorder(&mut self, rows: &[Row]) {
        let here: HashSet<ViewId> = rows.iter().map(|row| row.id).collect();
        self.given.retain(|id, _| here.contains(id));
        self.by_view.retain(|id, _| self.given.contains_key(id));
        self.marks.hidden.retain(|id| here.contains(id));
        self.marks.left_out.retain(|id| here.contains(id));
        self.ordered = rows.iter().filter_map(|row| self.by_view.get(&row.id).cloned()).collect();
        self.revision += 1;
    }

    /// Switches views off or on in 3D.
    pub fn hide(&mut self, views: &[ViewId], hides: bool) {
        mark(&mut self.marks.hidden, views, hides);
    }

    /// Leaves views out of exports, or takes them in again.
    pub fn leave_out(&mut self, views: &[ViewId], leaves: bool) {
        mark(&mut self.marks.left_out, views, leaves);
    }
}

fn mark(marked: &mut HashSet<ViewId>, views: &[ViewId], marks: bool) {
    for view in views {
        if marks {
            marked.insert(*view);
        } else {
            marked.remove(view);
        }
    }
}

#[cfg(test)]
mod tests;
