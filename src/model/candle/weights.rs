//! Weights on their way to a device: read, changed on the host, uploaded; in a rehearsal, their shapes.

use candle_core::{DType, Device, Result};

use super::array::{Array, Kind, rehearse, rehearsed, unrecorded};
use crate::model::kernels::Format;
use crate::model::operations::Precision;
use crate::model::{Contents, ModelError};

/// The weights of a network for one device.
pub struct Weights<'a> {
    pub contents: &'a Contents<'a>,
    pub device: &'a Device,
}

impl Weights<'_> {
    /// A tensor in f32.
    pub fn f32(&self, name: &str) -> std::result::Result<Array, ModelError> {
        self.prepared(name, |x| Ok(x.clone()))
    }

    /// A tensor that is read in f32 and changed on the host before it goes to the device: exactly the bytes of what it became,
    /// so that half precision takes half of them.
    pub fn prepared(
        &self,
        name: &str,
        change: impl Fn(&Array) -> Result<Array>,
    ) -> std::result::Result<Array, ModelError> {
        if rehearsed().is_some() {
            // What happens on the host takes nothing of a device.
            let (shape, element) = (self.contents.shape(name), DType::F32);
            let changed = || change(&Array::shaped(shape, element)).map(|x| (x.shape().clone(), x.element()));
            let (shape, element) = rehearse(Kind::Cpu, changed).0?;
            return Ok(Array::shaped(shape, element));
        }
        let changed = unrecorded(|| -> std::result::Result<_, ModelError> {
            let changed = change(&self.contents.tensor(name)?.into())?;
            Ok(changed.tensor()?.to_device(self.device)?)
        })?;
        Ok(changed.into())
    }

    /// The numbers of a small tensor, row-major.
    pub fn on_host(&self, name: &str) -> std::result::Result<Vec<f32>, ModelError> {
        match rehearsed() {
            Some(_) => Ok(vec![0.0; self.contents.shape(name).iter().product()]),
            None => self.contents.numbers(name),
        }
    }

    /// The element type of a matrix that is kept so exactly.
    pub fn element(&self, precision: Precision) -> std::result::Result<DType, ModelError> {
        match (precision, self.contents.format()) {
            (Precision::Single, _) | (_, Format::F32) => Ok(DType::F32),
            (_, Format::F16) => Ok(DType::F16),
            (_, Format::Bf16) => Ok(DType::BF16),
            (_, Format::Int8) => Err(ModelError::Int8NeedsKernels),
        }
    }
}
