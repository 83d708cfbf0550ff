//! How what the window has to tell is shown: above the pictures, and as a list.

mod banner;
mod list;

pub use banner::banner_ui;
pub use list::notices_window;
