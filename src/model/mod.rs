//! The networks on candle: presets, weight names, ViT, attention, heads, cameras.
//!
//! A network is read from a [`TensorSource`] (it does not know files) and is run in two steps: [`Network::encode`] looks
//! at all views of a pass together, [`Network::decode`] draws the maps of one view, so that memory for the heads does
//! not grow with the number of views. [`Watch`] is called between the parts of both: it reports progress, cancels, and
//! lets tests see intermediate tensors.
//!
//! The small networks that match photos ([`xfeat`], [`lighterglue`]) run on our kernels alone, on plain numbers.

pub mod array;
mod attention;
mod block;
mod block_cpu;
mod block_parts;
mod camera;
mod clearest;
mod dpt;
mod embed;
mod error;
mod feed;
mod footprint;
mod gaussian_head;
mod generated;
mod host;
mod image;
mod kept;
pub mod kernels;
pub mod lighterglue;
mod memo;
mod names;
mod names_hf;
mod nested;
mod network;
mod ops;
mod patches;
mod preset;
mod reference;
mod rehearsal;
mod source;
mod stored;
mod table;
mod tensors;
mod trouble;
mod vit;
mod watch;
pub mod xfeat;

pub use attention::TILE_BYTES;
pub use clearest::clearest;
pub use error::ModelError;
pub use footprint::{pass_bytes, weight_bytes};
pub use generated::{Generated, generated_values};
pub use kept::{Kept, PassShape};
pub use kernels::Format;
pub use names::{TensorSpec, tensor_specs};
pub use network::{Conditioning, Encoded, EncodedView, FeatureMap, Maps, Network, Options, RawGaussians, Rays};
pub use patches::PATCH;
pub use preset::{Da2Output, HeadConfig, HeadKind, Preset, Vit, VitConfig};
pub use reference::{Reference, select_reference};
pub use rehearsal::Rehearsal;
pub use source::{Backend, Contents, Described, TensorSource};
pub use stored::{Numbers, stored_as, to_int8};
pub use table::Table;
pub use trouble::{SAYINGS, Saying, Trouble, driver_text, panic_text, trouble_in};
pub use watch::{Shown, Silent, Step, Watch};
