//! `fathom bench` from outside: figures that a program can read, on the smallest of networks.
#![allow(clippy::expect_used, reason = "a failed expectation is a failed test")]

use crate::program::fathom;
use serde_json::Value;

#[test]
fn figures_are_whole_and_finite() {
    let folder = tempfile::tempdir().expect("a folder");
    let json = folder.path().join("figures.json");
    let words =
        "bench --model da3-small --size 56x56 --views 2 --precision f32 --device cpu --runs 2 --threads 1 --json";
    let mut arguments: Vec<_> = words.split(' ').collect();
    arguments.push(json.to_str().expect("temporary folders have text names"));
    let output = fathom(&arguments);
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{stderr}");
    assert!(stderr.contains("da3-small 56x56, 2 views, f32"), "{stderr}");
    assert!(stdout.contains("MODEL") && stdout.contains("da3-small  56x56"), "{stdout}");

    let figures: Value = serde_json::from_slice(&std::fs::read(&json).expect("figures")).expect("JSON");
    let text = |value: &Value| value.as_str().is_some_and(|text| !text.is_empty());
    assert_eq!((figures["version"].as_str(), figures["threads"].as_u64()), (Some(env!("CARGO_PKG_VERSION")), Some(1)));
    assert!(text(&figures["machine"]["processor"]) && text(&figures["machine"]["system"]));
    let [result] = figures["results"].as_array().expect("a list").as_slice() else { panic!("one line: {figures}") };
    assert_eq!([&result["model"], &result["weights"], &result["precision"]], ["da3-small", "generated", "f32"]);
    assert_eq!([&result["width"], &result["height"], &result["views"]], [56, 56, 2]);
    let number = |value: &Value| value.as_f64().filter(|number| number.is_finite() && *number > 0.0);
    for name in ["load_secs", "first_secs", "median_secs", "p90_secs", "min_secs", "per_view_secs", "mean_depth"] {
        assert!(number(&result[name]).is_some(), "{name}: {}", result[name]);
    }
    let stages = result["stage_secs"].as_object().expect("stages");
    assert!(stages.len() == 8 && stages.values().all(|secs| number(secs).is_some()), "{stages:?}");
    // Stages are medians of their own, so they add up only roughly.
    let sum: f64 = stages.values().filter_map(Value::as_f64).sum();
    let median = number(&result["median_secs"]).expect("seconds");
    assert!((0.5..2.0).contains(&(sum / median)), "{sum} s in stages, {median} s in all");
    // More than the weights that are read, less than a process that holds what the whole machine has.
    let peak = result["peak_bytes"].as_u64().expect("bytes");
    assert!((100 << 20..2 << 30).contains(&peak), "{peak} bytes");
}

#[test]
fn what_cannot_be_measured_is_said() {
    let unknown = fathom(&["bench", "--model", "no-such-model"]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&unknown.stderr).contains("no-such-model"));
    let crooked = fathom(&["bench", "--size", "500x300"]);
    assert_eq!(crooked.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&crooked.stderr).contains("multiples of 14"));
    assert_eq!(fathom(&["bench-one", "{}"]).status.code(), Some(2));
}

#[test]
fn memory_is_compared_in_a_few_runs() {
    let folder = tempfile::tempdir().expect("a folder");
    let json = folder.path().join("memory.json");
    let output = fathom(&["bench", "--memory", "--small", "--device", "cpu", "--json", json.to_str().expect("text")]);
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{stderr}");
    assert!(stdout.contains("5 runs on CPU: estimated by measured from "), "{stdout}");
    let runs: Value = serde_json::from_slice(&std::fs::read(&json).expect("figures")).expect("JSON");
    let runs = runs.as_array().expect("a list");
    assert_eq!(runs.len(), 5);
    for run in runs {
        let bytes = |name: &str| run[name].as_u64().expect("bytes") as f64;
        let ratio = bytes("estimated_bytes") / bytes("measured_bytes");
        assert!((0.8..1.25).contains(&ratio), "{run}");
        assert_eq!(run["device"], "CPU");
    }
    assert_eq!(fathom(&["bench", "--small"]).status.code(), Some(2), "there is no small table of times");
}

#[test]
fn all_that_networks_can_run_on_stands_side_by_side() {
    let words = "bench --devices --model da3-small --size 56x56 --views 2 --runs 1 --threads 1";
    let output = fathom(&words.split(' ').collect::<Vec<_>>());
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{stderr}");
    let rows: Vec<&str> = stdout.lines().filter(|line| line.starts_with("da3-small")).collect();
    assert!(rows[0].contains(" CPU ") && rows[0].ends_with('–'), "{stdout}");
    // Software Vulkan, where nothing else is; of several cards the last.
    let of_card: Vec<&str> = rows[rows.len() - 1].split_whitespace().rev().take(2).collect();
    let [error, bytes] = [0, 1].map(|place| of_card[place].parse::<f64>().unwrap_or(f64::NAN));
    assert!(error < 1e-3 && bytes > 50.0, "{stdout}");
}

#[test]
fn what_a_card_is_asked_for_is_reckoned_without_one() {
    let words = "bench --device gpu --reckon --model da3-base --size 504x336 --views 1 --views 8 --precision f16";
    let output = fathom(&words.split(' ').collect::<Vec<_>>());
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && stderr.is_empty(), "{stderr}");
    assert!(stdout.starts_with("At least, on a card of 2.6 TFLOP/s and 68 GB/s; not measured\n"), "{stdout}");
    let totals: Vec<Vec<f64>> = stdout
        .lines()
        .filter_map(|line| line.strip_prefix("total"))
        .map(|line| line.split_whitespace().filter_map(|number| number.parse().ok()).collect())
        .collect();
    let [one, eight] = &totals[..] else { panic!("{stdout}") };
    // Base takes some 223 GFLOP for a view alone, and more where views see each other.
    assert!(one.len() == 4 && (150.0..300.0).contains(&one[1]), "{stdout}");
    assert!((8.0..12.0).contains(&(eight[1] / one[1])) && eight[3] > 8.0 * one[3], "{stdout}");
    let faster = fathom(&["bench", "--reckon", "--model", "da3-base", "--tflops", "10", "--gbps", "300"]);
    assert!(String::from_utf8_lossy(&faster.stdout).contains("10 TFLOP/s and 300 GB/s"));
    for refused in [&["bench", "--reckon", "--device", "cpu"][..], &["bench", "--tflops", "3"]] {
        assert_eq!(fathom(refused).status.code(), Some(2), "{refused:?}");
    }
}
