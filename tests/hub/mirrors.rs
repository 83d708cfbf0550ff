//! Mirrors: other addresses, other redirects, and headers that are missing or say something else.

use std::fs;
use std::path::Path;

use fathom::hub::{Check, HubError, RemoteFile};

use crate::machine::{CONFIG, MODEL, Machine};
use crate::server::{Answer, Asked, COMMIT, Repo, Server};
use crate::{REPO, assert_whole, fetch, hub, pinned, weights};

fn repo() -> Repo {
    Repo::of(120_000, "{}")
}

fn config() -> RemoteFile {
    RemoteFile { file: "config.json".into(), ..weights(Check::Length) }
}

fn branch(check: Check) -> RemoteFile {
    RemoteFile { revision: "main".into(), ..weights(check) }
}

/// An honest hub whose answers are changed on the way.
fn changed(repo: &Repo, change: impl Fn(&Asked, Answer) -> Answer + Send + Sync + 'static) -> Server {
    let repo = repo.clone();
    Server::start(move |asked, _| change(asked, repo.answer(asked)))
}

fn without(mut answer: Answer, names: &[&str]) -> Answer {
    answer.headers.retain(|(name, _)| !names.contains(&name.as_str()));
    answer
}

const LINKED: [&str; 2] = ["X-Linked-ETag", "X-Linked-Size"];

fn blobs(root: &Path) -> Vec<String> {
    let entries = fs::read_dir(root.join("models--someone--a-model/blobs")).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn an_endpoint_may_have_a_path_a_port_and_a_slash_at_its_end() {
    let published = Repo::of(70_000, CONFIG);
    let server = Server::start(move |asked, _| {
        let Some(path) = asked.path.strip_prefix("/mirrors/hf") else {
            return Answer::status(404).with("Content-Length", 0);
        };
        let below = Asked { path: path.to_owned(), ..asked.clone() };
        match published.answer(&below) {
            // Relative to where it was asked, and to the host.
            answer if answer.status == 302 => answer.with("Location", "../../../../cdn/weights"),
            answer if answer.status == 307 => answer.with("Location", format!("/mirrors/hf/api/cache{path}")),
            answer => answer,
        }
    });
    for ending in ["/mirrors/hf", "/mirrors/hf/", " /mirrors/hf// "] {
        let machine = Machine::new(&format!("{}{}", server.endpoint, ending.trim_start()));
        let got = machine.fathom(&["models", "get", MODEL]);
        assert_eq!(got.code, 0, "{}", got.err);
        assert_eq!(fs::read(machine.snapshot("model.safetensors")).unwrap(), Repo::of(70_000, CONFIG).weights);
    }
}

#[test]
fn an_endpoint_that_is_no_address_is_said_to_be_none() {
    for endpoint in ["hf-mirror.example", "ftp://hf.example", "https://", "/mirror"] {
        let got = Machine::new(endpoint).fathom(&["models", "get", MODEL]);
        assert!(
            got.code == 1 && got.err.contains(&format!("HF_ENDPOINT is '{}'", endpoint.trim_end_matches('/'))),
            "{}",
            got.err
        );
    }
}

#[test]
fn a_mirror_without_linked_headers_is_asked_where_the_content_lies() {
    let (repo, dir) = (repo(), tempfile::tempdir().unwrap());
    let server = changed(&repo, |_, answer| without(answer, &LINKED));
    fetch(&hub(&server, dir.path()), &pinned(&repo)).unwrap();
    assert_whole(dir.path(), &repo);
    assert_eq!(blobs(dir.path()), [repo.digest()]);

    // The commit of a branch is what the first answer said.
    let dir = tempfile::tempdir().unwrap();
    let digest = repo.digest();
    let server = changed(&repo, move |asked, answer| match asked.path.starts_with("/cdn/") {
        true => answer.with("ETag", format!("W/\"{}\"", digest.to_uppercase())),
        false => without(answer, &LINKED),
    });
    let fetched = fetch(&hub(&server, dir.path()), &branch(Check::Published)).unwrap();
    assert_eq!(fetched.commit, COMMIT);
    assert_whole(dir.path(), &repo);

    // A store whose links are signed for GET alone.
    let dir = tempfile::tempdir().unwrap();
    let store = repo.clone();
    let store = Server::start(move |asked, _| match asked.method.as_str() {
        "HEAD" => Answer::status(403).with("Content-Length", 0),
        _ => store.answer(asked),
    });
    let to = store.endpoint.clone();
    let server = changed(&repo, move |_, answer| match answer.status {
        302 => without(answer, &LINKED).with("Location", format!("{to}/cdn/weights")),
        _ => answer,
    });
    fetch(&hub(&server, dir.path()), &pinned(&repo)).unwrap();
    assert_whole(dir.path(), &repo);
}

#[test]
fn digests_are_checked_whatever_a_mirror_says_of_them() {
    // Headers without a word of digests, and other bytes.
    let (repo, dir) = (repo(), tempfile::tempdir().unwrap());
    let mut forged = repo.clone();
    forged.weights[77] ^= 1;
    let server = changed(&forged, |_, answer| without(answer, &["X-Linked-ETag", "ETag"]));
    let error = fetch(&hub(&server, dir.path()), &pinned(&repo)).unwrap_err();
    assert!(matches!(&error, HubError::Digest { .. }), "{error:?}");
    assert_eq!(blobs(dir.path()).len(), 0);

    // A digest of another kind (MD5, SHA-1) in its place, weak or not: the pinned one counts, and is the content's name.
    for tag in
        ["W/\"9e107d9d372bb6826bd81d3542a419d6\"", "\"2fd4e1c67a2d28fced849ee1bb76e7391b93eb12\"", "W/\"5f-1a2b\""]
    {
        let dir = tempfile::tempdir().unwrap();
        let server = changed(&repo, move |_, answer| match answer.status {
            302 => answer.with("X-Linked-ETag", tag),
            _ => answer,
        });
        fetch(&hub(&server, dir.path()), &pinned(&repo)).unwrap();
        assert_whole(dir.path(), &repo);
        assert_eq!(blobs(dir.path()), [repo.digest()]);
        // Where nobody else knows the digest, a mirror that gives none is refused in words.
        let error = fetch(&hub(&server, dir.path()), &branch(Check::Published)).unwrap_err();
        assert!(matches!(&error, HubError::NoDigest { .. }) && error.to_string().contains("SHA-256"), "{error}");
    }

    // A weak tag in capitals is still a digest, and another one than the pinned is told before anything comes.
    let server = changed(&forged, |_, answer| {
        let tag = answer.headers.iter().find(|(name, _)| name == "X-Linked-ETag").map(|(_, tag)| tag.to_uppercase());
        tag.map_or(answer.clone(), |tag| answer.with("X-Linked-ETag", format!("W/{tag}")))
    });
    let dir = tempfile::tempdir().unwrap();
    assert!(matches!(fetch(&hub(&server, dir.path()), &pinned(&repo)), Err(HubError::Digest { .. })));
    assert!(server.ranges().is_empty());
}

#[test]
fn a_small_file_without_a_usable_tag_gets_a_name_of_its_own() {
    for tag in ["", "\"\"", "\"../../x\"", "\"80c3:0\"", "W/\"a/b\""] {
        let (repo, dir) = (repo(), tempfile::tempdir().unwrap());
        let server = changed(&repo, move |_, answer| match answer.headers.iter().any(|(name, _)| name == "ETag") {
            true if tag.is_empty() => without(answer, &["ETag"]),
            true => answer.with("ETag", tag),
            false => answer,
        });
        let hub = hub(&server, dir.path());
        let fetched = fetch(&hub, &config()).unwrap();
        assert_eq!(fs::read(&fetched.path).unwrap(), repo.config);
        let names = blobs(dir.path());
        assert!(
            names.len() == 1 && names[0].len() == 40 && names[0].bytes().all(|b| b.is_ascii_hexdigit()),
            "{names:?}"
        );
        assert_eq!(hub.cache.find(REPO, COMMIT, "config.json"), Some(fetched.path));
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2, "the repository and the locks");
    }
}

#[test]
fn a_mirror_that_does_not_say_the_length_is_asked_for_a_byte() {
    let (repo, dir) = (repo(), tempfile::tempdir().unwrap());
    let server = changed(&repo, |asked, answer| match asked.method.as_str() {
        "HEAD" => without(answer, &["X-Linked-Size", "Content-Length", "Content-Range"]),
        _ => answer,
    });
    fetch(&hub(&server, dir.path()), &pinned(&repo)).unwrap();
    assert_whole(dir.path(), &repo);
    let server = changed(&repo, |_, answer| without(answer, &["X-Linked-Size", "Content-Length", "Content-Range"]));
    let dir = tempfile::tempdir().unwrap();
    let error = fetch(&hub(&server, dir.path()), &pinned(&repo)).unwrap_err();
    assert!(error.to_string().contains("does not say how long the file is"), "{error}");
}
