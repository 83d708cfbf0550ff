//! The models Fathom knows: what they are for, what they cost, under which licence (specification §1.3; Depth Anything
//! V2 §2).

use serde::{Deserialize, Serialize};

use crate::model::{Da2Output, Preset};

/// A model by its stable name, as settings and the command line spell it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ModelId(pub String);

impl Default for ModelId {
    /// The built-in model.
    fn default() -> Self {
        Self(BUILT_IN.into())
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
    pub preset: Preset,
    pub parameters: u64,
    /// Bytes of the published weight file.
    pub file_bytes: u64,
    pub licence: &'static str,
    pub non_commercial: bool,
    /// Repository on Hugging Face that publishes the weights, as `owner/name`.
    pub source: &'static str,
}

/// Id of the model that ships inside the program.
pub const BUILT_IN: &str = "da2-small";

const APACHE: (&str, bool) = ("Apache-2.0", false);
const NON_COMMERCIAL: (&str, bool) = ("CC BY-NC 4.0", true);
/// Cards that say Apache-2.0 for weights that were fine-tuned from non-commercial ones.
const UNCLEAR: (&str, bool) = ("Apache-2.0 by its card, from CC BY-NC 4.0 weights", true);

const INDOOR: Da2Output = Da2Output::Metric { max_depth: 20.0 };
const OUTDOOR: Da2Output = Da2Output::Metric { max_depth: 80.0 };

const ANY_VIEW_SMALL: &str = "Depth and cameras from any number of photos, quick and light";
const RELATIVE: &str = "Depth of single photos, no unit";
const INDOOR_METRES: &str = "Depth in metres, indoors, up to 20 m";
const OUTDOOR_METRES: &str = "Depth in metres, outdoors, up to 80 m";

/// Every model that Fathom knows, in the order in which a menu shows them.
pub static ENTRIES: [Entry; 16] = [
    da2(
        "da2-small",
        "Depth Anything V2 Small",
        "Depth of single photos, built in and works offline",
        Preset::Da2Small(Da2Output::Disparity),
        APACHE,
        "depth-anything/Depth-Anything-V2-Small-hf",
    ),
    da3(
        "da3-small",
        "DA3-Small",
        ANY_VIEW_SMALL,
        Preset::Da3Small,
        (34_299_463, 137_248_940),
        APACHE,
        "depth-anything/DA3-SMALL",
    ),
    da3(
        "da3-base",
        "DA3-Base",
        "Depth and cameras from any number of photos, the balanced choice",
        Preset::Da3Base,
        (135_366_599, 541_518_028),
        APACHE,
        "depth-anything/DA3-BASE",
    ),
    da3(
        "da3-large",
        "DA3-Large 1.1",
        "Finer depth and steadier cameras",
        Preset::Da3Large,
        (410_941_767, 1_643_843_860),
        NON_COMMERCIAL,
        "depth-anything/DA3-LARGE-1.1",
    ),
    da3(
        "da3-giant",
        "DA3-Giant 1.1",
        "The best depth and cameras",
        Preset::Da3Giant,
        (1_355_674_125, 5_422_814_644),
        NON_COMMERCIAL,
        "depth-anything/DA3-GIANT-1.1",
    ),
    da3(
        "da3-nested",
        "DA3-Nested 1.1",
        "The best depth and cameras, in metres, with sky",
        Preset::Da3Nested,
        (1_689_845_519, 6_759_558_100),
        NON_COMMERCIAL,
        "depth-anything/DA3NESTED-GIANT-LARGE-1.1",
    ),
    da3(
        "da3-mono-large",
        "DA3-Mono-Large",
        "The sharpest depth of single photos, with sky",
        Preset::Da3MonoLarge,
        (334_171_394, 1_336_734_472),
        APACHE,
        "depth-anything/DA3MONO-LARGE",
    ),
    da3(
        "da3-metric-large",
        "DA3-Metric-Large",
        "Depth of single photos in metres, with sky",
        Preset::Da3MetricLarge,
        (334_171_394, 1_336_734_472),
        APACHE,
        "depth-anything/DA3METRIC-LARGE",
    ),
    da2(
        "da2-base",
        "Depth Anything V2 Base",
        RELATIVE,
        Preset::Da2Base(Da2Output::Disparity),
        NON_COMMERCIAL,
        "depth-anything/Depth-Anything-V2-Base-hf",
    ),
    da2(
        "da2-large",
        "Depth Anything V2 Large",
        RELATIVE,
        Preset::Da2Large(Da2Output::Disparity),
        NON_COMMERCIAL,
        "depth-anything/Depth-Anything-V2-Large-hf",
    ),
    da2(
        "da2-indoor-small",
        "Depth Anything V2 Indoor Small",
        INDOOR_METRES,
        Preset::Da2Small(INDOOR),
        APACHE,
        "depth-anything/Depth-Anything-V2-Metric-Indoor-Small-hf",
    ),
    da2(
        "da2-indoor-base",
        "Depth Anything V2 Indoor Base",
        INDOOR_METRES,
        Preset::Da2Base(INDOOR),
        UNCLEAR,
        "depth-anything/Depth-Anything-V2-Metric-Indoor-Base-hf",
    ),
    da2(
        "da2-indoor-large",
        "Depth Anything V2 Indoor Large",
        INDOOR_METRES,
        Preset::Da2Large(INDOOR),
        UNCLEAR,
        "depth-anything/Depth-Anything-V2-Metric-Indoor-Large-hf",
    ),
    da2(
        "da2-outdoor-small",
        "Depth Anything V2 Outdoor Small",
        OUTDOOR_METRES,
        Preset::Da2Small(OUTDOOR),
        APACHE,
        "depth-anything/Depth-Anything-V2-Metric-Outdoor-Small-hf",
    ),
    da2(
        "da2-outdoor-base",
        "Depth Anything V2 Outdoor Base",
        OUTDOOR_METRES,
        Preset::Da2Base(OUTDOOR),
        UNCLEAR,
        "depth-anything/Depth-Anything-V2-Metric-Outdoor-Base-hf",
    ),
    da2(
        "da2-outdoor-large",
        "Depth Anything V2 Outdoor Large",
        OUTDOOR_METRES,
        Preset::Da2Large(OUTDOOR),
        UNCLEAR,
        "depth-anything/Depth-Anything-V2-Metric-Outdoor-Large-hf",
    ),
];

/// Every model that Fathom knows, in the order in which a menu shows them.
pub fn entries() -> &'static [Entry] {
    &ENTRIES
}

/// The entry with this id.
pub fn find(id: &ModelId) -> Option<&'static Entry> {
    entries().iter().find(|entry| entry.id == id.0)
}

/// An entry for Depth Anything 3.
const fn da3(
    id: &'static str,
    name: &'static str,
    purpose: &'static str,
    preset: Preset,
    (parameters, file_bytes): (u64, u64),
    (licence, non_commercial): (&'static str, bool),
    source: &'static str,
) -> Entry {
    let family = match preset {
        Preset::Da3MonoLarge | Preset::Da3MetricLarge => Family::SingleWithSky,
        _ => Family::AnyView,
    };
    Entry { id, name, purpose, family, preset, parameters, file_bytes, licence, non_commercial, source }
}

/// An entry for Depth Anything V2.
const fn da2(
    id: &'static str,
    name: &'static str,
    purpose: &'static str,
    preset: Preset,
    (licence, non_commercial): (&'static str, bool),
    source: &'static str,
) -> Entry {
    // Parameters that are used, and bytes of the published F32 file.
    let (parameters, file_bytes) = match preset {
        Preset::Da2Base(_) => (97_174_849, 390_000_000),
        Preset::Da2Large(_) => (334_134_465, 1_340_000_000),
        _ => (24_710_849, 99_200_000),
    };
    let family = Family::DepthAnythingV2;
    Entry { id, name, purpose, family, preset, parameters, file_bytes, licence, non_commercial, source }
}

impl Entry {
    /// Models whose weights look alike: same names, same shapes, and other numbers come out.
    pub fn twins(&self) -> impl Iterator<Item = &'static Entry> {
        let (preset, id) = (self.preset, self.id);
        let looks = move |other: Preset| {
            other.vit() == preset.vit()
                && other.is_da2() == preset.is_da2()
                && other.is_any_view() == preset.is_any_view()
        };
        let is_alone = preset.metric_part().is_some() || preset.is_any_view();
        ENTRIES.iter().filter(move |other| !is_alone && other.id != id && looks(other.preset))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::tensor_specs;

    #[test]
    fn ids_are_unique_and_parameters_are_those_of_the_networks() {
        let mut ids: Vec<_> = ENTRIES.iter().map(|e| e.id).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), ENTRIES.len());
        for entry in &ENTRIES {
            let used = tensor_specs(entry.preset).into_iter().filter(|spec| !spec.optional);
            let parameters: usize = used.map(|spec| spec.shape.iter().product::<usize>()).sum();
            assert_eq!(entry.parameters, parameters as u64, "{}", entry.id);
        }
    }
}
