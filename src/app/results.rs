//! What the last run gave so far, by view, and what of it is shown.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::export::RunNotes;
use crate::inference::{DepthUnit, Prediction, ViewPrediction};
use crate::input::ViewId;
use crate::worker::RunId;

use super::views::Row;

/// The complete result of a run: what an export writes.
#[derive(Clone, Debug)]
pub struct Finished {
    pub prediction: Arc<Prediction>,
    pub notes: RunNotes,
}

/// Room for scene numbers below the revision; there are far fewer scenes than this than photos that may be added.
const SCENE_BITS: u32 = 24;

/// Finished views of the newest run that finished any.
#[derive(Debug, Default)]
pub struct Results {
    run: RunId,
    by_view: HashMap<ViewId, Arc<ViewPrediction>>,
    /// The views in list order.
    ordered: Vec<Arc<ViewPrediction>>,
    /// Once the run has finished.
    finished: Option<Finished>,
    hidden: HashSet<ViewId>,
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

    pub fn finished(&self) -> Option<&Finished> {
        self.finished.as_ref()
    }

    /// Views switched off in 3D.
    pub fn hidden(&self) -> &HashSet<ViewId> {
        &self.hidden
    }

    /// Changes whenever the views or their order change.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    pub fn unit(&self) -> DepthUnit {
        self.unit
    }

    /// The finished views that share a scene with `view` (with the first where it has no result), and a number that
    /// changes whenever they do.
    pub fn scene_of(&self, view: Option<ViewId>) -> (Vec<Arc<ViewPrediction>>, u64) {
        let shown = view.and_then(|id| self.get(id)).or(self.ordered.first());
        let Some(scene) = shown.map(|view| view.scene) else { return (Vec::new(), self.revision) };
        let views = self.ordered.iter().filter(|view| view.scene == scene).cloned().collect();
        (views, (self.revision << SCENE_BITS) | scene as u64)
    }

    /// Takes a finished view. The first view of a new run replaces the results of the run before: until then they stay,
    /// so that a run cancelled at once loses nothing.
    pub fn add(&mut self, run: RunId, unit: DepthUnit, view: Arc<ViewPrediction>, rows: &[Row]) {
        if run != self.run {
            self.by_view.clear();
            self.finished = None;
            self.run = run;
        }
        self.unit = unit;
        self.by_view.insert(view.view, view);
        self.reorder(rows);
    }

    /// Takes the complete result of a run.
    pub fn finish(&mut self, run: RunId, finished: Finished, rows: &[Row]) {
        self.run = run;
        self.by_view = finished.prediction.views.iter().map(|view| (view.view, Arc::clone(view))).collect();
        self.unit = finished.prediction.unit;
        self.finished = Some(finished);
        self.reorder(rows);
    }

    /// Follows the list: order changed, or views removed.
    pub fn reorder(&mut self, rows: &[Row]) {
        self.by_view.retain(|id, _| rows.iter().any(|row| row.id == *id));
        self.hidden.retain(|id| rows.iter().any(|row| row.id == *id));
        self.ordered = rows.iter().filter_map(|row| self.by_view.get(&row.id).cloned()).collect();
        self.revision += 1;
    }

    /// Switches a view off or on in 3D.
    pub fn toggle_hidden(&mut self, view: ViewId) {
        if !self.hidden.remove(&view) {
            self.hidden.insert(view);
        }
    }
}
