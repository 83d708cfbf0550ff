//! An export that is under way.

use std::sync::Arc;

use crate::export::ExportWatch;
use crate::memory::shown_bytes;

/// Most that is said to be done while there is something to do: what is expected is not exact.
const MOST: f32 = 0.99;

/// An export under way.
pub struct Exporting {
    pub watch: Arc<ExportWatch>,
    /// Bytes that it will take, where that is known.
    pub expected: Option<u64>,
}

impl Exporting {
    /// How much of it is done, 0..1, where that is known.
    pub fn done(&self) -> Option<f32> {
        self.expected.map(|all| (self.watch.written() as f32 / all.max(1) as f32).min(MOST))
    }

    /// How far it is.
    pub fn words(&self) -> String {
        let written = self.watch.written();
        match self.expected.filter(|all| *all >= written) {
            _ if self.watch.is_stopped() => "Cancelling the export".into(),
            Some(all) => format!("Exporting · {} of about {}", shown_bytes(written), shown_bytes(all)),
            None => format!("Exporting · {}", shown_bytes(written)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_says_what_is_known() {
        let export = |expected| Exporting { watch: Arc::default(), expected };
        assert_eq!((export(None).done(), export(None).words().as_str()), (None, "Exporting · 0 MB"));
        assert_eq!(export(Some(417_000_000)).done(), Some(0.0));
        assert!(export(Some(417_000_000)).words().ends_with("of about 417 MB"));
        let stopped = export(None);
        stopped.watch.stop();
        assert_eq!(stopped.words(), "Cancelling the export");
    }
}
