//! What a stranger relies on in the repository itself: links that lead somewhere, reasons for what is large, licences
//! for what is shipped.
// A test may stop at the first surprise.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

/// Where this build, git and the program's own output live; nothing there is part of the repository.
const NOT_OURS: &[&str] = &[".git", "target", "out"];

/// A file that is larger needs its reason in the README of its folder.
const LARGE_BYTES: u64 = 2 << 20;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn files() -> Vec<PathBuf> {
    let ours = |entry: &walkdir::DirEntry| {
        entry.depth() != 1 || !NOT_OURS.iter().any(|name| entry.file_name() == std::ffi::OsStr::new(name))
    };
    let entries = walkdir::WalkDir::new(root()).into_iter().filter_entry(ours).map(Result::unwrap);
    entries.filter(|entry| entry.file_type().is_file()).map(walkdir::DirEntry::into_path).collect()
}

/// Targets of Markdown links and pictures, and of `src="…"`, that mean files of the repository.
fn local_links(markdown: &str) -> Vec<&str> {
    let inside =
        |open: &'static str, close: char| markdown.split(open).skip(1).filter_map(move |rest| rest.split(close).next());
    inside("](", ')')
        .chain(inside("src=\"", '"'))
        .chain(inside("srcset=\"", '"'))
        .filter(|target| !target.contains("://") && !target.starts_with('#') && !target.starts_with("mailto:"))
        .map(|target| target.split('#').next().unwrap())
        .collect()
}

/// Links of one document that lead nowhere.
fn dead_links(folder: &Path, markdown: &str) -> Vec<String> {
    local_links(markdown).into_iter().filter(|target| !folder.join(target).exists()).map(str::to_owned).collect()
}

#[test]
fn links_lead_somewhere() {
    let documents: Vec<PathBuf> =
        files().into_iter().filter(|path| path.extension().is_some_and(|extension| extension == "md")).collect();
    assert!(documents.contains(&root().join("README.md")));
    for document in documents {
        let dead = dead_links(document.parent().unwrap(), &read(&document));
        assert!(dead.is_empty(), "{}: these lead nowhere: {dead:?}", document.display());
    }
}

#[test]
fn a_dead_link_is_found() {
    let text = "[a](README.md#keys) [b](nowhere.md) <img src=\"none.png\"> [c](https://example.org) [d](#keys)";
    assert_eq!(dead_links(root(), text), ["nowhere.md", "none.png"]);
}

#[test]
fn what_is_large_has_a_reason() {
    for file in files() {
        let bytes = file.metadata().unwrap().len();
        if bytes <= LARGE_BYTES {
            continue;
        }
        let name = file.file_name().unwrap().to_str().unwrap();
        let reasons = std::fs::read_to_string(file.with_file_name("README.md")).unwrap_or_default();
        assert!(reasons.contains(name), "{} has {bytes} bytes and no reason in its folder's README", file.display());
    }
}

#[test]
fn every_asset_is_accounted_for() {
    let mut seen = 0;
    for file in files().into_iter().filter(|file| file.starts_with(root().join("assets"))) {
        let name = file.file_name().unwrap().to_str().unwrap();
        if name == "README.md" {
            continue;
        }
        let readme = read(file.with_file_name("README.md"));
        assert!(readme.contains(name), "{} is not in its folder's README", file.display());
        seen += 1;
    }
    assert!(seen >= 8, "only {seen} assets");
}

#[test]
fn the_built_in_weights_are_the_ones_described() {
    for name in ["depth-anything-v2-small", "xfeat", "lighterglue"] {
        let weights = std::fs::read(root().join(format!("assets/models/{name}.safetensors"))).unwrap();
        let digest: String = Sha256::digest(&weights).iter().map(|byte| format!("{byte:02x}")).collect();
        assert!(read("assets/models/README.md").contains(&digest), "the SHA-256 of {name} is {digest}");
    }
}

#[test]
fn licences_are_shipped() {
    for path in ["LICENSE", "assets/models/LICENSE"] {
        let text = read(path);
        let whole = text.contains("Version 2.0, January 2004") && text.contains("END OF TERMS AND CONDITIONS");
        assert!(whole, "{path} is not the whole text of Apache-2.0");
    }
    let terms = [
        ("UFL.txt", "UBUNTU FONT LICENCE Version 1.0"),
        ("OFL.txt", "SIL OPEN FONT LICENSE Version 1.1"),
        ("Hack-Regular.txt", "BITSTREAM VERA LICENSE"),
        ("emoji-icon-font-mit-license.txt", "Copyright (c) 2014 John Slegers"),
        ("colorous-NOTICE.txt", "ColorBrewer"),
    ];
    for (name, words) in terms {
        assert!(read(Path::new("assets/licences").join(name)).contains(words), "{name}");
    }
}

/// A newer font crate may bring other fonts: then the folder of licences wants another look.
#[test]
fn the_licences_are_those_of_the_fonts_in_use() {
    let lock = read("Cargo.lock");
    let after = lock.split("name = \"epaint_default_fonts\"\nversion = \"").nth(1).unwrap();
    let version = after.split('"').next().unwrap();
    let described = format!("`epaint_default_fonts` {version}");
    assert!(
        read("assets/licences/README.md").contains(&described),
        "assets/licences/README.md is not about {described}"
    );
}

#[test]
fn documents_and_manifest_agree() {
    let manifest = read("Cargo.toml");
    let value = |key: &str| {
        let line = manifest.lines().find_map(|line| line.strip_prefix(&format!("{key} = \""))).unwrap();
        line.trim_end_matches('"').to_owned()
    };
    assert_eq!(value("license"), "Apache-2.0");
    let version = value("version");
    assert!(read("CHANGELOG.md").contains(&format!("## [{version}]")), "CHANGELOG.md says nothing of {version}");
    let rust = value("rust-version");
    assert!(read("README.md").contains(&format!("Rust {rust}")), "README.md does not ask for Rust {rust}");
}

/// What `.cargo/config.toml` says reaches the compiler, which writes it into binaries for macOS.
#[test]
fn the_compiler_is_told_the_oldest_macos() {
    let config = read(".cargo/config.toml");
    let said = config.lines().find_map(|line| line.strip_prefix("MACOSX_DEPLOYMENT_TARGET = "));
    let said = said.expect("the oldest macOS").trim_matches('"');
    assert_eq!(option_env!("MACOSX_DEPLOYMENT_TARGET"), Some(said));
    let major: u32 = said.split('.').next().unwrap().parse().unwrap();
    let readme = read("README.md").split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(readme.contains(&format!("macOS {major} or newer")), "README.md names another macOS");
    #[cfg(target_os = "macos")]
    {
        let otool = std::process::Command::new("otool").args(["-l", env!("CARGO_BIN_EXE_fathom")]).output().unwrap();
        let told = String::from_utf8_lossy(&otool.stdout).into_owned();
        assert!(told.lines().any(|line| line.trim() == format!("minos {said}")), "another macOS in the binary");
    }
}
