//! What a network takes of a device's memory, from its record: by itself, and with the rules of candle's Metal pool.
//!
//! The pool rounds what kernels write up to a power of two, gives out the smallest free buffer that is large enough whatever
//! its size, and lets go of free buffers only when the device is waited for. Uploads are exact, and zeroed and read buffers
//! live in a pool of their own (candle-core 0.11.1, `metal_backend/device.rs`).

use std::collections::HashMap;

use super::{Event, Kind, Source};

/// The most bytes that a device of this kind holds over a record.
pub fn peak_bytes(kind: Kind, events: &[Event]) -> u64 {
    match kind {
        Kind::Metal => Pool::default().peak(events),
        Kind::Cpu | Kind::Cuda => plain_peak(events),
    }
}

/// Where memory that nobody uses is gone at once.
fn plain_peak(events: &[Event]) -> u64 {
    let (mut now, mut peak, mut sizes) = (0, 0, HashMap::new());
    for event in events {
        match event {
            Event::Take { block, bytes, .. } => {
                sizes.insert(*block, *bytes);
                now += bytes;
                peak = peak.max(now);
            }
            Event::Free { block } => now -= sizes.remove(block).unwrap_or(0),
            Event::Launch(_) | Event::Sweep => {}
        }
    }
    peak
}

/// Candle's pool of Metal buffers.
#[derive(Default)]
struct Pool {
    buffers: Vec<Buffer>,
    /// The buffer of each block in use.
    used: HashMap<usize, usize>,
    bytes: u64,
}

struct Buffer {
    bytes: u64,
    is_shared: bool,
    is_free: bool,
}

impl Pool {
    fn peak(mut self, events: &[Event]) -> u64 {
        let mut peak = 0;
        for event in events {
            match event {
                Event::Take { block, bytes, from } => self.take(*block, *bytes, *from),
                Event::Free { block } => {
                    if let Some(buffer) = self.used.remove(block) {
                        self.buffers[buffer].is_free = true;
                    }
                }
                Event::Sweep => self.sweep(),
                Event::Launch(_) => {}
            }
            peak = peak.max(self.bytes);
        }
        peak
    }

    fn take(&mut self, block: usize, bytes: u64, from: Source) {
        let is_shared = from != Source::Private;
        let fits = |buffer: &Buffer| buffer.is_free && buffer.is_shared == is_shared && buffer.bytes >= bytes;
        let found = self.buffers.iter().enumerate().filter(|(_, buffer)| from != Source::Upload && fits(buffer));
        let buffer = match found.min_by_key(|(_, buffer)| buffer.bytes) {
            Some((found, _)) => found,
            None => {
                let bytes = if from == Source::Upload { bytes } else { bytes.next_power_of_two() };
                self.bytes += bytes;
                self.buffers.push(Buffer { bytes, is_shared, is_free: false });
                self.buffers.len() - 1
            }
        };
        self.buffers[buffer].is_free = false;
        self.used.insert(block, buffer);
    }

    /// Gives back what nobody uses.
    fn sweep(&mut self) {
        let mut places = HashMap::new();
        let mut kept = Vec::with_capacity(self.buffers.len());
        for (old, buffer) in self.buffers.drain(..).enumerate() {
            if buffer.is_free {
                self.bytes -= buffer.bytes;
            } else {
                places.insert(old, kept.len());
                kept.push(buffer);
            }
        }
        self.buffers = kept;
        self.used.values_mut().for_each(|buffer| *buffer = places[buffer]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn take(block: usize, bytes: u64) -> Event {
        Event::Take { block, bytes, from: Source::Private }
    }

    #[test]
    fn buffers_are_rounded_up_used_again_and_swept() {
        let free = |block| Event::Free { block };
        let peak = |events: &[Event]| peak_bytes(Kind::Metal, events);
        assert_eq!(peak(&[take(0, 1000), take(1, 1025)]), 1024 + 2048);
        // A small tensor takes a large buffer that is free, so that the next large one needs another.
        assert_eq!(peak(&[take(0, 5000), free(0), take(1, 10), take(2, 5000)]), 2 * 8192);
        // The smallest that is large enough.
        assert_eq!(peak(&[take(0, 5000), take(1, 100), free(0), free(1), take(2, 90), take(3, 8192)]), 8192 + 128);
        assert_eq!(peak(&[take(0, 4096), free(0), Event::Sweep, take(1, 8192)]), 8192);
        assert_eq!(peak(&[take(0, 4096), free(0), take(1, 8192)]), 4096 + 8192);
    }

    #[test]
    fn uploads_are_exact_and_what_is_read_does_not_lie_among_what_is_written() {
        let event = |block, bytes, from| Event::Take { block, bytes, from };
        let free = |block| Event::Free { block };
        let events = [event(0, 1000, Source::Upload), free(0), take(1, 900), event(2, 900, Source::Shared)];
        assert_eq!(peak_bytes(Kind::Metal, &events), 1000 + 1024, "the read takes the upload's place");
        assert_eq!(peak_bytes(Kind::Cuda, &events), 1800);
        assert_eq!(peak_bytes(Kind::Cuda, &[take(0, 3), take(1, 4), free(0), take(2, 2)]), 7);
    }
}
