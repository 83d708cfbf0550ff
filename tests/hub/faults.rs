//! Servers, networks and disks that fail, each in its own way.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use fathom::hub::{Check, HubError, Progress, Stop};

use crate::server::{Answer, COMMIT, Repo, Server, named};
use crate::{REPO, assert_whole, fetch, hub, pinned, weights};

fn repo() -> Repo {
    Repo::of(1_000_000, "{}")
}

/// A server whose first `times` contents are spoilt.
fn spoilt(repo: &Repo, times: usize, spoil: impl Fn(Answer) -> Answer + Send + Sync + 'static) -> Server {
    let (repo, spoilt) = (repo.clone(), std::sync::atomic::AtomicUsize::new(0));
    Server::start(move |asked, _| {
        let answer = repo.answer(asked);
        let is_spoilt = asked.is_for_content() && spoilt.fetch_add(1, Ordering::Relaxed) < times;
        if is_spoilt { spoil(answer) } else { answer }
    })
}

#[test]
fn a_cut_connection_goes_on_where_it_was() {
    let (repo, dir) = (repo(), tempfile::tempdir().unwrap());
    let server = spoilt(&repo, 6, |answer| Answer { cut_after: Some(100_000), ..answer });
    fetch(&hub(&server, dir.path()), &pinned(&repo)).unwrap();
    assert_whole(dir.path(), &repo);
    let ranges = server.ranges();
    assert_eq!(ranges.len(), 7, "more cuts than failures in a row are allowed: each brought something");
    assert!(ranges.windows(2).all(|pair| pair[0] < pair[1]), "{ranges:?}");
}

#[test]
fn a_connection_that_never_brings_anything_is_given_up_and_what_came_is_kept() {
    let (repo, dir) = (repo(), tempfile::tempdir().unwrap());
    let server = spoilt(&repo, usize::MAX, |answer| {
        let cut = if answer.status == 200 { 100_000 } else { 0 };
        Answer { cut_after: Some(cut), ..answer }
    });
    let mut told = Vec::new();
    let hub = hub(&server, dir.path());
    let error = hub.fetch(&pinned(&repo), &Stop::default(), &mut |step| told.push(step)).unwrap_err();
    let HubError::Cut { received, expected: 1_000_000, .. } = error else { panic!("{error}") };
    assert_eq!(hub.cache.unfinished_bytes(REPO), received);
    assert!(received > 0 && told.iter().any(|step| matches!(step, Progress::Retrying { attempt: 2, .. })));
    // Another day, another server.
    let honest = Server::honest(repo.clone());
    fetch(&crate::hub(&honest, dir.path()), &pinned(&repo)).unwrap();
    assert_whole(dir.path(), &repo);
    assert_eq!(honest.ranges(), [received]);
}

#[test]
fn a_silent_connection_is_a_cut_one() {
    let (repo, dir) = (repo(), tempfile::tempdir().unwrap());
    let server = spoilt(&repo, 1, |answer| Answer { pieces: Some((300_000, Duration::from_secs(5))), ..answer });
    let began = Instant::now();
    fetch(&hub(&server, dir.path()), &pinned(&repo)).unwrap();
    assert!(began.elapsed() < Duration::from_secs(4));
    assert_whole(dir.path(), &repo);
    assert_eq!(server.ranges().len(), 2);
}

#[test]
fn a_slow_connection_is_none() {
    let (repo, dir) = (Repo::of(20_000, "{}"), tempfile::tempdir().unwrap());
    // Slower in all than the patience with silence.
    let server = spoilt(&repo, 1, |answer| Answer { pieces: Some((1000, Duration::from_millis(40))), ..answer });
    fetch(&hub(&server, dir.path()), &pinned(&repo)).unwrap();
    assert_whole(dir.path(), &repo);
    assert_eq!(server.ranges(), [0]);
}

#[test]
fn a_server_that_ignores_ranges_sends_the_whole_again() {
    let (repo, dir) = (repo(), tempfile::tempdir().unwrap());
    let whole = repo.clone();
    let cut_once = AtomicBool::new(true);
    let server = Server::start(move |asked, _| {
        if !asked.is_for_content() {
            return whole.answer(asked);
        }
        let cut_after = cut_once.swap(false, Ordering::Relaxed).then_some(400_000);
        Answer { body: whole.weights.clone(), cut_after, ..Answer::status(200) }.with("Content-Length", 1_000_000)
    });
    fetch(&hub(&server, dir.path()), &pinned(&repo)).unwrap();
    assert_whole(dir.path(), &repo);
    assert!(server.ranges().len() == 2 && server.ranges()[1] > 0);
}

#[test]
fn a_partial_file_that_is_too_long_is_begun_again() {
    let (repo, dir) = (repo(), tempfile::tempdir().unwrap());
    let server = Server::honest(repo.clone());
    let blobs = dir.path().join("models--someone--a-model/blobs");
    fs::create_dir_all(&blobs).unwrap();
    fs::write(blobs.join(format!("{}.incomplete", repo.digest())), vec![7; 1_000_001]).unwrap();
    fetch(&hub(&server, dir.path()), &pinned(&repo)).unwrap();
    assert_whole(dir.path(), &repo);
}

#[test]
fn other_bytes_are_deleted_and_both_digests_are_named() {
    let (repo, dir) = (repo(), tempfile::tempdir().unwrap());
    let mut forged = repo.clone();
    forged.weights[500_000] ^= 1;
    let (honest, forged_digest) = (repo.clone(), forged.digest());
    let server =
        Server::start(move |asked, _| if asked.is_for_content() { forged.answer(asked) } else { honest.answer(asked) });
    let error = fetch(&hub(&server, dir.path()), &pinned(&repo)).unwrap_err();
    assert!(matches!(&error, HubError::Digest { .. }));
    assert!(error.to_string().contains(&repo.digest()) && error.to_string().contains(&forged_digest), "{error}");
    assert_eq!(fs::read_dir(dir.path().join("models--someone--a-model/blobs")).unwrap().count(), 0);
    // The same where a part of it lay on the disk already.
    fs::write(dir.path().join(format!("models--someone--a-model/blobs/{}.incomplete", repo.digest())), "x").unwrap();
    let server = Server::honest(repo.clone());
    assert!(matches!(fetch(&hub(&server, dir.path()), &pinned(&repo)), Err(HubError::Digest { .. })));
    fetch(&hub(&server, dir.path()), &pinned(&repo)).unwrap();
    assert_whole(dir.path(), &repo);
}

#[test]
fn a_hub_that_offers_another_digest_is_not_asked_for_the_content() {
    let (repo, dir) = (repo(), tempfile::tempdir().unwrap());
    let server = Server::honest(Repo::of(5, "{}"));
    assert!(matches!(fetch(&hub(&server, dir.path()), &pinned(&repo)), Err(HubError::Digest { .. })));
    assert!(server.ranges().is_empty());
}

#[test]
fn a_length_that_is_not_the_announced_one_is_an_error() {
    for length in [999_999, 1_000_001] {
        let (repo, dir) = (repo(), tempfile::tempdir().unwrap());
        let server = spoilt(&repo, usize::MAX, move |answer| answer.with("Content-Length", length));
        match fetch(&hub(&server, dir.path()), &pinned(&repo)) {
            Err(HubError::Length { expected: 1_000_000, actual, .. }) => assert_eq!(actual, length),
            other => panic!("{other:?}"),
        }
    }
    // Without an announcement what comes is counted.
    let (repo, dir) = (repo(), tempfile::tempdir().unwrap());
    let server = spoilt(&repo, usize::MAX, |mut answer| {
        answer.headers.retain(|(name, _)| name != "Content-Length");
        answer.body.push(1);
        answer
    });
    assert!(matches!(fetch(&hub(&server, dir.path()), &pinned(&repo)), Err(HubError::Length { .. })));
}

#[test]
fn refusals_say_what_they_are_and_are_not_repeated() {
    type IsRight = fn(&HubError) -> bool;
    let cases: [(Answer, IsRight); 5] = [
        (Answer::status(401), |e| matches!(e, HubError::Denied { status: 401, had_token: false, .. })),
        (Answer::status(401).with("X-Error-Code", "RepoNotFound"), |e| matches!(e, HubError::NotFound { .. })),
        (Answer::status(403).with("X-Error-Code", "GatedRepo"), |e| matches!(e, HubError::Denied { status: 403, .. })),
        (Answer::status(404), |e| matches!(e, HubError::NotFound { .. })),
        (Answer::status(418), |e| matches!(e, HubError::Server { status: 418, .. })),
    ];
    for (answer, is_right) in cases {
        let dir = tempfile::tempdir().unwrap();
        let server = Server::start(move |_, _| answer.clone().with("Content-Length", 0));
        let error = fetch(&hub(&server, dir.path()), &pinned(&repo())).unwrap_err();
        assert!(is_right(&error), "{error:?}");
        assert!(!error.advice().is_empty() && error.to_string().contains("127.0.0.1"), "{error}");
        assert_eq!(server.asked().len(), 1);
    }
}

#[test]
fn a_busy_server_is_given_the_pause_it_asks_for() {
    let (repo, dir) = (repo(), tempfile::tempdir().unwrap());
    let honest = repo.clone();
    let server = Server::start(move |asked, count| match count {
        0 => Answer::status(429).with("Retry-After", 1).with("Content-Length", 0),
        1 => Answer::status(503).with("Content-Length", 0),
        _ => honest.answer(asked),
    });
    let began = Instant::now();
    fetch(&hub(&server, dir.path()), &pinned(&repo)).unwrap();
    assert!(began.elapsed() >= Duration::from_secs(1));
    assert_whole(dir.path(), &repo);

    // A pause that nobody would sit through is told instead.
    let server = Server::start(|_, _| Answer::status(429).with("Retry-After", 3600).with("Content-Length", 0));
    let error = fetch(&hub(&server, tempfile::tempdir().unwrap().path()), &pinned(&repo)).unwrap_err();
    assert!(matches!(error, HubError::Busy { .. }) && error.to_string().contains("60 min"), "{error}");
    assert_eq!(server.asked().len(), 1);
}

#[test]
fn the_token_is_for_the_hub_alone() {
    let (repo, dir) = (repo(), tempfile::tempdir().unwrap());
    let elsewhere = Server::honest(repo.clone());
    let (honest, other) = (repo.clone(), elsewhere.endpoint.clone());
    let home = Server::start(move |asked, _| match honest.answer(asked) {
        answer if answer.status == 302 && asked.path.starts_with("/moved") => {
            answer.with("Location", format!("{other}/cdn/weights"))
        }
        // A repository that was renamed: still the same hub.
        answer if answer.status == 302 => {
            Answer::status(307).with("Location", format!("/moved{}", asked.path)).with("Content-Length", 0)
        }
        answer => answer,
    });
    let mut hub = hub(&home, dir.path());
    hub.token = Some("hf_secret".into());
    fetch(&hub, &pinned(&repo)).unwrap();
    assert_whole(dir.path(), &repo);
    assert!(home.asked().len() >= 4);
    assert!(
        home.asked().iter().all(|asked| asked.headers.get("authorization").is_some_and(|v| v == "Bearer hf_secret"))
    );
    assert!(elsewhere.asked().len() == 1 && !elsewhere.asked()[0].headers.contains_key("authorization"));
}

#[test]
fn nonsense_from_a_server_is_no_path_and_no_endless_loop() {
    let described = |commit: &str, etag: &str| {
        let (commit, etag) = (commit.to_owned(), etag.to_owned());
        Server::start(move |_, _| {
            Answer::status(200).with("X-Repo-Commit", &commit).with("ETag", &etag).with("Content-Length", 5)
        })
    };
    let mut file = weights(Check::Length);
    file.revision = "main".into();
    for (commit, etag) in [("../../../etc", "\"ok\""), ("", "\"ok\"")] {
        let dir = tempfile::tempdir().unwrap();
        let error = fetch(&hub(&described(commit, etag), dir.path()), &file).unwrap_err();
        assert!(matches!(error, HubError::NotAHub { .. }), "{error:?}");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0, "nothing was written");
    }
    let dir = tempfile::tempdir().unwrap();
    let error = fetch(&hub(&described(COMMIT, "\"ok\""), dir.path()), &weights(Check::Published)).unwrap_err();
    assert!(matches!(error, HubError::NoDigest { .. }), "{error:?}");
    let circle = Server::start(|_, _| Answer::status(302).with("Location", "/again").with("Content-Length", 0));
    let error = fetch(&hub(&circle, dir.path()), &file).unwrap_err();
    assert!(matches!(error, HubError::NotAHub { .. }) && circle.asked().len() < 20);
}

#[test]
fn a_disk_without_room_is_told_before_anything_comes() {
    let (repo, dir) = (repo(), tempfile::tempdir().unwrap());
    let server = Server::honest(repo.clone());
    let mut hub = hub(&server, dir.path());
    hub.free_bytes = |_| Ok(1_000_000);
    match fetch(&hub, &pinned(&repo)) {
        Err(HubError::NoSpace { need_bytes: 1_000_000, free_bytes: 1_000_000, .. }) => {}
        other => panic!("{other:?}"),
    }
    assert!(server.ranges().is_empty());
    hub.free_bytes = |_| Ok(20 << 20);
    fetch(&hub, &pinned(&repo)).unwrap();
    assert_whole(dir.path(), &repo);
}

/// `/dev/full` is a disk that is full on every write.
#[cfg(target_os = "linux")]
#[test]
fn a_disk_that_fills_up_on_the_way_is_told_as_such() {
    let (repo, dir) = (repo(), tempfile::tempdir().unwrap());
    let server = Server::honest(repo.clone());
    let blobs = dir.path().join("models--someone--a-model/blobs");
    fs::create_dir_all(&blobs).unwrap();
    std::os::unix::fs::symlink("/dev/full", blobs.join(format!("{}.incomplete", repo.digest()))).unwrap();
    let error = fetch(&hub(&server, dir.path()), &pinned(&repo)).unwrap_err();
    assert!(matches!(error, HubError::NoSpace { .. }), "{error:?}");
    assert_eq!(server.ranges().len(), 1, "no second attempt");
}

#[test]
fn a_stop_ends_a_wait_for_the_server_at_once_and_keeps_what_came() {
    let (repo, dir) = (repo(), tempfile::tempdir().unwrap());
    let server = spoilt(&repo, 1, |answer| Answer { pieces: Some((300_000, Duration::from_secs(5))), ..answer });
    let mut hub = hub(&server, dir.path());
    hub.patience.silence = Duration::from_secs(20);
    let stop = Stop::default();
    let other = stop.clone();
    let began = Instant::now();
    let has_begun = Arc::new(AtomicBool::new(false));
    let begun = has_begun.clone();
    named("person", move || {
        while !begun.load(Ordering::Relaxed) {
            std::thread::sleep(Duration::from_millis(5));
        }
        std::thread::sleep(Duration::from_millis(100));
        other.stop();
    });
    let error = hub.fetch(&pinned(&repo), &stop, &mut |_| has_begun.store(true, Ordering::Relaxed)).unwrap_err();
    assert!(matches!(error, HubError::Stopped), "{error:?}");
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
    assert_eq!(hub.cache.unfinished_bytes(REPO), 300_000);
    fetch(&hub, &pinned(&repo)).unwrap();
    assert_whole(dir.path(), &repo);
    assert_eq!(server.ranges(), [0, 300_000]);
    assert!(hub.fetch(&weights(Check::Published), &stop, &mut |_| {}).is_ok(), "nothing was left to stop");
}

#[test]
fn nobody_at_the_other_end_is_said_after_some_attempts() {
    let mut server = Server::honest(repo());
    server.endpoint = "http://127.0.0.1:1".into();
    let dir = tempfile::tempdir().unwrap();
    let mut retries = 0;
    let error = hub(&server, dir.path()).fetch(&pinned(&repo()), &Stop::default(), &mut |step| {
        retries += usize::from(matches!(step, Progress::Retrying { .. }));
    });
    assert!(matches!(error, Err(HubError::Unreachable { .. })), "{error:?}");
    assert_eq!(retries, 2);
}

#[test]
fn offline_means_no_connection() {
    let (repo, dir) = (repo(), tempfile::tempdir().unwrap());
    let server = Server::honest(repo.clone());
    let mut hub = hub(&server, dir.path());
    hub.offline = true;
    assert!(matches!(fetch(&hub, &pinned(&repo)), Err(HubError::Offline { .. })));
    assert!(server.asked().is_empty());
    hub.offline = false;
    fetch(&hub, &pinned(&repo)).unwrap();
    hub.offline = true;
    fetch(&hub, &pinned(&repo)).expect("what is here is here");
}
