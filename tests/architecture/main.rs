//! The house stays as ARCHITECTURE.md draws it: who may refer to whom, and which crate lives in which room.
// A test may stop at the first surprise.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod rings;
mod samples;
mod source;

use std::path::{Path, PathBuf};

use rings::{Source, rings};
use source::{climbs, lines_using_crate, lines_with_word, references, without_comments_and_literals, without_tests};

/// Each room, and what it may refer to. `room::Item` allows that one item of the room.
const ARROWS: &[(&str, &[&str])] = &[
    ("geometry", &[]),
    ("memory", &[]),
    ("input", &["geometry"]),
    ("model", &["geometry"]),
    ("hub", &["memory::shown_bytes"]),
    ("catalog", &["model::Preset", "model::Da2Output", "hub"]),
    ("inference", &["geometry", "input", "model", "catalog", "memory"]),
    ("matching", &["input", "model", "inference::WeightFile"]),
    (
        "sfm",
        &[
            "geometry",
            "input",
            "matching",
            "inference",
            "memory::shown_bytes",
            "model::ModelError",
            "model::Step",
            "model::Watch",
        ],
    ),
    ("worker", &["geometry", "input", "model", "catalog", "memory", "inference", "sfm"]),
    ("scene", &["geometry", "input", "inference"]),
    ("render", &["geometry", "input::ViewId", "inference", "scene"]),
    ("export", &["geometry", "input", "catalog", "inference", "scene"]),
    ("reopen", &["geometry", "input", "inference", "export::RunNotes", "export::PhotoFile"]),
    ("session", &["geometry", "input", "inference", "export", "reopen"]),
    ("examples", &["geometry", "input", "inference", "export"]),
    (
        "app",
        &[
            "geometry",
            "memory",
            "input",
            "hub",
            "catalog",
            "inference",
            "worker",
            "scene",
            "render",
            "export",
            "session",
            "examples",
        ],
    ),
    (
        "cli",
        &[
            "geometry",
            "memory",
            "input",
            "hub",
            "catalog",
            "inference",
            "worker",
            "scene",
            "render",
            "export",
            "session",
            "examples",
            "sfm",
            "app::run_window",
        ],
    ),
];

/// Crates that stay in some rooms, so that the others can be read and tested without knowing them.
const CRATES: &[(&[&str], &[&str])] = &[
    (&["candle_core", "candle_nn", "gemm"], &["model", "inference"]),
    (&["egui", "eframe", "egui_plot", "egui_wgpu", "egui_kittest", "rfd"], &["app"]),
    (&["wgpu"], &["model", "render", "app"]),
    (&["ureq"], &["hub"]),
];

/// Folders and files that may hold `unsafe`.
const UNSAFE: &[&str] = &["src/model/kernels", "src/model/gpu/kernels"];

/// A file that is longer does more than one thing.
const MOST_LINES: usize = 400;

/// One source file.
struct File {
    /// From the repository's root, with `/`.
    path: String,
    text: String,
}

impl File {
    /// The room the file stands in; `main` and `lib` for the two files outside all rooms.
    fn room(&self) -> &str {
        let inside = self.path.strip_prefix("src/").unwrap_or(&self.path);
        inside.split('/').next().unwrap_or(inside).trim_end_matches(".rs")
    }

    /// How many `super::` lead from the file's top level to the root of the crate.
    fn depth(&self) -> usize {
        let below = self.path.matches('/').count();
        if self.path.ends_with("/mod.rs") { below - 1 } else { below }
    }

    /// True for a file that is compiled into tests only.
    fn is_test(&self) -> bool {
        self.path.ends_with("/tests.rs") || self.path.contains("/tests/")
    }

    fn bare(&self) -> String {
        without_comments_and_literals(&self.text)
    }

    /// What ends up in the program: no comments, no literals, no tests.
    fn program(&self) -> String {
        if self.is_test() { String::new() } else { without_tests(&self.bare()) }
    }
}

/// References that the arrows forbid. Tests may look further: they compare rooms with each other.
fn wrong_arrows(file: &File) -> Vec<String> {
    let program = file.program();
    let allowed = match file.room() {
        "lib" | "main" => return Vec::new(),
        room => match ARROWS.iter().find(|(name, _)| *name == room) {
            Some((_, allowed)) => allowed,
            None => return vec![format!("{}: the room `{room}` is not in the table of arrows", file.path)],
        },
    };
    let fits = |path: &[String]| {
        let room = &path[0];
        let item = path.get(1).map(|item| format!("{room}::{item}"));
        room == file.room()
            || !is_room(room)
            || allowed.contains(&room.as_str())
            || item.is_some_and(|item| allowed.contains(&item.as_str()))
    };
    let direct = references(&program, "crate").into_iter().filter(|reference| !fits(&reference.path));
    let mut wrong: Vec<String> = direct
        .map(|reference| {
            let target = reference.path.join("::");
            format!("{}:{}: `{}` must not refer to crate::{target}", file.path, reference.line, file.room())
        })
        .collect();
    let climbing = climbs(&program).into_iter().filter(|(_, ups, name)| *ups >= file.depth() && is_room(name));
    wrong.extend(climbing.map(|(line, _, name)| {
        format!("{}:{line}: other rooms are named from the root: crate::{name}, not super::…", file.path)
    }));
    wrong
}

fn is_room(name: &str) -> bool {
    ARROWS.iter().any(|(room, _)| *room == name)
}

/// Crates used outside their rooms.
fn strayed_crates(file: &File) -> Vec<String> {
    let program = file.program();
    let mut wrong = Vec::new();
    for (names, rooms) in CRATES {
        if rooms.contains(&file.room()) {
            continue;
        }
        for name in *names {
            wrong.extend(lines_using_crate(&program, name).into_iter().map(|line| {
                format!("{}:{line}: `{name}` belongs in {}, not in `{}`", file.path, rooms.join(" and "), file.room())
            }));
        }
    }
    wrong
}

/// `unsafe` outside its rooms, and `unsafe` without a reason close above it.
fn unexplained_unsafe(file: &File) -> Vec<String> {
    let at_home = UNSAFE.iter().any(|home| file.path.starts_with(home));
    let lines: Vec<&str> = file.text.lines().collect();
    let explained = |line: usize| {
        let above = lines[line.saturating_sub(6)..line].join("\n");
        above.contains("SAFETY:") || above.contains("# Safety")
    };
    let found = lines_with_word(&file.bare(), "unsafe");
    let wrong = found.into_iter().filter(|&line| !at_home || !explained(line));
    wrong
        .map(|line| format!("{}:{line}: `unsafe` stays in {UNSAFE:?}, each with its SAFETY comment", file.path))
        .collect()
}

/// What a stranger stumbles over: no purpose in the first line, too long, `unwrap` in the program.
fn untidiness(file: &File) -> Vec<String> {
    let mut wrong = Vec::new();
    if file.room() != "main" && !file.is_test() && !file.text.starts_with("//! ") {
        wrong.push(format!("{}: the first line is not a `//!` sentence of purpose", file.path));
    }
    let lines = file.text.lines().count();
    if lines > MOST_LINES {
        wrong.push(format!("{}: {lines} lines, more than {MOST_LINES}: which part is a file of its own?", file.path));
    }
    let program = file.program();
    let unwraps = program.lines().enumerate().filter(|(_, line)| line.contains(".unwrap()"));
    wrong.extend(unwraps.map(|(i, _)| format!("{}:{}: unwrap() outside tests", file.path, i + 1)));
    wrong
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn house() -> Vec<File> {
    let paths: Vec<PathBuf> = walkdir::WalkDir::new(root().join("src"))
        .into_iter()
        .map(|entry| entry.unwrap().into_path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .collect();
    assert!(paths.len() > 20, "only {} source files: was src moved?", paths.len());
    let read = |path: PathBuf| {
        let inside = path.strip_prefix(root()).unwrap().to_str().unwrap().replace('\\', "/");
        File { path: inside, text: std::fs::read_to_string(&path).unwrap() }
    };
    paths.into_iter().map(read).collect()
}

/// Runs one rule over the whole house.
fn holds(rule: fn(&File) -> Vec<String>) {
    let wrong: Vec<String> = house().iter().flat_map(rule).collect();
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

#[test]
fn arrows_point_one_way() {
    holds(wrong_arrows);
}

/// Files as [`rings`] reads them.
fn sources(files: &[File]) -> Vec<Source> {
    let inside = |file: &File| file.path.strip_prefix("src/").unwrap_or(&file.path).to_owned();
    files.iter().map(|file| Source { path: inside(file), program: file.program() }).collect()
}

#[test]
fn files_of_a_room_do_not_know_each_other_in_rings() {
    let found: Vec<String> = rings(&sources(&house())).iter().map(|ring| ring.join(", ")).collect();
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
}

#[test]
fn crates_stay_in_their_rooms() {
    holds(strayed_crates);
}

#[test]
fn unsafe_stays_in_the_kernels_and_says_why() {
    holds(unexplained_unsafe);
}

#[test]
fn files_are_tidy() {
    holds(untidiness);
}

#[test]
fn the_table_names_the_rooms_that_exist_and_has_no_circle() {
    let library = std::fs::read_to_string(root().join("src/lib.rs")).unwrap();
    let mut declared: Vec<&str> =
        library.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';')).collect();
    let mut named: Vec<&str> = ARROWS.iter().map(|(room, _)| *room).collect();
    // Each room refers only to rooms above it in the table, so a walk along the arrows always ends.
    for (i, (room, allowed)) in ARROWS.iter().enumerate() {
        for target in *allowed {
            let target = target.split("::").next().unwrap();
            assert!(named[..i].contains(&target), "`{room}` refers to `{target}`, which does not stand above it");
        }
    }
    declared.sort_unstable();
    named.sort_unstable();
    assert_eq!(declared, named);
}

#[test]
fn the_document_draws_the_same_arrows() {
    let document = std::fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    for (room, allowed) in ARROWS {
        let drawn = if allowed.is_empty() { "nothing".into() } else { format!("`{}`", allowed.join("`, `")) };
        let row = format!("| `{room}` | {drawn} |");
        assert!(document.contains(&row), "ARCHITECTURE.md lacks the row\n{row}");
    }
}
