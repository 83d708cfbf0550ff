//! Which graphics card our own shaders run on.

use crate::model::gpu::{Described, GpuError};

/// Names the card, as it does for drawing: a part of its name, or `software`.
const VARIABLE: &str = "WGPU_ADAPTER_NAME";

/// A graphics card that is not open yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GraphicsCard {
    pub name: String,
    /// It calculates on the processor: right, and slow.
    pub is_software: bool,
}

impl std::fmt::Display for GraphicsCard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.name)?;
        if self.is_software { f.write_str(" (software)") } else { Ok(()) }
    }
}

impl From<&Described> for GraphicsCard {
    fn from(described: &Described) -> Self {
        Self { name: described.name.clone(), is_software: described.is_software }
    }
}

/// The card that is meant: the first, which is of the fastest kind, unless the environment names another.
///
/// # Errors
/// [`GpuError::NoAdapter`], [`GpuError::NoSuchCard`].
pub fn chosen_card() -> Result<Described, GpuError> {
    let mut all = Described::all();
    let cards: Vec<GraphicsCard> = all.iter().map(GraphicsCard::from).collect();
    let place = place(&cards, &std::env::var(VARIABLE).unwrap_or_default())?;
    Ok(all.swap_remove(place))
}

fn place(cards: &[GraphicsCard], wanted: &str) -> Result<usize, GpuError> {
    if cards.is_empty() {
        return Err(GpuError::NoAdapter);
    }
    let wanted = wanted.trim();
    let part = wanted.to_lowercase();
    let found = match part.as_str() {
        "" | "auto" => Some(0),
        "software" => cards.iter().position(|card| card.is_software),
        part => cards.iter().position(|card| card.name.to_lowercase().contains(part)),
    };
    found.ok_or_else(|| {
        let there: Vec<String> = cards.iter().map(GraphicsCard::to_string).collect();
        GpuError::NoSuchCard { wanted: wanted.to_owned(), there: there.join(", ") }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_is_meant_unless_another_is_named() {
        let card = |name: &str, is_software| GraphicsCard { name: name.into(), is_software };
        let cards = [card("Radeon RX 6600", false), card("Intel UHD", false), card("llvmpipe", true)];
        let chosen = |wanted| place(&cards, wanted);
        assert_eq!(["", " auto", "intel", "SOFTWARE", "pipe"].map(chosen), [Ok(0), Ok(0), Ok(1), Ok(2), Ok(2)]);
        let error = chosen("voodoo").expect_err("nobody's name").to_string();
        let there = "there are: Radeon RX 6600, Intel UHD, llvmpipe (software)";
        assert!(error.contains("“voodoo” (WGPU_ADAPTER_NAME)") && error.ends_with(there), "{error}");
        assert_eq!(place(&[], "voodoo"), Err(GpuError::NoAdapter));
    }
}
