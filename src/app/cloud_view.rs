//! The 3D view: a cloud of one scene's points in the window, with its cameras.

mod cameras;
mod card;
mod controls;
mod detail;
mod film;
mod film_panel;
mod filter_controls;
mod flight;
mod gesture;
mod gizmo;
mod labels;
mod legend;
mod measure_lines;
mod measure_panel;
mod measuring;
mod navigation;
mod overlay;
mod picture_panel;
mod picture_size;
mod places;
mod pointing;
mod readout;
mod saved_views;
mod settings;
mod shared_points;
mod shot;
mod stage;
mod taking_away;
mod toolbar;

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use egui::layers::ShapeIdx;
use egui::{Role, Sense, Ui, WidgetInfo};
use glam::Vec3;

use crate::app::theme;
use crate::inference::{DepthFit, DepthUnit, MatchedPoint, ViewPrediction};
use crate::input::ViewId;
use crate::render::{Frame, Overlay, RenderError, Shown};
use crate::scene::{CloudScene, OrbitCamera};
use crate::worker::RunId;

use cameras::ShownCamera;
use controls::{Controls, Wanted};
use detail::Detail;
use gesture::Gesture;
use measuring::Measuring;
use navigation::Navigation;
use pointing::Picture;
use saved_views::SavedViews;
use stage::StageHandle;
use taking_away::TakingAway;

pub use film::FilmNews;
pub use film_panel::{FilmChoices, Way};
pub use picture_panel::PictureChoices;
pub use picture_size::{PictureSize, Preset};
pub use places::Places;
pub use settings::{CloudSettings, TwoFingers};
pub use taking_away::{Card, TakenAway};

/// What the 3D view shows.
pub struct CloudInput<'a> {
    /// The views of one scene: they share a world frame and a depth scale.
    pub views: &'a [Arc<ViewPrediction>],
    /// Views that are switched off.
    pub hidden: &'a HashSet<ViewId>,
    pub unit: DepthUnit,
    /// By what a person has multiplied the scene that the run gave.
    pub set_scale: Option<f32>,
    /// How known depths brought it to metres in the run.
    pub fit: Option<&'a DepthFit>,
    /// The points by which the scene's cameras were found, as the run gave them.
    pub shared: &'a [MatchedPoint],
    /// The run that the views are of.
    pub run: RunId,
    pub selected: Option<ViewId>,
    /// A point of the world that the 2D view points at.
    pub marked: Option<Vec3>,
    /// Changes whenever `views` does.
    pub revision: u64,
}

/// What a person did in the 3D view that others need to know.
#[derive(Clone, Debug, PartialEq)]
pub enum CloudAction {
    SelectView(ViewId),
    /// The cursor rests on a point.
    Hovered(HoveredPoint),
    /// The scene is larger by this factor, and then in metres.
    SetScale(f32),
    /// The scene has the scale that the run gave it.
    ResetScale,
    TakeAway(TakenAway),
}

/// A point of the cloud under the cursor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HoveredPoint {
    pub view: ViewId,
    /// Pixel of the view's processed image.
    pub pixel: [u32; 2],
    /// z-depth in the view's camera, in the prediction's unit.
    pub depth: f32,
    /// In the world.
    pub position: Vec3,
    /// Of models that give one: ≥ 1, larger is surer.
    pub confidence: Option<f32>,
}

/// The widget and what it keeps between frames.
pub struct CloudView {
    pub settings: CloudSettings,
    /// What is chosen for the next picture or film that is saved.
    pub picture: PictureChoices,
    pub film: FilmChoices,
    stage: StageHandle,
    detail: Detail,
    navigation: Navigation,
    revision: Option<u64>,
    scene: Option<Arc<CloudScene>>,
    last_frame: Option<Frame>,
    point_count: overlay::PointCount,
    measuring: Measuring,
    taking: TakingAway,
    saved: SavedViews,
    /// What a session holds of a run that has not been shown yet.
    restored: Option<(RunId, Places)>,
    /// Scale of what is shown, 1 is as the run gave it.
    scale: f32,
    id: Option<egui::Id>,
}

impl CloudView {
    /// A view that draws with the window's device.
    ///
    /// Errors: as `CloudRenderer::new`, on adapters that cannot draw points.
    pub fn new(render_state: &egui_wgpu::RenderState) -> Result<Self, RenderError> {
        let is_software = render_state.adapter.get_info().device_type == wgpu::DeviceType::Cpu;
        Ok(Self {
            settings: CloudSettings::default(),
            picture: PictureChoices::default(),
            film: FilmChoices::default(),
            stage: StageHandle::new(render_state)?,
            detail: Detail::new(is_software),
            navigation: Navigation::default(),
            revision: None,
            scene: None,
            last_frame: None,
            point_count: overlay::PointCount::default(),
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

    /// Fills the available space with the 3D view and answers mouse and keys.
    pub fn ui(&mut self, ui: &mut Ui, input: &CloudInput<'_>) -> Vec<CloudAction> {
        self.take_views(input);
        let (rect, response) = ui.allocate_exact_size(ui.available_size(), Sense::click_and_drag());
        response.widget_info(|| WidgetInfo::labeled(Role::Canvas, true, "3D view"));
        self.id = Some(response.id);
        if response.has_focus() {
            // Without this the arrow keys would take the focus to another control.
            let arrows = egui::EventFilter { horizontal_arrows: true, vertical_arrows: true, ..Default::default() };
            ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, arrows));
        }
        let Some(scene) = self.scene.clone() else {
            overlay::empty_ui(ui, rect, input.views.is_empty());
            return Vec::new();
        };
        if scene.views().iter().all(|view| input.hidden.contains(&view.view)) {
            overlay::all_hidden_ui(ui, rect);
            return Vec::new();
        }
        let shown = |view: &ViewPrediction| !input.hidden.contains(&view.view);
        let filters = self.settings.look.filters;
        let bounds = || scene.bounds(shown, &filters);
        let cameras = self.cameras(&scene, input.hidden);
        // The picture lies under the gizmo, whose click decides what it shows.
        let slot = ui.painter().add(egui::Shape::Noop);
        let gizmo = self.navigation.camera().and_then(|camera| gizmo::gizmo_ui(ui, rect, camera));
        let measures = self.measuring.is_on();
        let aspect = rect.width().max(1.0) / rect.height().max(1.0);
        let selected = scene.views().iter().position(|view| input.selected == Some(view.view));
        let gesture = Gesture {
            rect,
            response: &response,
            aspect,
            scene: &scene,
            bounds: &bounds,
            cameras: &cameras,
            photos_hang: self.settings.look.photos,
            up: self.settings.look.up.direction(scene.up()),
            selected,
            two_fingers: self.settings.two_fingers,
            has_inertia: self.settings.inertia,
            gizmo,
            measures,
        };
        let (camera, mut actions) = self.navigation.update(ui, &gesture, &self.stage);
        let Some(camera) = camera else {
            return actions;
        };
        let cursor = response.hover_pos().filter(|_| !response.dragged() && !measures);
        let hovered = cursor.and_then(|at| gesture.camera_at(at, &camera)).map(|shown| shown.index);
        let shown_now = self.shown(ui, &scene, input, selected, hovered, camera);
        let frame = Frame::new(&scene, &self.settings.look, shown_now.clone());
        self.taking.shown = Some(shown_now);
        self.show(ui, (slot, rect), frame, scene.pixel_count(shown));
        let status = overlay::status_ui(
            ui,
            rect,
            self.point_count.of(&scene, input, &filters),
            input,
            self.stage.error().as_ref(),
        );
        legend::legend_ui(ui, rect, &scene, &self.settings.look, &camera, input.unit);
        if let (Some(at), Some(index)) = (cursor, hovered) {
            cameras::name_ui(ui, rect, at, &scene, index);
        }
        if self.navigation.through().is_some() {
            cameras::compare_ui(ui, rect, &mut self.settings.overlay_opacity);
        }
        if !self.settings.hint_seen {
            if !measures {
                overlay::hint_ui(ui, rect);
            }
            self.settings.hint_seen = self.navigation.was_used();
        }
        let picture = Picture { rect, response: &response, scene: &scene, camera, aspect };
        if self.settings.shared_points {
            shared_points::shared_points_ui(ui, &picture, input.shared, self.scale);
        }
        actions.extend(self.pointing_ui(ui, &picture, input, status));
        actions
    }

    /// Puts the picture of `frame` on the screen: at once with less detail if need be, and all of it when it rests.
    fn show(&mut self, ui: &Ui, (slot, rect): (ShapeIdx, egui::Rect), mut frame: Frame, points: usize) {
        let time = ui.input(|i| i.time);
        let is_complete = self.stage.is_complete();
        frame.stride = if self.last_frame.as_ref() == Some(&frame) {
            self.detail.at_rest(time, is_complete)
        } else {
            self.navigation.moved();
            self.last_frame = Some(frame.clone());
            self.detail.at_change(time, if self.settings.thins { points } else { 0 })
        };
        if self.detail.is_settling(time) {
            ui.ctx().request_repaint_after(Duration::from_secs_f64(detail::SETTLE_SECS));
        } else if self.detail.is_coarse() || !is_complete {
            ui.ctx().request_repaint();
        }
        // Slices of a picture that is not thinned out would never become one while the view moves.
        let slice = if self.settings.thins { self.detail.slice() } else { u64::MAX };
        self.stage.show(ui, slot, rect, frame, slice);
    }

    /// The controls for what is drawn and how. Filters and colours never change a result.
    /// `has_shared`: whether the scene has points by which its cameras were found. Returns whether somebody wants to see more of them.
    pub fn controls_ui(&mut self, ui: &mut Ui, has_shared: bool) -> bool {
        let camera = self.navigation.camera().copied();
        let (settings, saved) = (&mut self.settings, &mut self.saved);
        let controls = Controls { settings, saved, camera: camera.as_ref(), scene: self.scene.as_deref(), has_shared };
        let wanted = controls.ui(ui);
        if wanted == Some(Wanted::Reset) {
            self.navigation.reset();
        }
        if let Some(camera) = self.saved.take_wanted() {
            self.navigation.go_to(camera);
        }
        wanted == Some(Wanted::Matches)
    }

    /// Where the scene is looked at from; `None` before there is something to look at.
    pub fn camera(&self) -> Option<&OrbitCamera> {
        self.navigation.camera()
    }

    fn take_views(&mut self, input: &CloudInput<'_>) {
        if self.revision == Some(input.revision) {
            return;
        }
        self.revision = Some(input.revision);
        let scene = CloudScene::new(input.views).map(Arc::new);
        let first = |scene: &Option<Arc<CloudScene>>| scene.as_ref().map(|s| (s.views()[0].view, s.views()[0].scene));
        let scale = input.set_scale.unwrap_or(1.0);
        let is_rescaled = first(&scene) == first(&self.scene) && scale != self.scale;
        if is_rescaled {
            self.navigation.rescale(scale / self.scale);
        }
        self.scale = scale;
        let camera = self.take_restored(input.run);
        if let Some(scene) = &scene {
            self.measuring.follow(input.run, scene.views()[0].scene, scale);
            self.saved.follow(input.run, scene.views()[0].scene, scale);
        }
        // A scene that only grew keeps the camera of a person who has moved it.
        if first(&scene) != first(&self.scene) || !(self.navigation.was_used() || is_rescaled) {
            self.navigation.reset();
        }
        if let Some(camera) = camera {
            self.navigation.begin_at(camera);
        }
        self.stage.set_scene(scene.clone());
        self.scene = scene;
        (self.last_frame, self.taking.shown) = (None, None);
        self.point_count = overlay::PointCount::default();
    }

    /// The cameras of the views that are shown.
    fn cameras(&self, scene: &CloudScene, hidden: &HashSet<ViewId>) -> Vec<ShownCamera> {
        let look = &self.settings.look;
        if !look.frusta || !scene.has_cameras() {
            return Vec::new();
        }
        let reach = self.navigation.camera().map_or(1.0, |camera| camera.reach());
        cameras::shown_cameras(scene, hidden, scene.frustum_depth(reach) * look.frustum_size)
    }

    fn shown(
        &self,
        ui: &Ui,
        scene: &CloudScene,
        input: &CloudInput<'_>,
        selected: Option<usize>,
        hovered: Option<usize>,
        camera: OrbitCamera,
    ) -> Shown {
        let [r, g, b, _] = theme::tokens(ui).space.to_array();
        let [line_r, line_g, line_b, _] = ui.visuals().weak_text_color().to_array();
        let opacity = self.settings.overlay_opacity;
        Shown {
            camera,
            bounds: self.navigation.bounds(),
            visible: scene.views().iter().map(|view| !input.hidden.contains(&view.view)).collect(),
            selected,
            hovered,
            overlay: self.navigation.through().map(|view| Overlay { view, opacity }),
            background: [r, g, b, 255],
            line_colour: [line_r, line_g, line_b],
            scale: ui.ctx().pixels_per_point(),
        }
    }

    fn hovered(&self, scene: &CloudScene) -> Option<HoveredPoint> {
        let pick = self.navigation.hovered()?;
        let view = scene.views().get(pick.view)?;
        let pixel = pick.pixel;
        Some(HoveredPoint {
            view: view.view,
            pixel,
            depth: view.depth[(pixel[1] * view.width + pixel[0]) as usize],
            position: pick.position,
            confidence: view.confidence.as_ref().map(|map| map[(pixel[1] * view.width + pixel[0]) as usize]),
        })
    }
}
