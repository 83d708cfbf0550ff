//! What the command line prints fits, slips are answered with what was meant, errors name the option that helps, and what fails
//! leaves no folder behind.
#![allow(clippy::expect_used, reason = "a failed expectation is a failed test")]

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// Columns that lists have where no terminal says another number.
const COLUMNS: usize = 100;

/// A machine without models, with a folder to work in.
struct Place {
    dir: TempDir,
}

impl Place {
    fn new() -> Self {
        Self { dir: tempfile::tempdir().expect("a folder") }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn command<A: AsRef<OsStr>>(&self, words: &[A]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_fathom"));
        command.args(words).current_dir(self.dir.path());
        for name in ["DISPLAY", "WAYLAND_DISPLAY", "COLUMNS", "HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"] {
            command.env_remove(name);
        }
        for (name, folder) in [("HF_HOME", "hf"), ("FATHOM_MODELS", "own"), ("FATHOM_STATE", "state")] {
            command.env(name, self.path(folder));
        }
        command.env("HF_HUB_OFFLINE", "1");
        command
    }

    /// Runs words with spaces between them.
    fn run(&self, line: &str) -> Output {
        self.command(&line.split_whitespace().collect::<Vec<_>>()).output().expect("the program starts")
    }

    /// Runs what must end so, and gives its stderr.
    fn refused(&self, line: &str, code: i32) -> String {
        let output = self.run(line);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(code), "{line}: {said}");
        said
    }

    /// Runs what must succeed, and gives its stdout.
    fn told(&self, line: &str) -> String {
        let output = self.run(line);
        assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// A small photo with something on it.
    fn photo(&self, name: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        let pixel = |x: u32, y: u32| image::Rgb([(x * 7 % 256) as u8, (y * 5 % 256) as u8, (x * y % 256) as u8]);
        image::RgbImage::from_fn(64, 48, pixel).save(path).expect("written");
    }
}

fn assert_fits(what: &str, text: &str, columns: usize) {
    for line in text.lines() {
        assert!(line.chars().count() <= columns, "{what}: {} columns:\n{line}", line.chars().count());
    }
}

#[test]
fn help_of_every_command_fits() {
    let place = Place::new();
    let commands = [
        "",
        "depth",
        "render",
        "cameras",
        "refine",
        "models",
        "models list",
        "models get",
        "models verify",
        "models rm",
        "models tidy",
        "models path",
        "convert",
        "example",
        "selftest",
        "bench",
    ];
    for command in commands {
        let line = format!("{command} --help");
        assert_fits(command, &place.told(&line), COLUMNS);
        let words: Vec<&str> = line.split_whitespace().collect();
        let narrow = place.command(&words).env("COLUMNS", "80").output().expect("the program starts");
        assert_fits(command, &String::from_utf8_lossy(&narrow.stdout), 80);
    }
}

#[test]
fn lists_and_reports_fit_whatever_names_are_in_them() {
    let place = Place::new();
    let list = place.told("models");
    assert_fits("models", &list, COLUMNS);
    for entry in fathom::catalog::entries() {
        let line = list.lines().find(|line| line.starts_with(&format!("{} ", entry.id))).expect("a row");
        assert_eq!(line.contains("non-commercial"), entry.non_commercial, "{line}");
        assert!(list.contains(entry.licence), "{}", entry.licence);
    }
    let narrow = place.command(&["models"]).env("COLUMNS", "70").output().expect("the program starts");
    assert_fits("models", &String::from_utf8_lossy(&narrow.stdout), 70);
    // More than there is is not to be had.
    let wide = place.command(&["models"]).env("COLUMNS", "300").output().expect("the program starts");
    assert_eq!(String::from_utf8_lossy(&wide.stdout), list);

    // What a killed program has left of a model with a long name.
    let orphan = "hf/hub/models--depth-anything--Depth-Anything-V2-Metric-Outdoor-Large-hf/blobs".to_owned();
    fs::create_dir_all(place.path(&orphan)).expect("made");
    let blob = place.path(&orphan).join("b".repeat(64));
    fs::write(&blob, vec![0; 5000]).expect("written");
    let list = place.told("models");
    assert!(list.contains("LEFT OVER"), "{list}");
    assert_fits("models with leftovers", &list, COLUMNS);
    let words: String = list.split_whitespace().collect();
    assert!(words.contains(blob.to_str().expect("text")), "nothing of a path is lost: {list}");

    let long = format!("photos/{}.png", "a-rather-long-name-of-a-photo-".repeat(5));
    let names = ["photos/a.png", "photos/b.png", "photos/c.png", long.as_str()];
    names.iter().for_each(|name| place.photo(name));
    assert_fits("dry run", &place.told("depth photos --model da3-giant --dry-run"), COLUMNS);
    let report = place.told("depth photos --out out --resolution 56 --independent --formats depth_png,npz");
    let sentences: Vec<&str> = report.lines().filter(|line| !line.starts_with("out/")).collect();
    assert!(sentences.iter().any(|line| line.starts_with("Peak memory")), "{report}");
    assert_fits("report", &sentences.join("\n"), COLUMNS);
    // A path stands whole in its line, for scripts.
    for line in report.lines().filter(|line| line.starts_with("out/")) {
        assert!(place.path(line).is_file(), "{line}");
    }
}

#[test]
fn slips_are_answered_with_what_was_meant() {
    let place = Place::new();
    place.photo("a.png");
    for (line, meant) in [
        ("dept a.png --out out", "'fathom depth'"),
        ("dept a.png", "'fathom depth'"),
        ("redner", "'fathom render'"),
        ("modles get da3-small", "'fathom models'"),
        ("models gett da3-small", "'get'"),
        ("depth a.png --out out --resolutoin 300", "'--resolution'"),
        ("depth a.png --out out --formats npz,gbl", "'glb'"),
        ("depth a.png --out out --model da3-smal", "'da3-small'"),
        ("depth a.png --out out --lens-model da3-bsae", "'da3-base'"),
        ("depth a.png --out out --device card", "[possible values: auto, cpu, cuda, metal, gpu]"),
        ("depth a.png --out out --shapes leterbox", "'letterbox'"),
        ("depth a.png --session out.fathm", "'out.fathom'"),
        ("models get da2-smal", "'da2-small'"),
        ("models path DA3-Base", "'da3-base'"),
        ("convert --model giant --to f16 --out x.safetensors", "'da3-giant'"),
        ("bench --model da3-lage", "'da3-large'"),
        ("render example --out p.png --view fornt", "'front'"),
        ("render example --out p.png --view camera1", "'camera:1'"),
        ("ui", "'fathom' alone opens the window"),
    ] {
        let said = place.refused(line, 2);
        assert!(said.contains(meant), "{line}: {said}");
    }
    let said = place.refused("depth a.png --out out --model no-such-model", 2);
    assert!(said.contains("'fathom models' lists all") && !said.contains("did you mean"), "{said}");
    let said = place.refused("holiday.jpg", 2);
    assert!(said.contains("neither a photo") && !said.contains("Did you mean"), "{said}");
    assert!(!place.path("out").exists());
}

#[test]
fn errors_name_the_option_that_helps() {
    let place = Place::new();
    place.photo("a.png");
    place.photo("in/side/b.png");
    fs::create_dir(place.path("full")).expect("made");
    fs::write(place.path("full/notes.txt"), b"mine").expect("written");
    fs::write(place.path("there.fathom"), b"mine").expect("written");
    fs::write(place.path("bad.safetensors"), b"no weights").expect("written");
    for (line, code, parts) in [
        ("depth a.png", 2, &["--out <DIR>"][..]),
        ("depth a.png --out full", 1, &["full is not empty", "--overwrite", "--out"]),
        ("cameras a.png --out full", 1, &["--overwrite"]),
        ("example --out full", 1, &["--overwrite"]),
        ("depth a.png --session there.fathom", 1, &["--session", "--overwrite"]),
        ("depth a.png --out out --model da3-small", 1, &["fathom models get da3-small", "137 MB", "--weights"]),
        (
            "convert --model da3-giant --to f16 --out x.safetensors",
            1,
            &["models get da3-giant", "5.42 GB", "non-commercial"],
        ),
        ("models path da3-large", 1, &["fathom models get da3-large", "1.64 GB"]),
        ("depth a.png --out out --weights bad.safetensors", 1, &["(--weights)"]),
        ("depth a.png --out out --weights gone.safetensors", 1, &["(--weights)"]),
        ("depth in --out out", 1, &["--recursive"]),
        ("cameras in --out out", 1, &["--recursive"]),
        ("depth a.png --out a.png/b", 1, &["(--out)"]),
        ("depth a.png --out out --device cuda", 1, &["--device cpu"]),
        ("depth a.png --out out --cameras a.png", 2, &["--model da3-small", "--cameras"]),
        ("depth a.png --out out --formats gs_ply", 2, &["--formats", "--model"]),
        ("depth a.png --out out --export-feat 99 --formats features", 1, &["--export-feat"]),
        ("render example --out p.png --adapter no-such-card", 2, &["(--adapter)"]),
        ("render example --out f.mp4 --turntable --background transparent", 2, &["--background", "--out"]),
    ] {
        let said = place.refused(line, code);
        for part in parts {
            assert!(said.contains(part), "{line}: {part} in {said}");
        }
    }
    assert!(!place.path("out").exists());
    // Without a display the headless command is named.
    for line in ["", "a.png"] {
        let said = place.refused(line, 1);
        assert!(said.contains("no display") && said.contains("fathom depth PHOTOS… --out DIR"), "{line}: {said}");
    }
}

#[test]
fn memory_that_does_not_suffice_names_options() {
    use fathom::inference::InferenceError;
    use fathom::model::ModelError;
    use fathom::worker::Problem;
    let options = Problem::from(&InferenceError::Model(ModelError::OutOfMemory { free_bytes: 1 })).options;
    assert!(options.contains(&"--resolution") && options.contains(&"--views-per-pass"), "{options:?}");
}

/// What stands in a folder, without the program's own.
fn entries(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder").flatten();
    let mut names: Vec<String> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.retain(|name| !["hf", "own", "state"].contains(&name.as_str()));
    names.sort();
    names
}

#[test]
fn what_fails_leaves_no_folder() {
    let place = Place::new();
    place.photo("a.png");
    fs::write(place.path("broken.jpg"), b"\xff\xd8\xff\xe0 and nothing more").expect("written");
    fs::write(place.path("words.csv"), b"no, table").expect("written");
    fs::create_dir(place.path("old")).expect("made");
    let before = entries(place.dir.path());
    for line in [
        "depth gone.jpg --out x/y/z",
        "depth broken.jpg --out x/y/z",
        "depth broken.jpg --out old/y/z",
        "depth broken.jpg a.png --known-depths words.csv --out x/y",
        "depth broken.jpg --session x/y/z.fathom",
        "depth broken.jpg --out x/y --session v/w/z.fathom",
        "depth a.png --out x/y --model da3-base",
        "depth a.png --out x/y --device cuda",
        "depth a.png --out x/y --weights broken.jpg",
        "depth a.png --out a.png/y",
        "cameras a.png --out x/y/z",
        "cameras gone.jpg --out x/y/z",
        "cameras broken.jpg a.png --out x/y",
        "cameras a.png --masks nowhere --out x/y",
        "refine gone --out x/y",
        "refine a.png --out x/y --session v/w/z.fathom",
        "render gone --out x/y/frames --turntable",
    ] {
        place.refused(line, 1);
        assert_eq!(entries(place.dir.path()), before, "{line}");
        assert!(entries(&place.path("old")).is_empty(), "{line}");
    }
    // Two photos that share nothing: the results that are asked for are there, and are no scene.
    let output = place.run("refine old --out x/y");
    assert_eq!((output.status.code(), entries(place.dir.path())), (Some(1), before));
}

#[cfg(unix)]
#[test]
fn a_run_that_is_killed_at_work_leaves_no_folder() {
    use std::io::{BufRead, BufReader};
    let place = Place::new();
    image::RgbImage::new(1400, 1400).save(place.path("a.png")).expect("written");
    let mut command = place.command(&["depth", "a.png", "--out", "x/y/z", "--resolution", "1400"]);
    let mut run = command.stderr(std::process::Stdio::piped()).spawn().expect("the program starts");
    let lines = BufReader::new(run.stderr.take().expect("piped")).lines();
    let planned = lines.map_while(Result::ok).find(|line| line.starts_with("Plan"));
    assert!(planned.is_some(), "it has begun");
    run.kill().expect("killed");
    run.wait().expect("ended");
    assert_eq!(entries(place.dir.path()), ["a.png"]);
}
