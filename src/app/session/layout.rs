//! How the window shows a session, as its file keeps it.

use serde::{Deserialize, Serialize};

use crate::app::centre::{CentreMode, CentrePage};
use crate::app::cloud_view::{CloudSettings, Places};
use crate::app::depth_view::{DepthSettings, Ranges};
use crate::app::desk::Desk;
use crate::app::desk::results::Results;
use crate::scene::Look;
use crate::worker::RunId;

/// What is looked at, and how. What is a habit of the person (mouse, theme, sizes of panels) stays with the person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Layout {
    centre: CentreMode,
    split: f32,
    flat: DepthSettings,
    /// Absent in older sessions.
    #[serde(default)]
    ranges: Ranges,
    /// Nearest and farthest depth, which older sessions keep for all scenes.
    #[serde(skip)]
    range_of_all: Option<[f32; 2]>,
    look: Look,
    /// Under another name in older sessions, as in [`CloudSettings`]: nobody had chosen the 0 that they kept.
    #[serde(rename = "photo_over_scene", default = "usual_opacity")]
    overlay_opacity: f32,
    places: Places,
}

fn usual_opacity() -> f32 {
    CloudSettings::default().overlay_opacity
}

impl Layout {
    /// From a session; `None` where nothing was said, or nothing that can be understood.
    pub fn read(mut value: serde_json::Value) -> Option<Self> {
        // Where older sessions keep percentiles, and what was set by hand.
        let old = value.pointer("/flat/range").cloned().unwrap_or_default();
        if let Some(flat) = value.get_mut("flat").and_then(serde_json::Value::as_object_mut)
            && let Some(percentiles) = old.get("percentiles").cloned()
        {
            flat.entry("percentiles").or_insert(percentiles);
        }
        let mut read: Self = serde_json::from_value(value).ok()?;
        if old["is_by_hand"] == true {
            read.range_of_all = serde_json::from_value(old["limits"].clone()).ok();
        }
        Some(read.within_limits())
    }

    /// What is shown now, as a session keeps it.
    pub fn shown(desk: &Desk, centre: &CentrePage) -> serde_json::Value {
        let settings = centre.cloud_settings();
        let layout = Self {
            centre: centre.mode,
            split: centre.split,
            flat: centre.depth.settings,
            ranges: centre.depth.ranges().clone(),
            range_of_all: None,
            look: settings.look.clone(),
            overlay_opacity: settings.overlay_opacity,
            places: centre.places(desk.state.results.run()),
        };
        // Plain data always becomes JSON; without it a session is shown as usual.
        serde_json::to_value(layout).unwrap_or_default()
    }

    /// Shows the results of `run` as a session was shown.
    pub fn lay_out(mut self, centre: &mut CentrePage, run: RunId, results: &Results) {
        (centre.mode, centre.split) = (self.centre, self.split);
        centre.depth.settings = self.flat;
        if let Some(limits) = self.range_of_all {
            for view in results.views() {
                self.ranges.set(view.scene, results.measure_of(Some(view.view)), Some(limits));
            }
        }
        centre.depth.restore(run, self.ranges.within_limits());
        if let Some(cloud) = &mut centre.cloud {
            cloud.settings.look = self.look;
            cloud.settings.overlay_opacity = self.overlay_opacity;
            cloud.restore(run, self.places);
        }
    }

    /// As it can be chosen in the window: what was read may hold anything.
    fn within_limits(mut self) -> Self {
        self.split = self.split.clamp(0.1, 0.9);
        self.overlay_opacity = self.overlay_opacity.clamp(0.0, 1.0);
        self.flat.swipe = self.flat.swipe.clamp(0.0, 1.0);
        self.flat.percentiles = self.flat.percentiles.map(|percentile| percentile.clamp(0.0, 100.0));
        self.look = self.look.within_limits();
        self.places = self.places.sound();
        self
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::app::depth_view::DepthView;

    fn layout() -> Layout {
        Layout {
            centre: CentreMode::Space,
            split: 0.5,
            flat: DepthView::default().settings,
            ranges: Ranges::default(),
            range_of_all: None,
            look: Look::default(),
            overlay_opacity: 0.25,
            places: Places::default(),
        }
    }

    #[test]
    fn what_cannot_be_chosen_is_brought_back() {
        let value = serde_json::to_value(layout()).expect("JSON");
        assert_eq!(Layout::read(value.clone()), Some(layout()));
        let mut wild = value.clone();
        (wild["split"], wild["look"]["filters"]["every"]) = (json!(1e30), json!(4_000_000_000u32));
        wild["flat"]["percentiles"] = json!([-3.0, 1e9]);
        let read = Layout::read(wild).expect("understood");
        assert_eq!((read.split, read.look.filters.every), (0.9, 16));
        assert_eq!(read.flat.percentiles, [0.0, 100.0]);
        let mut old = value.clone();
        let fields = old.as_object_mut().expect("an object");
        (_, _) = (fields.remove("photo_over_scene"), fields.remove("ranges"));
        fields.insert("overlay_opacity".into(), json!(0.0));
        let flat = old["flat"].as_object_mut().expect("an object");
        flat.remove("percentiles");
        flat.insert("range".into(), json!({"is_by_hand": false, "percentiles": [5.0, 90.0], "limits": [0.5, 10.0]}));
        let read = Layout::read(old.clone()).expect("understood");
        assert_eq!((read.overlay_opacity, read.flat.percentiles), (0.5, [5.0, 90.0]));
        assert_eq!(read.range_of_all, None, "it was not chosen");
        old["flat"]["range"]["is_by_hand"] = json!(true);
        assert_eq!(Layout::read(old).expect("understood").range_of_all, Some([0.5, 10.0]));
        let mut broken = value;
        broken["look"]["shape"] = json!("Spheres");
        assert_eq!(Layout::read(broken), None);
    }
}
