//! The page of settings: what a run uses, what it would need, and the button that starts it.

mod advanced;
mod files_menu;
mod fitting;
mod form;
mod known_cameras;
mod known_depths;
mod lens;
mod masks;
mod model;
mod named_cameras;
mod need;
mod page;
mod resolution;
mod run;

pub use page::SettingsPage;
