//! Plans against what they were made for.

use super::*;
use crate::catalog::BUILT_IN;

const GIGA: u64 = 1_000_000_000;

fn settings(model: &str) -> Settings {
    Settings { model: ModelId(model.into()), device: crate::inference::DeviceChoice::Cpu, ..Settings::default() }
}

/// 24 photos of 3:2 and so much free memory.
fn with<T>(settings: &Settings, free_bytes: u64, look: impl FnOnce(&Job) -> T) -> T {
    let room = Room { free_bytes, ..Room::default() };
    let (photos, calibration) = (vec![[3000, 2000]; 24], Calibration::default());
    let device = settings.device;
    let (is_loaded, is_shown) = (false, false);
    look(&Job { settings, device, photos: &photos, room, is_loaded, is_shown, calibration: &calibration })
}

#[test]
fn automatic_takes_the_most_views_that_fit_the_share() {
    let base = settings("da3-base");
    for free in [3 * GIGA / 2, 2 * GIGA, 3 * GIGA, 9 * GIGA] {
        with(&base, free, |job| {
            let plan = job.plan().expect("fits");
            assert_eq!(plan.fit, Fit::Well);
            let more = job.with_views(plan.views_per_pass + 1).expect("a model");
            assert!(plan.views_per_pass == 24 || more.fit != Fit::Well, "{plan:?}");
            assert_eq!((plan.passes == 1, plan.overlap == 0), (plan.views_per_pass == 24, plan.views_per_pass == 24));
        });
    }
    let few = with(&base, 3 * GIGA / 2, |job| job.plan().expect("fits").views_per_pass);
    let half = Settings { memory_percent: 55, ..base.clone() };
    assert!(with(&half, 3 * GIGA / 2, |job| job.plan().expect("fits").views_per_pass) < few);
}

#[test]
fn a_higher_resolution_never_needs_less() {
    for model in ["da2-small", "da3-base"] {
        let needs = [504, 1008, 2016, 2970, 3500, 4032].map(|pixels| {
            let settings = Settings { resolution: Some(pixels), ..settings(model) };
            with(&settings, 9 * GIGA, |job| job.with_views(1).expect("a model").need.total())
        });
        assert!(needs.is_sorted_by(|less, more| less < more), "{model}: {needs:?}");
    }
}

#[test]
fn too_high_a_resolution_is_refused_with_the_highest_that_fits() {
    let settings = Settings { resolution: Some(4032), ..settings("da2-small") };
    let error = with(&settings, 9 * GIGA, |job| job.plan().expect_err("too large"));
    let InferenceError::DoesNotFit { remedies, .. } = error else { panic!("{error}") };
    let Some(Change::Resolution(pixels)) = remedies.first().map(|remedy| &remedy.change) else {
        panic!("{remedies:?}")
    };
    assert!((1008..4032).contains(pixels), "{pixels}");
}

#[test]
fn passes_cover_all_photos() {
    for (photos, views, overlap) in [(24, 8, 2), (24, 24, 6), (25, 2, 1), (7, 3, 2), (9, 4, 0)] {
        let (mut covered, mut count) = (views.min(photos), 1);
        while covered < photos {
            covered += views - overlap;
            count += 1;
        }
        assert_eq!(passes(photos, views, overlap), count, "{photos} photos, {views} views, {overlap} shared");
    }
    assert_eq!([1, 2, 3, 4, 8, 16, 120].map(usual_overlap), [0, 1, 1, 2, 2, 4, 30]);
}

#[test]
fn what_does_not_fit_is_refused_with_changes_that_do() {
    let large = settings("da3-large");
    with(&large, GIGA, |job| match job.plan() {
        Err(InferenceError::DoesNotFit { need_bytes, free_bytes, remedies }) => {
            assert!(need_bytes > free_bytes);
            assert!(remedies.iter().any(|remedy| remedy.change == Change::Model(ModelId(BUILT_IN.into()))));
            assert!(remedies.iter().any(|remedy| matches!(remedy.change, Change::Precision(_))), "{remedies:?}");
            for remedy in remedies {
                let mut changed = large.clone();
                remedy.change.apply(&mut changed);
                let plan = Job { settings: &changed, ..*job }.plan().expect("the remedy works");
                assert_eq!(plan.need.total(), remedy.need_bytes);
            }
        }
        other => panic!("{other:?}"),
    });
    let too_many = Settings { views_per_pass: Some(24), ..settings("da3-base") };
    with(&too_many, 3 * GIGA / 2, |job| match job.plan() {
        Err(InferenceError::DoesNotFit { remedies, .. }) => {
            assert!(matches!(remedies[0].change, Change::ViewsPerPass(views) if views > 8 && views < 24));
        }
        other => panic!("{other:?}"),
    });
}

#[test]
fn what_is_loaded_needs_no_room_and_what_was_learnt_counts() {
    let base = settings("da3-base");
    with(&base, 9 * GIGA, |job| {
        let fresh = job.plan().expect("fits").need;
        let loaded = Job { is_loaded: true, ..*job }.plan().expect("fits").need;
        assert_eq!((loaded.model, loaded.pass), (0, fresh.pass));
        let shown = Job { is_shown: true, ..*job }.plan().expect("fits").need;
        assert_eq!(shown.total() - fresh.total(), 24 * 12 * 504 * 336);
        let mut learnt = Calibration::default();
        learnt.learn(&job.key(), GIGA, GIGA + GIGA / 10);
        let corrected = Job { calibration: &learnt, ..*job }.plan().expect("fits").need;
        assert!((corrected.model as f64 / fresh.model as f64 - 1.1).abs() < 1e-3);
    });
}

#[test]
fn single_views_go_one_by_one_and_large_photos_are_read_alone_where_memory_is_short() {
    let plan = with(&settings(BUILT_IN), 9 * GIGA, |job| job.plan().expect("fits"));
    assert_eq!((plan.views_per_pass, plan.overlap, plan.passes), (1, 0, 24));
    let independent = Settings { independent: true, ..settings("da3-base") };
    assert_eq!(with(&independent, 9 * GIGA, |job| job.plan().expect("fits").views_per_pass), 1);
    let photos = vec![[16_000, 12_000]; 4];
    let job = |free_bytes| {
        let room = Room { free_bytes, ..Room::default() };
        let (settings, calibration) = (settings(BUILT_IN), Calibration::default());
        let job = Job {
            settings: &settings,
            device: settings.device,
            photos: &photos,
            room,
            is_loaded: false,
            is_shown: false,
            calibration: &calibration,
        };
        job.plan().expect("fits").decoded_together
    };
    assert_eq!((job(8 * GIGA), job(6 * GIGA / 5)), (DECODED_TOGETHER, 1));
}

/// Every kind of network, on machines and cards with little and much room.
#[test]
fn a_smaller_share_never_takes_more() {
    let rooms = [(2, None), (8, None), (24, None), (8, Some(6)), (3, Some(24))].map(|(free, card)| Room {
        free_bytes: free * GIGA,
        card_free_bytes: card.map(|card: u64| card * GIGA),
        ..Room::default()
    });
    let many = |number, size| vec![size; number];
    let photos = [many(1, [3000, 2000]), many(2, [3000, 2000]), many(24, [6000, 4000]), many(150, [3000, 2000])];
    let mut over = 0;
    for model in ["da3-small", "da3-base", "da3-large", "da3-giant", "da3-nested", "da3-mono-large", BUILT_IN] {
        for room in rooms {
            over += photos.iter().map(|photos| grows_with_its_share(model, room, photos)).sum::<usize>();
        }
    }
    assert!(over > 1000, "{over} plans over their share show something");
}

/// Shares that are too small for the smallest pass, of all from 1 to 100 %.
fn grows_with_its_share(model: &str, room: Room, photos: &[[u32; 2]]) -> usize {
    let calibration = Calibration::default();
    let plan = |percent| {
        let settings = Settings { memory_percent: percent, ..settings(model) };
        let calibration = &calibration;
        let device = settings.device;
        Job { settings: &settings, device, photos, room, is_loaded: false, is_shown: true, calibration }.outlook()
    };
    let plans: Vec<Plan> = (1..=100).map(|percent| plan(percent).expect("a model")).collect();
    for pair in plans.windows(2) {
        let what = format!("{model}, {} photos: {pair:#?}", photos.len());
        assert!(pair[0].views_per_pass <= pair[1].views_per_pass, "{what}");
        assert!(pair[0].need.total() <= pair[1].need.total(), "{what}");
    }
    let over: Vec<&Plan> = plans.iter().filter(|plan| plan.fit != Fit::Well).collect();
    assert!(over.iter().all(|plan| plan.views_per_pass <= 2 && plan.excess_bytes > 0), "{model}: {over:#?}");
    over.len()
}

#[test]
fn a_share_too_small_for_any_pass_gives_the_smallest_one_and_says_what_it_lacks() {
    let giant = settings("da3-giant");
    let share = |percent| Settings { memory_percent: percent, ..giant.clone() };
    let plan = |percent| with(&share(percent), 24 * GIGA, |job| job.plan().expect("all that is free would do"));
    let enough = (1..=90).find(|&percent| plan(percent).fit == Fit::Well).expect("it fits");
    let short = plan(enough - 1);
    assert_eq!((short.views_per_pass, short.fit), (2, Fit::Tight));
    assert_eq!(short.excess_bytes, short.need.total() - 240_000_000 * u64::from(enough - 1));
    assert!(short.need.total() <= plan(enough).need.total());
    assert_eq!(plan(10).need, short.need, "nothing is smaller than the smallest");
    let said = plan(10).notice().expect("a notice").to_string();
    let (need, excess) = (shown_bytes(short.need.total()), shown_bytes(short.need.total() - 2_400_000_000));
    assert_eq!(
        said,
        format!(
            "this run needs about {need} of the 24.0 GB that are free, {excess} more than the 10 % that it may plan with"
        )
    );
    assert_eq!(plan(10).remark(), Some(format!("{excess} over 10 %")));
    assert_eq!((plan(enough).notice(), plan(enough).remark()), (None, None));
    with(&share(10), 3 * GIGA, |job| {
        assert!(matches!(job.plan(), Err(InferenceError::DoesNotFit { .. })), "more than all that is free is refused");
    });
}
