use image::RgbImage;
use serde_json::Value;

use super::*;
use crate::examples::synthetic;
use crate::geometry::{Intrinsics, Rigid};
use crate::inference::{DepthUnit, ViewPrediction};
use crate::input::ViewId;
use glam::{Mat3, Vec3};

/// A camera at the world's origin with a focal length of 2 pixels and its centre on pixel (0, 0).
fn view([width, height]: [u32; 2], depth: impl Fn(u32, u32) -> f32) -> ViewPrediction {
    let mut view = synthetic::render(0, width, height).into_prediction(ViewId(0), "a b.jpg".into());
    view.depth = (0..height).flat_map(|y| (0..width).map(move |x| (x, y))).map(|(x, y)| depth(x, y)).collect();
    view.image = RgbImage::from_fn(width, height, |x, y| image::Rgb([x as u8, y as u8, 7]));
    view.background = None;
    view.camera.intrinsics = Intrinsics { fx: 2.0, fy: 2.0, cx: 0.0, cy: 0.0 };
    view.camera.camera_from_world = Rigid::IDENTITY;
    view
}

fn mesh(view: &ViewPrediction, step: u32) -> Mesh {
    Mesh::new(view, view, step)
}

#[test]
fn a_plane_has_two_triangles_for_each_cell_and_its_pixels_for_vertices() {
    let mesh = mesh(&view([4, 3], |_, _| 8.0), 1);
    assert_eq!((mesh.positions.len(), mesh.triangles.len()), (12, 2 * 3 * 2));
    // Pixel (3, 2) at depth 8: 8·3/2 to the right, 8·2/2 down, 8 ahead.
    assert_eq!((mesh.pixels[11], mesh.positions[11]), ([3, 2], [12.0, -8.0, -8.0]));
    assert_eq!(mesh.positions[0], [0.0, 0.0, -8.0]);
    let places: Vec<[f32; 2]> = mesh.places().collect();
    assert_eq!((places[0], places[11]), ([0.125, 0.5 / 3.0], [0.875, 2.5 / 3.0]));
    assert_eq!(mesh.places_from_below().next(), Some([0.125, 1.0 - 0.5 / 3.0]));
}

#[test]
fn fronts_face_the_camera() {
    let mesh = mesh(&view([9, 7], |x, y| 5.0 + 0.2 * (x as f32).sin() + 0.1 * y as f32), 2);
    assert!(!mesh.is_empty());
    for corners in &mesh.triangles {
        let [a, b, c] = corners.map(|vertex| Vec3::from_array(mesh.positions[vertex as usize]));
        assert!((b - a).cross(c - a).dot(-a) > 0.0, "{corners:?}");
    }
}

#[test]
fn meshes_are_cut_where_depth_steps() {
    // 10 % is one surface, more is an edge.
    let of = |far: f32| mesh(&view([4, 2], |x, _| if x < 2 { 10.0 } else { far }), 1).triangles.len();
    assert_eq!([of(11.0), of(11.01), of(9.0)], [6, 4, 4]);
}

#[test]
fn background_and_what_has_no_depth_have_no_vertices() {
    let mut view = view([3, 3], |x, y| if (x, y) == (1, 1) { 0.0 } else { 4.0 });
    let around = mesh(&view, 1);
    // Of each of the four cells the half without the hole.
    assert_eq!((around.positions.len(), around.triangles.len()), (8, 4));
    view.background = Some((0..9).map(|at| at < 3).collect());
    let below = mesh(&view, 1);
    assert_eq!((below.triangles.len(), below.pixels[0]), (2, [0, 1]));
    view.background = Some(vec![true; 9]);
    assert!(mesh(&view, 1).is_empty());
    view.background = None;
    view.depth.fill(f32::NAN);
    assert!(mesh(&view, 1).positions.is_empty());
}

#[test]
fn a_step_leaves_rows_and_columns_out_but_not_the_last() {
    let view = view([8, 6], |_, _| 1.0);
    let mesh = mesh(&view, 3);
    let columns: Vec<u32> = mesh.pixels.iter().filter(|pixel| pixel[1] == 0).map(|pixel| pixel[0]).collect();
    assert_eq!((columns, mesh.triangles.len()), (vec![0, 3, 6, 7], 2 * 3 * 2));
    assert_eq!(Mesh::new(&view, &view, 0).positions.len(), 48);
    assert_eq!(Mesh::new(&view, &view, 1000).triangles.len(), 2);
}

#[test]
fn a_step_cuts_no_slope_and_bridges_no_gap() {
    // 5 % from pixel to pixel, 50 % from vertex to vertex.
    let slope = mesh(&view([9, 9], |x, _| 1.05f32.powi(x as i32)), 8);
    assert_eq!(slope.triangles.len(), 2);
    let post = mesh(&view([9, 9], |x, _| if x == 4 { 1.0 } else { 2.0 }), 8);
    assert!(post.is_empty());
}

#[test]
fn a_photo_of_one_row_has_no_surface() {
    assert!(mesh(&view([5, 1], |_, _| 1.0), 1).is_empty());
}

#[test]
fn the_first_camera_of_the_scene_is_where_the_world_begins() {
    let (mut first, mut second) = (view([2, 2], |_, _| 2.0), view([2, 2], |_, _| 2.0));
    first.camera.camera_from_world = Rigid::new(Mat3::from_rotation_y(0.7), Vec3::new(1.0, 2.0, 3.0));
    assert_eq!(mesh(&first, 1).positions[0].map(|at| (at * 1e4).round() / 1e4), [0.0, 0.0, -2.0]);
    // Three to the right of the first one, one below it, and looking the same way.
    second.camera.camera_from_world = Rigid::new(Mat3::from_rotation_y(0.7), Vec3::new(-2.0, 1.0, 3.0));
    let positions = Mesh::new(&second, &first, 1).positions;
    assert_eq!(positions[0].map(|at| (at * 1e4).round() / 1e4), [3.0, -1.0, -2.0]);
}

#[test]
fn glb_files_hold_numbers_and_picture_where_the_document_says() {
    let view = view([3, 2], |_, _| 2.0);
    let mesh = mesh(&view, 1);
    let mut bytes = Vec::new();
    write_mesh_glb(&mut bytes, &mesh, &view.image, "a", DepthUnit::Metres).expect("written");
    let word = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().expect("four")) as usize;
    assert_eq!((&bytes[..4], word(4), word(8)), (&b"glTF"[..], 2, bytes.len()));
    let begin = 20 + word(12) + 8;
    let document: Value = serde_json::from_slice(&bytes[20..begin - 8]).expect("JSON");
    assert_eq!((word(begin - 8), bytes.len() % 4), (bytes.len() - begin, 0));
    let part = |index: usize| {
        let [at, length] = ["byteOffset", "byteLength"]
            .map(|name| document["bufferViews"][index][name].as_u64().expect("a number") as usize);
        &bytes[begin + at..begin + at + length]
    };
    assert_eq!(part(0)[..12], [0.0f32, 0.0, -2.0].map(f32::to_le_bytes).concat());
    assert_eq!(part(1)[..8], [1.0f32 / 6.0, 0.25].map(f32::to_le_bytes).concat());
    assert_eq!(part(2)[..12], mesh.triangles[0].map(u32::to_le_bytes).concat());
    assert_eq!(document["accessors"][2]["count"], 12);
    assert_eq!(document["accessors"][0]["max"], serde_json::json!([2.0, 0.0, -2.0]));
    let picture = image::load_from_memory(part(3)).expect("a JPEG").into_rgb8();
    assert_eq!(picture.dimensions(), (3, 2));
    let empty = Mesh { size: [3, 2], pixels: vec![], positions: vec![], triangles: vec![] };
    assert!(write_mesh_glb(&mut Vec::new(), &empty, &view.image, "a", DepthUnit::Metres).is_err());
}

#[test]
fn ply_files_have_vertices_with_places_and_colours_and_then_faces() {
    let view = view([2, 2], |_, _| 2.0);
    let mesh = mesh(&view, 1);
    let mut bytes = Vec::new();
    write_mesh_ply(&mut bytes, &mesh, &view.image, "a.jpg", DepthUnit::Relative).expect("written");
    let end = b"end_header\n";
    let body = bytes.windows(end.len()).position(|w| w == end).expect("a header") + end.len();
    let header = std::str::from_utf8(&bytes[..body]).expect("text");
    assert!(header.contains("comment TextureFile a.jpg\n") && header.contains("element vertex 4\n"), "{header}");
    assert!(header.contains("element face 2\nproperty list uchar int vertex_indices\n"), "{header}");
    let body = &bytes[body..];
    assert_eq!(body.len(), 4 * 23 + 2 * 13);
    // The last vertex: pixel (1, 1).
    assert_eq!(body[3 * 23..4 * 23 - 3], [1.0f32, -1.0, -2.0, 0.75, 0.25].map(f32::to_le_bytes).concat());
    assert_eq!(body[4 * 23 - 3..4 * 23 + 1], [1, 1, 7, 3]);
}

#[test]
fn obj_files_count_from_one_and_lead_to_the_picture() {
    let view = view([2, 2], |_, _| 2.0);
    let mesh = mesh(&view, 1);
    let (mut object, mut material) = (Vec::new(), Vec::new());
    write_mesh_obj(&mut object, &mesh, "a_b.mtl", DepthUnit::Metres).expect("written");
    write_mesh_mtl(&mut material, "a_b.jpg").expect("written");
    let object = String::from_utf8(object).expect("text");
    assert!(object.contains("mtllib a_b.mtl\n") && object.contains("v 1 -1 -2\n") && object.contains("vt 0.75 0.25\n"));
    assert!(object.ends_with("f 1/1 3/3 4/4\nf 1/1 4/4 2/2\n"), "{object}");
    assert!(String::from_utf8(material).expect("text").ends_with("map_Kd a_b.jpg\n"));
}
