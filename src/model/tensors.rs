//! The weights of a small network as plain numbers, read whole and in f32.

use super::ModelError;
use super::names::TensorSpec;
use super::source::{TensorSource, compare};

/// A source whose contents were checked against what one network needs.
pub struct Tensors<'a> {
    source: &'a dyn TensorSource,
}

impl<'a> Tensors<'a> {
    /// Compares names, shapes and element types with `specs`, without reading a tensor. `network` is what errors call it.
    pub fn check(
        source: &'a dyn TensorSource,
        network: &'static str,
        specs: &[TensorSpec],
    ) -> Result<Self, ModelError> {
        compare(&source.label(), network, &source.contents(), specs)?;
        Ok(Self { source })
    }

    /// The numbers of a tensor that was checked to be there, row-major.
    ///
    /// # Errors
    /// [`ModelError::NotFinite`], and what the source says.
    pub fn numbers(&self, name: &str, count: usize) -> Result<Vec<f32>, ModelError> {
        let (mut all, mut is_finite) = (Vec::new(), true);
        self.source.show(name, &mut |numbers| {
            is_finite = numbers.are_finite();
            all = (0..count).map(|i| numbers.get(i)).collect();
        })?;
        let not_finite = || ModelError::NotFinite { file: self.source.label(), tensor: name.to_owned() };
        if is_finite { Ok(all) } else { Err(not_finite()) }
    }
}
