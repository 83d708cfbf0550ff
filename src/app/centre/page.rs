//! What the middle of the window keeps: how it is divided, and both views.

use super::aside::Aside;
use super::mode::CentreMode;
use super::probe::Probe;
use crate::app::cloud_view::{CloudSettings, CloudView, Places};
use crate::app::depth_view::DepthView;
use crate::app::desk::Desk;
use crate::app::export::Seen;
use crate::app::preferences::Preferences;
use crate::app::widgets::thumbnails::Thumbnails;
use crate::worker::RunId;

/// Side, in pixels, and number of large previews kept.
const PREVIEW: (u32, usize) = (1024, 3);

/// The middle, between frames.
pub struct CentrePage {
    pub mode: CentreMode,
    /// What the 2D view has of the middle where both are shown, 0..1.
    pub split: f32,
    pub depth: DepthView,
    pub cloud: Option<CloudView>,
    /// Why there is no 3D view.
    pub(super) without_cloud: String,
    /// How 3D is looked at, where there is none.
    cloud_settings: CloudSettings,
    pub previews: Thumbnails,
    /// What the cursor points at in 2D or 3D.
    pub(super) probe: Probe,
    /// What was made in scenes of a run whose place another has taken.
    pub(super) aside: Option<Aside>,
}

impl CentrePage {
    /// As a person has left it.
    ///
    /// # Errors
    /// When a thread cannot be started.
    pub fn new(
        ctx: &egui::Context,
        render: Option<&egui_wgpu::RenderState>,
        preferences: &Preferences,
    ) -> std::io::Result<Self> {
        let (mut cloud, without_cloud) = match render.map(CloudView::new) {
            Some(Ok(cloud)) => (Some(cloud), String::new()),
            Some(Err(error)) => (None, error.to_string()),
            None => (None, "there is no graphics adapter".into()),
        };
        match &mut cloud {
            Some(cloud) => cloud.settings = preferences.cloud.clone(),
            None => tracing::error!("no 3D view: {without_cloud}"),
        }
        Ok(Self {
            mode: preferences.centre,
            split: preferences.split,
            depth: DepthView::new(preferences.depth),
            cloud,
            without_cloud,
            cloud_settings: preferences.cloud.clone(),
            previews: Thumbnails::new(ctx.clone(), "preview", PREVIEW.0, PREVIEW.1)?,
            probe: Probe::default(),
            aside: None,
        })
    }

    /// How 3D is looked at.
    pub fn cloud_settings(&self) -> &CloudSettings {
        self.cloud.as_ref().map_or(&self.cloud_settings, |cloud| &cloud.settings)
    }

    /// What a person has made in the scenes of a run.
    pub fn places(&self, run: RunId) -> Places {
        self.cloud.as_ref().map(|cloud| cloud.places(run)).unwrap_or_default()
    }

    /// What 3D shows of the results.
    pub fn seen(&self, desk: &Desk) -> Seen {
        let filters = self.cloud.as_ref().map(|cloud| cloud.settings.look.filters).unwrap_or_default();
        Seen { filters, hidden: desk.state.results.hidden().clone() }
    }

    /// Says whether a window lies over both views: keys are not for them then.
    pub fn lie_behind(&mut self, is_behind: bool) {
        self.depth.is_behind = is_behind;
        if let Some(cloud) = &mut self.cloud {
            cloud.is_behind = is_behind;
        }
    }

    /// The 3D view, while it is in sight.
    pub fn shown_cloud(&mut self, desk: &Desk) -> Option<&mut CloudView> {
        let is_shown = self.mode != CentreMode::Flat && !desk.state.results.is_empty();
        self.cloud.as_mut().filter(|_| is_shown)
    }

    /// What was made in the scene that is shown follows its scale at once.
    pub fn follow_scale(&mut self, desk: &Desk) {
        let (results, selected) = (&desk.state.results, desk.state.views.selected());
        if let (Some(cloud), Some(scene)) = (&mut self.cloud, results.scene_number(selected)) {
            cloud.follow_scale(results.run(), scene, results.set_scale_of(selected).unwrap_or(1.0));
        }
    }

    /// Makes the scene that is shown larger by a factor, so that it is in metres; or as the run gave it.
    pub fn set_scale(&mut self, desk: &mut Desk, factor: Option<f32>) {
        let selected = desk.state.views.selected();
        if desk.state.results.set_scale(selected, factor).is_none() {
            return;
        }
        self.follow_scale(desk);
        let results = &desk.state.results;
        // The words stay when another scene is looked at: they name the one that they are about.
        let first = results.scene_of(selected).0.first().and_then(|view| desk.state.views.row(view.view));
        let scene = first.map_or("The scene".into(), |row| format!("The scene of {}", row.name));
        desk.state.outcome = Some(match results.set_scale_of(selected) {
            Some(scale) => format!("{scene} is in metres: its scale was set by hand, {scale:.4} × what the model gave"),
            None => format!("{scene} has the scale again that the model gave"),
        });
    }
}
