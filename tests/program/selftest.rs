//! `fathom selftest` from outside, on the device that every machine has.
#![allow(clippy::expect_used, reason = "a failed expectation is a failed test")]

use std::ffi::OsStr;

use crate::program::fathom;

const CASES: [&str; 6] = ["one view", "two views", "known cameras", "chosen reference", "sky", "built-in model"];

#[test]
fn the_processor_calculates_as_it_should_in_every_precision() {
    let folder = tempfile::tempdir().expect("a folder");
    let json = folder.path().join("selftest.json");
    let output = fathom::<&OsStr>(&[
        "selftest".as_ref(),
        "--device".as_ref(),
        "cpu".as_ref(),
        "--json".as_ref(),
        json.as_os_str(),
    ]);
    let table = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{table}{}", String::from_utf8_lossy(&output.stderr));

    let lines: Vec<_> = table.lines().collect();
    let verdict = lines[0].find("VERDICT").expect("a header");
    let rows: Vec<_> = lines[1..].iter().take_while(|line| !line.is_empty()).collect();
    let places = rows.iter().map(|row| row.chars().skip(verdict).take(4).collect::<String>());
    assert!(places.into_iter().all(|place| place == "ok  "), "a column of verdicts in\n{table}");
    assert!(table.ends_with(&format!("{} results, all within their bounds.\n", rows.len())), "{table}");

    let report = std::fs::read_to_string(&json).expect("a report");
    let report: serde_json::Value = serde_json::from_str(&report).expect("JSON");
    assert_eq!(report["failed"], 0);
    let chosen = |what: &str| report["processor"][what].as_str().expect("a name").to_owned();
    let [vectors, f32, attention, bf16] = ["vectors", "f32_products", "f32_attention", "bf16_products"].map(chosen);
    assert!(["no vectors", "NEON", "AVX2", "AVX-512"].contains(&vectors.as_str()), "{vectors}");
    let faster = if cfg!(target_os = "macos") { "Accelerate" } else { "AMX-BF16" };
    assert!([&f32, &attention].iter().all(|&by| *by == vectors || by == faster), "{f32}, {attention}");
    let told =
        format!("On this processor: f32 by {f32}, its attention by {attention}, bf16 by {bf16}, else {vectors}.");
    assert!(lines.contains(&told.as_str()), "{table}");
    let results = report["results"].as_array().expect("results");
    assert_eq!(results.len(), rows.len());
    for precision in ["f32", "f16", "bf16"] {
        for case in CASES {
            let of = |what| {
                let is_it =
                    |r: &&serde_json::Value| r["precision"] == precision && r["case"] == case && r["what"] == what;
                results.iter().find(is_it)
            };
            let depth = of("depth").unwrap_or_else(|| panic!("no depth of {case} in {precision}"));
            let error = depth["golden_error"].as_f64().expect("an error");
            assert!(depth["device"] == "CPU" && depth["ok"] == true && error > 0.0, "{depth}");
            assert_eq!(depth["cpu_f32_error"].is_null(), precision == "f32", "{depth}");
            assert_eq!(of("sky").is_some(), case == "sky", "{case}");
            assert_eq!(of("poses").is_some(), !["sky", "built-in model"].contains(&case), "{case}");
        }
    }
}

#[cfg(not(any(target_os = "macos", feature = "cuda")))]
#[test]
fn a_device_that_was_asked_for_and_is_not_there_is_a_failure() {
    let output = fathom(&["selftest", "--device", "cuda"]);
    let table = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{table}");
    assert!(table.contains("CUDA           cannot be used: "), "{table}");
}
