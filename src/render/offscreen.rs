//! A device without a window, for pictures that go into files.

use std::sync::{Arc, Mutex, PoisonError};

use image::RgbaImage;
use thiserror::Error;

use super::adapter::{AdapterChoice, Candidate, UnknownAdapter, allowed_backends, label, none_found, order};
use super::ready::ready;
use super::renderer::draws_points;
use super::{CloudRenderer, Frame, RenderError};
use crate::scene::CloudScene;

/// Why there is no picture. None of it is the fault of a photo.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum OffscreenError {
    /// The machine's fault: no driver.
    #[error(
        "This machine has no {} that Fathom can draw with: {reason}. Install the driver of the graphics card, or one that \
         draws on the processor (Debian and Ubuntu: mesa-vulkan-drivers and libvulkan1).",
        match choice { AdapterChoice::Software => "software adapter", _ => "graphics adapter" }
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
    /// There is an adapter, and points are more than it can draw.
    #[error("The graphics adapter {adapter} cannot be used: {source}.")]
    NoPoints { adapter: String, source: RenderError },
    /// There is no adapter of that name: whoever chose it can choose another.
    #[error(transparent)]
    Unknown(#[from] UnknownAdapter),
    #[error(transparent)]
    Render(#[from] RenderError),
}

/// A device of its own with a renderer. Everything blocks until it is done.
pub struct Offscreen {
    device: wgpu::Device,
    queue: wgpu::Queue,
    renderer: CloudRenderer,
    adapter: String,
    /// Why better adapters do not draw.
    passed_over: Vec<OffscreenError>,
    /// The first thing that the driver complained about since it was last asked.
    complaint: Arc<Mutex<Option<String>>>,
}

impl Offscreen {
    /// Opens a device; needs neither a window nor a display.
    ///
    /// # Errors
    /// [`OffscreenError::Unknown`]; [`OffscreenError::NoAdapter`]; [`OffscreenError::NoPoints`] or
    /// [`OffscreenError::NoDevice`] of the best adapter where none can be used.
    pub fn new(choice: &AdapterChoice) -> Result<Self, OffscreenError> {
        let adapters = enumerate(choice);
        let candidates: Vec<Candidate> = adapters.iter().map(candidate).collect();
        let mut passed_over = Vec::new();
        for place in order(&candidates, choice)? {
            match Self::open(&adapters[place]) {
                Ok(opened) => return Ok(Self { passed_over, ..opened }),
                Err(error) => passed_over.push(error),
            }
        }
        if let Some(first) = passed_over.into_iter().next() {
            return Err(first);
        }
        let reason = match &candidates[..] {
            [] => none_found(),
            _ => {
                let labels: Vec<_> = candidates.iter().map(|candidate| candidate.label.as_str()).collect();
                format!("there is {}, and {}", labels.join(" and "), RenderError::NoCompute)
            }
        };
        Err(OffscreenError::NoAdapter { choice: choice.clone(), reason })
    }

    fn open(adapter: &wgpu::Adapter) -> Result<Self, OffscreenError> {
        let name = label(&adapter.get_info());
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
        let renderer = CloudRenderer::new(&device, &queue)
            .map_err(|source| OffscreenError::NoPoints { adapter: name.clone(), source })?;
        let offscreen = Self { device, queue, renderer, adapter: name, passed_over: Vec::new(), complaint };
        offscreen.heard()?;
        Ok(offscreen)
    }

    /// Why adapters that would have come first do not draw.
    pub fn passed_over(&self) -> &[OffscreenError] {
        &self.passed_over
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

fn candidate(adapter: &wgpu::Adapter) -> Candidate {
    Candidate::new(&adapter.get_info(), draws_points(&adapter.limits()))
}

/// All adapters, but those of OpenGL only where they might be the best: to look for them takes longer than to draw.
fn enumerate(choice: &AdapterChoice) -> Vec<wgpu::Adapter> {
    let is_best = |adapter: &wgpu::Adapter| {
        let candidate = candidate(adapter);
        let is_software = candidate.kind == wgpu::DeviceType::Cpu;
        match choice {
            AdapterChoice::Any => candidate.is_fitting && !is_software,
            AdapterChoice::Software => candidate.is_fitting && is_software,
            AdapterChoice::Named(_) => false,
        }
    };
    let mut adapters: Vec<wgpu::Adapter> = Vec::new();
    for backends in [wgpu::Backends::PRIMARY, wgpu::Backends::GL] {
        let backends = backends & allowed_backends();
        if backends.is_empty() || adapters.iter().any(is_best) {
            continue;
        }
        let mut descriptor = wgpu::InstanceDescriptor::new_without_display_handle();
        descriptor.backends = backends;
        adapters.extend(ready(wgpu::Instance::new(descriptor).enumerate_adapters(backends)).unwrap_or_default());
    }
    adapters
}
