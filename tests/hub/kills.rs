//! The program is killed while it fetches, a hundred times, wherever it happens to be.

use std::fs;
use std::time::{Duration, Instant};

use crate::machine::{CONFIG, MODEL, Machine};
use crate::server::{Answer, Repo, Server};

const KILLS: usize = 100;
const BYTES: usize = 1_500_000;

/// What is on disk is never wrong: the name belongs to the whole file alone, and what has come is a beginning of it.
fn assert_sound(machine: &Machine, repo: &Repo) {
    if let Ok(named) = fs::read(machine.snapshot("model.safetensors")) {
        assert!(named == repo.weights, "a wrong file bears the name");
    }
    if let Ok(partial) = fs::read(machine.partial(repo)) {
        assert!(repo.weights.starts_with(&partial), "what has come is no beginning of the file");
    }
}

#[test]
fn a_download_that_is_killed_a_hundred_times_ends_in_the_right_file() {
    let repo = Repo::of(BYTES, CONFIG);
    let published = repo.clone();
    // Some forty milliseconds for the whole.
    let server = Server::start(move |asked, _| Answer {
        pieces: Some((BYTES / 20, Duration::from_millis(2))),
        ..published.answer(asked)
    });
    let machine = Machine::new(&server.endpoint);
    let get = ["models", "get", MODEL, "--quiet"];
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut random = |below: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 33) % below
    };
    let (mut killed, mut finished) = (0, 0);
    while killed < KILLS {
        let mut child = machine.start(&get);
        // Half of the kills wait for some bytes to come, half come at any time at all.
        let have = || fs::metadata(machine.partial(&repo)).map_or(0, |found| found.len());
        let until_bytes = if killed % 2 == 0 { have() + 1 + random(BYTES as u64 / 3) } else { u64::MAX };
        let until = Instant::now() + Duration::from_millis(if killed % 2 == 0 { 2000 } else { random(120) });
        while Instant::now() < until && have() < until_bytes && child.try_wait().unwrap().is_none() {
            std::thread::sleep(Duration::from_micros(300));
        }
        match child.try_wait().unwrap() {
            None => {
                child.kill().unwrap();
                killed += usize::from(!child.wait().unwrap().success());
                assert_sound(&machine, &repo);
            }
            Some(status) => {
                // It was quicker: the next one begins anew.
                assert!(status.success());
                finished += 1;
                assert_sound(&machine, &repo);
                assert!(machine.snapshot("model.safetensors").is_file());
                fs::remove_dir_all(machine.folder("hf")).unwrap();
            }
        }
    }
    let said = machine.fathom(&get);
    assert_eq!(said.code, 0, "{said:?}");
    assert!(fs::read(machine.snapshot("model.safetensors")).unwrap() == repo.weights);
    assert!(!machine.partial(&repo).exists());
    let resumed = server.ranges().iter().filter(|from| **from > 0).count();
    assert!(resumed > 20, "only {resumed} of them went on in the middle, {finished} were not killed");
}
