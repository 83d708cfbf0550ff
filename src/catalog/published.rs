//! Where models are published, which revision Fathom holds to, and the digest that its weights must have
//! (specification §1.3).

use super::{Entry, Family};
use crate::hub::{Check, RemoteFile};
use crate::model::{Da2Output, Preset};

/// The names that every repository uses.
pub(super) const WEIGHTS: &str = "model.safetensors";
pub(super) const CONFIG: &str = "config.json";

/// One revision of a repository, and what its weight file must be.
#[derive(Debug, PartialEq)]
pub struct Pin {
    /// `owner/name` on Hugging Face.
    pub repo: &'static str,
    /// A commit.
    pub revision: &'static str,
    /// Of `model.safetensors`.
    pub sha256: &'static str,
}

/// Repositories that are not here are taken as their branch `main` stands, and held to the digest that the hub gives.
static PINS: [Pin; 7] = [
    Pin {
        repo: "depth-anything/DA3-SMALL",
        revision: "e08cab65ca0ec38e7826075418411ab90cab4da3",
        sha256: "364492e38a3a06d221ac75da7f6621ada3f2361cd24fde11ba79091e9f40efcf",
    },
    Pin {
        repo: "depth-anything/DA3-BASE",
        revision: "f4a6c9b3c95e41c82048423d3493a81ec3fa810e",
        sha256: "e01067dc1659613083d9145a9a2547ccdbe6ccbbf83c4fe7b3e8a4e2bdae78b5",
    },
    Pin {
        repo: "depth-anything/DA3-LARGE-1.1",
        revision: "0e109ae307c5982f319a67cf6f9f99ccdc0ec97c",
        sha256: "739905c423cf0d6ccaf9e61a8401d82ba1ac32d7f4d3ee6dca8f92b377633f64",
    },
    Pin {
        repo: "depth-anything/DA3-GIANT-1.1",
        revision: "72ee9f89ce4e50d704e9d55ee9c646ec8dc25a19",
        sha256: "1e47a08338ca73a6d6a21d37fd060b26b993b672bc6ddf6295fe474df2592001",
    },
    Pin {
        repo: "depth-anything/DA3NESTED-GIANT-LARGE-1.1",
        revision: "b2359bdf726fb44ef62acca04d629dcf158053e7",
        sha256: "8ebe871a022ed58d2fc8fdfb2ebdb31d57b60fe39611c849095851a7b7c6020c",
    },
    Pin {
        repo: "depth-anything/DA3METRIC-LARGE",
        revision: "4010e39f3634a45bc60553321fb49fb760bd594e",
        sha256: "bbea5b0b3ee389849cffa7ddae89de064a90abd2b055fc5aa99aac68db324776",
    },
    Pin {
        repo: "depth-anything/DA3MONO-LARGE",
        revision: "f465978e618db8cc79c83b8bbf24964857db1875",
        sha256: "7a799a7f95eb8d4c404c2ca8be3dc3276b350a417ddc4420db72ba850cc0e960",
    },
];

impl Entry {
    /// The revision and the digest that Fathom knows of itself, where it knows them.
    pub fn pin(&self) -> Option<&'static Pin> {
        PINS.iter().find(|pin| pin.repo == self.source)
    }

    /// The revision that is fetched.
    pub fn revision(&self) -> &'static str {
        self.pin().map_or("main", |pin| pin.revision)
    }

    /// The weight file as it is published.
    pub fn published_weights(&self) -> RemoteFile {
        let check = self.pin().map_or(Check::Published, |pin| Check::Pinned(pin.sha256.into()));
        self.published(WEIGHTS, check)
    }

    /// The file that says which network the weights belong to.
    pub fn published_config(&self) -> RemoteFile {
        self.published(CONFIG, Check::Length)
    }

    fn published(&self, file: &str, check: Check) -> RemoteFile {
        RemoteFile { repo: self.source.into(), revision: self.revision().into(), file: file.into(), check }
    }

    /// What comes out, in a few words.
    pub fn gives(&self) -> &'static str {
        match (self.family, self.preset) {
            (Family::AnyView, Preset::Da3Nested) => "metric depth, confidence, cameras, sky, 3D Gaussians",
            (Family::AnyView, Preset::Da3Giant) => "depth, confidence, cameras, 3D Gaussians",
            (Family::AnyView, _) => "depth, confidence, cameras",
            (Family::SingleWithSky, Preset::Da3MetricLarge) => "metric depth, sky",
            (Family::SingleWithSky, _) => "relative depth, sky",
            (Family::DepthAnythingV2, preset) => match da2_output(preset) {
                Some(Da2Output::Metric { .. }) => "metric depth",
                _ => "relative depth",
            },
        }
    }
}

/// What the last layer of a Depth Anything V2 network gives.
pub(super) fn da2_output(preset: Preset) -> Option<Da2Output> {
    match preset {
        Preset::Da2Small(output) | Preset::Da2Base(output) | Preset::Da2Large(output) => Some(output),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::entries;

    #[test]
    fn every_depth_anything_3_model_is_pinned() {
        for entry in entries() {
            assert_eq!(entry.pin().is_some(), !entry.preset.is_da2(), "{}", entry.id);
            let is_pinned = matches!(entry.published_weights().check, Check::Pinned(_));
            assert_eq!(is_pinned, entry.revision() != "main", "{}", entry.id);
        }
        for pin in &PINS {
            let hex = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit() && !byte.is_ascii_uppercase());
            assert!(pin.revision.len() == 40 && pin.sha256.len() == 64 && hex(pin.revision) && hex(pin.sha256));
        }
    }
}
