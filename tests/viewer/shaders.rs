//! Every WGSL file is part of a shader, and every shader is valid without optional features.
#![allow(clippy::expect_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;

use fathom::render::Shader;
use naga::valid::{Capabilities, ValidationFlags, Validator};

fn files() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("shaders");
    let entries = fs::read_dir(&folder).expect("the shaders folder");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    paths
        .filter(|path| path.extension().is_some_and(|e| e == "wgsl"))
        .map(|path| (path.display().to_string(), fs::read_to_string(&path).expect("a text")))
        .collect()
}

#[test]
fn every_file_is_part_of_a_shader() {
    let files = files();
    assert!(!files.is_empty(), "no shader in shaders/");
    for (path, text) in files {
        let used = Shader::ALL.iter().any(|shader| shader.source().contains(text.trim()));
        assert!(used, "{path} is in no shader of src/render/shader.rs");
        assert!(text.starts_with("// "), "{path} does not say in its first line what it is for");
    }
}

#[test]
fn every_shader_is_valid() {
    for shader in Shader::ALL {
        let source = shader.source();
        let module = naga::front::wgsl::parse_str(&source)
            .unwrap_or_else(|e| panic!("{}: {}", shader.label(), e.emit_to_string(&source)));
        let valid = Validator::new(ValidationFlags::all(), Capabilities::empty()).validate(&module);
        if let Err(error) = valid {
            panic!("{}: {}", shader.label(), error.emit_to_string(&source));
        }
        assert!(!module.entry_points.is_empty(), "{} has no entry", shader.label());
    }
}
