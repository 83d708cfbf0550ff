//! A graphics card of its own for the networks: opened, and listened to.

use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use super::GpuError;
use super::fault::{Fault, Faults};

/// What one binding must be able to show, and what the kernels need beside it: what every card and driver has.
const BINDING: u64 = 128 << 20;
const THREADS: u64 = 256;
const SHARED: u64 = 16 << 10;

/// An adapter before it is opened.
#[derive(Clone, Debug)]
pub struct Described {
    adapter: wgpu::Adapter,
    pub name: String,
    /// What makes it run, with its version.
    pub driver: String,
    /// It calculates on the processor: right, and slow.
    pub is_software: bool,
}

/// An open card.
#[derive(Debug)]
pub struct Card {
    pub(super) device: wgpu::Device,
    pub(super) queue: wgpu::Queue,
    name: String,
    /// Most bytes of one array.
    pub(super) most: u64,
    ears: Arc<Ears>,
    pub(super) faults: Faults,
}

/// What the driver has said on its own.
#[derive(Debug, Default)]
struct Ears {
    lost: Mutex<Option<String>>,
    complaint: Mutex<Option<String>>,
}

impl Ears {
    fn keep(place: &Mutex<Option<String>>, what: String) {
        place.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(what);
    }

    fn said(place: &Mutex<Option<String>>) -> Option<String> {
        place.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Described {
    /// All that can calculate, the fastest kind first. DirectX is left out: its compiler takes minutes for some kernels, and where it is
    /// Vulkan is as well.
    pub fn all() -> Vec<Self> {
        let backends = wgpu::Backends::VULKAN | wgpu::Backends::METAL;
        let mut descriptor = wgpu::InstanceDescriptor::new_without_display_handle();
        descriptor.backends = backends;
        let found = ready(wgpu::Instance::new(descriptor).enumerate_adapters(backends)).unwrap_or_default();
        let mut found: Vec<(u8, Self)> = found.into_iter().map(Self::of).collect();
        found.sort_by_key(|(rank, _)| *rank);
        found.into_iter().map(|(_, described)| described).collect()
    }

    fn of(adapter: wgpu::Adapter) -> (u8, Self) {
        let info = adapter.get_info();
        let rank = match info.device_type {
            wgpu::DeviceType::DiscreteGpu => 0,
            wgpu::DeviceType::IntegratedGpu => 1,
            wgpu::DeviceType::VirtualGpu => 2,
            wgpu::DeviceType::Other => 3,
            wgpu::DeviceType::Cpu => 4,
        };
        let (name, is_software) = (info.name.trim().to_owned(), info.device_type == wgpu::DeviceType::Cpu);
        let driver = format!("{} {}", info.driver, info.driver_info).trim().to_owned();
        (rank, Self { adapter, name, driver, is_software })
    }
}

impl Card {
    /// # Errors
    /// [`GpuError::TooSmall`], [`GpuError::NotOpened`].
    pub fn open(described: &Described) -> Result<Self, GpuError> {
        let (adapter, name) = (&described.adapter, &described.name);
        let limits = adapter.limits();
        fits(name, &limits)?;
        if !adapter.get_downlevel_capabilities().flags.contains(wgpu::DownlevelFlags::SHADER_F16_IN_F32) {
            return Err(GpuError::NotOpened {
                card: name.clone(),
                reason: "its driver cannot unpack numbers of 16 bits".into(),
            });
        }
        let descriptor = wgpu::DeviceDescriptor { required_limits: limits.clone(), ..Default::default() };
        let not_opened = |reason: String| GpuError::NotOpened { card: name.clone(), reason };
        let (device, queue) = ready(adapter.request_device(&descriptor))
            .ok_or_else(|| not_opened("it does not answer".into()))?
            .map_err(|error| not_opened(error.to_string()))?;
        let ears = Arc::new(Ears::default());
        let (lost, complaint) = (Arc::clone(&ears), Arc::clone(&ears));
        device.set_device_lost_callback(move |_, reason| {
            Ears::keep(&lost.lost, if reason.is_empty() { "no reason given".into() } else { reason });
        });
        // Unheard, a complaint would end the program.
        device.on_uncaptured_error(Arc::new(move |error: wgpu::Error| {
            Ears::keep(&complaint.complaint, error.to_string())
        }));
        let most = limits.max_storage_buffer_binding_size.min(limits.max_buffer_size);
        Ok(Self { device, queue, name: name.clone(), most, ears, faults: Faults::default() })
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether nothing was heard of the driver.
    ///
    /// # Errors
    /// [`GpuError::Lost`], [`GpuError::Driver`].
    pub fn check(&self) -> Result<(), GpuError> {
        if let Some(reason) = Ears::said(&self.ears.lost) {
            return Err(GpuError::Lost { reason });
        }
        Ears::said(&self.ears.complaint).map_or(Ok(()), |reason| Err(GpuError::Driver { reason }))
    }

    /// As [`Self::check`], once the driver was asked for what there is to tell by now.
    ///
    /// # Errors
    /// [`GpuError::Lost`], [`GpuError::Driver`].
    pub(super) fn ask(&self) -> Result<(), GpuError> {
        _ = self.device.poll(wgpu::PollType::Poll);
        self.check()
    }

    /// For tests: lets something go wrong.
    pub(super) fn suffer(&self, fault: Fault) {
        match fault {
            Fault::Lost => {
                self.device.destroy();
                // That it is gone is told to who waits for it.
                _ = self.device.poll(wgpu::PollType::Wait { submission_index: None, timeout: None });
            }
            later => self.faults.add(later),
        }
    }

    /// Does `work`, which takes so many bytes.
    ///
    /// # Errors
    /// [`GpuError::OutOfMemory`], [`GpuError::Driver`].
    pub(super) fn with_room<T>(&self, bytes: u64, work: impl FnOnce(&wgpu::Device) -> T) -> Result<T, GpuError> {
        match self.heard(work) {
            (done, None) => Ok(done),
            (_, Some(wgpu::Error::OutOfMemory { .. })) => Err(GpuError::OutOfMemory { bytes }),
            (_, Some(error)) => Err(GpuError::Driver { reason: error.to_string() }),
        }
    }

    /// Does `work`, and gives the first thing that the driver complains about meanwhile.
    pub(super) fn heard<T>(&self, work: impl FnOnce(&wgpu::Device) -> T) -> (T, Option<wgpu::Error>) {
        let filters = [wgpu::ErrorFilter::Validation, wgpu::ErrorFilter::Internal, wgpu::ErrorFilter::OutOfMemory];
        let scopes = filters.map(|filter| self.device.push_error_scope(filter));
        let done = work(&self.device);
        // Scopes end in the order opposite to that in which they began.
        let complaints = scopes.into_iter().rev().filter_map(|scope| ready(scope.pop()).flatten());
        let first = complaints.reduce(|first, _| first);
        (done, first)
    }
}

/// Whether a card can do what every kernel needs.
fn fits(card: &str, limits: &wgpu::Limits) -> Result<(), GpuError> {
    let needs = [
        ("one binding", limits.max_storage_buffer_binding_size, BINDING),
        ("one buffer", limits.max_buffer_size, BINDING),
        ("a workgroup's threads", limits.max_compute_invocations_per_workgroup.into(), THREADS),
        ("a workgroup's memory", limits.max_compute_workgroup_storage_size.into(), SHARED),
        ("a kernel's bindings", limits.max_storage_buffers_per_shader_stage.into(), 8),
    ];
    match needs.into_iter().find(|(_, has, needed)| has < needed) {
        Some((what, has, needed)) => Err(GpuError::TooSmall { card: card.to_owned(), what, has, needed }),
        None => Ok(()),
    }
}

/// What a future of wgpu gives, which outside of browsers is ready at once; `None` where the driver does not answer.
pub(super) fn ready<T>(future: impl Future<Output = T>) -> Option<T> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => Some(value),
        Poll::Pending => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_that_is_too_small_says_in_what() {
        assert_eq!(fits("any", &wgpu::Limits::default()), Ok(()));
        let small = wgpu::Limits { max_compute_workgroup_storage_size: 8 << 10, ..wgpu::Limits::default() };
        let error = fits("Old One", &small).expect_err("too small").to_string();
        assert_eq!(
            error,
            "the graphics card Old One is too small: a workgroup's memory may be 8192 at most, and 16384 are needed"
        );
    }
}
