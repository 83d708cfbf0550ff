//! The 3D view: a cloud of one scene's points in the window, with its cameras.

mod controls;
mod navigation;
mod overlay;
mod settings;
mod stage;

use std::collections::HashSet;
use std::sync::Arc;

use egui::{Role, Sense, Ui, WidgetInfo};
use glam::{Vec2, Vec3};
use image::RgbaImage;

use crate::app::theme;
use crate::inference::{DepthUnit, ViewPrediction};
use crate::input::ViewId;
use crate::render::{Frame, PointStyle, RenderError};
use crate::scene::{CloudScene, Frustum, OrbitCamera, Segment, axes, grid, view_colour};

use navigation::{Gesture, Navigation};
use stage::StageHandle;

pub use settings::CloudSettings;

/// What the 3D view shows.
pub struct CloudInput<'a> {
    /// The views of one scene: they share a world frame and a depth scale.
    pub views: &'a [Arc<ViewPrediction>],
    /// Views that are switched off.
    pub hidden: &'a HashSet<ViewId>,
    pub unit: DepthUnit,
    pub selected: Option<ViewId>,
    /// Changes whenever `views` does.
    pub revision: u64,
}

/// What a person did in the 3D view that others need to know.
#[derive(Clone, Debug, PartialEq)]
pub enum CloudAction {
    SelectView(ViewId),
    /// The cursor rests on a point.
    Hovered(HoveredPoint),
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
}

/// The widget and what it keeps between frames.
pub struct CloudView {
    pub settings: CloudSettings,
    stage: StageHandle,
    navigation: Navigation,
    revision: Option<u64>,
    scene: Option<Arc<CloudScene>>,
    last_frame: Option<Frame>,
    point_count: overlay::PointCount,
    id: Option<egui::Id>,
}

impl CloudView {
    /// A view that draws with the window's device.
    pub fn new(render_state: &egui_wgpu::RenderState) -> Self {
        Self {
            settings: CloudSettings::default(),
            stage: StageHandle::new(render_state),
            navigation: Navigation::default(),
            revision: None,
            scene: None,
            last_frame: None,
            point_count: overlay::PointCount::default(),
            id: None,
        }
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
        let aspect = rect.width().max(1.0) / rect.height().max(1.0);
        let shown = |view: &ViewPrediction| !input.hidden.contains(&view.view);
        let bounds = || scene.bounds(shown, &self.settings.filters);
        let gesture = Gesture { rect, response: &response, aspect, scene: &scene, bounds: &bounds };
        let frusta = self.frusta(&scene, input.hidden);
        let (camera, mut actions) = self.navigation.update(ui, &gesture, &self.stage, &frusta, self.settings.photos);
        let Some(camera) = camera else {
            return actions;
        };
        let mut frame = self.frame(ui, &scene, input, &frusta, camera);
        let time = ui.input(|i| i.time);
        if self.last_frame.as_ref() != Some(&frame) {
            self.navigation.moved(time);
            self.last_frame = Some(frame.clone());
        }
        if self.navigation.is_moving(ui, time) {
            frame.stride = self.stage.draft_stride(scene.pixel_count(shown));
            if frame.stride > 1 && frame.points.attenuate {
                // Splats that overlap cost more than their looks are worth in passing.
                frame.points.size = frame.points.size.min(1.0);
            }
        }
        self.stage.show(ui, rect, frame);
        let count = self.point_count.of(&scene, input, &self.settings.filters);
        overlay::status_ui(ui, rect, count, input, self.stage.error().as_ref());
        if !self.settings.hint_seen {
            overlay::hint_ui(ui, rect);
            self.settings.hint_seen = self.navigation.was_used();
        }
        actions.extend(self.hovered(&scene));
        actions
    }

    /// The controls for what is drawn and how. Filters and colours never change a result.
    pub fn controls_ui(&mut self, ui: &mut Ui) {
        let has_confidence = self.scene.as_ref().is_some_and(|scene| scene.confidence_colours().is_some());
        if controls::controls_ui(ui, &mut self.settings, has_confidence) {
            self.navigation.reset();
        }
    }

    /// Where the scene is looked at from; `None` before there is something to look at.
    pub fn camera(&self) -> Option<&OrbitCamera> {
        self.navigation.camera()
    }

    /// The last picture again in another size (pixels), on request without background; `None` before the first one.
    ///
    /// Errors: [`RenderError`] when the size is beyond the adapter's limit or the driver fails.
    pub fn screenshot(&self, size: [u32; 2], transparent: bool) -> Result<Option<RgbaImage>, RenderError> {
        let Some(frame) = &self.last_frame else {
            return Ok(None);
        };
        let mut frame = frame.clone();
        frame.scale *= size[1] as f32 / self.stage.height().max(1) as f32;
        if transparent {
            frame.background = [0; 4];
        }
        self.stage.screenshot(&frame, size).map(Some)
    }

    fn take_views(&mut self, input: &CloudInput<'_>) {
        if self.revision == Some(input.revision) {
            return;
        }
        self.revision = Some(input.revision);
        let scene = CloudScene::new(input.views).map(Arc::new);
        let first = |scene: &Option<Arc<CloudScene>>| scene.as_ref().map(|s| (s.views()[0].view, s.views()[0].scene));
        // A scene that only grew keeps the camera of a person who has moved it.
        if first(&scene) != first(&self.scene) || !self.navigation.was_used() {
            self.navigation.reset();
        }
        self.stage.set_scene(scene.clone());
        self.scene = scene;
        self.last_frame = None;
        self.point_count = overlay::PointCount::default();
    }

    /// The frusta of the views that are shown.
    fn frusta(&self, scene: &CloudScene, hidden: &HashSet<ViewId>) -> Vec<(usize, ViewId, Frustum)> {
        if !self.settings.frusta || !scene.has_cameras() {
            return Vec::new();
        }
        let depth = self.photo_depth(scene);
        let shown = scene.views().iter().enumerate().filter(|(_, view)| !hidden.contains(&view.view));
        shown.map(|(index, view)| (index, view.view, Frustum::new(view, depth))).collect()
    }

    fn photo_depth(&self, scene: &CloudScene) -> f32 {
        let reach = self.navigation.camera().map_or(1.0, |camera| camera.reach());
        scene.frustum_depth(reach) * self.settings.frustum_size
    }

    fn frame(
        &self,
        ui: &Ui,
        scene: &CloudScene,
        input: &CloudInput<'_>,
        frusta: &[(usize, ViewId, Frustum)],
        camera: OrbitCamera,
    ) -> Frame {
        let settings = &self.settings;
        let background = settings.background.unwrap_or_else(|| {
            let [r, g, b, _] = theme::tokens(ui).space.to_array();
            [r, g, b]
        });
        let mut segments: Vec<Segment> = Vec::new();
        if settings.grid
            && let Some(bounds) = self.navigation.bounds()
        {
            let [r, g, b, _] = ui.visuals().weak_text_color().to_array();
            segments.extend(grid(&bounds, &camera, [r, g, b, 70]).0);
        }
        if settings.axes {
            segments.extend(axes(camera.reach() * 0.15));
        }
        for &(index, view, frustum) in frusta {
            let selected = input.selected == Some(view);
            // The selected camera is told by its width and by white inside its colour, not by its colour alone.
            segments.extend(frustum.segments(view_colour(index), if selected { 4.5 } else { 1.8 }));
            if selected {
                segments.extend(frustum.segments([255; 3], 1.4));
            }
        }
        Frame {
            camera,
            visible: scene.views().iter().map(|view| !input.hidden.contains(&view.view)).collect(),
            limits: scene.limits(&settings.filters),
            points: PointStyle {
                size: settings.point_size,
                attenuate: settings.attenuate,
                colour_by: settings.colour_by,
                colour_map: settings.colour_map,
                inverse_colours: settings.inverse_colours,
            },
            eye_dome: if settings.eye_dome { settings.eye_dome_strength } else { 0.0 },
            segments,
            photos: if settings.photos { frusta.iter().map(|(index, ..)| *index).collect() } else { Vec::new() },
            photo_depth: self.photo_depth(scene),
            background: [background[0], background[1], background[2], 255],
            stride: 1,
            scale: ui.ctx().pixels_per_point(),
        }
    }

    fn hovered(&self, scene: &CloudScene) -> Option<CloudAction> {
        let pick = self.navigation.hovered()?;
        let view = scene.views().get(pick.view)?;
        let seen = view.camera.camera_from_world.apply(pick.position);
        let at = Vec2::from(view.camera.intrinsics.project(seen)?).round();
        let last = Vec2::new(view.width as f32 - 1.0, view.height as f32 - 1.0);
        let at = at.clamp(Vec2::ZERO, last);
        Some(CloudAction::Hovered(HoveredPoint {
            view: view.view,
            pixel: [at.x as u32, at.y as u32],
            depth: seen.z,
            position: pick.position,
        }))
    }
}
