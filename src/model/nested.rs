//! A file that holds two networks side by side, each looked at as if it were a file of its own.

use std::collections::HashMap;

use candle_core::Tensor;

use super::names::ROOT;
use super::stored::Numbers;
use super::{Described, ModelError, TensorSource};

/// The part of a source whose names begin with a prefix, which is shown as [`ROOT`].
pub struct Part<'a> {
    pub source: &'a dyn TensorSource,
    pub prefix: &'static str,
}

impl Part<'_> {
    fn stored(&self, name: &str) -> String {
        name.replacen(ROOT, self.prefix, 1)
    }
}

impl TensorSource for Part<'_> {
    fn label(&self) -> String {
        self.source.label()
    }

    fn contents(&self) -> HashMap<String, Described> {
        let of_part = |(name, described): (String, Described)| {
            let rest = name.strip_prefix(self.prefix)?;
            Some((format!("{ROOT}{rest}"), described))
        };
        self.source.contents().into_iter().filter_map(of_part).collect()
    }

    fn read(&self, name: &str) -> Result<Tensor, ModelError> {
        self.source.read(&self.stored(name))
    }

    fn show(&self, name: &str, look: &mut dyn FnMut(Numbers)) -> Result<(), ModelError> {
        self.source.show(&self.stored(name), look)
    }
}
