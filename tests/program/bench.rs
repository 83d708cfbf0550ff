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
