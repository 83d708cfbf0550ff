//! How large a picture or a film is: the usual sizes, and any other.

use egui::{DragValue, Ui};

use crate::app::widgets::controls::{choice, row};

/// Longest side of a picture in pixels.
pub const LONGEST_SIDE: u32 = 16_384;

/// A size by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preset {
    AsShown,
    Hd,
    FullHd,
    FourK,
    Square,
    Own,
}

impl Preset {
    const ALL: [Self; 6] = [Self::AsShown, Self::Hd, Self::FullHd, Self::FourK, Self::Square, Self::Own];
}

/// What was chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PictureSize {
    pub preset: Preset,
    /// Width and height in pixels, for [`Preset::Own`].
    pub own: [u32; 2],
}

impl PictureSize {
    pub fn new(preset: Preset) -> Self {
        Self { preset, own: [1600, 1200] }
    }

    /// Width and height in pixels; `shown` is what the view has on the screen.
    pub fn pixels(&self, shown: [u32; 2]) -> [u32; 2] {
        let sides = match self.preset {
            Preset::AsShown => shown,
            Preset::Hd => [1280, 720],
            Preset::FullHd => [1920, 1080],
            Preset::FourK => [3840, 2160],
            Preset::Square => [2048, 2048],
            Preset::Own => self.own,
        };
        sides.map(|side| side.clamp(1, LONGEST_SIDE))
    }

    /// The menu of sizes, and fields for one's own.
    pub fn ui(&mut self, ui: &mut Ui, shown: [u32; 2]) {
        let tip =
            "Pixels across and down. What is seen keeps its height; another shape shows more or less at the sides";
        let own = self.own;
        choice(ui, "Size", tip, &mut self.preset, &Preset::ALL, |preset| {
            let [width, height] = Self { preset, own }.pixels(shown);
            match preset {
                Preset::AsShown => format!("As shown ({width} × {height})"),
                Preset::Own => "Own size".to_owned(),
                _ => format!("{width} × {height}"),
            }
        });
        if self.preset == Preset::Own {
            for (label, side) in [("Width", 0), ("Height", 1)] {
                let tip = format!("In pixels, up to {LONGEST_SIDE}");
                let value = DragValue::new(&mut self.own[side]).range(1..=LONGEST_SIDE).speed(4.0).suffix(" px");
                row(ui, label, &tip, |ui| ui.add(value));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_stay_within_limits() {
        let mut size = PictureSize::new(Preset::AsShown);
        assert_eq!(size.pixels([0, 700]), [1, 700]);
        size.preset = Preset::Own;
        size.own = [99_999, 3];
        assert_eq!(size.pixels([10, 10]), [LONGEST_SIDE, 3]);
    }
}
