//! Ending a download from another thread.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use ureq::Agent;

use super::HubError;

/// Ends what was started with it: at once, also where that waits for a server. What has come stays on disk, so stopping
/// is pausing. Clones are the same stop.
#[derive(Clone, Default)]
pub struct Stop(Arc<Inner>);

#[derive(Default)]
struct Inner {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    stopped: bool,
    /// Whose connections to cut.
    agent: Option<Agent>,
}

impl Stop {
    pub fn stop(&self) {
        let mut state = self.state();
        state.stopped = true;
        if let Some(agent) = state.agent.take() {
            agent.shutdown();
        }
        self.0.changed.notify_all();
    }

    pub fn is_stopped(&self) -> bool {
        self.state().stopped
    }

    /// Lets a stop cut this agent's connections.
    pub(super) fn watch(&self, agent: &Agent) -> Result<(), HubError> {
        let mut state = self.state();
        state.agent = Some(agent.clone());
        if state.stopped { Err(HubError::Stopped) } else { Ok(()) }
    }

    pub(super) fn check(&self) -> Result<(), HubError> {
        if self.is_stopped() { Err(HubError::Stopped) } else { Ok(()) }
    }

    /// Sleeps, but no longer than until the stop.
    pub(super) fn wait(&self, time: Duration) -> Result<(), HubError> {
        let waited = self.0.changed.wait_timeout_while(self.state(), time, |state| !state.stopped);
        let stopped = waited.unwrap_or_else(PoisonError::into_inner).0.stopped;
        if stopped { Err(HubError::Stopped) } else { Ok(()) }
    }

    /// The state is two independent values, so it is sound even where a thread ended while it held the lock.
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
