//! wgpu's futures, which are ready at once outside of browsers, and the errors that it would otherwise end the program with.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

/// What the future gives; `None` where the driver does not answer.
pub fn ready<T>(future: impl Future<Output = T>) -> Option<T> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => Some(value),
        Poll::Pending => None,
    }
}

/// Does `work`, and gives the first thing that the driver complains about meanwhile.
pub fn heard<T>(device: &wgpu::Device, work: impl FnOnce() -> T) -> (T, Option<String>) {
    let filters = [wgpu::ErrorFilter::Validation, wgpu::ErrorFilter::Internal, wgpu::ErrorFilter::OutOfMemory];
    let scopes = filters.map(|filter| device.push_error_scope(filter));
    let done = work();
    // Scopes end in the order opposite to that in which they began.
    let complaints = scopes.into_iter().rev().filter_map(|scope| ready(scope.pop()).flatten());
    let first = complaints.map(|error| error.to_string()).reduce(|first, _| first);
    (done, first)
}
