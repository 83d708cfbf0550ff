//! Which models exist, their licence and size, and where their weights lie on disk.

mod entries;

pub use entries::{Entry, Family, ModelId};

const ENTRIES: [Entry; 4] = [
    Entry {
        id: "da2-small",
        name: "Depth Anything V2 Small",
        purpose: "Built in: quick relative depth of single photos",
        family: Family::DepthAnythingV2,
        parameters: 24_800_000,
        file_bytes: 99_200_000,
        licence: "Apache-2.0",
        non_commercial: false,
        source: "https://huggingface.co/depth-anything/Depth-Anything-V2-Small",
    },
    Entry {
        id: "da3-small",
        name: "DA3-Small",
        purpose: "Several views of one scene with cameras, light on memory",
        family: Family::AnyView,
        parameters: 80_000_000,
        file_bytes: 137_000_000,
        licence: "Apache-2.0",
        non_commercial: false,
        source: "https://huggingface.co/depth-anything/DA3-SMALL",
    },
    Entry {
        id: "da3-large",
        name: "DA3-Large",
        purpose: "Several views of one scene with cameras, the better depth",
        family: Family::AnyView,
        parameters: 350_000_000,
        file_bytes: 1_640_000_000,
        licence: "CC BY-NC 4.0",
        non_commercial: true,
        source: "https://huggingface.co/depth-anything/DA3-LARGE",
    },
    Entry {
        id: "da3-metric-large",
        name: "DA3Metric-Large",
        purpose: "Depth in metres and sky of single photos",
        family: Family::SingleWithSky,
        parameters: 350_000_000,
        file_bytes: 1_340_000_000,
        licence: "Apache-2.0",
        non_commercial: false,
        source: "https://huggingface.co/depth-anything/DA3METRIC-LARGE",
    },
];

/// Every model that Fathom knows, in the order in which a menu shows them.
pub fn entries() -> &'static [Entry] {
    &ENTRIES
}

/// The entry with this id.
pub fn find(id: &ModelId) -> Option<&'static Entry> {
    entries().iter().find(|entry| entry.id == id.0)
}

/// Where this model's weights lie on this machine, if they do.
pub fn locate(entry: &Entry) -> Option<std::path::PathBuf> {
    (entry.id == "da2-small").then(|| models_dir().join("depth-anything-v2-small.safetensors"))
}

/// The folder in which weight files are looked for.
pub fn models_dir() -> std::path::PathBuf {
    std::path::PathBuf::from("/home/someone/.local/share/fathom/models")
}
