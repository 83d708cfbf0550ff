//! Waiting for a device on the way: one that keeps what was freed gives it back only then.

use std::fmt::Arguments;

use super::devices::Opened;
use crate::model::{ModelError, Shown, Step, Watch};

/// Looks over a network's shoulder for somebody else, and waits for the device before each part that takes much memory beside
/// what came before. On Metal, whose buffers are swept only there, a pass of 24 views takes half as much by that; and a
/// command buffer that the system has stopped is heard of at once.
pub(super) struct Sweeping<'a> {
    pub watch: &'a dyn Watch,
    pub opened: &'a Opened,
}

impl Watch for Sweeping<'_> {
    fn step(&self, step: Step) -> Result<(), ModelError> {
        if self.opened.keeps_buffers() && matches!(step, Step::Features { .. } | Step::Head { .. }) {
            self.opened.synchronize()?;
        }
        self.watch.step(step)
    }

    fn tensor(&self, name: Arguments<'_>, tensor: &dyn Shown) {
        self.watch.tensor(name, tensor);
    }
}
