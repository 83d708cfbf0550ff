//! Names of what is in a session's archive.

/// The file that says everything but the maps.
pub(super) const FILE: &str = "session.json";

/// The name of a map without its ending.
pub(super) fn map_name(photo: usize, map: &str) -> String {
    format!("views/{photo:04}/{map}")
}
