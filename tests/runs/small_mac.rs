//! Small machines as pretend ones: every model either runs within their memory by plan, or is refused with what would fit.
#![allow(clippy::expect_used, reason = "a failed expectation is a failed test")]

use fathom::catalog::{self, BUILT_IN, ModelId};
use fathom::inference::{Change, DeviceChoice, InferenceError, Job, Settings};
use fathom::memory::{Calibration, CardMemory, Room, Sample};

use crate::stand_in::StandIn;

const GIGA: u64 = 1_000_000_000;
const PHOTO: [u32; 2] = [4032, 3024];
/// What is free with a browser open.
const MAC_FREE: u64 = 9 * GIGA / 2;

/// What a machine has for a run on its card.
fn room(accelerator: DeviceChoice, card: CardMemory, free_bytes: u64) -> Room {
    let devices = StandIn::of(Some(accelerator), Some(card), &[]).devices();
    assert_eq!(devices.card_memory(), None, "nothing is open yet");
    assert_eq!(devices.resolve(&Settings::default()), accelerator);
    Sample { free_bytes, card: devices.card_memory(), ..Sample::default() }.room()
}

/// A Mac of 8 GB: its GPU may use two thirds of the memory, and what is free beside other programs is less.
fn mac() -> Room {
    let working_set = CardMemory { used_bytes: GIGA / 10, total_bytes: 5_300_000_000, is_shared: true };
    room(DeviceChoice::Metal, working_set, MAC_FREE)
}

fn with<T>(settings: &Settings, device: DeviceChoice, room: Room, photos: usize, look: impl FnOnce(&Job) -> T) -> T {
    let (photos, calibration) = (vec![PHOTO; photos], Calibration::default());
    look(&Job { settings, device, photos: &photos, room, is_loaded: false, is_shown: true, calibration: &calibration })
}

/// Whether the run is planned within the room there is; else each remedy is tried.
fn fits_or_says_what_would(settings: &Settings, accelerator: DeviceChoice, room: Room, photos: usize) -> bool {
    let what = format!("{} with {photos} photos", settings.model);
    let refused = with(settings, accelerator, room, photos, |job| match job.plan() {
        Ok(plan) => {
            assert!(plan.need.total() <= room.main_free_bytes(), "{what}: {plan:?}");
            None
        }
        Err(InferenceError::DoesNotFit { need_bytes, free_bytes, remedies }) => {
            assert!(need_bytes > free_bytes * 9 / 10 && free_bytes == room.main_free_bytes(), "{what}: {need_bytes}");
            Some(remedies)
        }
        Err(other) => panic!("{what}: {other}"),
    });
    let Some(remedies) = refused else { return true };
    assert!(!remedies.is_empty(), "{what}: nothing is offered");
    for remedy in remedies {
        let mut changed = settings.clone();
        remedy.change.apply(&mut changed);
        let (device, room) = match changed.device {
            DeviceChoice::Cpu => (DeviceChoice::Cpu, room.without_card()),
            _ => (accelerator, room),
        };
        with(&changed, device, room, photos, |job| {
            let plan = job.plan().unwrap_or_else(|error| panic!("{what}: {}: {error}", remedy.change));
            assert_eq!(plan.need.total(), remedy.need_bytes, "{what}: {}", remedy.change);
            assert!(plan.need.total() <= room.main_free_bytes(), "{what}: {}", remedy.change);
        });
    }
    false
}

#[test]
fn every_model_fits_a_small_mac_or_is_refused_with_what_does() {
    let room = mac();
    assert_eq!((room.main_free_bytes(), room.card_is_shared), (MAC_FREE, true));
    let mut fitting = Vec::new();
    for entry in catalog::entries() {
        let settings = Settings { model: ModelId(entry.id.into()), ..Settings::default() };
        let all = [1, 8, 40].map(|photos| fits_or_says_what_would(&settings, DeviceChoice::Metal, room, photos));
        if all == [true; 3] {
            fitting.push(entry.id);
        }
    }
    for id in [BUILT_IN, "da3-small", "da3-base", "da3-large", "da3-mono-large"] {
        assert!(fitting.contains(&id), "{id} fits: {fitting:?}");
    }
    assert!(!fitting.contains(&"da3-giant"), "5.4 GB of weights do not: {fitting:?}");
}

#[test]
fn what_a_small_card_cannot_hold_is_offered_to_the_cpu_where_the_machine_has_room() {
    let card = CardMemory { used_bytes: GIGA / 2, total_bytes: 2 * GIGA, is_shared: false };
    let room = room(DeviceChoice::Cuda, card, 12 * GIGA);
    let settings = Settings { model: ModelId("da3-giant".into()), ..Settings::default() };
    assert!(!fits_or_says_what_would(&settings, DeviceChoice::Cuda, room, 8));
    let remedies = with(&settings, DeviceChoice::Cuda, room, 8, |job| job.remedies());
    let changes: Vec<&Change> = remedies.iter().map(|remedy| &remedy.change).collect();
    assert_eq!(changes[0], &Change::Device(DeviceChoice::Cpu), "{changes:?}");
    assert_eq!(changes[0].to_string(), "Use the CPU");
    // Without that room it is not.
    let short = with(&settings, DeviceChoice::Cuda, Room { free_bytes: GIGA, ..room }, 8, |job| job.remedies());
    assert!(short.iter().all(|remedy| !matches!(remedy.change, Change::Device(_))), "{short:?}");
}
