//! What a run needs and what there is: plain sums of bytes, whoever holds them.

use serde::{Deserialize, Serialize};

/// What a run adds to the memory in use before it, in bytes, by what holds it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Need {
    /// Weights, where they are not loaded yet.
    pub model: u64,
    /// Photos at the network's size that wait for their turn.
    pub photos: u64,
    /// The most that the steps of a pass take one after the other: reading photos, backbone, head.
    pub pass: u64,
    /// Depth and what belongs to it, of all views.
    pub results: u64,
    /// Textures of the window.
    pub display: u64,
}

impl Need {
    pub fn total(&self) -> u64 {
        self.model + self.photos + self.pass + self.results + self.display
    }

    /// What lies in a graphics card's memory where it has its own; the rest is in the machine's.
    pub fn on_card(&self) -> u64 {
        self.model + self.pass
    }

    /// Every part times `factor`: what measurements say of an estimate.
    pub fn corrected(self, factor: f64) -> Self {
        let times = |bytes: u64| (bytes as f64 * factor).round() as u64;
        Self { model: times(self.model), photos: self.photos, pass: times(self.pass), ..self }
    }
}

/// Memory that can be had.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Room {
    /// Of the machine: what is free without swapping, and within the limits that are set for this process.
    pub free_bytes: u64,
    /// Of a graphics card, where a run is for one.
    pub card_free_bytes: Option<u64>,
    /// That memory is the machine's, as on a Mac: whatever a run takes, it takes from both.
    pub card_is_shared: bool,
}

/// How a need fits the room there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fit {
    /// Within the share of free memory that a run may plan with.
    Well,
    /// Beyond that share, but within what is free.
    Tight,
    /// Not at all.
    Not,
}

/// Part of what is free that can be used to the last byte, in percent: nothing is as exact as that.
const USABLE_PERCENT: u8 = 92;

fn part(bytes: u64, percent: u8) -> u64 {
    bytes / 100 * u64::from(percent)
}

impl Room {
    /// How `need` fits, when a run may plan with `percent` of what is free.
    pub fn fit(&self, need: &Need, percent: u8) -> Fit {
        self.worst(need, |bytes, free| match bytes {
            _ if bytes <= part(free, percent) => Fit::Well,
            _ if bytes <= part(free, USABLE_PERCENT) => Fit::Tight,
            _ => Fit::Not,
        })
    }

    /// By how much `need` is more than `percent` of what is free; where there are two memories, of the one that lacks most.
    pub fn excess_bytes(&self, need: &Need, percent: u8) -> u64 {
        self.worst(need, |bytes, free| bytes.saturating_sub(part(free, percent)))
    }

    /// The larger answer to "these bytes, of so many that are free" for the machine's memory and a card's own.
    fn worst<T: Ord>(&self, need: &Need, of: impl Fn(u64, u64) -> T) -> T {
        match self.card_free_bytes {
            Some(card) if self.card_is_shared => of(need.total(), card.min(self.free_bytes)),
            Some(card) => of(need.on_card(), card).max(of(need.total() - need.on_card(), self.free_bytes)),
            None => of(need.total(), self.free_bytes),
        }
    }

    /// With what a model that has to go gives to the next.
    pub fn and(mut self, model_bytes: u64) -> Self {
        match &mut self.card_free_bytes {
            Some(card) => *card += model_bytes,
            None => self.free_bytes += model_bytes,
        }
        if self.card_is_shared {
            self.free_bytes += model_bytes;
        }
        self
    }

    /// For a run on the CPU.
    pub fn without_card(self) -> Self {
        Self { free_bytes: self.free_bytes, ..Self::default() }
    }

    /// What is free where most of a run happens.
    pub fn main_free_bytes(&self) -> u64 {
        match self.card_free_bytes {
            Some(card) if self.card_is_shared => card.min(self.free_bytes),
            Some(card) => card,
            None => self.free_bytes,
        }
    }
}

/// Bytes as "312 MB" or "6.1 GB" (powers of ten, as disks and stores count them).
pub fn shown_bytes(bytes: u64) -> String {
    let mega = bytes as f64 / 1e6;
    if mega < 1000.0 { format!("{mega:.0} MB") } else { format!("{:.1} GB", mega / 1000.0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GIGA: u64 = 1_000_000_000;

    #[test]
    fn a_need_fits_by_its_share_of_what_is_free() {
        let room = Room { free_bytes: 4 * GIGA, ..Room::default() };
        let fit = |bytes| room.fit(&Need { pass: bytes, ..Need::default() }, 75);
        assert_eq!([fit(3 * GIGA), fit(7 * GIGA / 2), fit(4 * GIGA)], [Fit::Well, Fit::Tight, Fit::Not]);
        let excess = |bytes| room.excess_bytes(&Need { pass: bytes, ..Need::default() }, 75);
        assert_eq!([excess(3 * GIGA), excess(7 * GIGA / 2)], [0, GIGA / 2]);
    }

    #[test]
    fn a_card_and_the_machine_must_both_have_room() {
        let room = Room { free_bytes: GIGA, card_free_bytes: Some(8 * GIGA), card_is_shared: false };
        let need = Need { model: 5 * GIGA, results: GIGA / 2, ..Need::default() };
        assert_eq!(room.fit(&need, 75), Fit::Well);
        assert_eq!(room.fit(&Need { results: 2 * GIGA, ..need }, 75), Fit::Not);
        assert_eq!(room.fit(&Need { pass: 3 * GIGA, ..need }, 75), Fit::Not);
        assert_eq!(room.excess_bytes(&need, 75), 0);
        let more = Need { pass: 3 * GIGA, results: 2 * GIGA, ..need };
        assert_eq!(room.excess_bytes(&more, 75), 2 * GIGA, "the card lacks most");
    }

    #[test]
    fn memory_that_a_card_shares_is_counted_once_and_the_cpu_has_more_of_it() {
        let room = Room { free_bytes: 6 * GIGA, card_free_bytes: Some(4 * GIGA), card_is_shared: true };
        let fit = |room: Room, bytes| room.fit(&Need { pass: bytes / 2, results: bytes / 2, ..Need::default() }, 75);
        assert_eq!([fit(room, 3 * GIGA), fit(room, 4 * GIGA)], [Fit::Well, Fit::Not]);
        assert_eq!((room.main_free_bytes(), fit(room.without_card(), 4 * GIGA)), (4 * GIGA, Fit::Well));
        assert_eq!(room.and(GIGA).main_free_bytes(), 5 * GIGA);
        assert_eq!(Room { free_bytes: 3 * GIGA, ..room }.main_free_bytes(), 3 * GIGA, "the machine may have less");
    }

    #[test]
    fn bytes_read_like_words() {
        assert_eq!((shown_bytes(312_400_000), shown_bytes(6_100_000_000)), ("312 MB".into(), "6.1 GB".into()));
    }

    #[test]
    fn measurements_correct_what_is_estimated_and_not_what_is_counted() {
        let need = Need { model: 100, photos: 10, pass: 50, results: 20, display: 5 };
        assert_eq!(need.corrected(1.1), Need { model: 110, pass: 55, ..need });
        assert_eq!(need.total(), 185);
    }
}
