//! The points by which cameras were found, over the cloud.

use egui::epaint::{Mesh, Vertex, WHITE_UV};
use egui::{Color32, Ui, vec2};
use glam::Vec3;

use super::picture::Picture;
use crate::inference::MatchedPoint;

/// Side of a point, in points of the screen; the rim around it sets it off from a cloud of the same colours.
const SIDE: f32 = 3.0;
const RIM: f32 = 1.0;

/// Draws each point as a small square with a rim, also where a surface lies before it: whether they lie on surfaces is what they show.
/// `scale`: by what the scene is larger than that of the points.
pub fn shared_points_ui(ui: &Ui, picture: &Picture<'_>, points: &[MatchedPoint], scale: f32) {
    let mut mesh = Mesh::default();
    let rim = if ui.visuals().dark_mode { Color32::WHITE } else { Color32::BLACK };
    for point in points {
        let Some(at) = picture.at(scale * Vec3::from(point.position)).filter(|at| picture.rect.contains(*at)) else {
            continue;
        };
        let [r, g, b] = point.colour;
        square(&mut mesh, at, SIDE / 2.0 + RIM, rim);
        square(&mut mesh, at, SIDE / 2.0, Color32::from_rgb(r, g, b));
    }
    ui.painter().with_clip_rect(picture.rect).add(mesh);
}

fn square(mesh: &mut Mesh, at: egui::Pos2, half: f32, color: Color32) {
    let first = mesh.vertices.len() as u32;
    let corners = [vec2(-half, -half), vec2(half, -half), vec2(half, half), vec2(-half, half)];
    mesh.vertices.extend(corners.map(|corner| Vertex { pos: at + corner, uv: WHITE_UV, color }));
    mesh.indices.extend([0, 1, 2, 0, 2, 3].map(|corner| first + corner));
}
