//! One frame of the 3D view.

use std::collections::HashSet;
use std::time::Duration;

use egui::layers::ShapeIdx;
use egui::{Role, Sense, Ui, WidgetInfo};

use super::cameras::{self, ShownCamera};
use super::exchange::{CloudAction, CloudInput};
use super::gesture::Gesture;
use super::moves::of_keys;
use super::picture::Picture;
use super::view::CloudView;
use super::{detail, gizmo, legend, overlay, shared_points};
use crate::app::theme;
use crate::inference::ViewPrediction;
use crate::input::ViewId;
use crate::render::{Frame, Overlay, Shown};
use crate::scene::{CloudScene, OrbitCamera};

impl CloudView {
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
            let hidden = input.views.iter().filter(|view| input.hidden.contains(&view.view)).count();
            overlay::all_hidden_ui(ui, rect, hidden, input.views.len());
            return Vec::new();
        }
        let shown = |view: &ViewPrediction| !input.hidden.contains(&view.view);
        let filters = self.settings.look.filters;
        let extent = || scene.extent(shown, &filters);
        let cameras = self.cameras(&scene, input.hidden);
        // The picture lies under the gizmo, whose click decides what it shows.
        let slot = ui.painter().add(egui::Shape::Noop);
        let clicked = self.navigation.camera().and_then(|camera| gizmo::gizmo_ui(ui, rect, camera));
        let mut moves = std::mem::take(&mut self.moves);
        moves.extend(clicked);
        let takes_keys = self.takes_keys(ui);
        if takes_keys {
            moves.extend(of_keys(ui));
        }
        let measures = self.measuring.is_on();
        let aspect = rect.width().max(1.0) / rect.height().max(1.0);
        let selected = scene.views().iter().position(|view| input.selected == Some(view.view));
        let gesture = Gesture {
            rect,
            response: &response,
            aspect,
            scene: &scene,
            extent: &extent,
            cameras: &cameras,
            photos_hang: self.settings.look.photos,
            up: self.settings.look.up.direction(scene.up()),
            selected,
            two_fingers: self.settings.two_fingers,
            has_inertia: self.settings.inertia,
            moves: &moves,
            measures,
            takes_keys,
        };
        let (camera, mut actions) = self.navigation.update(ui, &gesture, &self.stage);
        let Some(camera) = camera else {
            return actions;
        };
        let camera = self.taking.previewed(ui, camera);
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
        if self.navigation.through().is_some() && self.taking.preview.is_none() {
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
            // A film that is looked at goes its own way.
            overlay: self
                .navigation
                .through()
                .filter(|_| self.taking.preview.is_none())
                .map(|view| Overlay { view, opacity }),
            background: [r, g, b, 255],
            line_colour: [line_r, line_g, line_b],
            scale: ui.ctx().pixels_per_point(),
        }
    }
}
