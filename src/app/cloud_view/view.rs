//! The 3D view, as it is kept between frames.

use std::sync::Arc;

use super::controls::Controls;
use super::detail::Detail;
use super::film_choices::FilmChoices;
use super::measuring::Measuring;
use super::moves::Move;
use super::navigation::Navigation;
use super::overlay::PointCount;
use super::picture_panel::PictureChoices;
use super::places::Places;
use super::saved_views::SavedViews;
use super::settings::CloudSettings;
use super::stage::StageHandle;
use super::taking::{Card, TakingAway};
use crate::render::{Frame, RenderError};
use crate::scene::{CloudScene, OrbitCamera};
use crate::worker::RunId;
use egui::{Popup, Ui};

/// The widget and what it keeps between frames.
pub struct CloudView {
    pub settings: CloudSettings,
    /// A window lies over it: keys are not for the scene.
    pub is_behind: bool,
    /// What is chosen for the next picture or film that is saved.
    pub picture: PictureChoices,
    pub film: FilmChoices,
    pub(super) stage: StageHandle,
    pub(super) detail: Detail,
    pub(super) navigation: Navigation,
    /// What the toolbar asks of the camera with the next picture.
    pub(super) moves: Vec<Move>,
    pub(super) revision: Option<u64>,
    pub(super) scene: Option<Arc<CloudScene>>,
    pub(super) last_frame: Option<Frame>,
    pub(super) point_count: PointCount,
    pub(super) measuring: Measuring,
    pub(super) taking: TakingAway,
    pub(super) saved: SavedViews,
    /// What a session holds of a run that has not been shown yet.
    pub(super) restored: Option<(RunId, Places)>,
    /// Scale of what is shown, 1 is as the run gave it.
    pub(super) scale: f32,
    pub(super) id: Option<egui::Id>,
}

impl CloudView {
    /// A view that draws with the window's device.
    ///
    /// Errors: as `CloudRenderer::new`, on adapters that cannot draw points.
    pub fn new(render_state: &egui_wgpu::RenderState) -> Result<Self, RenderError> {
        let is_software = render_state.adapter.get_info().device_type == wgpu::DeviceType::Cpu;
        Ok(Self {
            settings: CloudSettings::default(),
            is_behind: false,
            picture: PictureChoices::default(),
            film: FilmChoices::default(),
            stage: StageHandle::new(render_state)?,
            detail: Detail::new(is_software),
            navigation: Navigation::default(),
            moves: Vec::new(),
            revision: None,
            scene: None,
            last_frame: None,
            point_count: PointCount::default(),
            measuring: Measuring::default(),
            taking: TakingAway::default(),
            saved: SavedViews::default(),
            restored: None,
            scale: 1.0,
            id: None,
        })
    }

    /// The widget that may have the keyboard's focus; `None` before it was drawn.
    pub fn id(&self) -> Option<egui::Id> {
        self.id
    }

    /// The controls for what is drawn and how. Filters and colours never change a result.
    /// `has_shared`: whether the scene has points by which its cameras were found. Returns whether somebody wants to see more of them.
    pub fn controls_ui(&mut self, ui: &mut Ui, has_shared: bool) -> bool {
        let camera = self.navigation.camera().copied();
        let (settings, saved) = (&mut self.settings, &mut self.saved);
        let controls = Controls { settings, saved, camera: camera.as_ref(), scene: self.scene.as_deref(), has_shared };
        let wants_matches = controls.ui(ui);
        if let Some(camera) = self.saved.take_wanted() {
            self.navigation.go_to(camera);
        }
        wants_matches
    }

    /// Where the scene is looked at from; `None` before there is something to look at.
    pub fn camera(&self) -> Option<&OrbitCamera> {
        self.navigation.camera()
    }

    /// Opens or closes the controls of pictures or films, as the toolbar does.
    pub fn toggle_card(&mut self, card: Card) {
        self.taking.toggle(card);
        if self.taking.is_open() && self.measuring.is_on() {
            self.measuring.toggle();
        }
    }

    /// Closes the controls of pictures and films. A film that is in the making goes on.
    pub fn close_card(&mut self) {
        self.taking.close();
    }

    /// Keeps where the scene is looked at from; returns the name that the place got, `None` without a scene.
    pub fn save_view(&mut self) -> Option<String> {
        self.camera().copied().map(|camera| self.saved.save(camera))
    }

    /// The cameras of the saved views, in their order.
    pub fn saved_views(&self) -> Vec<OrbitCamera> {
        self.saved.cameras()
    }

    /// Whether keys are for the scene: wherever the pointer is, but not while somebody types, chooses from a menu, is asked something
    /// or looks at a window that lies over it.
    pub(super) fn takes_keys(&self, ui: &Ui) -> bool {
        let is_asked = || ui.memory(|memory| memory.top_modal_layer().is_some());
        !self.is_behind && !ui.ctx().text_edit_focused() && !Popup::is_any_open(ui.ctx()) && !is_asked()
    }

    /// Whether clicks measure.
    pub fn is_measuring(&self) -> bool {
        self.measuring.is_on()
    }

    /// Leaves a name as it was where Escape was pressed while a new one is typed.
    pub fn leave_field(&mut self, ctx: &egui::Context) {
        self.saved.answer_escape(ctx);
    }

    /// Ends measuring, a card or a new name where Escape was pressed. To be called before the window gives that key another
    /// meaning.
    pub fn answer_escape(&mut self, ctx: &egui::Context) {
        self.leave_field(ctx);
        self.taking.answer_escape(ctx);
        self.measuring.answer_escape(ctx);
    }
}
