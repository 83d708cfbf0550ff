//! The bars above and below the pages: menus, and what is going on.

mod status;
mod top_bar;

pub use status::{HEIGHT, status_ui};
pub use top_bar::TopBar;
