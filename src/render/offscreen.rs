//! A device without a window, for pictures that go into files.

use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use image::RgbaImage;
use thiserror::Error;

use super::{CloudRenderer, Frame, RenderError};
use crate::scene::CloudScene;

/// Which adapter draws.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AdapterChoice {
    /// The fastest there is, a software adapter where there is no graphics card.
    #[default]
    Any,
    /// One that draws on the processor: slower, and its pictures do not depend on the machine's graphics card.
    Software,
}

/// Why there is no picture. None of it is the fault of a photo.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum OffscreenError {
    /// The machine's fault: no driver.
    #[error(
        "This machine has no {} that Fathom can draw with: {reason}. Install the driver of the graphics card, or one that \
         draws on the processor (Debian and Ubuntu: mesa-vulkan-drivers and libvulkan1).",
        match choice { AdapterChoice::Any => "graphics adapter", AdapterChoice::Software => "software adapter" }
    )]
    NoAdapter { choice: AdapterChoice, reason: String },
    /// The driver's fault: there is an adapter, and it cannot be used.
    #[error(
        "The graphics adapter {adapter} cannot be used: {reason}. Close other programs, or choose another adapter."
    )]
    NoDevice { adapter: String, reason: String },
    /// The driver's fault, mostly for want of memory.
    #[error("The graphics adapter {adapter} could not draw the picture: {reason}. Choose a smaller size.")]
    Driver { adapter: String, reason: String },
    #[error(transparent)]
    Render(#[from] RenderError),
}

/// A device of its own with a renderer. Everything blocks until it is done.
pub struct Offscreen {
    device: wgpu::Device,
    queue: wgpu::Queue,
    renderer: CloudRenderer,
    adapter: String,
    /// The first thing that the driver complained about since it was last asked.
    complaint: Arc<Mutex<Option<String>>>,
}

impl Offscreen {
    /// Opens a device; needs neither a window nor a display.
    ///
    /// # Errors
    /// [`OffscreenError::NoAdapter`], [`OffscreenError::NoDevice`].
    pub fn new(choice: AdapterChoice) -> Result<Self, OffscreenError> {
        let adapter = find(choice)?;
        let info = adapter.get_info();
        let name = format!("{} ({:?})", info.name, info.backend);
        // All that the adapter can do, so that large pictures are not refused without need.
        let descriptor = wgpu::DeviceDescriptor { required_limits: adapter.limits(), ..Default::default() };
        let (device, queue) = ready(adapter.request_device(&descriptor))
            .ok_or_else(|| "it does not answer".to_owned())
            .and_then(|device| device.map_err(|error| error.to_string()))
            .map_err(|reason| OffscreenError::NoDevice { adapter: name.clone(), reason })?;
        let complaint = Arc::new(Mutex::new(None));
        let listener = Arc::clone(&complaint);
        // Unheard, a complaint would end the program.
        device.on_uncaptured_error(Arc::new(move |error: wgpu::Error| {
            listener.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_with(|| error.to_string());
        }));
        let renderer = CloudRenderer::new(&device)?;
        let offscreen = Self { device, queue, renderer, adapter: name, complaint };
        offscreen.heard()?;
        Ok(offscreen)
    }

    /// The adapter's name and its interface, for people.
    pub fn adapter(&self) -> &str {
        &self.adapter
    }

    /// Uploads the scene that the next pictures show.
    ///
    /// # Errors
    /// [`RenderError::TooLarge`] for a depth map beyond the adapter's limit, [`OffscreenError::Driver`].
    pub fn set_scene(&mut self, scene: Arc<CloudScene>) -> Result<(), OffscreenError> {
        let set = self.renderer.set_scene(&self.device, &self.queue, Some(scene));
        self.heard()?;
        Ok(set?)
    }

    /// A picture of `size` (width, height in pixels) with straight alpha.
    ///
    /// # Errors
    /// [`RenderError::TooLarge`] beyond the adapter's limit, [`OffscreenError::Driver`] where it lacks memory or fails.
    pub fn picture(&mut self, frame: &Frame, size: [u32; 2]) -> Result<RgbaImage, OffscreenError> {
        let picture = self.renderer.screenshot(&self.device, &self.queue, frame, size);
        // What the driver said tells more than that nothing came back.
        self.heard()?;
        Ok(picture?)
    }

    fn heard(&self) -> Result<(), OffscreenError> {
        match self.complaint.lock().unwrap_or_else(PoisonError::into_inner).take() {
            Some(reason) => Err(OffscreenError::Driver { adapter: self.adapter.clone(), reason }),
            None => Ok(()),
        }
    }
}

/// OpenGL only where nothing better is there: it may lack what a device of ours needs.
fn find(choice: AdapterChoice) -> Result<wgpu::Adapter, OffscreenError> {
    let mut reason = String::new();
    for backends in [wgpu::Backends::PRIMARY, wgpu::Backends::GL] {
        let mut descriptor = wgpu::InstanceDescriptor::new_without_display_handle();
        descriptor.backends = backends;
        let options = wgpu::RequestAdapterOptions {
            power_preference: wgpu::PowerPreference::HighPerformance,
            force_fallback_adapter: choice == AdapterChoice::Software,
            ..Default::default()
        };
        match ready(wgpu::Instance::new(descriptor).request_adapter(&options)) {
            Some(Ok(adapter)) => return Ok(adapter),
            Some(Err(error)) if reason.is_empty() => reason = error.to_string(),
            _ => {}
        }
    }
    Err(OffscreenError::NoAdapter { choice, reason })
}

/// wgpu's futures are ready at once outside of browsers.
fn ready<T>(future: impl Future<Output = T>) -> Option<T> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => Some(value),
        Poll::Pending => None,
    }
}
