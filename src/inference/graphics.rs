//! Which graphics card our own shaders run on.

use crate::model::gpu::{Described, GpuError};

/// A graphics card that is not open yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GraphicsCard {
    pub name: String,
    /// What makes it run, with its version.
    pub driver: String,
    /// It calculates on the processor: right, and slow.
    pub is_software: bool,
}

impl std::fmt::Display for GraphicsCard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.name)?;
        if self.is_software { f.write_str(" (software)") } else { Ok(()) }
    }
}

impl GraphicsCard {
    /// The variable of the environment that names the card, as it does for drawing: by a part of its name, or `software`.
    pub const VARIABLE: &str = "WGPU_ADAPTER_NAME";

    /// The card as it is remembered: with another driver it is another one.
    pub(super) fn with_driver(&self) -> String {
        format!("{}, {}", self.name, self.driver)
    }

    /// Whether there may be one that does not calculate on the processor. Where the system knows of none, drivers need not be asked,
    /// which takes some tenths of a second and a hundred megabytes of addresses.
    pub fn may_be_there() -> bool {
        // Cards to draw with, NVIDIA's own driver, Qualcomm's, and Windows' card under WSL.
        let places = ["/dev/dri", "/dev/nvidiactl", "/dev/kgsl-3d0", "/dev/dxg"];
        !cfg!(target_os = "linux") || places.iter().any(|place| std::path::Path::new(place).exists())
    }

    /// All of this machine, the fastest kind first. It may take as long as a window takes to open.
    pub fn all() -> Vec<Self> {
        Described::all().iter().map(Self::from).collect()
    }
}

impl From<&Described> for GraphicsCard {
    fn from(described: &Described) -> Self {
        let Described { name, driver, is_software, .. } = described;
        Self { name: name.clone(), driver: driver.clone(), is_software: *is_software }
    }
}

/// The card that is meant: the first, which is of the fastest kind, unless the environment names another.
///
/// # Errors
/// [`GpuError::NoAdapter`], [`GpuError::NoSuchCard`].
pub fn chosen_card() -> Result<Described, GpuError> {
    let mut all = Described::all();
    let cards: Vec<GraphicsCard> = all.iter().map(GraphicsCard::from).collect();
    let place = place(&cards, &std::env::var(GraphicsCard::VARIABLE).unwrap_or_default())?;
    Ok(all.swap_remove(place))
}

fn place(cards: &[GraphicsCard], wanted: &str) -> Result<usize, GpuError> {
    if cards.is_empty() {
        return Err(GpuError::NoAdapter);
    }
    let wanted = wanted.trim();
    let part = wanted.to_lowercase();
    let named = |is_it: &dyn Fn(&str) -> bool| cards.iter().position(|card| is_it(&card.name.to_lowercase()));
    let found = match part.as_str() {
        "" | "auto" => Some(0),
        "software" => cards.iter().position(|card| card.is_software),
        // A whole name may be a part of another one.
        part => named(&|name| name == part).or_else(|| named(&|name| name.contains(part))),
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
        let card = |name: &str, is_software| GraphicsCard { name: name.into(), driver: String::new(), is_software };
        let names = [("Radeon RX 6600 XT", false), ("Radeon RX 6600", false), ("Intel UHD", false), ("llvmpipe", true)];
        let cards = names.map(|(name, is_software)| card(name, is_software));
        let chosen = |wanted| place(&cards, wanted);
        assert_eq!(["", " auto", "intel", "SOFTWARE", "pipe"].map(chosen), [Ok(0), Ok(0), Ok(2), Ok(3), Ok(3)]);
        assert_eq!(["radeon", "radeon rx 6600"].map(chosen), [Ok(0), Ok(1)]);
        let error = chosen("voodoo").expect_err("nobody's name").to_string();
        let there = "there are: Radeon RX 6600 XT, Radeon RX 6600, Intel UHD, llvmpipe (software)";
        assert!(error.contains("“voodoo” (WGPU_ADAPTER_NAME)") && error.ends_with(there), "{error}");
        assert_eq!(place(&[], "voodoo"), Err(GpuError::NoAdapter));
    }
}
