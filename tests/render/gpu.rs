//! The software adapter that the tests draw on.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

/// A device on llvmpipe (or another software Vulkan driver), so that pictures are the same everywhere.
pub struct Gpu {
    pub device: wgpu::Device,
    pub queue: wgpu::Queue,
}

impl Gpu {
    pub fn software() -> Self {
        let mut descriptor = wgpu::InstanceDescriptor::new_without_display_handle();
        descriptor.backends = wgpu::Backends::VULKAN;
        let instance = wgpu::Instance::new(descriptor);
        let options = wgpu::RequestAdapterOptions { force_fallback_adapter: true, ..Default::default() };
        let adapter = ready(instance.request_adapter(&options)).unwrap_or_else(|error| {
            panic!("no software Vulkan adapter: install mesa-vulkan-drivers (and libvulkan1): {error}")
        });
        let (device, queue) = ready(adapter.request_device(&wgpu::DeviceDescriptor::default())).expect("a device");
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
