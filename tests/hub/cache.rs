//! The cache as other programs see it, and what is left of it after a removal.

use std::fs;
use std::path::PathBuf;

use fathom::hub::{Cache, Check, Progress, RemoteFile, Stop};

use crate::server::{COMMIT, CONFIG_ETAG, Repo, Server};
use crate::{REPO, assert_whole, fetch, hub, pinned, weights};

const FOLDER: &str = "models--someone--a-model";

fn repo() -> Repo {
    Repo::of(50_000, r#"{"a": 1}"#)
}

fn config() -> RemoteFile {
    RemoteFile { file: "config.json".into(), ..weights(Check::Length) }
}

#[cfg(unix)]
#[test]
fn files_lie_where_other_tools_look_for_them() {
    let (repo, dir) = (repo(), tempfile::tempdir().unwrap());
    let hub = hub(&Server::honest(repo.clone()), dir.path());
    let branch = RemoteFile { revision: "main".into(), ..weights(Check::Published) };
    fetch(&hub, &branch).unwrap();
    fetch(&hub, &config()).unwrap();
    let folder = dir.path().join(FOLDER);
    let snapshot = folder.join("snapshots").join(COMMIT);
    let target = |file| fs::read_link(snapshot.join(file)).unwrap();
    assert_eq!(target("model.safetensors"), PathBuf::from(format!("../../blobs/{}", repo.digest())));
    assert_eq!(target("config.json"), PathBuf::from(format!("../../blobs/{CONFIG_ETAG}")));
    assert_eq!(fs::read_to_string(folder.join("refs/main")).unwrap(), COMMIT);
    assert_eq!(fs::read(snapshot.join("config.json")).unwrap(), repo.config);
    assert!(dir.path().join(".locks").join(FOLDER).join(format!("{}.lock", repo.digest())).exists());
    assert_eq!(fs::read_dir(folder.join("blobs")).unwrap().count(), 2);
    assert_eq!(Cache::published_digest(&snapshot.join("model.safetensors")), Some(repo.digest()));
    assert_eq!(Cache::published_digest(&snapshot.join("config.json")), None);
    assert_eq!(hub.cache.find(REPO, "main", "config.json"), Some(snapshot.join("config.json")));
    assert_eq!(hub.cache.find(REPO, "v2", "config.json"), None);
}

#[cfg(unix)]
#[test]
fn what_another_program_has_fetched_is_used_and_not_fetched_again() {
    let (repo, dir) = (repo(), tempfile::tempdir().unwrap());
    let server = Server::honest(repo.clone());
    let blobs = dir.path().join(FOLDER).join("blobs");
    fs::create_dir_all(&blobs).unwrap();
    // Another revision has the same content.
    fs::write(blobs.join(repo.digest()), &repo.weights).unwrap();
    fetch(&hub(&server, dir.path()), &pinned(&repo)).unwrap();
    assert_whole(dir.path(), &repo);
    assert!(server.ranges().is_empty());
    // A link whose content somebody deleted.
    fs::remove_file(blobs.join(repo.digest())).unwrap();
    // Half of it, by another program.
    fs::write(blobs.join(format!("{}.incomplete", repo.digest())), &repo.weights[..20_000]).unwrap();
    fetch(&hub(&server, dir.path()), &pinned(&repo)).unwrap();
    assert_whole(dir.path(), &repo);
    assert_eq!(server.ranges(), [20_000]);
}

#[test]
fn two_programs_do_not_fetch_the_same_file_at_once() {
    let (repo, dir) = (repo(), tempfile::tempdir().unwrap());
    let server = Server::honest(repo.clone());
    let locks = dir.path().join(".locks").join(FOLDER);
    fs::create_dir_all(&locks).unwrap();
    let other_program = fs::File::create(locks.join(format!("{}.lock", repo.digest()))).unwrap();
    other_program.lock().unwrap();
    let mut held = Some(other_program);
    let mut waited = 0;
    let fetched = hub(&server, dir.path()).fetch(&pinned(&repo), &Stop::default(), &mut |step| {
        if step == Progress::Waiting {
            assert!(server.ranges().is_empty());
            waited += 1;
            held = None;
        }
    });
    assert!(fetched.is_ok() && waited == 1 && held.is_none());
    assert_whole(dir.path(), &repo);
}

#[cfg(unix)]
#[test]
fn a_removal_leaves_what_is_not_the_models() {
    let (repo, dir) = (repo(), tempfile::tempdir().unwrap());
    let hub = hub(&Server::honest(repo.clone()), dir.path());
    let branch = RemoteFile { revision: "main".into(), ..weights(Check::Published) };
    let files = ["model.safetensors", "config.json"];
    let folder = dir.path().join(FOLDER);
    let fill = || {
        fetch(&hub, &branch).unwrap();
        fetch(&hub, &config()).unwrap();
    };

    // What is told before is what is done.
    let told = || {
        let told = hub.cache.removable(REPO, &[COMMIT.into()], &files);
        (told.files.len(), told.freed_bytes, told.shared)
    };

    fill();
    let before = told();
    let removed = hub.cache.remove(REPO, COMMIT, &files).unwrap();
    assert_eq!((removed.files, removed.freed_bytes, removed.shared), (2, 50_008, 0));
    assert_eq!((before, told()), ((2, 50_008, 0), (0, 0, 0)));
    assert!(!folder.exists(), "nothing was left in it");

    // Another revision has the same weights, and somebody else's file lies in this one.
    fill();
    let other = folder.join("snapshots/ffffffffffffffffffffffffffffffffffffffff");
    fs::create_dir_all(&other).unwrap();
    std::os::unix::fs::symlink(format!("../../blobs/{}", repo.digest()), other.join("model.safetensors")).unwrap();
    fs::write(folder.join("snapshots").join(COMMIT).join("README.md"), "theirs").unwrap();
    assert_eq!(told(), (2, 8, 1));
    let removed = hub.cache.remove(REPO, COMMIT, &files).unwrap();
    assert_eq!((removed.files, removed.freed_bytes, removed.shared), (2, 8, 1));
    assert_eq!(fs::read(other.join("model.safetensors")).unwrap(), repo.weights);
    assert!(folder.join("snapshots").join(COMMIT).join("README.md").exists() && folder.join("refs/main").exists());

    // Unfinished downloads go, but not one that is going on.
    let (a, b) = ("a".repeat(64), "b".repeat(64));
    for digest in [&a, &b] {
        fs::write(folder.join(format!("blobs/{digest}.incomplete")), "12345").unwrap();
    }
    assert_eq!(hub.cache.unfinished_bytes(REPO), 10);
    let going_on = fs::File::create(dir.path().join(".locks").join(FOLDER).join(format!("{b}.lock"))).unwrap();
    going_on.lock().unwrap();
    assert_eq!(hub.cache.remove_unfinished(REPO).unwrap(), 5);
    assert!(!folder.join(format!("blobs/{a}.incomplete")).exists());
    assert!(folder.join(format!("blobs/{b}.incomplete")).exists());
    assert_eq!(hub.cache.remove("nobody/nothing", COMMIT, &files).unwrap().files, 0);
}
