//! Machines without a Vulkan driver, and which adapter draws: `fathom render` from outside.
//!
//! Vulkan's loader looks for drivers where the environment says; a place that does not exist hides them all.
#![allow(clippy::expect_used, reason = "a failed expectation is a failed test")]

use std::path::Path;
use std::process::{Command, Output};
use std::sync::{Arc, LazyLock};

use fathom::examples::synthetic;
use fathom::export::{Options, RunNotes, export_all};
use fathom::inference::Prediction;
use fathom::input::ViewId;
use image::RgbaImage;

const NO_VULKAN: [(&str, &str); 2] = [("VK_DRIVER_FILES", "/nonexistent"), ("VK_ICD_FILENAMES", "/nonexistent")];

/// A byte of a colour that differs by more was not only rounded.
const ROUNDING: u8 = 12;
/// Part of the pixels that may come from another sample: both compute where samples fall, and round at borders of pixels.
const OTHER_SAMPLE: f64 = 0.01;

/// The example scene, small: to draw its photos takes longer than to draw its points.
static SCENE: LazyLock<tempfile::TempDir> = LazyLock::new(|| {
    let dir = tempfile::tempdir().expect("temporary folder");
    let photo = |index| synthetic::render(index, 240, 180).into_prediction(ViewId(index as u64), "a.jpg".into());
    let prediction = Prediction { views: (0..5).map(|index| Arc::new(photo(index))).collect(), ..Default::default() };
    export_all(&prediction, dir.path(), &RunNotes::default(), &Options::default()).expect("exported");
    dir
});

fn render(out: &Path, options: &str, environment: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fathom"));
    command.arg("render").arg(SCENE.path()).args(["--size", "480x360", "--out"]).arg(out);
    command.args(options.split_whitespace());
    command.env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY");
    command.env_remove("WGPU_BACKEND").env_remove("WGPU_ADAPTER_NAME");
    command.envs(environment.iter().copied()).output().expect("the program starts")
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn picture(options: &str, environment: &[(&str, &str)]) -> RgbaImage {
    let dir = tempfile::tempdir().expect("temporary folder");
    let out = dir.path().join("picture.png");
    let output = render(&out, options, environment);
    assert_eq!(output.status.code(), Some(0), "{options}: {}", stderr(&output));
    assert_eq!(stderr(&output), "", "nothing is passed over");
    image::open(&out).expect("a PNG").into_rgba8()
}

fn failure(options: &str, environment: &[(&str, &str)]) -> (Option<i32>, String) {
    let dir = tempfile::tempdir().expect("temporary folder");
    let out = dir.path().join("picture.png");
    let output = render(&out, options, environment);
    assert!(!out.exists() && output.stdout.is_empty(), "{options} writes nothing");
    (output.status.code(), stderr(&output))
}

/// Pixels that are not of the background, which fills the upper left corner.
fn drawn(picture: &RgbaImage) -> usize {
    let background = *picture.get_pixel(0, 0);
    picture.pixels().filter(|pixel| **pixel != background).count()
}

/// Part of the pixels that differ by more than rounding.
fn difference(a: &RgbaImage, b: &RgbaImage) -> f64 {
    assert_eq!(a.dimensions(), b.dimensions());
    let differs = |(a, b): (&image::Rgba<u8>, &image::Rgba<u8>)| (0..4).any(|c| a[c].abs_diff(b[c]) > ROUNDING);
    a.pixels().zip(b.pixels()).filter(|&pair| differs(pair)).count() as f64 / a.pixels().len() as f64
}

#[test]
fn pictures_without_vulkan_are_those_with_it() {
    for options in [
        "--view camera:1 --orbit 25,20",
        "--view camera:1 --orbit 25,20 --draw surface --eye-dome 0",
        "--view camera:1 --orbit 25,20 --cameras --photos --grid --axes --views 2-4",
        // A lone photo.
        "--view camera:2 --orbit 10,5 --views 2",
        "--view camera:2 --orbit 10,5 --views 2 --colour-by normal --point-width pixels --point-size 2",
    ] {
        let vulkan = picture(options, &[]);
        let opengl = picture(options, &NO_VULKAN);
        let (expected, got) = (drawn(&vulkan), drawn(&opengl));
        assert!(expected > 30_000, "{options}: {expected} pixels of the scene");
        assert!(got.abs_diff(expected) < expected / 100, "{options}: {got} pixels, {expected} with Vulkan");
        let share = difference(&vulkan, &opengl);
        assert!(share < OTHER_SAMPLE, "{options}: {share} of the pixels differ");
    }
}

#[test]
fn backends_and_adapters_can_be_chosen() {
    let plain = picture("", &[]);
    for (options, environment) in [
        ("", ("WGPU_BACKEND", "gl")),
        ("--adapter opengl", ("WGPU_BACKEND", "")),
        // An option says more than a variable.
        ("--adapter opengl", ("WGPU_ADAPTER_NAME", "vulkan")),
        ("", ("WGPU_ADAPTER_NAME", "OpenGL")),
        ("--adapter software", ("WGPU_ADAPTER_NAME", "nobody")),
        ("--adapter auto", ("WGPU_ADAPTER_NAME", "nobody")),
    ] {
        let environment = (!environment.1.is_empty()).then_some(environment);
        let share = difference(&picture(options, environment.as_slice()), &plain);
        assert!(share < OTHER_SAMPLE, "{options} {environment:?}: {share} of the pixels differ");
    }
}

#[test]
fn a_name_of_no_adapter_is_2_and_lists_those_there_are() {
    for (options, environment) in [("--adapter voodoo", None), ("", Some(("WGPU_ADAPTER_NAME", "voodoo")))] {
        let (code, told) = failure(options, environment.as_slice());
        assert_eq!(code, Some(2), "{told}");
        for part in ["'voodoo'", ", Vulkan'", ", OpenGL'"] {
            assert!(told.contains(part), "{part} in {told}");
        }
    }
    let (code, told) = failure("--adapter vulkan", &NO_VULKAN);
    assert!(code == Some(2) && told.contains(", OpenGL'") && !told.contains(", Vulkan'"), "{told}");
}

#[test]
fn without_any_driver_there_is_no_picture_and_a_reason() {
    let hidden = [NO_VULKAN[0], NO_VULKAN[1], ("WGPU_BACKEND", "vulkan")];
    let (code, told) = failure("", &hidden);
    assert_eq!(code, Some(1), "{told}");
    assert!(told.contains("mesa-vulkan-drivers") && told.contains("WGPU_BACKEND=vulkan"), "{told}");
}
