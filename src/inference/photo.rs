//! A photo of a run, before anybody has looked at it.

use std::path::PathBuf;

use crate::input::ViewId;

/// A photo that a run should look at; it is decoded when its turn comes.
#[derive(Clone, Debug)]
pub struct Photo {
    pub id: ViewId,
    pub path: PathBuf,
}
