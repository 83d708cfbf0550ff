//! Cameras that are known before a run, read from files.
#![allow(clippy::expect_used, reason = "a failed expectation is a failed test")]

use std::fs;
use std::path::Path;
use std::sync::Arc;

use fathom::examples::synthetic;
use fathom::export::{Format, Options, RunNotes, export_all};
use fathom::geometry::Rigid;
use fathom::inference::{PhotoPart, Prediction};
use fathom::input::{CamerasError, KnownCameras, NoCamera, Turn, ViewId};

fn prediction() -> Prediction {
    let views = (0..3).map(|index| {
        let path = format!("photos/a b {index}.jpg").into();
        let mut view = synthetic::render(index, 40, 30).into_prediction(ViewId(index as u64), path);
        (view.photo_size, view.photo_part) = ([400, 300], PhotoPart::whole([400, 300]));
        view.confidence = Some(vec![2.0; 1200]);
        Arc::new(view)
    });
    Prediction { views: views.collect(), ..Prediction::default() }
}

/// A folder with the exported cameras of a scene in this format.
fn exported(format: Format) -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a folder");
    let options = Options { formats: [format].into_iter().collect(), ..Options::default() };
    export_all(&prediction(), dir.path(), &RunNotes::default(), &options).expect("exported");
    dir
}

#[test]
fn exported_cameras_are_read_again() {
    for format in [Format::Cameras, Format::Colmap, Format::ColmapText] {
        let dir = exported(format);
        let known = KnownCameras::read(dir.path()).expect("cameras");
        for view in &prediction().views {
            // Blanks part fields in COLMAP's text files, where they are `_`; photos find their cameras even so.
            let camera = known.of(&Path::new("elsewhere").join(&view.path)).expect("one per photo");
            let pose = view.camera.camera_from_world;
            assert!(camera.camera_from_world.rotation.abs_diff_eq(pose.rotation, 1e-5), "{format:?}");
            assert!(camera.camera_from_world.translation.abs_diff_eq(pose.translation, 1e-5), "{format:?}");
            let [at_photo, at_map] = [camera.intrinsics_of([400, 300]), camera.intrinsics_of([40, 30])];
            assert!(
                (at_map.fx - view.camera.intrinsics.fx).abs() < 1e-3 && (at_photo.fx - 10.0 * at_map.fx).abs() < 1e-2
            );
            assert!((at_map.cy - view.camera.intrinsics.cy).abs() < 1e-3);
        }
        assert_eq!(known.of(Path::new("another.jpg")), None);
    }
}

#[test]
fn colmap_has_cameras_of_photos_as_they_are_stored() {
    for quarters in 0..4 {
        let turn = Turn { is_mirrored: false, quarters };
        let mut prediction = prediction();
        for view in &mut prediction.views {
            Arc::make_mut(view).photo_turn = turn;
        }
        let stored = if quarters % 2 == 1 { [300, 400] } else { [400, 300] };
        for format in [Format::Cameras, Format::Colmap, Format::ColmapText] {
            let dir = tempfile::tempdir().expect("a folder");
            let options = Options { formats: [format].into_iter().collect(), ..Options::default() };
            export_all(&prediction, dir.path(), &RunNotes::default(), &options).expect("exported");
            let known = KnownCameras::read(dir.path()).expect("cameras");
            assert_eq!(known.remarks(), [""; 0]);
            for view in &prediction.views {
                let camera = known.of(&view.path).expect("one per photo");
                let is_turned = format != Format::Cameras && quarters != 0;
                assert_eq!(camera.size, Some(if is_turned { stored } else { [400, 300] }), "{format:?} {quarters}");
                let pose = view.camera.camera_from_world;
                let same = |other: Rigid| {
                    other.rotation.abs_diff_eq(pose.rotation, 1e-5)
                        && other.translation.abs_diff_eq(pose.translation, 1e-5)
                };
                assert_eq!(same(camera.camera_from_world), !is_turned, "{format:?} {quarters}");
                let upright = camera.upright(stored, turn).expect("not mirrored");
                assert!(!upright.is_stretched && same(upright.camera.camera_from_world), "{format:?} {quarters}");
                let (found, expected) = (upright.camera.intrinsics, view.camera.intrinsics.scaled(10.0, 10.0));
                let off =
                    [found.fx - expected.fx, found.fy - expected.fy, found.cx - expected.cx, found.cy - expected.cy];
                assert!(off.iter().all(|off| off.abs() < 1e-2), "{format:?} {quarters}: {found:?} for {expected:?}");
            }
            // What a photo shows, its points project to.
            if format == Format::ColmapText {
                let read = |name: &str| fs::read_to_string(dir.path().join("sparse/0").join(name)).expect("there");
                let (images, points) = (read("images.txt"), read("points3D.txt"));
                let row = images.lines().skip_while(|line| !line.starts_with("1 ")).nth(1).expect("points");
                let seen: Vec<f64> = row.split(' ').map(|field| field.parse().expect("a number")).collect();
                let camera = known.of(&prediction.views[0].path).expect("the first");
                let rows = points.lines().filter(|line| !line.starts_with('#'));
                for (point, seen) in rows.zip(seen.chunks(3)).step_by(50) {
                    let at: Vec<f32> = point.split(' ').skip(1).take(3).map(|v| v.parse().expect("a number")).collect();
                    let in_camera = camera.camera_from_world.apply(glam::Vec3::from_slice(&at));
                    let [u, v] = camera.intrinsics.project(in_camera).expect("in front");
                    let off = (f64::from(u) - seen[0]).abs().max((f64::from(v) - seen[1]).abs());
                    assert!(off < 1.01, "{quarters}: ({u}, {v}) for {seen:?}");
                }
            }
        }
    }
}

#[test]
fn files_that_are_no_cameras_say_so() {
    let empty = tempfile::tempdir().expect("a folder");
    assert!(matches!(KnownCameras::read(empty.path()), Err(CamerasError::NoCameras { .. })));
    for (format, file) in [
        (Format::Cameras, "cameras.json"),
        (Format::Colmap, "sparse/0/cameras.bin"),
        (Format::Colmap, "sparse/0/images.bin"),
        (Format::ColmapText, "sparse/0/images.txt"),
    ] {
        let dir = exported(format);
        let path = dir.path().join(file);
        let bytes = fs::read(&path).expect("there");
        for end in [1, bytes.len() / 3, bytes.len() / 2] {
            fs::write(&path, &bytes[..end]).expect("written");
            // A text file that ends early may end between two photos: then fewer have a camera.
            match KnownCameras::read(dir.path()) {
                Err(CamerasError::Damaged { reason, .. }) => assert!(!reason.is_empty()),
                Ok(known) => {
                    assert!(file.ends_with("txt") && known.of(Path::new("a_b_2.jpg")).is_none(), "{file} {end}")
                }
                Err(other) => panic!("{file} {end}: {other}"),
            }
        }
    }
    let cropped = exported(Format::Cameras);
    let path = cropped.path().join("cameras.json");
    let text = fs::read_to_string(&path).expect("there");
    fs::write(&path, text.replace("\"photo_intrinsics\": [", "\"photo_intrinsics\": null, \"was\": ["))
        .expect("written");
    assert!(
        matches!(KnownCameras::read(&path), Err(CamerasError::Damaged { reason, .. }) if reason.contains("cropped"))
    );
    fs::write(&path, "{\"photos\": []}").expect("written");
    assert!(matches!(KnownCameras::read(&path), Err(CamerasError::Damaged { .. })));
}

#[test]
fn a_camera_that_is_wrong_costs_its_own_photo_and_is_named() {
    let dir = exported(Format::Cameras);
    let path = dir.path().join("cameras.json");
    let text = fs::read_to_string(&path).expect("there");
    fs::write(&path, text.replacen("\"photo_intrinsics\": [", "\"photo_intrinsics\": null, \"was\": [", 1))
        .expect("written");
    let known = KnownCameras::read(&path).expect("two are whole");
    assert_eq!(known.remarks(), ["cameras.json: the camera of a b 0.jpg has only the lens of a cropped photo"]);
    assert!(known.of(Path::new("a b 0.jpg")).is_none() && known.of(Path::new("a b 1.jpg")).is_some());

    // Two cameras for one name: a question only where they differ, and then of these photos alone.
    fs::write(&path, text.replace("a b 1.jpg", "a b 0.jpg")).expect("written");
    let known = KnownCameras::read(&path).expect("a list");
    assert!(known.of(Path::new("a b 0.jpg")).is_none() && known.of(Path::new("a b 2.jpg")).is_some());
    let [why] = known.of_all(&[Path::new("a b 0.jpg")]).try_into().expect("one");
    assert!(matches!(why, Err(NoCamera::Ambiguous { names }) if names == ["a b 0.jpg", "a b 0.jpg"]));

    // COLMAP's poses one by one: what is no number, what is not finite, what is no rotation.
    for (format, file) in [(Format::ColmapText, "images.txt"), (Format::Colmap, "images.bin")] {
        let dir = exported(format);
        let path = dir.path().join("sparse/0").join(file);
        let bytes = fs::read(&path).expect("there");
        for bad in ["-inf", "nan", "1.#INF", "zero"] {
            let mut spoilt = bytes.clone();
            if format == Format::Colmap {
                // Number of photos, of this photo; w, x, y, z.
                let number = if bad == "-inf" { f64::NEG_INFINITY } else { f64::NAN };
                match bad {
                    "zero" => spoilt[12..44].fill(0),
                    _ => spoilt[44..52].copy_from_slice(&number.to_le_bytes()),
                }
            } else {
                let text = String::from_utf8(bytes.clone()).expect("text");
                let row = text.lines().find(|line| line.starts_with("1 ")).expect("a photo");
                let mut fields: Vec<&str> = row.split(' ').collect();
                match bad {
                    "zero" => fields[1..5].fill("0"),
                    _ => fields[5] = bad,
                }
                spoilt = text.replacen(row, &fields.join(" "), 1).into_bytes();
            }
            fs::write(&path, spoilt).expect("written");
            let known = KnownCameras::read(dir.path()).expect("two are whole");
            let remark = format!("{file}: the camera of a b 0.jpg has numbers that no camera has");
            assert_eq!(known.remarks(), [remark], "{bad}");
            assert!(known.of(Path::new("a b 0.jpg")).is_none() && known.of(Path::new("a b 1.jpg")).is_some());
        }
    }
}

/// A COLMAP model in text: lenses, and photos without rows of points.
fn model(cameras: &str, images: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a folder");
    fs::write(dir.path().join("cameras.txt"), cameras).expect("written");
    fs::write(dir.path().join("images.txt"), images).expect("written");
    dir
}

#[test]
fn a_transforms_json_is_read_with_what_python_writes_for_no_number() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("transforms.json");
    let frame = |name: &str, x: &str| {
        let matrix = format!("[[1, 0, 0, {x}], [0, 1, 0, 2], [0, 0, 1, 3], [0, 0, 0, 1]]");
        format!(r#"{{"file_path": "images/{name}", "transform_matrix": {matrix}}}"#)
    };
    let frames = [frame("a \\\"NaN\\\".png", "1"), frame("b.png", "NaN"), frame("c.png", "-Infinity")].join(", ");
    fs::write(&path, format!(r#"{{"camera_angle_x": 1.0, "frames": [{frames}]}}"#)).expect("written");
    for path in [path.as_path(), dir.path()] {
        let known = KnownCameras::read(path).expect("one is whole");
        let camera = known.of(Path::new("/p/a \"NaN\".png")).expect("a camera");
        assert!(camera.camera_from_world.camera_centre().abs_diff_eq(glam::Vec3::new(1.0, 2.0, 3.0), 1e-6));
        let [remark] = known.remarks() else { panic!("{:?}", known.remarks()) };
        assert!(remark.starts_with("transforms.json: of 2 photos the camera has a transform_matrix that is no matrix"));
        assert!(remark.ends_with(": images/b.png, images/c.png"), "{remark}");
    }
}

#[test]
fn lenses_have_all_their_numbers_and_what_is_newer_is_said_to_be() {
    let dir = model(
        "# Number of cameras: 4\n1 OPENCV 640 480 500 510 320.5 241 -0.1 0.01 0.001 -0.002\n2 EUCM 640 480 1 1 1 1 1 1\n\
         3 OPENCV_FISHEYE 640 480 200 200 320 240 0 0 0 0\n4 SIMPLE_RADIAL 640 480 500 320 240 -0.01\n",
        "# Number of images: 72, mean observations per image: 8.5\n1 1 0 0 0 0 0 0 1 a.jpg\n2 1 0 0 0 1 0 0 2 b.jpg\n\
         3 1 0 0 0 2 0 0 3 c.jpg\n4 1 0 0 0 3 0 0 4 d.jpg\n5 1 0 0 0 3 0 0 9 e.jpg\n",
    );
    for path in [dir.path().to_owned(), dir.path().join("images.txt")] {
        let known = KnownCameras::read(&path).expect("some are whole");
        let a = known.of(Path::new("a.jpg")).expect("a camera");
        let lens = a.intrinsics_of([640, 480]);
        assert_eq!([lens.fx, lens.fy, lens.cx, lens.cy], [500.0, 510.0, 320.5, 241.0]);
        assert_eq!((a.distortion.radial[..2].to_vec(), a.distortion.tangential), (vec![-0.1, 0.01], [-0.002, 0.001]));
        assert!(known.of(Path::new("d.jpg")).is_some());
        let remarks = known.remarks();
        assert_eq!(
            remarks[0],
            "images.txt: the camera of b.jpg has a lens of the model EUCM, which is newer than this Fathom knows"
        );
        assert!(remarks[1].contains("c.jpg sees 183° across") && remarks[1].contains("120°"), "{remarks:?}");
        assert_eq!(remarks[2], "images.txt: the camera of e.jpg has the lens 9, which is missing");
        assert_eq!(remarks[3], "images.txt: it says that it lists 72 images, and lists 5");
        assert!(remarks[4].contains("the lenses of 2 photos distort") && remarks[4].contains("px at a corner"));
        assert_eq!(remarks.len(), 5, "{remarks:?}");
    }
}
