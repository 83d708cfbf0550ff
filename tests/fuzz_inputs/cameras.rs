//! Cameras that are known: COLMAP's texts and numbers, `transforms.json`, `cameras.json`. What is read is used as a run uses
//! it, so that no number gets further than it may.

use std::fmt::Write as _;
use std::path::Path;

use fathom::geometry::Straightening;
use fathom::input::{KnownCameras, Turn, straighten};
use image::RgbImage;

use crate::changes::{changed, changed_text};
use crate::watching::{Outcome, Seed, Target, run};

/// Names, numbers and parameter counts of COLMAP's lens models, and what a mild lens of each has.
const LENSES: [(&str, u32, &[f64]); 12] = [
    ("SIMPLE_PINHOLE", 0, &[40.0, 20.0, 12.0]),
    ("PINHOLE", 1, &[40.0, 41.0, 20.0, 12.0]),
    ("SIMPLE_RADIAL", 2, &[40.0, 20.0, 12.0, -0.05]),
    ("RADIAL", 3, &[40.0, 20.0, 12.0, -0.05, 0.01]),
    ("OPENCV", 4, &[40.0, 41.0, 20.0, 12.0, -0.1, 0.02, 0.001, -0.001]),
    ("OPENCV_FISHEYE", 5, &[30.0, 30.0, 20.0, 12.0, 0.01, 0.002, 0.0, 0.0]),
    ("FULL_OPENCV", 6, &[40.0, 41.0, 20.0, 12.0, -0.1, 0.02, 0.001, -0.001, 0.0, 0.01, 0.0, 0.0]),
    ("FOV", 7, &[30.0, 30.0, 20.0, 12.0, 0.5]),
    ("SIMPLE_RADIAL_FISHEYE", 8, &[30.0, 20.0, 12.0, 0.02]),
    ("THIN_PRISM_FISHEYE", 10, &[30.0, 30.0, 20.0, 12.0, 0.01, 0.0, 0.001, 0.0, 0.0, 0.0, 0.001, 0.0]),
    ("DIVISION", 13, &[40.0, 40.0, 20.0, 12.0, -0.01]),
    ("EUCM", 16, &[40.0, 40.0, 20.0, 12.0, 0.5, 1.0]),
];
/// Of the photos.
const SIZE: [u32; 2] = [40, 24];

fn photo(index: usize) -> String {
    format!("images/p{index}.jpg")
}

/// A unit quaternion and a place, of which no two are the same.
fn pose(index: usize) -> ([f64; 4], [f64; 3]) {
    let angle = 0.2 * index as f64;
    ([(angle / 2.0).cos(), 0.0, (angle / 2.0).sin(), 0.0], [angle.sin(), 0.1 * angle, angle.cos()])
}

fn colmap_text() -> Seed {
    let mut cameras = format!("# Camera list\n# Number of cameras: {}\n", LENSES.len());
    let mut images = format!("# Image list\n# Number of images: {}, mean observations per image: 2\n", LENSES.len());
    for (index, (model, _, parameters)) in LENSES.iter().enumerate() {
        let parameters: Vec<_> = parameters.iter().map(f64::to_string).collect();
        writeln!(cameras, "{} {model} {} {} {}", index + 1, SIZE[0], SIZE[1], parameters.join(" ")).expect("a text");
        let ([w, x, y, z], [a, b, c]) = pose(index);
        let (number, name) = (index + 1, photo(index));
        writeln!(images, "{number} {w} {x} {y} {z} {a} {b} {c} {number} {name}\n1.5 2.5 -1 3 4 7").expect("a text");
    }
    let files = [("cameras.txt", cameras), ("images.txt", images)];
    Seed { name: "colmap.txt".into(), files: files.map(|(name, text)| (name.into(), text.into_bytes())).into() }
}

fn colmap_binary() -> Seed {
    let count = (LENSES.len() as u64).to_le_bytes();
    let (mut cameras, mut images) = (count.to_vec(), count.to_vec());
    let put = |bytes: &mut Vec<u8>, numbers: &[f64]| numbers.iter().for_each(|v| bytes.extend(v.to_le_bytes()));
    for (index, (_, model, parameters)) in LENSES.iter().enumerate() {
        let number = (index as u32 + 1).to_le_bytes();
        cameras.extend(number.iter().chain(&model.to_le_bytes()));
        SIZE.iter().for_each(|&side| cameras.extend(u64::from(side).to_le_bytes()));
        put(&mut cameras, parameters);
        let (quaternion, translation) = pose(index);
        images.extend(number);
        put(&mut images, &quaternion);
        put(&mut images, &translation);
        images.extend(number);
        images.extend(photo(index).bytes().chain([0]));
        images.extend(1_u64.to_le_bytes());
        put(&mut images, &[1.5, 2.5]);
        images.extend(u64::MAX.to_le_bytes());
    }
    Seed { name: "colmap.bin".into(), files: vec![("cameras.bin".into(), cameras), ("images.bin".into(), images)] }
}

/// Rows of a rotation about y and a place.
fn rows(index: usize) -> [[f64; 4]; 4] {
    let ([w, _, y, _], [a, b, c]) = pose(index);
    let (cos, sin) = (w * w - y * y, 2.0 * w * y);
    [[cos, 0.0, sin, a], [0.0, 1.0, 0.0, b], [-sin, 0.0, cos, c], [0.0, 0.0, 0.0, 1.0]]
}

fn transforms() -> Seed {
    let frames: Vec<_> = (0..8)
        .map(|index| {
            let mut frame = serde_json::json!({"file_path": photo(index), "transform_matrix": rows(index)});
            if index % 2 == 1 {
                frame["camera_model"] = ["OPENCV", "OPENCV_FISHEYE", "PINHOLE", "SIMPLE_RADIAL"][index / 2].into();
                frame["k1"] = 0.01.into();
            }
            frame
        })
        .collect();
    let all = serde_json::json!({
        "camera_model": "OPENCV", "fl_x": 40.0, "fl_y": 41.0, "cx": 20.0, "cy": 12.0, "w": SIZE[0], "h": SIZE[1],
        "k1": -0.05, "k2": 0.01, "p1": 0.001, "p2": 0.0, "camera_angle_x": 0.9, "is_fisheye": false, "frames": frames,
    });
    let text = serde_json::to_vec_pretty(&all).expect("JSON");
    Seed { name: "transforms".into(), files: vec![("transforms.json".into(), text)] }
}

fn cameras() -> Seed {
    let cameras: Vec<_> = (0..8)
        .map(|index| {
            serde_json::json!({
                "photo": photo(index), "photo_size": SIZE, "camera_from_world": rows(index),
                "photo_intrinsics": [[40.0, 0.0, 20.0], [0.0, 41.0, 12.0], [0.0, 0.0, 1.0]],
            })
        })
        .collect();
    let text = serde_json::to_vec_pretty(&serde_json::json!({"cameras": cameras})).expect("JSON");
    Seed { name: "cameras".into(), files: vec![("cameras.json".into(), text)] }
}

/// Every turn that EXIF knows.
fn turns() -> impl Iterator<Item = Turn> {
    (0..8).map(|number| Turn { is_mirrored: number >= 4, quarters: number % 4 })
}

fn read(folder: &Path, seed: &Seed, round: u64) -> Outcome {
    let path = match seed.files.len() {
        1 => folder.join(&seed.files[0].0),
        // As a folder now and then, as one of its files else.
        _ => folder.join(&seed.files[round as usize % 2].0),
    };
    let known = match KnownCameras::read(&path) {
        Ok(known) => known,
        Err(error) => {
            let said = error.to_string();
            let names_it = seed.files.iter().any(|(name, _)| said.contains(name.as_str()));
            return if names_it { Outcome::Refused } else { Outcome::Wrong(format!("{said} names no file")) };
        }
    };
    let photos: Vec<_> = (0..LENSES.len()).map(|index| folder.join(photo(index))).collect();
    let photos: Vec<&Path> = photos.iter().map(AsRef::as_ref).collect();
    for camera in known.of_all(&photos).into_iter().flatten() {
        let pose = camera.camera_from_world;
        if !pose.translation.is_finite() || camera.size.is_some_and(|size| size.contains(&0)) {
            return Outcome::Wrong(format!("{camera:?} is taken for a camera"));
        }
        for turn in turns() {
            let Ok(upright) = camera.upright(SIZE, turn) else { continue };
            let size = upright.camera.size.unwrap_or(SIZE);
            let (lens, distortion) = (upright.camera.intrinsics, upright.camera.distortion);
            if !distortion.is_none()
                && turn.quarters == 0
                && let Ok(by) = Straightening::new(lens, distortion, size)
            {
                let straight = straighten(&RgbImage::new(size[0], size[1]), &by);
                assert_eq!(straight.dimensions(), (size[0], size[1]));
            }
        }
    }
    Outcome::Read
}

#[test]
fn damaged_cameras_are_read_or_refused_in_time_and_in_memory() {
    run(&Target {
        what: "cameras",
        seeds: vec![colmap_text(), colmap_binary(), transforms(), cameras()],
        few: 80,
        most_bytes: 256 << 20,
        change: |seed, at, random| {
            let good = &seed.files[at].1;
            if seed.name.ends_with("bin") { changed(good, random) } else { changed_text(good, random) }
        },
        read: &read,
    });
}

#[test]
fn the_good_ones_are_read_whole() {
    for seed in [colmap_text(), colmap_binary(), transforms(), cameras()] {
        let folder = tempfile::tempdir().expect("a folder");
        for (name, bytes) in &seed.files {
            std::fs::write(folder.path().join(name), bytes).expect("written");
        }
        let known = KnownCameras::read(folder.path()).expect("good cameras");
        let count = (0..LENSES.len()).filter(|index| known.of(&folder.path().join(photo(*index))).is_some()).count();
        assert!(count >= 8, "{}: {count} cameras; {:?}", seed.name, known.remarks());
        assert!(seed.files.iter().all(|(_, bytes)| bytes.len() < 20_000), "{}", seed.name);
    }
}
