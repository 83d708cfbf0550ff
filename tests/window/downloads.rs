//! Downloads one after the other, and a run that waits for its model.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT, Queryable};

use crate::harness::Desk;
use crate::models::{NAME, PLENTY, Shop, slow_server};

const OTHER: &str = "Depth Anything V2 Outdoor Small";

/// Clicks the last thing with this label, while something goes on.
fn click(desk: &mut Desk, label: &str) {
    desk.window.query_all_by_label(label).last().expect("a button").click();
    desk.step_some();
}

/// A shop with one photo, in which the test's model was chosen without being there.
fn with_a_photo(is_slow: &Arc<AtomicBool>) -> (Shop, crate::server::Server) {
    let server = slow_server(is_slow.clone());
    let mut shop = Shop::open(&server, PLENTY);
    shop.desk.key(Modifiers::COMMAND | Modifiers::SHIFT, Key::M);
    shop.desk.click("Model");
    let entry = format!("{NAME}  ");
    shop.desk.window.get_by_label_contains(&entry).scroll_to_me();
    shop.desk.settle();
    shop.desk.click_containing(&entry);
    let photos = shop.desk.photos(1);
    shop.desk.drop_files(&photos);
    (shop, server)
}

#[test]
fn a_second_download_waits_for_the_first_and_can_be_taken_out_of_the_queue() {
    let is_slow = Arc::new(AtomicBool::new(true));
    let server = slow_server(is_slow.clone());
    let mut shop = Shop::open(&server, PLENTY);
    shop.press("Download 99 MB");
    shop.desk.step_until("/s ·");
    shop.press_of(OTHER, "Download 99 MB");
    assert!(shop.desk.shows(&format!("Waits until {NAME} has come")), "and says so");
    assert!(shop.desk.shows(&format!("{OTHER} is downloaded after {NAME}")), "also below");
    shop.press_of(OTHER, "Take out of the queue");
    assert!(!shop.desk.shows("Waits until"));
    let asked = |of: &str| server.asked().iter().filter(|asked| asked.path.contains(of)).count();
    assert_eq!(asked("Outdoor"), 0);

    shop.press_of(OTHER, "Download 99 MB");
    is_slow.store(false, Ordering::SeqCst);
    shop.press("Pause");
    shop.desk.step_until("Partly here");
    let start = Instant::now();
    while asked("Outdoor") == 0 {
        assert!(start.elapsed() < Duration::from_secs(60), "its turn comes by itself");
        std::thread::sleep(Duration::from_millis(5));
        shop.desk.step_some();
    }
}

#[test]
fn a_run_fetches_its_model_first_and_then_begins_by_itself() {
    let is_slow = Arc::new(AtomicBool::new(true));
    let (mut shop, _server) = with_a_photo(&is_slow);
    assert_eq!(shop.desk.order().len(), 1);
    assert!(shop.desk.no_command() && shop.desk.shows(&format!("{NAME} is not on this machine")));
    click(&mut shop.desk, "Download 99 MB and run");
    shop.desk.step_until(&format!("Downloads {NAME}, then runs"));
    shop.desk.step_until("/s ·");
    assert!(shop.desk.no_command());
    is_slow.store(false, Ordering::SeqCst);
    let (_, photos) = shop.desk.run_command();
    assert_eq!(photos.len(), 1);
    assert!(!shop.desk.shows("then runs"));
}

#[test]
fn cancel_ends_the_download_and_the_run_that_waits_for_it() {
    let is_slow = Arc::new(AtomicBool::new(true));
    let (mut shop, _server) = with_a_photo(&is_slow);
    click(&mut shop.desk, "Download and run");
    shop.desk.step_until("/s ·");
    click(&mut shop.desk, "Cancel");
    shop.desk.step_until("what has come of the model is kept");
    shop.desk.step_until(" MB and run");
    is_slow.store(false, Ordering::SeqCst);
    shop.desk.wait_for_pictures();
    assert!(shop.desk.no_command() && !shop.desk.shows("then runs") && !shop.desk.shows("Pause"));

    // Escape is the same.
    is_slow.store(true, Ordering::SeqCst);
    let button = shop.desk.window.get_by_label_contains(" MB and run");
    assert!(!button.accesskit_node().is_disabled());
    button.click();
    shop.desk.step_some();
    shop.desk.window.key_press(Key::Escape);
    shop.desk.step_some();
    shop.desk.wait_for_pictures();
    assert!(shop.desk.no_command() && !shop.desk.shows("then runs"));
}
