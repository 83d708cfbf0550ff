//! `fathom models list`: what can be chosen, what it may be used for, and what is there.

use crate::catalog::{self, Entry, Locations, ModelId, Weights};
use crate::cli::table::aligned;
use crate::cli::{Outcome, columns, ui};
use crate::inference::{DeviceChoice, Devices, Job, Settings};
use crate::memory::{Calibration, Room, shown_bytes};

const HEADER: [&str; 6] = ["ID", "GIVES", "SIZE", "MEMORY", "LICENCE", "INSTALLED"];
/// Columns that hold numbers.
const NUMBERS: [usize; 2] = [2, 3];
/// Width and height of the photo by which models are compared.
const PHOTO: [u32; 2] = [4000, 3000];

pub(super) fn run() -> Outcome {
    let locations = Locations::from_env();
    let cache = locations.cache.as_ref();
    let devices = Devices::here();
    let device = devices.resolve(&Settings::default());
    let room = devices.room(device);
    let models = catalog::entries().iter().map(|entry| {
        let need = need_bytes(entry, device, room).map(shown_bytes).unwrap_or_default();
        row(entry, need, &locations)
    });
    let rows: Vec<_> = std::iter::once(HEADER.map(String::from)).chain(models).collect();
    aligned(&rows, &NUMBERS, columns::of_stdout()).iter().for_each(|line| ui::out(line));
    ui::out("");
    for (mark, licence) in restricted() {
        ui::say(&format!("non-commercial{mark}: {licence}"));
    }
    ui::say("MEMORY is what a run over one photo of 12 megapixels needs on this machine.");
    left_over(&locations);
    if let Some(cache) = cache {
        ui::say(&format!("'fathom models get ID' fetches models into {}.", ui::shown(cache.root())));
    }
    ui::say("'fathom models path ID' says where they lie, 'fathom models verify' whether they are sound.");
    if let Some(folder) = catalog::models_dir() {
        let example = catalog::places(&catalog::entries()[1], &folder);
        let [first, second] = [0, 1].map(|at| ui::shown(&example[at]));
        ui::say(&format!("Your own are looked for first, as {first}\nor {second}."));
        ui::say("Any other place is fine with --weights FILE.");
    }
    Outcome::Success
}

/// Licences that forbid commercial use, each once, with the mark that it has in the list.
fn restricted() -> Vec<(String, &'static str)> {
    let mut licences: Vec<&str> = Vec::new();
    for entry in catalog::entries().iter().filter(|entry| entry.non_commercial) {
        if !licences.contains(&entry.licence) {
            licences.push(entry.licence);
        }
    }
    licences.into_iter().enumerate().map(|(place, licence)| (" *".repeat(place), licence)).collect()
}

/// A licence in a few words; what stands behind "non-commercial" is said below the list.
fn in_short(entry: &Entry) -> String {
    let restricted = restricted().into_iter().find(|(_, licence)| *licence == entry.licence);
    restricted.map_or_else(|| entry.licence.into(), |(mark, _)| format!("non-commercial{mark}"))
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
    let all = catalog::entries().iter();
    let left = all.flat_map(|entry| catalog::leftovers(locations, entry).into_iter().map(move |left| (entry, left)));
    let lines: Vec<String> = left
        .map(|(entry, left)| {
            let (size, path) = (ui::bytes(left.bytes), ui::shown(&left.path));
            format!("  {} ({size}): {path}, {}", entry.id, left.why)
        })
        .collect();
    if lines.is_empty() {
        return;
    }
    ui::out("LEFT OVER, and of no use:");
    lines.iter().for_each(|line| ui::say(line));
    ui::say("'fathom models tidy' removes what is left over; 'fathom models get ID' goes on with a download.\n");
}

fn row(entry: &Entry, need: String, locations: &Locations) -> [String; 6] {
    let installed = match locations.locate(entry) {
        Some(Weights::BuiltIn(_)) => "built in".into(),
        Some(Weights::File(_)) => "yes".into(),
        None => match locations.cache.as_ref().map_or(0, |cache| cache.unfinished_bytes(entry.source)) {
            0 if locations.gone(entry).is_some() => "no, its content is gone".into(),
            0 => "no".into(),
            bytes => format!("no, {} have come", ui::bytes(bytes)),
        },
    };
    [entry.id.into(), entry.gives().into(), ui::bytes(entry.file_bytes), need, in_short(entry), installed]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_fit_and_say_what_may_not_be_sold() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("da3-giant.safetensors"), "").expect("written");
        let own = Locations { own: Some(folder.path().to_owned()), cache: None };
        let models = catalog::entries().iter().map(|entry| row(entry, "6.0 GB".into(), &own));
        let rows: Vec<_> = std::iter::once(HEADER.map(String::from)).chain(models).collect();
        let lines = aligned(&rows, &NUMBERS, 100);
        assert!(lines.iter().all(|line| line.chars().count() <= 100), "{lines:#?}");
        let line = |id: &str| lines.iter().find(|line| line.starts_with(id)).expect("a row");
        assert!(line("da3-giant").ends_with("5.42 GB  6.0 GB  non-commercial    yes"), "{lines:#?}");
        assert!(line("da2-small").contains("Apache-2.0") && line("da2-small").ends_with("built in"));
        assert!(line("da2-indoor-base").ends_with("non-commercial *  no"), "{lines:#?}");
        let said: Vec<&str> = restricted().iter().map(|(_, licence)| *licence).collect();
        let known: Vec<&Entry> = catalog::entries().iter().filter(|entry| entry.non_commercial).collect();
        assert!(!known.is_empty() && known.iter().all(|entry| said.contains(&entry.licence)));
    }
}
