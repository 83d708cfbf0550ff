//! The allocator at a hard limit of addresses, in processes of their own: with a reserve they go on, without they end.
#![cfg(target_os = "linux")]
#![allow(clippy::expect_used, reason = "a failed expectation is a failed test")]

use std::ffi::OsStr;
use std::hint::black_box;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Output};
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};

use fathom::memory::address_space;
use fathom::model::kernels::{Recycling, give_back, heap_bytes, hold_reserve, release_reserve, take_ran_short};

#[global_allocator]
static ALLOCATOR: Recycling = Recycling::new();

/// Names what [`under_a_limit`] is to do; absent, it does nothing.
const SCENARIO: &str = "FATHOM_TEST_ALLOCATOR";
const LIMIT_KIB: u64 = 512 << 10;
const MIB: usize = 1 << 20;
/// How each way through the allocator asks for memory again and again.
const WAYS: [&str; 4] = ["large", "small", "zeroed", "grown"];

/// A program that is started under a limit.
fn under(limit_kib: u64, program: impl AsRef<OsStr>) -> Command {
    // An aborted process would leave a core file.
    let script = format!("ulimit -c 0; ulimit -v {limit_kib}; exec \"$0\" \"$@\"");
    let mut command = Command::new("sh");
    command.arg("-c").arg(script).arg(program.as_ref());
    command
}

/// Runs this program again, with nothing but one scenario, under the limit.
fn limited(scenario: &str) -> Output {
    let mut command = under(LIMIT_KIB, std::env::current_exe().expect("this program"));
    command.args(["--exact", "under_a_limit", "--nocapture", "--test-threads=1"]).env(SCENARIO, scenario);
    // One arena, as the program has: the test's runner starts a thread before anybody could say so.
    command.env("MALLOC_ARENA_MAX", "1").output().expect("a shell")
}

fn assert_passes(scenario: &str) {
    let output = limited(scenario);
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && told.contains("came to the end"), "{scenario}: {}\n{told}", output.status);
}

/// What the tests below run as a program of its own.
#[test]
fn under_a_limit() {
    let Ok(scenario) = std::env::var(SCENARIO) else { return };
    match scenario.split_once(' ') {
        Some(("reserve", way)) => fill_up_with_a_reserve(way),
        Some((_, way)) => drop(fill_up(way)),
        None if scenario == "threads" => threads_fill_up_together(),
        None if scenario == "kept" => kept_blocks_go_before_the_reserve(),
        None => freed_memory_goes_back(),
    }
    eprintln!("came to the end");
}

/// Takes memory until the allocator says that it ran short.
fn fill_up(way: &str) -> Vec<Vec<u8>> {
    let mut blocks = Vec::with_capacity(1 << 16);
    assert!(!take_ran_short());
    while !take_ran_short() {
        blocks.push(black_box(match way {
            "large" => Vec::with_capacity(3 * MIB),
            "small" => Vec::with_capacity(40_000),
            "zeroed" => vec![0; 600_000],
            _ => {
                let mut block = Vec::with_capacity(1000);
                block.reserve_exact(90_000);
                block
            }
        }));
    }
    blocks
}

fn fill_up_with_a_reserve(way: &str) {
    let space = || address_space().expect("a limit");
    let before = space().used_bytes;
    assert!(hold_reserve(200 * MIB) && hold_reserve(64 * MIB), "the second is held instead of the first");
    assert!((60..=68).contains(&((space().used_bytes - before) >> 20)));
    let blocks = fill_up(way);
    let all = blocks.iter().map(Vec::capacity).sum::<usize>() as u64;
    let expected = space().limit_bytes - before - (64 << 20);
    assert!(all > expected / 10 * 8, "{} of {} MiB were there", all >> 20, expected >> 20);
    // The note was read, and there is room to end a run in.
    assert!(!take_ran_short());
    black_box(Vec::<u8>::with_capacity(32 * MIB));
    black_box(vec![String::with_capacity(100); 10_000]);
    assert!(!take_ran_short());
    assert!(!hold_reserve(256 * MIB), "there is no room for another");
    drop(blocks);
    give_back();
    // Of small blocks the system's allocator gives back the memory, but not all of the addresses.
    if way == "large" {
        assert!(hold_reserve(256 * MIB), "there is room again");
        release_reserve();
        assert!(space().used_bytes < before + (8 << 20));
    }
}

/// Whoever finds that another thread is giving up the reserve finds the room as well.
fn threads_fill_up_together() {
    assert!(hold_reserve(64 * MIB));
    let (ended, started) = (AtomicBool::new(false), Barrier::new(8));
    let fill = || {
        // A thread needs addresses for its stack.
        started.wait();
        let mut blocks = Vec::with_capacity(1 << 10);
        while !ended.load(Ordering::Relaxed) {
            blocks.push(black_box(Vec::<u8>::with_capacity(MIB)));
            ended.fetch_or(take_ran_short(), Ordering::Relaxed);
        }
        blocks
    };
    std::thread::scope(|scope| (0..8).for_each(|_| drop(scope.spawn(fill))));
    assert!(ended.into_inner());
}

/// Free blocks that are kept do for an allocation of another size, and nobody needs to hear about it.
fn kept_blocks_go_before_the_reserve() {
    assert!(hold_reserve(64 * MIB));
    let mut blocks = Vec::with_capacity(1 << 10);
    let space = || address_space().expect("a limit");
    while space().limit_bytes - space().used_bytes > 2 << 20 {
        blocks.push(black_box(Vec::<u8>::with_capacity(MIB)));
    }
    blocks.truncate(blocks.len() - 8);
    black_box(Vec::<u8>::with_capacity(7 * MIB));
    assert!(!take_ran_short());
    black_box(Vec::<u8>::with_capacity(20 * MIB));
    assert!(take_ran_short());
}

fn freed_memory_goes_back() {
    let used = || address_space().expect("a limit").used_bytes;
    let (before, heap_before) = (used(), heap_bytes());
    let blocks: Vec<Vec<u8>> = (0..4).map(|_| black_box(vec![1; 2 * MIB + 1])).collect();
    assert_eq!(heap_bytes() - heap_before, 4 * (9 << 18), "in multiples of 256 KiB");
    drop(blocks);
    assert_eq!(heap_bytes(), heap_before);
    assert!(used() >= before + (8 << 20), "kept for the next allocation");
    give_back();
    assert!(used() < before + (1 << 20));
}

#[test]
fn with_a_reserve_a_process_goes_on_and_knows_that_it_ran_short() {
    WAYS.iter().for_each(|way| assert_passes(&format!("reserve {way}")));
}

#[test]
fn without_a_reserve_it_ends() {
    for way in WAYS {
        let output = limited(&format!("nothing {way}"));
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.signal().is_some(), "{way}: {}\n{told}", output.status);
        assert!(told.contains("memory allocation of"), "{way}: {told}");
    }
}

#[test]
fn with_a_reserve_threads_go_on_together() {
    (0..10).for_each(|_| assert_passes("threads"));
}

#[test]
fn kept_blocks_are_given_up_first() {
    assert_passes("kept");
}

#[test]
fn what_is_given_back_is_gone_and_what_is_used_is_counted() {
    assert_passes("freed");
}

/// The program itself takes 150 MB of these addresses, most of it its file, and its run 126 MB: an arena for each thread (64 MB) would
/// not fit.
#[test]
fn the_program_takes_few_addresses_beyond_its_memory() {
    let out = tempfile::tempdir().expect("a temporary folder");
    let photo = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/examples/cat.jpg");
    let mut program = under(284 << 10, env!("CARGO_BIN_EXE_fathom"));
    program.args(["depth", photo, "--model", "da2-small", "--device", "cpu", "--out"]).arg(out.path().join("out"));
    // Each thread has a stack.
    let output =
        program.env("RAYON_NUM_THREADS", "4").env("FATHOM_STATE", out.path().join("state")).output().expect("a shell");
    assert!(output.status.success(), "{}\n{}", output.status, String::from_utf8_lossy(&output.stderr));
}
