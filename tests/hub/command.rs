//! `fathom models` as a person or a script uses it.

use std::fs;
use std::path::Path;

use crate::machine::{CONFIG, MODEL, Machine};
use crate::server::{Answer, COMMIT, Repo, Server};

fn repo() -> Repo {
    Repo::of(70_000, CONFIG)
}

fn machine() -> (Server, Machine) {
    let server = Server::honest(repo());
    let machine = Machine::new(&server.endpoint);
    (server, machine)
}

fn row<'a>(list: &'a str, id: &str) -> &'a str {
    list.lines().find(|line| line.starts_with(&format!("{id} "))).unwrap()
}

#[test]
fn a_model_is_fetched_listed_verified_and_removed() {
    let (server, machine) = machine();
    let list = machine.fathom(&["models"]);
    assert!(row(&list.out, MODEL).ends_with("  no"), "{}", list.out);
    assert_eq!(list.out, machine.fathom(&["models", "list"]).out);
    assert_eq!(machine.fathom(&["models", "path", MODEL]).code, 1);

    let got = machine.fathom(&["models", "get", MODEL]);
    let place = machine.snapshot("model.safetensors");
    assert_eq!((got.code, got.out.trim_end()), (0, place.to_str().unwrap()), "{}", got.err);
    assert!(got.err.contains("licence Apache-2.0"), "{}", got.err);
    assert_eq!(fs::read(&place).unwrap(), repo().weights);

    let asked = server.asked().len();
    let again = machine.fathom(&["models", "get", MODEL, "--quiet"]);
    assert_eq!((again.code, again.out.as_str(), again.err.as_str()), (0, "", ""));
    assert_eq!(server.asked().len(), asked);
    assert_eq!(machine.fathom(&["models", "path", MODEL]).out, got.out);
    assert!(row(&machine.fathom(&["models"]).out, MODEL).ends_with("  yes"));

    let verified = machine.fathom(&["models", "verify"]);
    let models = verified.out.lines().filter(|line| !line.starts_with(' '));
    assert_eq!((verified.code, models.count()), (0, 2), "{verified:?}");
    assert!(verified.out.contains(&repo().digest()) && verified.sentence().contains("Fathom knows none of its own"));
    assert!(verified.out.starts_with("da2-small: part of the program"));

    let removed = machine.fathom(&["models", "rm", MODEL]);
    assert_eq!(removed.code, 0, "{}", removed.err);
    assert!(removed.out.contains("70 kB") && !place.exists(), "{}", removed.out);
    assert_eq!(machine.fathom(&["models", "rm", MODEL]).code, 1);
}

#[test]
fn damage_is_found() {
    let (_server, machine) = machine();
    assert_eq!(machine.fathom(&["models", "get", MODEL]).code, 0);
    let mut bytes = repo().weights;
    bytes[1] ^= 1;
    fs::write(machine.blob(&repo().digest()), bytes).unwrap();
    let verified = machine.fathom(&["models", "verify", MODEL, "--quiet"]);
    assert_eq!((verified.code, verified.out.as_str()), (1, ""));
    assert!(verified.err.contains("expected") && verified.err.contains(&repo().digest()), "{}", verified.err);
    let absent = machine.fathom(&["models", "verify", "da3-small"]);
    assert!(absent.code == 1 && absent.err.contains("fathom models get da3-small"), "{absent:?}");
}

#[test]
fn a_repository_of_another_model_is_refused_before_its_weights_come() {
    let server = Server::honest(Repo::of(70_000, &CONFIG.replace("20}", "80}")));
    let machine = Machine::new(&server.endpoint);
    let got = machine.fathom(&["models", "get", MODEL]);
    assert!(got.code == 1 && got.err.contains("up to 80 m") && got.err.contains("up to 20 m"), "{}", got.err);
    assert!(server.ranges().is_empty() && got.out.is_empty());
}

#[test]
fn a_pinned_model_is_fetched_at_its_commit_and_nothing_else_is_taken_for_it() {
    let server = Server::honest(Repo::of(70_000, r#"{"model_name": "da3-small"}"#));
    let machine = Machine::new(&server.endpoint);
    let got = machine.fathom(&["models", "get", "da3-small"]);
    assert!(got.code == 1 && got.err.contains("364492e38a3a"), "{}", got.err);
    let at_its_commit = "/depth-anything/DA3-SMALL/resolve/e08cab65ca0ec38e7826075418411ab90cab4da3/config.json";
    assert_eq!(server.asked()[0].path, at_its_commit);
    assert!(server.ranges().is_empty(), "the hub itself says that it has something else");
}

#[test]
fn what_cannot_be_done_is_said_in_exit_codes_and_on_stderr() {
    let (server, mut machine) = machine();
    for arguments in [&["models", "get", "da9"][..], &["models", "get"], &["models", "frob"], &["models", "path"]] {
        assert_eq!(machine.fathom(arguments).code, 2, "{arguments:?}");
    }
    let built_in = machine.fathom(&["models", "rm", "da2-small"]);
    assert!(built_in.code == 1 && built_in.err.contains("part of the program"));
    machine.variables.push(("HF_HUB_OFFLINE", "1".into()));
    let offline = machine.fathom(&["models", "get", MODEL]);
    assert!(offline.code == 1 && offline.err.contains("HF_HUB_OFFLINE"), "{}", offline.err);
    assert!(server.asked().is_empty());
}

#[test]
fn a_closed_door_says_how_to_open_it() {
    let server = Server::start(|_, _| Answer::status(403).with("Content-Length", 0));
    let mut machine = Machine::new(&server.endpoint);
    let denied = machine.fathom(&["models", "get", "da2-base"]);
    assert!(denied.code == 1 && denied.err.contains("HF_TOKEN"), "{}", denied.err);
    fs::create_dir_all(machine.folder("hf")).unwrap();
    fs::write(machine.folder("hf/token"), "hf_from_login\n").unwrap();
    machine.fathom(&["models", "get", "da2-base"]);
    machine.variables.push(("HF_TOKEN", "hf_from_variable".into()));
    machine.fathom(&["models", "get", "da2-base"]);
    let tokens: Vec<_> = server.asked().iter().map(|asked| asked.headers.get("authorization").cloned()).collect();
    assert_eq!(tokens, [None, Some("Bearer hf_from_login".into()), Some("Bearer hf_from_variable".into())]);
}

#[test]
fn a_proxy_is_used_and_named_when_it_fails() {
    let server = Server::honest(repo());
    let mut machine = Machine::new("http://hub.invalid");
    machine.variables.push(("HTTP_PROXY", server.endpoint.clone()));
    let got = machine.fathom(&["models", "get", MODEL]);
    assert!(
        server.asked().iter().all(|asked| asked.through.as_deref() == Some("hub.invalid:80")),
        "{:?}",
        server.asked()
    );
    assert_eq!(got.code, 0, "{}", got.err);
    machine.variables.push(("HTTP_PROXY", "http://127.0.0.1:1".into()));
    let failed = machine.fathom(&["models", "get", "da2-base"]);
    assert!(
        failed.code == 1 && failed.err.contains("127.0.0.1:1") && failed.err.contains("NO_PROXY"),
        "{}",
        failed.err
    );
}

fn put(path: &Path, content: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
}

#[test]
fn what_a_person_has_put_there_comes_first_and_stays() {
    let (_server, machine) = machine();
    machine.fathom(&["models", "get", MODEL]);
    let placed = machine.folder("models").join(MODEL).join("model.safetensors");
    put(&placed, "mine");
    assert_eq!(machine.fathom(&["models", "path", MODEL]).out.trim_end(), placed.to_str().unwrap());
    let verified = machine.fathom(&["models", "verify", MODEL]);
    assert!(verified.code == 0 && verified.sentence().contains("not verified"), "{verified:?}");

    let removed = machine.fathom(&["models", "rm", MODEL]);
    assert!(removed.code == 1 && removed.err.contains("--force") && placed.exists(), "{removed:?}");
    assert!(!machine.snapshot("model.safetensors").exists(), "what was fetched is gone");
    assert_eq!(machine.fathom(&["models", "rm", MODEL, "--force"]).code, 0);
    assert!(!placed.exists());

    // A pinned model must be the published one, and its config.json must be its own.
    let placed = machine.folder("models/da3-mono-large/model.safetensors");
    put(&placed, "mine");
    assert_eq!(machine.fathom(&["models", "verify", "da3-mono-large"]).code, 1);
    put(&placed.with_file_name("config.json"), r#"{"model_name": "da3metric-large"}"#);
    let verified = machine.fathom(&["models", "verify", "da3-mono-large"]);
    assert!(verified.code == 1 && verified.err.contains("is for da3metric-large"), "{}", verified.err);
    put(&machine.folder("photo.jpg"), "");
    let (photo, out) = (machine.folder("photo.jpg"), machine.folder("out"));
    let depth = ["depth", photo.to_str().unwrap(), "--out", out.to_str().unwrap(), "--model", "da3-mono-large"];
    let run = machine.fathom(&depth);
    assert!(run.code == 1 && run.err.contains("is for da3metric-large"), "{}", run.err);
}

#[cfg(unix)]
#[test]
fn what_python_tools_have_fetched_is_found() {
    let machine = Machine::new("http://127.0.0.1:1");
    let folder = machine.folder("hf/hub/models--depth-anything--DA3-BASE");
    let theirs = folder.join("snapshots").join(COMMIT).join("model.safetensors");
    let digest = repo().digest();
    fs::create_dir_all(folder.join("blobs")).unwrap();
    fs::write(folder.join("blobs").join(&digest), repo().weights).unwrap();
    fs::create_dir_all(theirs.parent().unwrap()).unwrap();
    std::os::unix::fs::symlink(format!("../../blobs/{digest}"), &theirs).unwrap();
    put(&folder.join("refs/main"), COMMIT);
    assert_eq!(machine.fathom(&["models", "path", "da3-base"]).out.trim_end(), theirs.to_str().unwrap());
    let verified = machine.fathom(&["models", "verify", "da3-base"]);
    assert!(verified.code == 0 && verified.sentence().contains("not of the revision that Fathom pins"), "{verified:?}");
}

#[test]
fn a_run_without_weights_says_how_to_fetch_them() {
    let machine = Machine::new("http://127.0.0.1:1");
    let photo = machine.folder("photo.png");
    image::RgbImage::new(64, 48).save(&photo).unwrap();
    let out = machine.folder("out");
    let run =
        machine.fathom(&["depth", photo.to_str().unwrap(), "--out", out.to_str().unwrap(), "--model", "da3-base"]);
    assert!(run.code == 1 && run.err.contains("fathom models get da3-base"), "{}", run.err);
}
