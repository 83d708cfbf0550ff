//! The View menu's choice of a graphics adapter.

use std::fs;

use super::harness::Desk;

#[test]
fn an_adapter_is_chosen_for_the_next_start_and_a_disk_that_refuses_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("adapter.txt");
    let mut desk = Desk::new([1280.0, 720.0]);
    desk.window.state_mut().set_adapter_file(Some(file.clone()), None);
    let label = desk.window.state().adapters().first().cloned().expect("the window is drawn with one");
    desk.click("View");
    desk.click("Graphics adapter");
    desk.click(&label);
    assert_eq!(fs::read_to_string(&file).expect("remembered"), label);
    let outcome = desk.window.state().state().outcome.clone().expect("told");
    assert!(outcome.contains("next start") && outcome.contains(&label), "{outcome}");
    // A file stands where the folder would be.
    let file = file.join("deeper.txt");
    desk.window.state_mut().set_adapter_file(Some(file), Some(label.clone()));
    desk.click("View");
    desk.click("Graphics adapter");
    desk.click(&label);
    desk.wait_for_containing("The choice cannot be remembered");
}
