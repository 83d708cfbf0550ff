//! A whole network, whoever calculates.

use std::cell::Cell;

use candle_core::{Device, Tensor};

use super::candle::Candle;
use super::encoded::{Encoded, EncodedView};
use super::kept::Backend;
use super::maps::Maps;
use super::names::{ANY_VIEW_PART, METRIC_PART};
use super::nested::Part;
use super::net::{Net, Runs};
use super::on_card::CardNet;
use super::on_kernels::Kernels;
use super::options::{Conditioning, Options};
use super::preset::Preset;
use super::source::Contents;
use super::{ModelError, TensorSource, Watch};

/// A network that is ready to run.
pub struct Network {
    preset: Preset,
    net: Box<dyn Runs>,
    metric: Option<Box<Network>>,
}

impl Network {
    /// Checks that `source` holds exactly the weights of `preset`, and reads what the options ask for.
    pub fn new(
        source: &dyn TensorSource,
        preset: Preset,
        device: &Device,
        options: &Options,
    ) -> Result<Self, ModelError> {
        if let Some(metric) = preset.metric_part() {
            return Self::nested(source, preset, metric, device, options);
        }
        let weights = Contents::check(source, preset, options.format, options.on_bytes)?;
        let net: Box<dyn Runs> = match (options.backend(device), options.card) {
            (Backend::Card, Some(gpu)) => Box::new(CardNet::new(gpu, &weights, options)?),
            (Backend::Candle | Backend::Card, _) => Box::new(Net::new(Candle::new(device), &weights, options)?),
            (Backend::Kernels, _) => Box::new(Net::new(Kernels, &weights, options)?),
        };
        Ok(Self { preset, net, metric: None })
    }

    /// Two networks from one file.
    fn nested(
        source: &dyn TensorSource,
        preset: Preset,
        metric: Preset,
        device: &Device,
        options: &Options,
    ) -> Result<Self, ModelError> {
        // The parts see no name that belongs to neither, so that the whole is looked at first.
        Contents::check(source, preset, options.format, options.on_bytes)?;
        let before = Cell::new(0);
        let on_bytes = |bytes| {
            before.set(bytes);
            (options.on_bytes)(bytes)
        };
        let part = Part { source, prefix: ANY_VIEW_PART };
        let any_view = Self::new(&part, preset.any_view_part(), device, &Options { on_bytes: &on_bytes, ..*options })?;
        let on_bytes = |bytes| (options.on_bytes)(before.get() + bytes);
        let part = Part { source, prefix: METRIC_PART };
        let metric = Self::new(&part, metric, device, &Options { on_bytes: &on_bytes, ..*options })?;
        Ok(Self { preset, metric: Some(Box::new(metric)), ..any_view })
    }

    /// The second network of a nested preset, which looks at single views and gives metres and sky.
    pub fn metric(&self) -> Option<&Self> {
        self.metric.as_deref()
    }

    pub fn preset(&self) -> Preset {
        self.preset
    }

    /// Whether attention keeps scores here, so that smaller tiles of them save memory.
    pub fn has_tiles(&self) -> bool {
        self.net.has_tiles()
    }

    /// Runs the backbone over normalised images [S, 3, H, W] (f32; both sides multiples of 14).
    pub fn encode(
        &self,
        images: &Tensor,
        conditioning: &Conditioning,
        watch: &dyn Watch,
    ) -> Result<Encoded, ModelError> {
        self.net.encode(images, conditioning, watch)
    }

    /// Draws the maps of one view, whose features are gone as soon as they are used.
    pub fn decode(&self, view: EncodedView, watch: &dyn Watch) -> Result<Maps, ModelError> {
        self.net.decode(view, watch)
    }
}
