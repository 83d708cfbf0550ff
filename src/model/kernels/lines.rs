//! Memory that begins at a cache line, so that no vector of a panel straddles two.

use bytemuck::{Pod, Zeroable};
use memmap2::MmapMut;

use super::allocator;

/// From here on memory comes straight from the system and goes straight back: an allocator would round it up and keep
/// holes of this size between what it hands out.
const OWN_PAGES: usize = 256 << 10;

/// One cache line.
#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(C, align(64))]
struct Line([u8; 64]);

/// Numbers in whole cache lines.
pub struct Lines<T> {
    memory: Memory,
    length: usize,
    element: std::marker::PhantomData<T>,
}

enum Memory {
    Small(Vec<Line>),
    Pages(Pages),
}

/// Pages of their own, counted as long as they live.
struct Pages(MmapMut);

impl Pages {
    fn zeros(bytes: usize) -> Option<Self> {
        let pages = MmapMut::map_anon(bytes).ok()?;
        // Weights are streamed through again and again: large pages save walks through page tables. It is advice.
        #[cfg(target_os = "linux")]
        let _ = pages.advise(memmap2::Advice::HugePage);
        allocator::count_in(bytes);
        Some(Self(pages))
    }
}

impl Drop for Pages {
    fn drop(&mut self) {
        allocator::count_out(self.0.len());
    }
}

impl<T> Default for Lines<T> {
    fn default() -> Self {
        Self { memory: Memory::Small(Vec::new()), length: 0, element: std::marker::PhantomData }
    }
}

impl<T: Pod> Lines<T> {
    pub fn zeros(length: usize) -> Self {
        let bytes = length * size_of::<T>();
        // Where the system gives no pages of their own, the allocator may still find room, or end the program as it
        // does everywhere else.
        let pages = if bytes >= OWN_PAGES { Pages::zeros(bytes) } else { None };
        let small = || Memory::Small(vec![Line::zeroed(); bytes.div_ceil(size_of::<Line>())]);
        Self { memory: pages.map_or_else(small, Memory::Pages), length, element: std::marker::PhantomData }
    }

    /// All numbers after a change of their count; what they are is left unsaid.
    pub fn resized(&mut self, length: usize) -> &mut [T] {
        if length * size_of::<T>() > self.bytes() {
            // Not both at once.
            *self = Self::default();
            *self = Self::zeros(length);
        }
        self.length = length;
        self.get_mut()
    }

    pub fn get(&self) -> &[T] {
        let bytes: &[u8] = match &self.memory {
            Memory::Small(lines) => bytemuck::cast_slice(lines),
            Memory::Pages(pages) => &pages.0,
        };
        bytemuck::cast_slice(&bytes[..self.length * size_of::<T>()])
    }

    pub fn get_mut(&mut self) -> &mut [T] {
        let bytes: &mut [u8] = match &mut self.memory {
            Memory::Small(lines) => bytemuck::cast_slice_mut(lines),
            Memory::Pages(pages) => &mut pages.0,
        };
        bytemuck::cast_slice_mut(&mut bytes[..self.length * size_of::<T>()])
    }

    /// Memory that is taken.
    pub fn bytes(&self) -> usize {
        match &self.memory {
            Memory::Small(lines) => lines.len() * size_of::<Line>(),
            Memory::Pages(pages) => pages.0.len(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_and_large_memory_begins_at_a_line_and_is_zero_at_first() {
        for length in [0, 1, 17, OWN_PAGES / 4 - 1, OWN_PAGES / 4, OWN_PAGES] {
            let mut lines = Lines::<f32>::zeros(length);
            assert!(lines.get().len() == length && lines.get().iter().all(|&x| x == 0.0));
            assert_eq!(lines.get().as_ptr() as usize % 64, 0);
            lines.get_mut().fill(1.0);
            assert_eq!(lines.resized(length / 2).len(), length / 2);
            assert_eq!(lines.resized(2 * length + 1).len(), 2 * length + 1);
        }
    }
}
