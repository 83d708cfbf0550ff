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

impl<T: Pod> Lines<T> {
    pub fn zeros(length: usize) -> Self {
        let lines = vec![Line::zeroed(); (length * size_of::<T>()).div_ceil(size_of::<Line>())];
        Self { lines, length, element: std::marker::PhantomData }
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
