//! A network on a card, each pass of which is run on paper first: so its memory is had in one go, as much as it takes.

use std::sync::{Arc, Mutex, PoisonError};

use candle_core::{DType, Device, Tensor};

use super::OnCard;
use crate::geometry::{Intrinsics, Rigid};
use crate::model::encoded::{Encoded, EncodedView};
use crate::model::gpu::Gpu;
use crate::model::maps::Maps;
use crate::model::net::{Net, Runs};
use crate::model::options::{Conditioning, Options};
use crate::model::shapes::Shapes;
use crate::model::{Contents, ModelError, Preset, Reference, Silent, Watch};

/// A network over a card.
pub struct CardNet {
    net: Net<OnCard>,
    gpu: Arc<Gpu>,
    paper: Paper,
    /// What the latest pass was like, and the blocks of memory that it took.
    planned: Mutex<Option<(Like, Vec<u64>)>>,
}

/// What of a pass says how much memory it takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Like {
    /// Views, height and width.
    pub size: [usize; 3],
    pub has_poses: bool,
    pub export: Vec<usize>,
}

/// The same network without its numbers.
pub struct Paper {
    net: Net<OnCard>,
    pub gpu: Arc<Gpu>,
}

impl CardNet {
    pub fn new(gpu: &Arc<Gpu>, weights: &Contents, options: &Options) -> Result<Self, ModelError> {
        Ok(Self {
            net: Net::new(OnCard::new(gpu), weights, options)?,
            gpu: Arc::clone(gpu),
            paper: Paper::new(weights.preset(), options)?,
            planned: Mutex::default(),
        })
    }
}

impl Runs for CardNet {
    fn has_tiles(&self) -> bool {
        false
    }

    fn encode(&self, images: &Tensor, conditioning: &Conditioning, watch: &dyn Watch) -> Result<Encoded, ModelError> {
        let (views, _, height, width) = images.dims4()?;
        let like = Like {
            size: [views, height, width],
            has_poses: conditioning.poses.is_some(),
            export: conditioning.export_features.to_vec(),
        };
        let mut planned = self.planned.lock().unwrap_or_else(PoisonError::into_inner);
        let blocks = match planned.take() {
            Some((known, blocks)) if known == like => blocks,
            _ => {
                self.paper.run(&like, &Silent)?;
                self.paper.gpu.high_water()
            }
        };
        // Each time: the card may have looked through another network meanwhile.
        self.gpu.prepare(&blocks);
        *planned = Some((like, blocks));
        drop(planned);
        self.net.encode(images, conditioning, watch)
    }

    fn decode(&self, view: EncodedView, watch: &dyn Watch) -> Result<Maps, ModelError> {
        self.net.decode(view, watch)
    }
}

impl Paper {
    pub fn new(preset: Preset, options: &Options) -> Result<Self, ModelError> {
        let gpu = Gpu::on_paper();
        let shapes = Shapes::of(preset);
        let weights = Contents::check(&shapes, preset, options.format, &|_| Ok(()))?;
        Ok(Self { net: Net::new(OnCard::new(&gpu), &weights, options)?, gpu })
    }

    /// A pass: the backbone over all views, the head over each. What it asks for is written down in [`Self::gpu`].
    pub fn run(&self, like: &Like, watch: &dyn Watch) -> Result<(), ModelError> {
        self.gpu.turn_page();
        let [views, height, width] = like.size;
        // One number, seen as often as there are pixels.
        let images = Tensor::zeros(1, DType::F32, &Device::Cpu)?.broadcast_as((views, 3, height, width))?;
        let camera = (Rigid::IDENTITY, Intrinsics::centred(width as f32, width as u32, height as u32));
        let poses = like.has_poses.then(|| vec![camera; views]);
        // Views change places for any reference but the first.
        let reference = Some(Reference::Middle);
        let export_features = &like.export;
        let how = Conditioning { reference, poses: poses.as_deref(), export_features, ..Conditioning::default() };
        let encoded = self.net.encode(&images, &how, watch)?;
        for view in encoded.views {
            self.net.decode(view, watch)?;
        }
        Ok(())
    }
}
