//! What all pages work on: what the window knows, what works aside for it, and the worker.

mod asking;
mod contents;
pub mod dialogs;
pub mod errand;
pub mod exporting;
pub mod fix;
mod fixes;
mod going_back;
pub mod link;
pub mod memory;
pub mod notices;
pub mod open_dialog;
pub mod open_windows;
pub mod outlook;
pub mod places;
pub mod results;
mod run_end;
mod run_state;
mod running;
pub mod save_dialog;
mod selected;
mod selection;
pub mod shelf;
pub mod state;
pub mod tasks;
pub mod views;
mod whole;

pub use run_state::ToRun;
pub use whole::Desk;
