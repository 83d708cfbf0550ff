//! The session that the window shows: which file it is, what of it is not in there yet, and what happens to that.

mod doing;
mod layout;
mod leaving;
mod open_session;
mod question;
mod work;

pub use leaving::{Answer, Leaving};
pub use open_session::OpenSession;
pub use question::unsaved_window;
