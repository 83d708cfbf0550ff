//! The cameras in the 3D view: which one the cursor is on, what it is called, and the photo over what one sees.

use std::collections::HashSet;

use egui::{Align2, FontId, Rect, Slider, Ui, pos2, vec2};
use glam::Vec2;

use super::gizmo;
use crate::app::theme;
use crate::input::ViewId;
use crate::scene::{CloudScene, Frustum, OrbitCamera};

/// A camera that is drawn.
pub struct ShownCamera {
    /// Position among the scene's views.
    pub index: usize,
    pub view: ViewId,
    pub frustum: Frustum,
}

/// The cameras of the views that are not hidden, with photos at z-depth `depth`.
pub fn shown_cameras(scene: &CloudScene, hidden: &HashSet<ViewId>, depth: f32) -> Vec<ShownCamera> {
    let shown = scene.views().iter().enumerate().filter(|(_, view)| !hidden.contains(&view.view));
    shown.map(|(index, view)| ShownCamera { index, view: view.view, frustum: Frustum::new(view, depth) }).collect()
}

/// The nearest camera under the cursor (points from the view's corner); photos count where they hang.
pub fn camera_at<'a>(
    cameras: &'a [ShownCamera],
    cursor: Vec2,
    camera: &OrbitCamera,
    viewport: Vec2,
    photos_hang: bool,
) -> Option<&'a ShownCamera> {
    let hits = cameras
        .iter()
        .filter_map(|shown| shown.frustum.hit(cursor, camera, viewport, photos_hang).map(|depth| (depth, shown)));
    hits.min_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, shown)| shown)
}

/// The name of the camera under the cursor, beside it.
pub fn name_ui(ui: &Ui, view: Rect, cursor: egui::Pos2, scene: &CloudScene, index: usize) {
    let Some(photo) = scene.views().get(index) else { return };
    let name = photo.path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let painter = ui.painter().with_clip_rect(view);
    let text = format!("{} · {name}", index + 1);
    let mut job = egui::text::LayoutJob::simple_singleline(text, FontId::proportional(12.5), ui.visuals().text_color());
    job.wrap = egui::text::TextWrapping::truncate_at_width((view.width() - 40.0).max(40.0));
    let galley = painter.layout_job(job);
    let plate = Align2::LEFT_BOTTOM.anchor_size(cursor + vec2(14.0, -8.0), galley.size() + vec2(14.0, 8.0));
    // Kept inside the view.
    let shift = vec2((view.right() - 4.0 - plate.right()).min(0.0), (view.top() + 4.0 - plate.top()).max(0.0));
    let plate = plate.translate(shift);
    painter.rect_filled(plate, 5.0, theme::tokens(ui).panel.gamma_multiply(0.9));
    painter.galley(plate.min + vec2(7.0, 4.0), galley, ui.visuals().text_color());
}

/// The slider that fades from the scene to the photo while looking through its camera: below the toolbar and beside the gizmo,
/// because what reads the point under the cursor is at the bottom.
pub fn compare_ui(ui: &mut Ui, view: Rect, opacity: &mut f32) {
    let room = view.with_max_x(view.right() - gizmo::column(view));
    let slider_width = if room.width() < 320.0 { 60.0 } else { 110.0 };
    let size = vec2(190.0 + slider_width, 34.0);
    if room.width() < size.x {
        return;
    }
    let plate = Rect::from_center_size(pos2(room.center().x, room.top() + 2.0 * theme::ROW + 12.0), size);
    ui.painter().rect_filled(plate, 6.0, theme::tokens(ui).panel.gamma_multiply(0.9));
    ui.scope_builder(egui::UiBuilder::new().max_rect(plate.shrink2(vec2(12.0, 4.0))), |ui| {
        ui.horizontal_centered(|ui| {
            let label = ui.label("Photo over scene");
            ui.spacing_mut().slider_width = slider_width;
            let mut percent = *opacity * 100.0;
            let slider = Slider::new(&mut percent, 0.0..=100.0).suffix(" %").max_decimals(0);
            ui.add(slider)
                .labelled_by(label.id)
                .on_hover_text("Lays the photo over the points that it became, to compare them");
            *opacity = percent / 100.0;
        });
    });
}
