//! What was opened before: photos, folders and sessions, the newest first, over restarts.

mod doing;
mod list;

pub use doing::{forget, open};
pub use list::{Recent, Recents};
