//! `fathom models list`: what can be chosen, what it may be used for, and what is there.

use super::words::licence;
use crate::catalog::{self, Entry, Locations, ModelId, Weights};
use crate::cli::table::aligned;
use crate::cli::{Outcome, ui};
use crate::inference::{DeviceChoice, Devices, Job, Settings};
use crate::memory::{Calibration, Room, shown_bytes};

const HEADER: [&str; 9] = ["ID", "NAME", "GIVES", "PARAMETERS", "SIZE", "MEMORY", "DIGEST", "LICENCE", "INSTALLED"];
/// Columns that hold numbers.
const NUMBERS: [usize; 3] = [3, 4, 5];
/// Width and height of the photo by which models are compared.
const PHOTO: [u32; 2] = [4000, 3000];

pub(super) fn run() -> Outcome {
    let locations = Locations::from_env();
    let cache = locations.cache.as_ref();
    let devices = Devices::here();
    let device = devices.resolve(DeviceChoice::Auto);
    let room = devices.room(device);
    let models = catalog::entries().iter().map(|entry| {
        let need = need_bytes(entry, device, room).map(shown_bytes).unwrap_or_default();
        row(entry, need, &locations)
    });
    let rows: Vec<_> = std::iter::once(HEADER.map(String::from)).chain(models).collect();
    for line in aligned(&rows, &NUMBERS) {
        ui::out(&line);
    }
    ui::out("");
    ui::out(
        "DIGEST says whose SHA-256 the weights are held to: Fathom's own for one revision (pinned), or the one that",
    );
    ui::out("the hub gives with the newest revision.");
    left_over(&locations);
    if let Some(cache) = cache {
        ui::out(&format!("'fathom models get ID' fetches weights into {}.", ui::shown(cache.root())));
    }
    if let Some(folder) = catalog::models_dir() {
        let example = catalog::places(&catalog::entries()[1], &folder);
        ui::out(&format!("Your own are looked for first, as {}", ui::shown(&example[0])));
        ui::out(&format!("or {}; any place is fine with --weights FILE.", ui::shown(&example[1])));
    }
    Outcome::Success
}

/// What a run over one photo takes, weights included.
fn need_bytes(entry: &Entry, device: DeviceChoice, room: Room) -> Option<u64> {
    let settings = Settings { model: ModelId(entry.id.into()), ..Settings::default() };
    let job = Job {
        settings: &settings,
        device,
        photos: &[PHOTO],
        room,
        is_loaded: false,
        is_shown: false,
        calibration: &Calibration::default(),
    };
    Some(job.with_views(1).ok()?.need.total())
}

/// Tells what lies in the cache and is of no use.
fn left_over(locations: &Locations) {
    let left = catalog::entries().iter().flat_map(|entry| {
        let left = catalog::leftovers(locations, entry).into_iter();
        left.map(|left| [entry.id.into(), ui::bytes(left.bytes), ui::shown(&left.path), left.why.to_string()])
    });
    let header = ["ID", "SIZE", "LEFT OVER", "WHAT IT IS"].map(String::from);
    let rows: Vec<[String; 4]> = std::iter::once(header).chain(left).collect();
    if rows.len() > 1 {
        for line in aligned(&rows, &[1]) {
            ui::out(&line);
        }
        ui::out("'fathom models tidy' removes what is left over; 'fathom models get ID' goes on with a download.");
        ui::out("");
    }
}

fn row(entry: &Entry, need: String, locations: &Locations) -> [String; 9] {
    let weights = locations.locate(entry);
    let cache = locations.cache.as_ref();
    let is_built_in = matches!(weights, Some(Weights::BuiltIn(_)));
    [
        entry.id.into(),
        entry.name.into(),
        entry.gives().into(),
        format!("{:.0} M", entry.parameters as f64 / 1e6),
        ui::bytes(entry.file_bytes),
        need,
        match entry.pin() {
            _ if is_built_in => "built in".into(),
            Some(_) => "pinned".into(),
            None => "the hub's".into(),
        },
        licence(entry),
        match weights {
            Some(Weights::BuiltIn(_)) => "built in".into(),
            Some(Weights::File(path)) => ui::shown(&path),
            None => match cache.map_or(0, |cache| cache.unfinished_bytes(entry.source)) {
                0 if locations.gone(entry).is_some() => "no, its content is gone".into(),
                0 => format!("no, see {}", entry.source),
                bytes => format!("no, {} have come", ui::bytes(bytes)),
            },
        },
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_and_licences_spelled_out() {
        let entry = catalog::entries().iter().find(|entry| entry.id == "da3-giant").expect("a known model");
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("da3-giant.safetensors");
        std::fs::write(&file, "").expect("written");
        let own = Locations { own: Some(folder.path().to_owned()), cache: None };
        let lines = aligned(
            &[
                HEADER.map(String::from),
                row(entry, "6.0 GB".into(), &Locations::default()),
                row(entry, String::new(), &own),
            ],
            &NUMBERS,
        );
        assert!(lines[0].starts_with("ID         NAME           GIVES"), "{}", lines[0]);
        let end =
            "1356 M  5.42 GB  6.0 GB  pinned  CC BY-NC 4.0 (non-commercial)  no, see depth-anything/DA3-GIANT-1.1";
        assert!(lines[1].ends_with(end), "{}", lines[1]);
        assert!(lines[2].ends_with(&ui::shown(&file)), "{}", lines[2]);
    }
}
