//! Other people's code on a thread of its own: what panics there is an error, and what never ends is left behind.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{TryRecvError, bounded};

use super::SfmError;

/// How often somebody may want to stop.
const POLL: Duration = Duration::from_millis(5);

/// Runs `work`, which is to end when the flag that it is given is up, for no longer than `limit`. Of work that is cancelled or takes too
/// long the thread goes on by itself until it heeds the flag; whatever it comes to is dropped.
///
/// One of rayon's own threads does the work itself: others would wait for it there, and work that is its own may lie with them.
///
/// # Errors
/// What `work` answers; [`SfmError::Cancelled`], and [`SfmError::Solver`] for a panic and what takes too long.
pub(super) fn aside<T: Send + 'static>(
    limit: Duration,
    is_cancelled: &(dyn Fn() -> bool + Sync),
    work: impl FnOnce(&(dyn Fn() -> bool + Sync)) -> Result<T, SfmError> + Send + 'static,
) -> Result<T, SfmError> {
    let guarded = |stops: &(dyn Fn() -> bool + Sync)| {
        let ended = catch_unwind(AssertUnwindSafe(|| work(stops)));
        ended.unwrap_or_else(|_| Err(SfmError::Solver("the solver gave up".into())))
    };
    if rayon::current_thread_index().is_some() {
        return guarded(is_cancelled);
    }
    let stop = Arc::new(AtomicBool::new(false));
    let (sender, ended) = bounded(1);
    let flag = Arc::clone(&stop);
    let spawned = thread::Builder::new().name("solver".into()).spawn(move || {
        // Nobody may wait for it any more.
        let _ = sender.send(guarded(&|| flag.load(Ordering::Relaxed)));
    });
    if let Err(error) = spawned {
        return Err(SfmError::Solver(format!("no thread can be started ({error})")));
    }
    let started = Instant::now();
    loop {
        match ended.try_recv() {
            Ok(result) => return result,
            Err(TryRecvError::Disconnected) => return Err(SfmError::Solver("the solver gave up".into())),
            Err(TryRecvError::Empty) if is_cancelled() => {
                stop.store(true, Ordering::Relaxed);
                return Err(SfmError::Cancelled);
            }
            Err(TryRecvError::Empty) if started.elapsed() > limit => {
                stop.store(true, Ordering::Relaxed);
                return Err(SfmError::Solver(format!("it did not end within {} s", limit.as_secs())));
            }
            Err(TryRecvError::Empty) => thread::sleep(POLL),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(60);

    fn never() -> bool {
        false
    }

    #[test]
    fn what_ends_panics_or_never_ends_comes_back() {
        assert!(matches!(aside(LONG, &never, |_| Ok(7)), Ok(7)));
        let panicked = aside::<()>(LONG, &never, |_| panic!("index out of bounds"));
        assert!(matches!(panicked, Err(SfmError::Solver(_))));
        let endless = |_: &(dyn Fn() -> bool + Sync)| -> Result<(), SfmError> {
            loop {
                thread::sleep(POLL);
            }
        };
        let late = aside(Duration::from_millis(50), &never, endless);
        assert!(matches!(late, Err(SfmError::Solver(why)) if why.contains("did not end")));
        let started = Instant::now();
        assert!(matches!(aside(LONG, &|| true, endless), Err(SfmError::Cancelled)));
        assert!(started.elapsed() < Duration::from_secs(1));
    }

    #[test]
    fn work_is_told_to_stop() {
        let (sender, told) = bounded(1);
        let heeds = move |stops: &(dyn Fn() -> bool + Sync)| -> Result<(), SfmError> {
            while !stops() {
                thread::sleep(POLL);
            }
            sender.send(()).map_err(|_| SfmError::Cancelled)
        };
        assert!(matches!(aside(LONG, &|| true, heeds), Err(SfmError::Cancelled)));
        assert!(told.recv_timeout(LONG).is_ok());
    }
}
