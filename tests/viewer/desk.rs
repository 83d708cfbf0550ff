//! The 3D view alone in a window, on the software adapter: what tests of it share.

use std::collections::HashSet;
use std::sync::Arc;

use egui::accesskit::Role;
use egui::{Modifiers, PointerButton, Pos2, Rect, Vec2, pos2, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use egui_kittest::wgpu::{WgpuTestRenderer, create_render_state, default_wgpu_setup};
use fathom::app::cloud_view::{CloudAction, CloudInput, CloudView, HoveredPoint};
use fathom::inference::{DepthFit, DepthUnit, ViewPrediction};
use fathom::input::ViewId;
use fathom::scene::OrbitCamera;
use fathom::worker::RunId;
use glam::Vec3;

use crate::room::photograph;

pub const WINDOW: Vec2 = vec2(900.0, 560.0);
pub const CONTROLS: f32 = 280.0;

pub struct Window {
    pub view: CloudView,
    /// As a run gave them.
    pub views: Vec<Arc<ViewPrediction>>,
    pub set_scale: Option<f32>,
    pub fit: Option<DepthFit>,
    pub hidden: HashSet<ViewId>,
    pub selected: Option<ViewId>,
    pub marked: Option<Vec3>,
    pub actions: Vec<CloudAction>,
}

impl Window {
    fn ui(&mut self, ui: &mut egui::Ui) {
        self.view.answer_escape(ui.ctx());
        self.actions.extend(self.view.advance_picture(ui.ctx()).map(CloudAction::TakeAway));
        egui::Panel::right("controls").exact_size(CONTROLS).show(ui, |ui| _ = self.view.controls_ui(ui, false));
        let scale = self.set_scale;
        let shown = |view: &Arc<ViewPrediction>| scale.map_or(Arc::clone(view), |by| Arc::new(view.scaled(by)));
        let views: Vec<_> = self.views.iter().map(shown).collect();
        let input = CloudInput {
            shared: &[],
            views: &views,
            hidden: &self.hidden,
            unit: if scale.is_some() { DepthUnit::Metres } else { DepthUnit::Relative },
            set_scale: scale,
            fit: self.fit.as_ref(),
            run: RunId(1),
            selected: self.selected,
            marked: self.marked,
            revision: (u64::from(scale.unwrap_or(1.0).to_bits()) << 32) | self.views.len() as u64,
        };
        egui::CentralPanel::no_frame().show(ui, |ui| self.actions.extend(self.view.ui(ui, &input)));
    }
}

pub fn window(views: Vec<Arc<ViewPrediction>>) -> Harness<'static, Window> {
    let render_state = create_render_state(default_wgpu_setup(), egui_wgpu::RendererOptions::PREDICTABLE);
    let state = Window {
        view: CloudView::new(&render_state).expect("compute shaders"),
        views,
        set_scale: None,
        fit: None,
        hidden: HashSet::new(),
        selected: None,
        marked: None,
        actions: Vec::new(),
    };
    let mut harness = Harness::builder()
        .with_size(WINDOW)
        .with_step_dt(0.04)
        .with_max_steps(40)
        .renderer(WgpuTestRenderer::from_render_state(render_state))
        .build_ui_state(|ui, state: &mut Window| state.ui(ui), state);
    harness.run();
    draw(&mut harness);
    harness
}

/// Picking reads the last picture, so there has to be one; a second one is drawn with all points.
pub fn draw(harness: &mut Harness<'_, Window>) {
    for _ in 0..2 {
        harness.run_steps(6);
        harness.render().expect("a picture");
    }
}

pub fn two_views() -> Vec<Arc<ViewPrediction>> {
    vec![
        photograph(1, Vec3::new(0.0, 0.0, -1.6), Vec3::new(0.0, 0.3, 2.0), 200, 150),
        photograph(2, Vec3::new(1.5, -0.5, -1.2), Vec3::new(-0.2, 0.4, 2.0), 200, 150),
    ]
}

pub fn camera(harness: &Harness<'_, Window>) -> OrbitCamera {
    *harness.state().view.camera().expect("a camera")
}

pub fn centre() -> Pos2 {
    pos2((WINDOW.x - CONTROLS) / 2.0, WINDOW.y / 2.0)
}

fn press(harness: &Harness<'_, Window>, pos: Pos2, button: PointerButton, pressed: bool) {
    harness.event(egui::Event::PointerButton { pos, button, pressed, modifiers: Modifiers::NONE });
}

pub fn drag(harness: &mut Harness<'_, Window>, from: Pos2, by: Vec2, button: PointerButton) {
    harness.hover_at(from);
    harness.step();
    press(harness, from, button, true);
    harness.step();
    for part in 1..=4 {
        harness.hover_at(from + by * (part as f32 / 4.0));
        harness.step();
    }
    press(harness, from + by, button, false);
    harness.run();
}

pub fn click(harness: &mut Harness<'_, Window>, at: Pos2) {
    harness.hover_at(at);
    harness.step();
    press(harness, at, PointerButton::Primary, true);
    press(harness, at, PointerButton::Primary, false);
    harness.step();
}

/// The point that the view found last under the cursor.
pub fn hovered(harness: &Harness<'_, Window>) -> Option<HoveredPoint> {
    harness.state().actions.iter().rev().find_map(|action| match action {
        CloudAction::Hovered(point) => Some(*point),
        _ => None,
    })
}

/// Where a world point is in the window.
pub fn on_screen(harness: &Harness<'_, Window>, point: Vec3) -> Pos2 {
    to_screen(&camera(harness), view_rect(harness), point)
}

/// Where a camera shows a world point in a view.
pub fn to_screen(camera: &OrbitCamera, view: Rect, point: Vec3) -> Pos2 {
    let (at, _) = camera.project(point, view.aspect_ratio()).expect("in front");
    view.center() + vec2(at.x, at.y) * view.size() / 2.0
}

/// What the 3D view covers.
pub fn view_rect(harness: &Harness<'_, Window>) -> Rect {
    harness.get_by_role_and_label(Role::Canvas, "3D view").rect()
}
