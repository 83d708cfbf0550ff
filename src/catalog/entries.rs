//! The models Fathom knows.

use serde::{Deserialize, Serialize};

/// A model by its stable name, as settings and the command line spell it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ModelId(pub String);

impl Default for ModelId {
    /// The built-in model.
    fn default() -> Self {
        Self("da2-small".into())
    }
}

impl std::fmt::Display for ModelId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// What kind of network a model is, as far as a person choosing needs to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// Any number of views jointly: depth, confidence, cameras.
    AnyView,
    /// One view: depth and sky.
    SingleWithSky,
    /// One view: disparity or metric depth (Depth Anything V2).
    DepthAnythingV2,
}

/// One model.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    pub id: &'static str,
    /// As shown: "DA3-Small".
    pub name: &'static str,
    /// One line: what it is good for.
    pub purpose: &'static str,
    pub family: Family,
    pub parameters: u64,
    /// Bytes of the published weight file.
    pub file_bytes: u64,
    pub licence: &'static str,
    pub non_commercial: bool,
    /// Where the weights are published.
    pub source: &'static str,
}
