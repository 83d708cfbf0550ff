//! The examples: photos that unpack and decode, and a drawn scene whose depth and cameras are true.
#![allow(clippy::expect_used, reason = "a failed expectation is a failed test")]

use std::path::Path;

use fathom::examples::{scenes_in, synthetic};
use glam::Vec3;
use sha2::{Digest, Sha256};

/// Where the scene's surfaces are, in metres.
const TABLE_HEIGHT: f32 = 0.75;
const BACK_WALL: f32 = -1.5;

#[test]
fn depth_agrees_across_views() {
    let views: Vec<_> = [0, 3, 7].map(|i| synthetic::render(i, 120, 90)).into();
    for from in &views {
        for to in &views {
            let (mut in_frame, mut agree, mut in_front) = (0, 0, 0);
            for (i, &depth) in from.depth.iter().enumerate() {
                let world = world_point(from, i as u32 % 120, i as u32 / 120, depth);
                let there = to.camera_from_world.apply(world);
                let Some([u, v]) = to.intrinsics.project(there) else { continue };
                if !(1.0..118.0).contains(&u) || !(1.0..88.0).contains(&v) {
                    continue;
                }
                in_frame += 1;
                // The four pixels around it bound what is seen there.
                let corner = v as usize * 120 + u as usize;
                let seen = [0, 1, 120, 121].map(|offset| to.depth[corner + offset]);
                let nearest = seen.into_iter().fold(f32::INFINITY, f32::min);
                let farthest = seen.into_iter().fold(0.0, f32::max);
                in_front += usize::from(there.z < 0.99 * nearest);
                agree += usize::from((0.99 * nearest..1.01 * farthest).contains(&there.z));
            }
            // What one view shows can be hidden in the other, but it cannot stand in front of what the other shows.
            assert!(in_frame > 3000 && agree * 4 > in_frame * 3, "{agree} of {in_frame} agree");
            assert!(in_front * 500 < in_frame, "{in_front} of {in_frame} are in front");
        }
    }
}

#[test]
fn known_surfaces_are_where_they_are() {
    for index in 0..synthetic::VIEWS {
        let view = synthetic::render(index, 160, 120);
        for (target, axis, expected) in [
            (Vec3::new(0.3, TABLE_HEIGHT, 0.38), 1, TABLE_HEIGHT),
            (Vec3::new(-0.2, TABLE_HEIGHT, 0.36), 1, TABLE_HEIGHT),
            (Vec3::new(0.05, 1.15, BACK_WALL), 2, BACK_WALL),
        ] {
            let [u, v] = view.intrinsics.project(view.camera_from_world.apply(target)).expect("in front");
            let (u, v) = (u.round() as u32, v.round() as u32);
            let world = world_point(&view, u, v, view.depth[(v * 160 + u) as usize]);
            assert!((world[axis] - expected).abs() < 1e-4, "view {index}: {world} for {target}");
        }
        assert!(view.depth.iter().all(|d| d.is_finite() && (0.5..6.0).contains(d)));
    }
}

fn world_point(view: &synthetic::SyntheticView, u: u32, v: u32, depth: f32) -> Vec3 {
    let camera = view.intrinsics.unproject(u as f32, v as f32, depth);
    view.camera_from_world.inverse().apply(camera)
}

#[test]
fn every_machine_draws_the_same_bytes() {
    let view = synthetic::render(2, 48, 36);
    let mut sha = Sha256::new();
    sha.update(view.image.as_raw());
    for depth in &view.depth {
        sha.update(depth.to_le_bytes());
    }
    let digest: String = sha.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(digest, "85186cf30368a8809aeab79932f5a269dd3ff840440554e1f8d88613a2eb2f7d");
}

#[test]
fn written_truth_matches_the_drawing() {
    let dir = tempfile::tempdir().expect("temporary folder");
    let photos = synthetic::write(dir.path(), 2, [64, 48]).expect("written");
    assert_eq!(photos.len(), 2);
    let view = synthetic::render(1, 64, 48);
    assert_eq!(image::open(&photos[1]).expect("a photo").into_rgb8(), view.image);

    let truth: serde_json::Value =
        serde_json::from_slice(&std::fs::read(dir.path().join("ground_truth.json")).expect("there")).expect("JSON");
    let entry = &truth["views"][1];
    let depth =
        image::open(dir.path().join(entry["depth_png"].as_str().expect("a name"))).expect("a PNG").into_luma16();
    for (stored, exact) in depth.pixels().zip(&view.depth) {
        assert!((f32::from(stored.0[0]) - exact * 1000.0).abs() <= 0.5);
    }
    let rows: [[f32; 4]; 3] = serde_json::from_value(entry["extrinsics"].clone()).expect("3×4");
    assert_eq!(rows, view.camera_from_world.rows());
    let rows: [[f32; 3]; 3] = serde_json::from_value(entry["intrinsics"].clone()).expect("3×3");
    assert_eq!(rows, view.intrinsics.rows());
    assert!(dir.path().join("ground_truth.npz").exists());
}

#[test]
fn example_photos_unpack_once_and_decode() {
    let cache = tempfile::tempdir().expect("temporary folder");
    let scenes = scenes_in(cache.path());
    assert!(scenes.len() >= 4);
    for scene in scenes.iter().filter(|scene| scene.photos.len() == 1) {
        assert!(!scene.credit.is_empty() && !scene.licence.is_empty() && !scene.description.is_empty());
        assert!(!scene.photos[0].exists(), "listing writes nothing");
        let photo = scene.prepare().expect("writable")[0].clone();
        let picture = image::open(&photo).expect("decodes");
        assert!(picture.width() >= 300 && file_bytes(&photo) <= 150_000, "{}", scene.name);

        let first = std::fs::metadata(&photo).and_then(|m| m.modified()).expect("time");
        scene.prepare().expect("again");
        assert_eq!(std::fs::metadata(&photo).and_then(|m| m.modified()).expect("time"), first, "not written twice");
        std::fs::write(&photo, b"cut off").expect("damaged");
        scene.prepare().expect("mended");
        assert!(image::open(&photo).is_ok());
    }
}

#[test]
fn real_photos_of_one_place_are_an_example_and_say_their_lens() {
    let cache = tempfile::tempdir().expect("temporary folder");
    let scenes = scenes_in(cache.path());
    let portal = scenes.iter().find(|scene| scene.name == "Portal").expect("an example of several photos");
    let photos = portal.prepare().expect("writable");
    assert_eq!((photos.len(), portal.licence.as_str()), (3, "BSD-2-Clause"));
    assert!(portal.truth().expect("readable").is_none() && !portal.needs_drawing());
    assert!(photos.iter().map(|photo| file_bytes(photo)).sum::<u64>() < 1_000_000);
    for photo in photos {
        let view = fathom::input::load_view(fathom::input::ViewId(0), photo, &fathom::input::Limits::default());
        assert!(view.expect("a photo").focal.is_some(), "{}", photo.display());
    }
}

#[test]
fn the_drawn_scene_is_prepared_with_its_truth() {
    let cache = tempfile::tempdir().expect("temporary folder");
    let scenes = scenes_in(cache.path());
    let drawn = scenes.iter().find(|scene| scene.photos.len() > 3).expect("a scene of several views");
    let photos = drawn.prepare().expect("writable");
    assert!(photos.len() >= 3 && photos.iter().all(|photo| photo.exists()));
    assert!(photos[0].with_file_name("ground_truth.json").exists());
    let truth = drawn.truth().expect("readable").expect("a drawn scene has a truth");
    assert_eq!(truth.len(), drawn.photos.len());
    let exact = synthetic::render(1, truth[1].image.width(), truth[1].image.height());
    assert_eq!((truth[1].camera_from_world, truth[1].intrinsics), (exact.camera_from_world, exact.intrinsics));
    assert!(truth[1].depth.iter().zip(&exact.depth).all(|(read, exact)| (read - exact).abs() <= 0.0005 + 1e-6));
}

#[test]
fn a_cache_that_cannot_be_written_is_an_error_with_a_path() {
    let cache = tempfile::NamedTempFile::new().expect("temporary file");
    let error = scenes_in(cache.path())[0].prepare().expect_err("a file is no folder");
    assert!(error.to_string().contains(&*cache.path().to_string_lossy()));
}

fn file_bytes(path: &Path) -> u64 {
    std::fs::metadata(path).expect("there").len()
}
