//! The networks: presets, weight names, backbone, heads, cameras.
//!
//! A network is written once, over the traits of `operations`; `candle`, `on_kernels` and `on_card` are who calculates.
//!
//! A network is read from a [`TensorSource`] (it does not know files) and is run in two steps: [`Network::encode`] looks
//! at all views of a pass together, [`Network::decode`] draws the maps of one view, so that memory for the heads does
//! not grow with the number of views. [`Watch`] is called between the parts of both: it reports progress, cancels, and
//! lets tests see intermediate tensors.
//!
//! The small networks that match photos ([`xfeat`], [`lighterglue`]) run on our kernels alone, on plain numbers.

mod camera;
pub mod candle;
mod clearest;
mod dpt;
mod embed;
mod encoded;
mod error;
mod footprint;
mod gaussian_head;
mod generated;
pub mod gpu;
mod host;
mod kept;
pub mod kernels;
pub mod lighterglue;
mod maps;
mod memo;
mod names;
mod names_hf;
mod nested;
mod net;
mod network;
mod on_card;
mod on_kernels;
mod operations;
mod options;
mod preset;
mod pyramid;
mod reckoning;
mod reference;
mod rehearsal;
mod shapes;
mod source;
mod stored;
mod table;
mod tensors;
mod trouble;
mod vit;
mod watch;
pub mod xfeat;

pub use candle::array::Kind;
pub use clearest::clearest;
pub use encoded::{Encoded, EncodedView};
pub use error::ModelError;
pub use footprint::{pass_bytes, weight_bytes};
pub use generated::{Generated, generated_values};
pub use kept::{Backend, Kept, PassShape};
pub use kernels::Format;
pub use maps::{FeatureMap, Maps, RawGaussians, Rays};
pub use names::{TensorSpec, tensor_specs};
pub use network::Network;
pub use operations::TILE_BYTES;
pub use options::{Conditioning, Options};
pub use preset::{Da2Output, HeadConfig, HeadKind, PATCH, Preset, Vit, VitConfig};
pub use reckoning::{Reckoning, Stage};
pub use reference::{Reference, select_reference};
pub use rehearsal::Rehearsal;
pub use source::{Contents, Described, TensorSource};
pub use stored::{Numbers, stored_as, to_int8};
pub use table::Table;
pub use trouble::{SAYINGS, Saying, Trouble, driver_text, panic_text, trouble_in};
pub use watch::{Shown, Silent, Step, Watch};
