//! What the kernels run on here, in words for people.

use super::attention;
use super::bf16_unit::Bf16Unit;
use super::dispatch::Level;
use super::library::Library;
use super::thirds;

/// What was found and measured on this processor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choices {
    /// For all that is no product, and for products of which nothing else is said.
    pub vectors: &'static str,
    /// For large products of f32 in layers, and in attention.
    pub f32_products: &'static str,
    pub f32_attention: &'static str,
    /// For products of what was rounded to bf16.
    pub bf16_products: &'static str,
}

impl Choices {
    /// Measures what was not yet: some milliseconds.
    pub fn made() -> Self {
        let vectors = Level::best().label();
        let name = |library: Option<Library>| {
            library.map(|library| library.name).or_else(thirds::unit_name).unwrap_or(vectors)
        };
        let [f32_products, f32_attention] = [Library::chosen(), attention::chosen_library()].map(name);
        let bf16_products = Bf16Unit::name().unwrap_or(f32_products);
        Self { vectors, f32_products, f32_attention, bf16_products }
    }
}
