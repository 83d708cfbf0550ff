//! Rehearsals against real runs, estimates against whole rehearsals, and what a card is asked for.

use std::collections::BTreeSet;

use super::super::candle::array::{Launch, record, traffic};
use super::super::kernels::Format;
use super::super::{Backend, Da2Output, Generated, weight_bytes};
use super::*;

const KEPT: Kept = Kept {
    backend: Backend::Candle,
    kind: Kind::Metal,
    format: Format::F32,
    stored: Format::F32,
    rays: false,
    poses: false,
    gaussians: false,
};
const FORMATS: [Format; 3] = [Format::F32, Format::F16, Format::Bf16];
const ANY_VIEW: [Preset; 4] = [Preset::Da3Small, Preset::Da3Base, Preset::Da3Large, Preset::Da3Giant];
const MEGA: u64 = 1_000_000;

fn shape(views: usize) -> PassShape {
    PassShape { views, height: 336, width: 504, tile_bytes: 64 << 20, threads: 2 }
}

fn whole(preset: Preset, format: Format, views: usize, kind: Kind) -> Rehearsal {
    Rehearsal::of(preset, Kept { format, ..KEPT }, &shape(views), kind).expect("a rehearsal")
}

/// What a real run on candle's CPU asks for, written down.
fn recorded(preset: Preset, kept: Kept, shape: &PassShape) -> Vec<Event> {
    let Kept { format, rays, poses, gaussians, .. } = kept;
    let options = Options { format, kernels: false, rays, poses, gaussians, ..Options::default() };
    let weights = Generated::new(preset, 3, false);
    let (done, events) = record(|| {
        let network = Network::new(&weights, preset, &Device::Cpu, &options)?;
        swept();
        run(&network, shape, shape.views, poses)
    });
    done.expect("a run");
    events
}

#[test]
fn a_rehearsal_writes_down_what_a_real_run_does() {
    let small = |views| PassShape { height: 42, width: 56, ..shape(views) };
    let cases = [
        (Preset::Da3Small, Kept { rays: true, ..KEPT }, small(3)),
        (Preset::Da3Small, Kept { poses: true, format: Format::F16, ..KEPT }, small(1)),
        (Preset::Da2Small(Da2Output::Disparity), KEPT, small(1)),
        (Preset::Da3Base, KEPT, small(4)),
    ];
    for (preset, kept, shape) in cases {
        let real = recorded(preset, kept, &shape);
        let rehearsal = Rehearsal::of(preset, kept, &shape, Kind::Cpu).expect("a rehearsal");
        let rehearsed = [rehearsal.load, rehearsal.pass].concat();
        let differs = real.iter().zip(&rehearsed).position(|(real, rehearsed)| real != rehearsed);
        assert_eq!(differs.map(|i| (&real[i], &rehearsed[i])), None, "{preset:?}");
        assert_eq!(real.len(), rehearsed.len(), "{preset:?}");
        // The same events under the rules of Metal's pool: the estimate is held to what was recorded.
        assert_eq!(peak_bytes(Kind::Metal, &real), peak_bytes(Kind::Metal, &rehearsed));
    }
}

#[test]
fn brief_rehearsals_agree_with_the_pool_over_whole_ones() {
    for preset in ANY_VIEW {
        for views in [1, 4, 8, 24] {
            for format in FORMATS {
                let whole = whole(preset, format, views, Kind::Metal);
                let brief =
                    Rehearsal::brief(preset, Kept { format, ..KEPT }, &shape(views), Kind::Metal).expect("a rehearsal");
                assert_eq!(brief.weight_bytes(), whole.weight_bytes());
                let counted = weight_bytes(preset, Kept { format, ..KEPT }) as f64 / whole.weight_bytes() as f64;
                assert!((0.98..=1.02).contains(&counted), "{preset:?} {format:?}: weights {counted:.3}");
                let ratio = brief.pass_bytes() as f64 / whole.pass_bytes() as f64;
                assert!((0.9..=1.1).contains(&ratio), "{preset:?} {format:?}, {views} views: {ratio:.3}");
            }
        }
    }
}

#[test]
fn an_apple_gpu_takes_no_more_than_what_is_promised_and_half_precision_takes_less() {
    let pass = |views| whole(Preset::Da3Base, Format::F32, views, Kind::Metal).pass_bytes();
    assert!(pass(8) <= 800 * MEGA && pass(24) <= 1900 * MEGA, "{} and {}", pass(8) / MEGA, pass(24) / MEGA);
    for preset in ANY_VIEW {
        for views in [1, 4, 8, 24] {
            let [single, half, brain] = FORMATS.map(|format| {
                let rehearsal = whole(preset, format, views, Kind::Metal);
                rehearsal.weight_bytes() + rehearsal.pass_bytes()
            });
            assert!(half < single && brain == half, "{preset:?}, {views} views: {half} {single}");
        }
    }
}

#[test]
fn figures_of_the_document_are_those_of_the_pool() {
    let document = include_str!("../../../docs/memory.md");
    let lines = ANY_VIEW.into_iter().zip(["Small", "Base", "Large", "Giant"]).map(|(preset, name)| {
        let of_format = |format| {
            let bytes = |views| {
                let rehearsal = whole(preset, format, views, Kind::Metal);
                ((rehearsal.weight_bytes() + rehearsal.pass_bytes()) / MEGA).to_string()
            };
            [1, 4, 8, 24].map(bytes).join(" · ")
        };
        format!("| DA3-{name} | {} | {} |", of_format(Format::F32), of_format(Format::F16))
    });
    let base = |views| whole(Preset::Da3Base, Format::F32, views, Kind::Metal).pass_bytes() / MEGA;
    let parts = [(8, 1849), (24, 4372)];
    let lines: Vec<String> = parts
        .into_iter()
        .map(|(views, before)| format!("| DA3-Base, f32, {views} views | {before} | {} |", base(views)))
        .chain(lines)
        .collect();
    let missing: Vec<&String> = lines.iter().filter(|line| !document.contains(line.as_str())).collect();
    assert!(missing.is_empty(), "{missing:#?}");
}

/// Launches and megabytes moved for one view of eight by the backbone and by the head, before convolutions were unfolded along
/// rows alone, in bands for cards, before maps were resized once, and before biases, scales and turns rode on other operations.
const BEFORE: [(Preset, [(usize, u64); 2]); 2] =
    [(Preset::Da3Base, [(250, 3197), (1804, 7406)]), (Preset::Da3Large, [(478, 8483), (3166, 14798)])];

#[test]
fn launches_and_bytes_moved_are_half_of_what_they_were() {
    for (preset, before) in BEFORE {
        let pass = whole(preset, Format::F32, 8, Kind::Metal).pass;
        // Before the network, four times in the backbone, and after it.
        let sweeps = pass.iter().enumerate().filter(|(_, event)| **event == Event::Sweep).map(|(at, _)| at);
        let head = sweeps.clone().nth(6).expect("a head");
        let parts = [&pass[..head], &pass[head..]].map(|events| {
            let (launches, bytes) = traffic(events);
            (launches / 8, bytes / 8 / MEGA)
        });
        let sum = |parts: &[(usize, u64); 2]| (parts[0].0 + parts[1].0, parts[0].1 + parts[1].1);
        let ((launches, megabytes), (launches_before, megabytes_before)) = (sum(&parts), sum(&before));
        assert!(2 * launches <= launches_before, "{preset:?}: {launches} of {launches_before} launches");
        assert!(2 * megabytes <= megabytes_before, "{preset:?}: {megabytes} of {megabytes_before} MB");
    }
}

/// All that networks ask of candle, one line each: operation, element type, layouts of the operands (c: contiguous,
/// s: strided), products of one row or column. Who reads this list against a backend's kernels knows what it must do.
const COVERED: &str = include_str!("operations.txt");

#[test]
fn operations_are_those_of_the_list() {
    let mut seen = BTreeSet::new();
    let metric = Da2Output::Metric { max_depth: 20.0 };
    let singles = [Preset::Da3MonoLarge, Preset::Da2Small(Da2Output::Disparity), Preset::Da2Base(metric)];
    for preset in ANY_VIEW.into_iter().chain(singles).chain([Preset::Da3Nested]) {
        for (views, format) in [1, 3, 24].into_iter().flat_map(|views| FORMATS.map(|format| (views, format))) {
            for kind in [Kind::Metal, Kind::Cuda] {
                for with in [false, true] {
                    let kept = Kept { format, rays: with, poses: with, gaussians: with, ..KEPT };
                    let views = if preset.is_any_view() { views } else { 1 };
                    let rehearsal = Rehearsal::of(preset, kept, &shape(views), kind).expect("a rehearsal");
                    let launches = rehearsal.load.iter().chain(&rehearsal.pass).filter_map(|event| match event {
                        Event::Launch(launch) => Some(line(kind, launch)),
                        _ => None,
                    });
                    seen.extend(launches);
                }
            }
        }
    }
    let seen: String = seen.into_iter().map(|line| line + "\n").collect();
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/src/model/rehearsal/operations.txt"), &seen)
            .expect("space");
    }
    assert_eq!(seen, COVERED);
    let is_of_one = |line: &&str| line.starts_with("Metal") && line.contains("one ");
    assert_eq!(COVERED.lines().filter(is_of_one).collect::<Vec<_>>(), [""; 0], "Metal has no kernels for these");
}

fn line(kind: Kind, launch: &Launch) -> String {
    let Launch { op, element, layouts, has_one_row, has_one_column, .. } = launch;
    let row = if *has_one_row { " one row" } else { "" };
    let column = if *has_one_column { " one column" } else { "" };
    // Of many parts that are put together only the layouts count.
    let mut layouts: Vec<char> = layouts.chars().collect();
    layouts.dedup();
    format!("{kind:?} {op} {element} {}{row}{column}", layouts.into_iter().collect::<String>())
}
