//! What the middle of the window shows.

use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum CentreMode {
    Flat,
    Space,
    #[default]
    Split,
}
