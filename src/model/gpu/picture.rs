//! Maps as kernels see them: at another size, and in windows.

use super::array::Numbers;
use super::runner::Operand;

/// A map, as it is or seen at another size.
#[derive(Clone, Copy, Debug)]
pub struct Picture<'a> {
    pub numbers: &'a Numbers,
    pub height: usize,
    pub width: usize,
    pub channels: usize,
    /// Seen so high and wide, bilinearly with corners on corners.
    pub resized: Option<[usize; 2]>,
    /// With a resized map: tables for its columns and rows, [width, channels / 2] and [height, channels / 2], that are added.
    pub tables: Option<[&'a Numbers; 2]>,
}

impl<'a> Picture<'a> {
    /// Height and width as it is seen.
    pub fn seen(&self) -> [usize; 2] {
        self.resized.unwrap_or([self.height, self.width])
    }

    /// From one pixel as it is seen to the next, in pixels of the map: down and across.
    pub(super) fn steps(&self) -> [f32; 2] {
        let [height, width] = self.seen();
        let step = |from: usize, to: usize| if to == 1 { 0.0 } else { (from - 1) as f32 / (to - 1) as f32 };
        [step(self.height, height), step(self.width, width)]
    }

    pub(super) fn arrays(&self) -> Vec<(u32, Operand)> {
        let [columns, rows] = [0, 1].map(|i| self.tables.map(|tables| tables[i]));
        columns.map(|columns| (7, columns.operand())).into_iter().chain(rows.map(|rows| (8, rows.operand()))).collect()
    }

    pub(super) fn values(&self) -> [(&'static str, u32); 2] {
        [("RESIZED", u32::from(self.resized.is_some())), ("TABLES", u32::from(self.tables.is_some()))]
    }
}

/// 3×3 windows around the pixels of a map, with zeros around it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Windows<'a> {
    pub map: Picture<'a>,
    /// Every so many-th pixel down and across.
    pub step: usize,
    pub relu_before: bool,
}

impl<'a> Windows<'a> {
    /// Down and across.
    pub fn size(&self) -> [usize; 2] {
        self.map.seen().map(|length| length.div_ceil(self.step))
    }
}
