//! Memory that begins at a cache line, so that no vector of a panel straddles two.

use bytemuck::{Pod, Zeroable};

/// One cache line.
#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(C, align(64))]
struct Line([u8; 64]);

/// Numbers in whole cache lines; zeros at first.
pub struct Lines<T> {
    lines: Vec<Line>,
    length: usize,
    element: std::marker::PhantomData<T>,
}

impl<T> Default for Lines<T> {
    fn default() -> Self {
        Self { lines: Vec::new(), length: 0, element: std::marker::PhantomData }
    }
}

impl<T: Pod> Lines<T> {
    pub fn zeros(length: usize) -> Self {
        let lines = vec![Line::zeroed(); (length * size_of::<T>()).div_ceil(size_of::<Line>())];
        Self { lines, length, element: std::marker::PhantomData }
    }

    /// All numbers after a change of their count; what they are is left unsaid.
    pub fn resized(&mut self, length: usize) -> &mut [T] {
        self.lines.resize((length * size_of::<T>()).div_ceil(size_of::<Line>()), Line::zeroed());
        self.length = length;
        self.get_mut()
    }

    pub fn get(&self) -> &[T] {
        &bytemuck::cast_slice(&self.lines)[..self.length]
    }

    pub fn get_mut(&mut self) -> &mut [T] {
        &mut bytemuck::cast_slice_mut(&mut self.lines)[..self.length]
    }

    pub fn bytes(&self) -> usize {
        self.lines.len() * size_of::<Line>()
    }
}
