//! The rules find what they are for: samples of bad code, and of good code that looks bad.

use crate::rings::rings;
use crate::source::{climbs, lines_with_word, references, without_comments_and_literals, without_tests};
use crate::{File, sources, strayed_crates, unexplained_unsafe, untidiness, wrong_arrows};

fn file(path: &str, text: &str) -> File {
    File { path: path.into(), text: text.into() }
}

fn paths(source: &str) -> Vec<String> {
    references(&without_comments_and_literals(source), "crate").into_iter().map(|found| found.path.join("::")).collect()
}

#[test]
fn use_trees_are_spelled_out() {
    let found = paths("use crate::{scene::{self, ColourMap}, worker};\nuse crate::input::*;\npub(crate) fn f() {}");
    assert_eq!(found, ["scene::self", "scene::ColourMap", "worker", "input::*"]);
    assert_eq!(paths("let x = crate::app::theme::dark::<u8>(1);"), ["app::theme::dark"]);
    assert_eq!(
        paths("use crate::model::{\n    Preset, // the names\n    vit::Vit,\n};"),
        ["model::Preset", "model::vit::Vit"]
    );
}

#[test]
fn comments_and_literals_are_not_read() {
    let quiet = [
        "// use crate::app;",
        "/* outer /* use crate::app; */ use crate::cli; */",
        "let s = \"crate::app \\\" crate::cli\";",
        "let s = r#\"crate::app \" crate::cli\"#;",
        "let s = br\"crate::app\";",
        "let c = ('\"', '\\'', '\\u{22}'); // crate::app",
    ];
    for source in quiet {
        assert_eq!(paths(source), [""; 0], "{source}");
    }
    // What follows a literal or a lifetime is read again.
    assert_eq!(
        paths("fn f<'a>(c: char) { c == '\"'; crate::app::x(\"}\"); r#type(crate::cli::y) }"),
        ["app::x", "cli::y"]
    );
    assert_eq!(without_comments_and_literals("a /*\n\n*/ b").lines().count(), 3);
}

#[test]
fn an_arrow_that_points_back_is_found() {
    let bad = [
        ("src/geometry/rigid.rs", "use crate::input::View;"),
        ("src/model/vit.rs", "use crate::inference::Settings;"),
        ("src/catalog/mod.rs", "use crate::model::{Preset, vit::Vit};"),
        ("src/render/cloud.rs", "fn f() { crate::app::theme() }"),
        ("src/app/mod.rs", "use crate::{model, scene};"),
        ("src/cli/mod.rs", "use crate::app::App;"),
        ("src/scene/mod.rs", "use super::render::Cloud;"),
        ("src/scene/points.rs", "use super::super::render;"),
        ("src/attic/mod.rs", "fn f() {}"),
        ("src/scene/a.rs", "#[cfg(test)]\nmod tests {\n}\nuse crate::render;"),
    ];
    for (path, text) in bad {
        assert_eq!(wrong_arrows(&file(path, text)).len(), 1, "{path}: {text}");
    }
    let good = [
        ("src/catalog/mod.rs", "use crate::model::Preset;"),
        ("src/cli/mod.rs", "use crate::app::run_window;"),
        ("src/scene/points.rs", "use super::render_order;\nmod tests { use super::*; }\nuse crate::scene::ColourMap;"),
        ("src/lib.rs", "pub mod app;"),
        ("src/catalog/mod.rs", "#[cfg(test)]\nmod tests { use crate::inference; }"),
        ("src/scene/tests.rs", "use crate::render;"),
    ];
    for (path, text) in good {
        assert_eq!(wrong_arrows(&file(path, text)), [""; 0], "{path}: {text}");
    }
    assert_eq!(
        wrong_arrows(&file("src/input/a.rs", "\n\nuse crate::app;")),
        ["src/input/a.rs:3: `input` must not refer to crate::app"]
    );
}

#[test]
fn climbs_are_counted() {
    assert_eq!(climbs("use super::super::scene::X;")[0], (1, 2, "scene".to_string()));
    assert_eq!(climbs("\nuse super::{a, b};"), [(2, 1, "a".to_string()), (2, 1, "b".to_string())]);
}

#[test]
fn a_strayed_crate_is_found() {
    let bad = [
        ("src/scene/mod.rs", "use candle_core::Tensor;"),
        ("src/worker/mod.rs", "fn f(ui: &mut egui::Ui) {}"),
        ("src/cli/mod.rs", "use eframe;"),
        ("src/scene/mod.rs", "struct S(wgpu::Buffer);"),
        ("src/render/mod.rs", "use egui_wgpu::Renderer;"),
    ];
    for (path, text) in bad {
        assert_eq!(strayed_crates(&file(path, text)).len(), 1, "{path}: {text}");
    }
    let good = [
        ("src/inference/mod.rs", "use candle_core::Tensor;"),
        ("src/model/gpu/card.rs", "struct S(wgpu::Device);"),
        ("src/app/mod.rs", "use egui::Ui; use eframe::wgpu::Device;"),
        ("src/scene/mod.rs", "let wgpu = 1; // egui::Ui"),
    ];
    for (path, text) in good {
        assert_eq!(strayed_crates(&file(path, text)), [""; 0], "{path}: {text}");
    }
}

#[test]
fn unsafe_needs_its_place_and_its_reason() {
    let explained = "// SAFETY: the slice is as long as the tile.\nlet x = unsafe { f() };";
    assert_eq!(unexplained_unsafe(&file("src/model/kernels/amx.rs", explained)), [""; 0]);
    assert_eq!(unexplained_unsafe(&file("src/model/kernels/amx.rs", "let x = unsafe { f() };")).len(), 1);
    assert_eq!(unexplained_unsafe(&file("src/model/gpu/kernels.rs", explained)), [""; 0]);
    assert_eq!(unexplained_unsafe(&file("src/model/gpu/card.rs", explained)).len(), 1);
    assert_eq!(unexplained_unsafe(&file("src/scene/mod.rs", explained)).len(), 1);
    assert_eq!(lines_with_word("#![deny(unsafe_code)]", "unsafe"), [0; 0]);
}

#[test]
fn untidy_files_are_found() {
    assert_eq!(untidiness(&file("src/scene/a.rs", "fn f() {}")).len(), 1);
    assert_eq!(untidiness(&file("src/scene/a.rs", &format!("//! A.\n{}", "\n".repeat(400)))).len(), 1);
    assert_eq!(
        untidiness(&file("src/scene/a.rs", "//! A.\nfn f() { g().unwrap() }")),
        ["src/scene/a.rs:2: unwrap() outside tests"]
    );
    let tested = "//! A.\nfn f() { g().unwrap_or(1); }\n#[cfg(test)]\nmod tests {\n    fn t() { g().unwrap() }\n}\n";
    assert_eq!(untidiness(&file("src/scene/a.rs", tested)), [""; 0]);
    let after = format!("{tested}fn h() {{ g().unwrap() }}");
    assert_eq!(untidiness(&file("src/scene/a.rs", &after)), ["src/scene/a.rs:7: unwrap() outside tests"]);
    assert_eq!(untidiness(&file("src/scene/tests.rs", "//! A.\nfn t() { g().unwrap() }")), [""; 0]);
    assert_eq!(without_tests("a\n#[cfg(test)]\nmod tests;\nb"), "a\n\n\nb");
}

/// The rings among these files of one room.
fn rings_of(files: &[(&str, &str)]) -> Vec<String> {
    let files: Vec<File> = files.iter().map(|(path, text)| file(&format!("src/a/{path}"), text)).collect();
    rings(&sources(&files)).iter().map(|ring| ring.join(" ")).collect()
}

#[test]
fn a_ring_is_found_however_it_is_written() {
    for (one, other) in [
        ("use super::y::Y;", "use super::x::X;"),
        ("use crate::a::y::Y;", "fn f() { super::x::f() }"),
        ("use crate::a::{z, y::{Y, self}};", "use crate::a::x;"),
        ("use super::{Passed, z::Z};", "fn f(x: &super::x::X) {}"),
    ] {
        let files = [("mod.rs", "mod x;\nmod y;\npub use y::Passed;"), ("x.rs", one), ("y.rs", other), ("z.rs", "")];
        assert_eq!(rings_of(&files), ["a/x.rs a/y.rs"], "{one} {other}");
    }
    let parent = [("mod.rs", "mod x;\nuse x::X;\npub struct Y;"), ("x.rs", "use super::Y;\npub struct X;")];
    assert_eq!(rings_of(&parent), ["a/mod.rs a/x.rs"]);
    let three = [("x.rs", "use super::y::f;"), ("y.rs", "use super::z::f;"), ("z.rs", "use super::x::f;")];
    assert_eq!(rings_of(&three), ["a/x.rs a/y.rs a/z.rs"]);
}

#[test]
fn what_is_no_ring_is_not_taken_for_one() {
    let quiet = [
        // What a room passes on is its files' own.
        ("mod.rs", "mod x;\nmod y;\npub use x::X;\npub(crate) use y::Y;"),
        ("x.rs", "use super::Y;\npub(in crate::a) struct X;\n#[cfg(test)]\nmod tests { use super::super::z::Z; }"),
        ("y.rs", "// use super::x::X;\npub struct Y; const T: &str = \"super::x::X\";"),
        ("z.rs", "use super::X;"),
    ];
    assert_eq!(rings_of(&quiet), [""; 0]);
}
