//! Fetching published files from a hub that this test starts, and that misbehaves.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may stop at the first surprise")]

mod cache;
mod command;
mod faults;
mod kills;
mod leftovers;
mod machine;
mod mirrors;
mod places;
mod server;
mod socks;
mod stores;

use std::path::Path;
use std::time::Duration;

use fathom::hub::{Cache, Check, Fetched, Hub, HubError, Patience, Progress, RemoteFile, Stop};
use server::{COMMIT, Repo, Server};

pub const REPO: &str = "someone/a-model";

/// A hub whose failures cost no time.
pub fn hub(server: &Server, root: &Path) -> Hub {
    let mut hub = Hub::new(server.endpoint.clone(), Cache::at(root.to_owned()));
    hub.uses_proxies = false;
    hub.patience = Patience {
        failures: 3,
        first_wait: Duration::from_millis(2),
        longest_wait: Duration::from_secs(1),
        silence: Duration::from_millis(400),
    };
    hub
}

pub fn weights(check: Check) -> RemoteFile {
    RemoteFile { repo: REPO.into(), revision: COMMIT.into(), file: "model.safetensors".into(), check }
}

pub fn pinned(repo: &Repo) -> RemoteFile {
    weights(Check::Pinned(repo.digest()))
}

/// Fetches without anybody watching.
pub fn fetch(hub: &Hub, file: &RemoteFile) -> Result<Fetched, HubError> {
    hub.fetch(file, &Stop::default(), &mut |_| {})
}

/// The right content under the right name, and nothing unfinished beside it.
pub fn assert_whole(root: &Path, repo: &Repo) {
    let cache = Cache::at(root.to_owned());
    let path = cache.find(REPO, COMMIT, "model.safetensors").expect("the file is in the cache");
    assert!(std::fs::read(&path).unwrap() == repo.weights, "other bytes than those that were published");
    assert_eq!(cache.unfinished_bytes(REPO), 0);
    assert!(!root.join(format!("models--someone--a-model/blobs/{}.incomplete", repo.digest())).exists());
}

#[test]
fn a_file_arrives_and_is_told_about() {
    let repo = Repo::of(3_000_000, "{}");
    let (server, dir) = (Server::honest(repo.clone()), tempfile::tempdir().unwrap());
    let mut told = Vec::new();
    let hub = hub(&server, dir.path());
    let fetched = hub.fetch(&pinned(&repo), &Stop::default(), &mut |step| told.push(step)).unwrap();
    assert_eq!(fetched.commit, COMMIT);
    assert_whole(dir.path(), &repo);
    let whole = repo.weights.len() as u64;
    assert!(
        told.iter()
            .any(|step| matches!(step, Progress::Downloading { done, total, .. } if *done == whole && *total == whole))
    );
    assert_eq!(told.last(), Some(&Progress::Checking { done: whole, total: whole }));

    let asked = server.asked().len();
    assert_eq!(fetch(&hub, &pinned(&repo)).unwrap(), fetched);
    assert_eq!(server.asked().len(), asked, "what is here is not asked for again");
}
