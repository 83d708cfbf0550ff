//! Menus on a small machine: what cannot fit is marked, and the largest that fits is one click away.

use egui::Theme;
use egui_kittest::kittest::{NodeT, Queryable};
use fathom::catalog::ModelId;
use fathom::inference::Precision;
use fathom::memory::Sample;
use fathom::worker::Event;

use crate::harness::Desk;

const MEGA: u64 = 1_000_000;
const DESKTOP: [f32; 2] = [1280.0, 720.0];

/// A window with this model chosen on a machine with so much free memory.
fn desk(theme: Theme, model: &str, free_bytes: u64) -> Desk {
    let mut desk = Desk::with_theme(DESKTOP, theme);
    free(&mut desk, free_bytes);
    let name = fathom::catalog::find(&ModelId(model.into())).expect("a model").name;
    if desk.window.state().state().settings.model.0 != model {
        open(&mut desk, "Model");
        pick(&mut desk, &format!("{name}  "));
    }
    assert_eq!(desk.window.state().state().settings.model.0, model);
    desk
}

fn free(desk: &mut Desk, free_bytes: u64) {
    desk.send(Event::Memory(Sample { free_bytes, total_bytes: 64_000 * MEGA, ..Sample::default() }));
}

/// What the entries of open menus and other controls say that begins like this.
fn said(desk: &Desk, beginning: &str) -> Vec<String> {
    let labels = desk.window.query_all_by_label_contains(beginning).filter_map(|node| node.accesskit_node().label());
    labels.filter(|label| label.starts_with(beginning)).collect()
}

/// Clicks the only thing that begins like this, which may have to be scrolled to.
fn pick(desk: &mut Desk, beginning: &str) {
    let [label] = said(desk, beginning).try_into().unwrap_or_else(|all| panic!("{beginning}: {all:?}"));
    desk.window.get_by_label(&label).scroll_to_me();
    desk.settle();
    desk.click(&label);
}

/// Opens a menu of the panel, which may have to be scrolled to.
fn open(desk: &mut Desk, menu: &str) {
    desk.window.get_by_label(menu).scroll_to_me();
    desk.settle();
    desk.click(menu);
}

/// The offer of the open menu.
fn offer(desk: &Desk) -> Option<String> {
    said(desk, "Largest that fits: ").pop()
}

fn misfits(desk: &Desk) -> usize {
    desk.window.query_all_by_label_contains("does not fit").count()
}

#[test]
fn models_that_cannot_fit_are_marked_and_the_largest_that_can_is_offered() {
    let mut desk = desk(Theme::Dark, "da2-small", 3100 * MEGA);
    open(&mut desk, "Model");
    let entry = |desk: &Desk, name: &str| said(desk, &format!("{name}  ")).pop().expect("an entry");
    for name in ["DA3-Giant 1.1", "DA3-Nested 1.1"] {
        let label = entry(&desk, name);
        assert!(label.contains(" · needs ") && label.contains(" GB · does not fit"), "{label}");
    }
    for name in ["Depth Anything V2 Small", "DA3-Small", "DA3-Base", "DA3-Large 1.1", "DA3-Mono-Large"] {
        assert!(!entry(&desk, name).contains("does not fit"), "{name}");
    }
    desk.click("Largest that fits: DA3-Large 1.1");
    assert_eq!(desk.window.state().state().settings.model.0, "da3-large");
    open(&mut desk, "Model");
    assert_eq!((offer(&desk), misfits(&desk)), (None, 2), "the largest that fits is chosen already");
}

#[test]
fn a_model_for_the_same_purpose_is_offered_before_others() {
    let mut desk = desk(Theme::Dark, "da2-outdoor-large", 900 * MEGA);
    open(&mut desk, "Model");
    assert_eq!(offer(&desk).as_deref(), Some("Largest that fits: Depth Anything V2 Outdoor Base"));
}

#[test]
fn nothing_is_marked_where_everything_fits_or_nothing_is_known() {
    let mut known = desk(Theme::Dark, "da3-base", 48_000 * MEGA);
    let mut unknown = Desk::new(DESKTOP);
    for menu in ["Model", "Precision", "Resolution", "Device"] {
        for desk in [&mut known, &mut unknown] {
            open(desk, menu);
            assert_eq!((offer(desk), misfits(desk)), (None, 0), "{menu}");
            desk.key(egui::Modifiers::NONE, egui::Key::Escape);
        }
    }
}

#[test]
fn precisions_that_cannot_fit_are_marked() {
    let mut desk = desk(Theme::Dark, "da3-giant", 3000 * MEGA);
    open(&mut desk, "Precision");
    let label = said(&desk, "32-bit (f32) · ").pop().expect("an entry");
    assert!(label.ends_with(" GB · does not fit"), "{label}");
    let label = said(&desk, "8-bit (int8) · ").pop().expect("an entry");
    assert!(label.ends_with(" GB"), "{label}");
    desk.click("Largest that fits: 8-bit (int8)");
    assert_eq!(desk.window.state().state().settings.precision, Precision::Int8);
    free(&mut desk, 5000 * MEGA);
    open(&mut desk, "Precision");
    desk.click("Largest that fits: 16-bit (f16)");
    assert_eq!(desk.window.state().state().settings.precision, Precision::F16);
}

#[test]
fn resolutions_that_cannot_fit_are_marked() {
    let mut desk = desk(Theme::Dark, "da3-small", 400 * MEGA);
    let photos = desk.photos(12);
    desk.drop_files(&photos);
    desk.wait_for_pictures();
    open(&mut desk, "Resolution");
    let label = said(&desk, "1008 px · ").pop().expect("an entry");
    assert!(label.ends_with("does not fit"), "{label}");
    assert!(!said(&desk, "280 px · ").pop().expect("an entry").contains("does not fit"));
    let offered = offer(&desk).expect("an offer");
    desk.click(&offered);
    let pixels = desk.window.state().state().settings.resolution.expect("pixels");
    assert_eq!(offered, format!("Largest that fits: {pixels} px"));
    open(&mut desk, "Resolution");
    let next = [280, 336, 392, 448, 504, 518, 756, 1008].into_iter().find(|&next| next > pixels).expect("a larger one");
    let label = said(&desk, &format!("{next} px · ")).pop().expect("an entry");
    assert!(label.contains("does not fit") || label.contains(" over 75 %"), "{label}");
}

#[test]
fn views_per_pass_that_cannot_fit_are_marked() {
    let mut desk = desk(Theme::Dark, "da3-base", 800 * MEGA);
    let photos = desk.photos(40);
    desk.drop_files(&photos);
    desk.wait_for_pictures();
    open(&mut desk, "Views per pass");
    assert_eq!(offer(&desk), None, "automatic takes the most that fit");
    assert!(!said(&desk, "2 · ").pop().expect("an entry").contains("does not fit"));
    let label = said(&desk, "32 · ").pop().expect("an entry");
    assert!(label.ends_with("does not fit"), "{label}");
    pick(&mut desk, "32 · ");
    assert_eq!(desk.window.state().state().settings.views_per_pass, Some(32));
    open(&mut desk, "Views per pass");
    let offered = offer(&desk).expect("an offer");
    assert!(offered.starts_with("Largest that fits: Automatic ("), "{offered}");
    desk.click(&offered);
    assert_eq!(desk.window.state().state().settings.views_per_pass, None);
}

#[test]
fn networks_that_say_the_lens_are_marked_too() {
    let mut desk = desk(Theme::Dark, "da3-mono-large", 3100 * MEGA);
    desk.click("Advanced");
    open(&mut desk, "If unknown");
    let label = said(&desk, "Ask DA3-Giant 1.1 · ").pop().expect("an entry");
    assert!(label.ends_with("does not fit"), "{label}");
    assert!(offer(&desk).is_some());
}

#[test]
fn the_model_menu_of_a_small_machine_dark() {
    let mut desk = desk(Theme::Dark, "da3-giant", 3100 * MEGA);
    open(&mut desk, "Model");
    crate::pictures::check(&mut desk, "model_menu_small_machine_dark");
}

#[test]
fn the_model_menu_of_a_small_machine_light() {
    let mut desk = desk(Theme::Light, "da3-giant", 3100 * MEGA);
    open(&mut desk, "Model");
    crate::pictures::check(&mut desk, "model_menu_small_machine_light");
}
