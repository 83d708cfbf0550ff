//! The largest resident memory during a stretch of work.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use crossbeam_channel::{RecvTimeoutError, Sender, bounded};

use super::Sampler;
use super::status::status_bytes;

const INTERVAL: Duration = Duration::from_millis(20);

/// Samples on a thread of its own from `start` to `stop` (or until it is dropped).
pub struct PeakWatch {
    peak_bytes: Arc<AtomicU64>,
    /// The peak of the time before, where the system keeps it.
    peak_before: Option<u64>,
    /// Dropped to end the thread.
    alive: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl PeakWatch {
    /// Where no thread can be started the peak is what `stop` sees.
    pub fn start() -> Self {
        let peak_bytes = Arc::new(AtomicU64::new(0));
        let (alive, ended) = bounded::<()>(0);
        let seen = peak_bytes.clone();
        let watch = move || {
            let mut sampler = Sampler::default();
            loop {
                seen.fetch_max(sampler.resident_bytes(), Ordering::Relaxed);
                if ended.recv_timeout(INTERVAL) != Err(RecvTimeoutError::Timeout) {
                    break;
                }
            }
        };
        let thread = std::thread::Builder::new().name("fathom-peak".into()).spawn(watch).ok();
        Self { peak_bytes, peak_before: peak_since_start(), alive: Some(alive), thread }
    }

    /// Ends the watch: largest resident memory since `start`, in bytes.
    pub fn stop(mut self) -> u64 {
        self.alive = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::warn!("the thread that watches the peak of memory ended in a panic");
        }
        let seen = self.peak_bytes.load(Ordering::Relaxed).max(Sampler::default().resident_bytes());
        // A peak that the system has kept since then is exact: it cannot fall between two samples.
        peak_since_start().filter(|&peak| Some(peak) > self.peak_before).map_or(seen, |exact| exact.max(seen))
    }
}

/// The largest resident memory of this process since it began, where the system keeps it: Linux does.
pub fn peak_since_start() -> Option<u64> {
    status_bytes("VmHWM")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_os = "linux")]
    fn linux_keeps_the_peak() {
        let before = Sampler::default().sample().resident_bytes;
        let block = vec![1u8; 200 << 20];
        assert_eq!(block.last(), Some(&1));
        drop(block);
        assert!(peak_since_start().expect("Linux keeps it") > before + (150 << 20));
    }

    #[test]
    fn sees_a_peak_that_is_over() {
        let watch = PeakWatch::start();
        let before = Sampler::default().sample().resident_bytes;
        let block = vec![1u8; 200 << 20];
        std::thread::sleep(Duration::from_millis(100));
        assert_eq!(block.last(), Some(&1));
        drop(block);
        assert!(watch.stop() > before + (100 << 20));
    }
}
