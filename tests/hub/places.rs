//! Where the cache lies: read-only, without links, with a limit for files; and links whose contents are gone.
#![cfg(unix)]

use std::fs;
use std::io;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use fathom::hub::{Cache, Check, RemoteFile};

use crate::machine::{CONFIG, MODEL, Machine, Said};
use crate::server::{Repo, Server};
use crate::{REPO, assert_whole, fetch, hub, pinned, weights};

fn published() -> Repo {
    Repo::of(70_000, CONFIG)
}

/// A user for whom rights count: everybody but root, who becomes nobody here.
fn as_somebody(mut command: Command) -> Said {
    // Whose this process is, the folder of what the system says of it tells; elsewhere tests are not run by root.
    let user = fs::metadata("/proc/self").map_or(1, |found| std::os::unix::fs::MetadataExt::uid(&found));
    if user == 0 {
        command.uid(65_534).gid(65_534);
    }
    Said::from(command.output().unwrap())
}

/// Takes the right to write from everything below, or gives it back.
fn set_writable(folder: &Path, is_writable: bool) {
    for entry in walkdir::WalkDir::new(folder).into_iter().flatten().filter(|entry| !entry.path_is_symlink()) {
        let mode = match (entry.file_type().is_dir(), is_writable) {
            (true, true) => 0o777,
            (true, false) => 0o555,
            (false, true) => 0o666,
            (false, false) => 0o444,
        };
        fs::set_permissions(entry.path(), fs::Permissions::from_mode(mode)).unwrap();
    }
}

#[test]
fn a_read_only_cache_is_used_and_a_download_into_it_names_the_setting() {
    let server = Server::honest(published());
    let machine = Machine::new(&server.endpoint);
    assert_eq!(machine.fathom(&["models", "get", MODEL]).code, 0);
    fs::remove_dir_all(machine.folder("hf/hub/.locks")).unwrap();
    set_writable(&machine.folder(""), true);
    set_writable(&machine.folder("hf"), false);

    let place = machine.snapshot("model.safetensors");
    let path = as_somebody(machine.command(&["models", "path", MODEL]));
    assert_eq!((path.code, path.out.trim_end()), (0, place.to_str().unwrap()), "{}", path.err);
    for command in [&["models", "get", MODEL][..], &["models", "verify", MODEL], &["models"], &["models", "tidy"]] {
        let said = as_somebody(machine.command(command));
        assert_eq!(said.code, 0, "{command:?}: {}", said.err);
    }

    let got = as_somebody(machine.command(&["models", "get", "da2-outdoor-small"]));
    let root = machine.folder("hf/hub");
    assert!(got.code == 1 && got.err.contains(&format!("nothing can be written to {}", root.display())), "{}", got.err);
    assert!(got.err.contains("HF_HUB_CACHE"), "{}", got.err);
    assert_eq!(fs::read_dir(&root).unwrap().count(), 1, "no half of anything");
    let removed = as_somebody(machine.command(&["models", "rm", MODEL]));
    assert!(removed.code == 1 && place.is_file(), "{removed:?}");
    set_writable(&machine.folder("hf"), true);
}

#[test]
fn a_branch_that_is_here_is_looked_up_without_a_lock() {
    let (repo, dir) = (published(), tempfile::tempdir().unwrap());
    let server = Server::honest(repo.clone());
    let hub = hub(&server, dir.path());
    let branch = RemoteFile { revision: "main".into(), ..weights(Check::Published) };
    let first = fetch(&hub, &branch).unwrap();
    // Where no lock can be made at all.
    fs::remove_dir_all(dir.path().join(".locks")).unwrap();
    fs::write(dir.path().join(".locks"), "").unwrap();
    assert_eq!(fetch(&hub, &branch).unwrap(), first);
    assert_eq!(server.ranges().len(), 1);
}

#[test]
fn where_links_are_refused_the_file_itself_gets_the_name() {
    let (repo, dir) = (published(), tempfile::tempdir().unwrap());
    let server = Server::honest(repo.clone());
    let mut hub = hub(&server, dir.path());
    // As FAT answers.
    hub.link = |_, _| Err(io::ErrorKind::PermissionDenied.into());
    let fetched = fetch(&hub, &pinned(&repo)).unwrap();
    assert_whole(dir.path(), &repo);
    assert!(!fetched.path.is_symlink());
    assert_eq!(fs::read_dir(dir.path().join("models--someone--a-model/blobs")).unwrap().count(), 0);
    assert_eq!(fetch(&hub, &pinned(&repo)).unwrap(), fetched);
    assert_eq!(server.ranges().len(), 1, "it is not fetched again");
    assert_eq!(hub.cache.leftovers(REPO, &[crate::server::COMMIT]), []);
    // Names that FAT does not allow: a colon, or a dot or a space at the end.
    for entry in walkdir::WalkDir::new(dir.path()).min_depth(1) {
        let name = entry.unwrap().file_name().to_string_lossy().into_owned();
        assert!(!name.contains([':', '\\', '*', '?', '"', '<', '>', '|']) && !name.ends_with(['.', ' ']), "{name}");
    }
    let removed = hub.cache.remove(REPO, crate::server::COMMIT, &["model.safetensors"]).unwrap();
    assert_eq!((removed.files, removed.freed_bytes), (1, 70_000));
    assert!(!dir.path().join("models--someone--a-model").exists());
}

/// The system's own limit for files answers as FAT's 4 GiB do.
#[test]
fn a_file_that_the_file_system_cannot_keep_is_said_to_be_too_large() {
    let server = Server::honest(published());
    let machine = Machine::new(&server.endpoint);
    let fathom = machine.command(&["models", "get", MODEL]);
    let mut shell = Command::new("sh");
    shell
        .args(["-c", "trap '' XFSZ; ulimit -f 64; exec \"$0\" \"$@\""])
        .arg(fathom.get_program())
        .args(fathom.get_args());
    for (name, value) in fathom.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    let said = Said::from(shell.output().unwrap());
    let told = said.err.contains("keeps no file as large as") && said.err.contains("FAT, for one, ends at 4 GiB");
    assert!(said.code == 1 && told && said.err.contains("HF_HUB_CACHE"), "{}", said.err);
    assert!(!machine.snapshot("model.safetensors").exists());
}

/// The content of a model that was fetched, which somebody deletes.
fn without_content() -> (Server, Machine, PathBuf) {
    let server = Server::honest(published());
    let machine = Machine::new(&server.endpoint);
    assert_eq!(machine.fathom(&["models", "get", MODEL]).code, 0);
    let blob = machine.blob(&published().digest());
    fs::remove_file(&blob).unwrap();
    (server, machine, blob)
}

#[test]
fn a_link_to_nothing_is_named_and_fetching_mends_it() {
    let (_server, mut machine, blob) = without_content();
    let link = machine.snapshot("model.safetensors");
    let named = format!("{} leads to {}, which is gone", link.display(), blob.display());
    let path = machine.fathom(&["models", "path", MODEL]);
    assert!(path.code == 1 && path.err.contains(&named) && path.err.contains("models get"), "{}", path.err);
    let list = machine.fathom(&["models"]).out;
    let words: Vec<&str> = list.split_whitespace().collect();
    assert!(words.join(" ").contains("no, its content is gone"), "{list}");
    let left: String = list.split_whitespace().collect();
    assert!(left.contains("alinkto") && left.contains(link.to_str().unwrap()), "{list}");
    assert!(left.contains(blob.to_str().unwrap()), "{list}");

    let photo = machine.folder("photo.png");
    image::RgbImage::new(64, 48).save(&photo).unwrap();
    let out = machine.folder("out");
    let run = machine.fathom(&["depth", photo.to_str().unwrap(), "--out", out.to_str().unwrap(), "--model", MODEL]);
    assert!(run.code == 1 && run.err.contains(&named) && run.err.contains("models get"), "{}", run.err);

    machine.variables.push(("HF_HUB_OFFLINE", "1".into()));
    let offline = machine.fathom(&["models", "get", MODEL]);
    assert!(offline.code == 1 && offline.err.contains(&named), "{}", offline.err);
    machine.variables.pop();

    assert_eq!(machine.fathom(&["models", "get", MODEL]).code, 0);
    assert_eq!(fs::read(&link).unwrap(), published().weights);
    assert!(!machine.fathom(&["models"]).out.contains("a link to"));
}

#[test]
fn a_link_to_nothing_is_removed() {
    let (_server, machine, _) = without_content();
    let removed = machine.fathom(&["models", "rm", MODEL]);
    assert!(removed.code == 0 && !machine.snapshot("model.safetensors").is_symlink(), "{removed:?}");
    // One that leads out of the cache is nobody's content here.
    let (_server, machine, _) = without_content();
    let link = machine.snapshot("model.safetensors");
    fs::remove_file(&link).unwrap();
    symlink("/nowhere/at/all", &link).unwrap();
    let tidied = machine.fathom(&["models", "tidy", MODEL]);
    assert!(tidied.sentence().contains("a link to /nowhere/at/all, which is gone") && !link.is_symlink(), "{tidied:?}");
    assert!(machine.snapshot("config.json").is_file());
    assert_eq!(Cache::at(machine.folder("hf/hub")).leftovers(crate::machine::MODEL_REPO, &[]), []);
}
