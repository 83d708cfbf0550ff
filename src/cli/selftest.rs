//! `fathom selftest`: whether every device and number format of this machine calculates what it should.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value, json};

use super::values::Device;
use super::{Outcome, ui};
use crate::inference::selftest::{self, Choices, Comparison, Finding};
use crate::inference::{DeviceChoice, Devices};
use crate::worker::Problem;

pub(super) const SELFTEST_NOTES: &str = "\
Whole networks run on small images. Errors are root mean squares relative to what is expected: stored
numbers of the reference implementation (GOLDEN), and what the CPU makes of it at f32 (CPU F32). The
worse one must stay within the bound of its precision. It takes up to a minute for each precision and
1.5 GB of memory.

Examples:
  fathom selftest
  fathom selftest --device cpu --json selftest.json

Exit codes:
  0  all is well
  1  a result is wrong, or the device that was asked for cannot be used";

#[derive(Debug, Args)]
pub(super) struct SelftestArguments {
    /// Only this device; auto is all of this build and machine, without software in place of a graphics card
    #[arg(long, value_enum, default_value_t)]
    pub device: Device,
    /// Write the results to this file, too
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
}

pub(super) fn run(arguments: &SelftestArguments) -> Outcome {
    let asked = DeviceChoice::from(arguments.device);
    let mut devices = vec![DeviceChoice::Cpu];
    match asked {
        DeviceChoice::Auto => {
            devices.extend(DeviceChoice::accelerator());
            // A software one takes minutes, and is the same everywhere.
            let is_hardware = Devices::here().graphics_card().is_some_and(|card| !card.is_software);
            devices.extend(is_hardware.then_some(DeviceChoice::Gpu));
        }
        only => devices = vec![only],
    }
    let mut findings = Vec::new();
    ui::out(&cells(["DEVICE", "PRECISION", "CASE", "WHAT", "GOLDEN", "CPU F32", "BOUND", "VERDICT", "SECONDS"]));
    let end = selftest::run(&Devices::here(), &devices, &mut |finding| {
        ui::say(&line(&finding));
        findings.push(finding);
    });
    if let Err(error) = end {
        return ui::failure(&Problem::from(&error).to_string());
    }
    let compared = findings.iter().filter(|finding| !matches!(finding, Finding::NoDevice { .. })).count();
    let failed = findings.iter().filter(|finding| has_failed(finding)).count();
    ui::out("");
    let Choices { vectors, f32_products, f32_attention, bf16_products } = Choices::made();
    ui::say(&format!(
        "On this processor: f32 by {f32_products}, its attention by {f32_attention}, bf16 by {bf16_products}, else {vectors}."
    ));
    ui::out(&match (compared, failed) {
        (0, _) => "Nothing was compared: choose another device (--device cpu always works).".to_owned(),
        (_, 0) => format!("{compared} results, all within their bounds."),
        _ => format!("{failed} of {compared} results FAILED."),
    });
    if let Some(path) = &arguments.json
        && let Err(error) = write(path, &findings)
    {
        return ui::failure(&format!("{} cannot be written: {error} (--json)", ui::shown(path)));
    }
    // A device that is not there is no failure, unless it was asked for.
    if failed > 0 || compared == 0 { Outcome::Failure } else { Outcome::Success }
}

fn has_failed(finding: &Finding) -> bool {
    match finding {
        Finding::NoDevice { .. } => false,
        Finding::Broken { .. } => true,
        Finding::Compared(comparison) => !comparison.passed(),
    }
}

fn line(finding: &Finding) -> String {
    match finding {
        Finding::NoDevice { device, reason } => format!("{:<13}  cannot be used: {}", device.label(), one_line(reason)),
        Finding::Broken { device, mode, case, reason } => {
            let place = cells([device.label(), mode.label(), case, "", "", "", "", "FAILED", ""]);
            format!("{place}  {}", one_line(reason))
        }
        Finding::Compared(c) => {
            let error = |error: f64| format!("{error:.1e}");
            cells([
                c.device.label(),
                c.mode.label(),
                c.case,
                c.quantity.label(),
                &error(c.golden_error),
                &c.cpu_error.map_or("–".into(), error),
                &error(c.bound),
                verdict(c),
                &format!("{:.2}", c.secs),
            ])
        }
    }
}

fn verdict(comparison: &Comparison) -> &'static str {
    if comparison.passed() { "ok" } else { "FAILED" }
}

/// Rows come one by one, so the widths are those of the longest that there can be.
fn cells([device, precision, case, what, golden, cpu, bound, verdict, secs]: [&str; 9]) -> String {
    let row = format!(
        "{device:<13}  {precision:<9}  {case:<16}  {what:<10}  {golden:>7}  {cpu:>7}  {bound:>7}  {verdict:<7}  {secs:>7}"
    );
    row.trim_end().into()
}

/// What a driver says may have many lines.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Errors that are not finite become `null`.
fn write(path: &Path, findings: &[Finding]) -> std::io::Result<()> {
    let Choices { vectors, f32_products, f32_attention, bf16_products } = Choices::made();
    let report = json!({
        "version": env!("CARGO_PKG_VERSION"),
        "system": format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
        "processor": {
            "vectors": vectors,
            "f32_products": f32_products,
            "f32_attention": f32_attention,
            "bf16_products": bf16_products,
        },
        "failed": findings.iter().filter(|finding| has_failed(finding)).count(),
        "results": findings.iter().map(as_json).collect::<Vec<_>>(),
    });
    std::fs::write(path, format!("{report:#}\n"))
}

fn as_json(finding: &Finding) -> Value {
    match finding {
        Finding::NoDevice { device, reason } => json!({ "device": device.label(), "unusable": reason }),
        Finding::Broken { device, mode, case, reason } => json!({
            "device": device.label(),
            "precision": mode.label(),
            "case": case,
            "ok": false,
            "reason": reason,
        }),
        Finding::Compared(c) => json!({
            "device": c.device.label(),
            "precision": c.mode.label(),
            "case": c.case,
            "what": c.quantity.label(),
            "golden_error": c.golden_error,
            "cpu_f32_error": c.cpu_error,
            "bound": c.bound,
            "ok": c.passed(),
            "seconds": c.secs,
        }),
    }
}
