//! The software adapters that the tests draw on.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

/// A device on llvmpipe (or another software Vulkan driver), so that pictures are the same everywhere.
pub struct Gpu {
    pub device: wgpu::Device,
    pub queue: wgpu::Queue,
}

impl Gpu {
    /// On Vulkan, or on what `WGPU_BACKEND` names.
    pub fn software() -> Self {
        Self::on(wgpu::Backends::from_env().unwrap_or(wgpu::Backends::VULKAN))
    }

    pub fn on(backends: wgpu::Backends) -> Self {
        let mut descriptor = wgpu::InstanceDescriptor::new_without_display_handle();
        descriptor.backends = backends;
        let instance = wgpu::Instance::new(descriptor);
        let options = wgpu::RequestAdapterOptions { force_fallback_adapter: true, ..Default::default() };
        let adapter = ready(instance.request_adapter(&options)).unwrap_or_else(|error| {
            panic!(
                "no software adapter for {backends:?}: install mesa-vulkan-drivers and libvulkan1, or libegl1 and \
                 libgl1-mesa-dri: {error}"
            )
        });
        // OpenGL has less of some things than every desktop adapter.
        let required_limits = match adapter.get_info().backend {
            wgpu::Backend::Gl => adapter.limits(),
            _ => wgpu::Limits::default(),
        };
        let descriptor = wgpu::DeviceDescriptor { required_limits, ..Default::default() };
        let (device, queue) = ready(adapter.request_device(&descriptor)).expect("a device");
        Self { device, queue }
    }
}

/// wgpu's futures are ready at once outside of browsers.
fn ready<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("the future was not ready at once"),
    }
}
