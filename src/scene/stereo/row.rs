//! What an eye sees, row by row.

/// One row of an eye's picture while it is made.
pub(super) struct Row {
    pub colours: Vec<[f32; 3]>,
    /// Parallax of what is seen, pixels: larger is nearer. Minus infinity where nothing is seen.
    pub parallax: Vec<f32>,
}

impl Row {
    /// Sees a surface at a pixel, where nothing nearer was seen before.
    pub fn see(&mut self, at: i64, parallax: f32, colour: impl FnOnce() -> [f32; 3]) {
        let Some(at) = usize::try_from(at).ok().filter(|&at| at < self.colours.len()) else { return };
        if parallax > self.parallax[at] {
            (self.parallax[at], self.colours[at]) = (parallax, colour());
        }
    }
}
