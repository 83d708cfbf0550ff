//! What the last run gave so far, by view, and what of it is shown.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::inference::{DepthUnit, Prediction, ViewPrediction};
use crate::input::ViewId;
use crate::worker::RunId;

use super::views::Row;

/// Finished views of the newest run that finished any.
#[derive(Debug, Default)]
pub struct Results {
    run: RunId,
    by_view: HashMap<ViewId, Arc<ViewPrediction>>,
    /// The views in list order.
    ordered: Vec<Arc<ViewPrediction>>,
    /// The complete result, once the run has finished; what an export writes.
    prediction: Option<Arc<Prediction>>,
    hidden: HashSet<ViewId>,
    revision: u64,
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

    pub fn prediction(&self) -> Option<&Arc<Prediction>> {
        self.prediction.as_ref()
    }

    /// Views switched off in 3D.
    pub fn hidden(&self) -> &HashSet<ViewId> {
        &self.hidden
    }

    /// Changes whenever the views or their order change.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// Relative until a finished run says metres: the weaker claim is never wrong.
    pub fn unit(&self) -> DepthUnit {
        self.prediction.as_ref().map_or(DepthUnit::Relative, |prediction| prediction.unit)
    }

    /// Takes a finished view. The first view of a new run replaces the results of the run before: until then they stay,
    /// so that a run cancelled at once loses nothing.
    pub fn add(&mut self, run: RunId, view: Arc<ViewPrediction>, rows: &[Row]) {
        if run != self.run {
            self.by_view.clear();
            self.prediction = None;
            self.run = run;
        }
        self.by_view.insert(view.view, view);
        self.reorder(rows);
    }

    /// Takes the complete result of a run.
    pub fn finish(&mut self, run: RunId, prediction: Arc<Prediction>, rows: &[Row]) {
        self.run = run;
        self.by_view = prediction.views.iter().map(|view| (view.view, Arc::clone(view))).collect();
        self.prediction = Some(prediction);
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
