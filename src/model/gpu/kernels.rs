//! The kernels that were compiled so far.

#![allow(unsafe_code)]

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use super::shader::{Template, Values};
use super::{Card, Fault, GpuError};

/// Whether a kernel looks at each index before it uses it: what was tested without need not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Checks {
    #[default]
    On,
    Off,
}

#[derive(Debug)]
pub struct Kernel {
    pub pipeline: wgpu::ComputePipeline,
    pub layout: wgpu::BindGroupLayout,
}

type Key = (&'static str, Vec<(&'static str, u32)>);

/// Each is compiled when it is first asked for.
#[derive(Debug, Default)]
pub struct Kernels {
    checks: Checks,
    compiled: Mutex<HashMap<Key, Arc<Kernel>>>,
    /// On paper: the texts that a card would be given.
    texts: Mutex<BTreeMap<Key, String>>,
}

impl Kernels {
    pub fn new(checks: Checks) -> Self {
        Self { checks, ..Self::default() }
    }

    /// Writes down what would be compiled.
    ///
    /// # Errors
    /// [`GpuError::Kernel`].
    pub fn note(&self, template: &Template, values: Values<'_>) -> Result<(), GpuError> {
        let mut texts = self.texts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Entry::Vacant(vacant) = texts.entry((template.name, values.to_vec())) {
            vacant.insert(expanded(template, values)?);
        }
        Ok(())
    }

    /// Names and texts of all that was written down.
    pub fn noted(&self) -> Vec<(&'static str, String)> {
        let texts = self.texts.lock().unwrap_or_else(PoisonError::into_inner);
        texts.iter().map(|((name, _), text)| (*name, text.clone())).collect()
    }

    /// # Errors
    /// [`GpuError::Kernel`], [`GpuError::Lost`].
    pub fn get(&self, card: &Card, template: &Template, values: Values<'_>) -> Result<Arc<Kernel>, GpuError> {
        let mut compiled = self.compiled.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (template.name, values.to_vec());
        if let Some(kernel) = compiled.get(&key) {
            return Ok(Arc::clone(kernel));
        }
        let kernel = Arc::new(compile(card, template, values, self.checks)?);
        compiled.insert(key, Arc::clone(&kernel));
        Ok(kernel)
    }
}

fn compile(card: &Card, template: &Template, values: Values<'_>, checks: Checks) -> Result<Kernel, GpuError> {
    let text = if card.faults.meets(Fault::Kernel) { "no kernel".into() } else { expanded(template, values)? };
    let (kernel, complaint) = card.heard(|device| {
        let source = wgpu::ShaderSource::Wgsl(text.into());
        let descriptor = wgpu::ShaderModuleDescriptor { label: Some(template.name), source };
        let module = match checks {
            Checks::On => device.create_shader_module(descriptor),
            // SAFETY: the kernels are our own, and tests run each of them with checks on and off, on ragged shapes, with equal results;
            // sizes that they index by come from the arrays that they are given.
            Checks::Off => unsafe {
                device.create_shader_module_trusted(descriptor, wgpu::ShaderRuntimeChecks::unchecked())
            },
        };
        let pipeline = device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
            label: Some(template.name),
            layout: None,
            module: &module,
            entry_point: Some("main"),
            compilation_options: wgpu::PipelineCompilationOptions {
                zero_initialize_workgroup_memory: false,
                ..Default::default()
            },
            cache: None,
        });
        let layout = pipeline.get_bind_group_layout(0);
        Kernel { pipeline, layout }
    });
    match complaint {
        None => Ok(kernel),
        Some(error) => {
            // A card that is gone takes no kernel, whichever it is.
            card.ask()?;
            Err(failed(template, error.to_string()))
        }
    }
}

fn expanded(template: &Template, values: Values<'_>) -> Result<String, GpuError> {
    template.expand(values).map_err(|reason| failed(template, reason))
}

fn failed(template: &Template, reason: String) -> GpuError {
    GpuError::Kernel { kernel: template.name, reason }
}
