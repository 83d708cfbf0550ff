//! Files that show the photos themselves: COLMAP models and transforms.json with the photos beside them, whose cameras see them so,
//! and pictures at the photo's size.
#![allow(clippy::expect_used, reason = "a failed expectation is a failed test")]

use std::fs;
use std::path::Path;
use std::sync::Arc;

use fathom::examples::synthetic;
use fathom::export::{ExportError, Format, Options, RunNotes, export_all, remarks};
use fathom::geometry::{BentLens, Distortion, Intrinsics, Projection, Rigid, Straightening};
use fathom::inference::{PhotoPart, Prediction, ViewPrediction};
use fathom::input::{KnownCamera, KnownCameras, Turn, ViewId, straighten};
use fathom::scene::Filters;
use image::{DynamicImage, RgbImage};

const SIZE: [u32; 2] = [112, 84];
const LENS: Intrinsics = Intrinsics { fx: 100.0, fy: 101.0, cx: 57.0, cy: 41.0 };

fn lens() -> BentLens {
    let radial = Distortion::radial(Projection::Pinhole, &[-0.3, 0.05]);
    BentLens { intrinsics: LENS, distortion: Distortion { tangential: [0.002, -0.001], ..radial } }
}

fn straightening() -> Straightening {
    Straightening::new(LENS, lens().distortion, SIZE).expect("a usual lens")
}

/// A photo in `folder` and what a run gave for its straight picture.
fn view(folder: &Path, index: usize, name: &str) -> ViewPrediction {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().expect("a folder")).expect("space");
    let scene = synthetic::render(index, SIZE[0], SIZE[1]);
    scene.image.save(&path).expect("space");
    let mut view = scene.into_prediction(ViewId(index as u64), path);
    (view.photo_size, view.photo_part) = (SIZE, PhotoPart::whole(SIZE));
    (view.camera.intrinsics, view.bent) = (straightening().straight, Some(lens()));
    view
}

fn export(views: Vec<ViewPrediction>, out: &Path, change: impl Fn(&mut Options)) -> Result<(), ExportError> {
    let views = views.into_iter().map(Arc::new).collect();
    let prediction = Prediction { model: "Test".into(), views, ..Prediction::default() };
    let formats = [Format::Colmap, Format::ColmapText, Format::Transforms, Format::Ply].into();
    let mut options = Options { formats, filters: Filters::NONE, ..Options::default() };
    change(&mut options);
    export_all(&prediction, out, &RunNotes::default(), &options).map(drop)
}

/// The camera of a photo in every file that was written.
fn cameras(out: &Path, name: &str) -> Vec<KnownCamera> {
    let text = out.join("text");
    fs::create_dir(&text).expect("space");
    for file in ["cameras.txt", "images.txt"] {
        fs::copy(out.join("sparse/0").join(file), text.join(file)).expect("written");
    }
    let read = |path: &Path| {
        let known = KnownCameras::read(path).expect("cameras");
        *known.of(Path::new(name)).expect("of the photo")
    };
    vec![read(&out.join("sparse/0")), read(&text), read(&out.join("transforms.json"))]
}

fn is_near(a: &Intrinsics, b: &Intrinsics) -> bool {
    [a.fx - b.fx, a.fy - b.fy, a.cx - b.cx, a.cy - b.cy].iter().all(|off| off.abs() < 1e-3)
}

fn is_same_place(a: &Rigid, b: &Rigid) -> bool {
    a.rotation.abs_diff_eq(b.rotation, 1e-5) && a.translation.abs_diff_eq(b.translation, 1e-4)
}

#[test]
fn photos_beside_cameras_are_what_the_cameras_see() {
    let dir = tempfile::tempdir().expect("a folder");
    let views = || vec![view(dir.path(), 0, "p/a/x y.png"), view(dir.path(), 1, "p/b/x y.png")];
    let stored = |view: &ViewPrediction| image::open(&view.path).expect("a photo").into_rgb8();

    let straight = dir.path().join("straight");
    export(views(), &straight, |options| options.images = true).expect("space");
    for (view, name) in views().iter().zip(["a/x_y.png", "b/x_y.png"]) {
        let picture = image::open(straight.join("images").join(name)).expect("beside its camera").into_rgb8();
        assert!(picture == straighten(&stored(view), &straightening()), "{name}");
    }
    for camera in cameras(&straight, "b/x_y.png") {
        assert!(camera.distortion.is_none() && is_near(&camera.intrinsics, &straightening().straight), "{camera:?}");
        assert!(is_same_place(&camera.camera_from_world, &views()[1].camera.camera_from_world));
    }
    let transforms = fs::read_to_string(straight.join("transforms.json")).expect("written");
    assert!(transforms.contains("\"images/a/x_y.png\"") && transforms.contains("\"ply_file_path\": \"scene.ply\""));

    let taken = dir.path().join("taken");
    export(views(), &taken, |options| (options.images, options.as_taken) = (true, true)).expect("space");
    for (view, name) in views().iter().zip(["a/x_y.png", "b/x_y.png"]) {
        let [copy, file] =
            [taken.join("images").join(name), view.path.clone()].map(|path| fs::read(path).expect("there"));
        assert!(copy == file, "{name}");
    }
    for camera in cameras(&taken, "a/x_y.png") {
        assert!(is_near(&camera.intrinsics, &LENS), "{camera:?}");
        assert_eq!(camera.distortion, lens().distortion);
    }
    // Without the photos the file speaks of where they are.
    let alone = dir.path().join("alone");
    export(views(), &alone, |_| ()).expect("space");
    assert!(!alone.join("images").exists());
    assert!(fs::read_to_string(alone.join("transforms.json")).expect("written").contains("\"../p/a/x y.png\""));
}

#[test]
fn files_at_the_photos_size_show_the_photo() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut photo = view(dir.path(), 0, "a.png");
    let stored = image::open(&photo.path).expect("a photo").into_rgb8();
    // The network saw less of it, and nothing of its left half.
    photo.photo_part = PhotoPart { left: 56.0, top: 0.0, width: 56.0, height: 84.0 };
    (photo.width, photo.height) = (28, 42);
    (photo.depth, photo.image) = (vec![2.0; 28 * 42], RgbImage::new(28, 42));
    let straight = straighten(&stored, &straightening());
    let formats = [Format::Exr, Format::MeshObj];
    let shown = |out: &Path| image::open(out.join("0000_a_depth.exr")).expect("an EXR").into_rgb32f();
    let linear = |value: u8| (f32::from(value) / 255.0 + 0.055) / 1.055;
    for (is_taken, expected) in [(false, &straight), (true, &stored)] {
        let out = dir.path().join(format!("out {is_taken}"));
        export(vec![photo.clone()], &out, |options| {
            options.formats = formats.into();
            (options.full_size, options.as_taken) = (true, is_taken);
        })
        .expect("space");
        let picture = shown(&out);
        assert_eq!(picture.dimensions(), (112, 84));
        for (pixel, expected) in picture.pixels().zip(expected.pixels()) {
            let off = pixel.0.iter().zip(expected.0).filter(|&(_, value)| value > 10);
            assert!(off.into_iter().all(|(&lit, value)| (lit.powf(1.0 / 2.4) - linear(value)).abs() < 2e-3));
        }
        let texture = image::open(out.join("mesh/0000_a.jpg")).expect("a texture").into_rgb8();
        assert_eq!(texture.dimensions(), (56, 84));
        let off = |(x, y): (u32, u32)| {
            let [a, b] = [texture.get_pixel(x, y), straight.get_pixel(56 + x, y)];
            a.0.iter().zip(b.0).map(|(a, b)| f64::from(a.abs_diff(b))).sum::<f64>() / 3.0
        };
        let places = (0..84).flat_map(|y| (0..56).map(move |x| (x, y)));
        assert!(places.map(off).sum::<f64>() / (56.0 * 84.0) < 4.0, "a JPEG of the same picture");
    }

    // Without the photo there is its depth, and that is said.
    fs::remove_file(&photo.path).expect("there");
    let out = dir.path().join("gone");
    export(vec![photo], &out, |options| (options.formats, options.full_size) = (formats.into(), true)).expect("space");
    let summary = fs::read_to_string(out.join("summary.json")).expect("written");
    for said in ["0000_a_depth.exr has depth and no colours", "mesh/0000_a.obj shows no more than the network saw"] {
        assert!(summary.contains(said), "{said}");
    }
}

#[test]
fn a_turned_photo_is_stored_as_its_camera_sees_it() {
    let dir = tempfile::tempdir().expect("a folder");
    // Shown upright it is 84 wide and 112 high; stored it lies on its side.
    let mut turned = view(dir.path(), 0, "a.tiff");
    turned.bent = None;
    turned.photo_turn = Turn { is_mirrored: false, quarters: 1 };
    let [width, height] = [SIZE[1], SIZE[0]];
    let upright = synthetic::render(0, width, height);
    // The TIFF has no orientation; the picture that it shows is the upright one.
    upright.image.save(&turned.path).expect("space");
    let shown = upright.image.clone();
    turned = ViewPrediction {
        path: turned.path,
        photo_turn: turned.photo_turn,
        ..upright.into_prediction(ViewId(0), "".into())
    };
    let out = dir.path().join("out");
    let (expected, w2c) = (turned.camera.intrinsics, turned.camera.camera_from_world);
    export(vec![turned], &out, |options| options.images = true).expect("space");
    // Trainers read no TIFF.
    let picture = image::open(out.join("images/a.jpg")).expect("a picture").into_rgb8();
    let back = (0..3).fold(DynamicImage::ImageRgb8(shown), |image, _| image.rotate90()).into_rgb8();
    assert_eq!(picture.dimensions(), (SIZE[0], SIZE[1]));
    assert!(difference(&picture, &back) < 4.0, "{}", difference(&picture, &back));
    for camera in cameras(&out, "a.jpg") {
        let right = camera.upright(SIZE, Turn { is_mirrored: false, quarters: 1 }).expect("not mirrored").camera;
        assert!(is_near(&right.intrinsics, &expected), "{right:?} {expected:?}");
        assert!(is_same_place(&right.camera_from_world, &w2c));
    }
}

fn difference(a: &RgbImage, b: &RgbImage) -> f64 {
    let off: u64 = a.as_raw().iter().zip(b.as_raw()).map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
    off as f64 / a.as_raw().len() as f64
}

#[test]
fn what_does_not_fit_is_said() {
    let dir = tempfile::tempdir().expect("a folder");
    let views = || vec![view(dir.path(), 0, "a.png")];
    let prediction = Prediction { views: views().into_iter().map(Arc::new).collect(), ..Prediction::default() };
    let remarks = |images, as_taken| {
        let options = Options { formats: [Format::Colmap].into(), images, as_taken, ..Options::default() };
        remarks(&prediction, &options).into_iter().filter(|remark| remark.contains("straight")).count()
    };
    assert_eq!([remarks(false, false), remarks(true, false), remarks(false, true)], [1, 0, 0]);

    let mut gone = views();
    fs::remove_file(&gone[0].path).expect("there");
    let error = export(gone.clone(), &dir.path().join("gone"), |options| options.images = true).expect_err("no photo");
    assert!(matches!(error, ExportError::Photo { .. }) && error.to_string().contains("a.png"), "{error}");
    // Neither format has words for every lens.
    gone[0].bent =
        Some(BentLens { distortion: Distortion::radial(Projection::Pinhole, &[0.1, 0.0, 0.0, 0.01]), ..lens() });
    for format in [Format::Colmap, Format::Transforms] {
        let change = |options: &mut Options| (options.formats, options.as_taken) = ([format].into(), true);
        let error = export(gone.clone(), &dir.path().join(format.name()), change).expect_err("no model");
        assert!(error.to_string().contains("lens of a.png"), "{error}");
    }
}
