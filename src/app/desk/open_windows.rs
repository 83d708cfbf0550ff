//! Windows within the window.

/// Which of them are open.
#[derive(Debug, Default)]
pub struct OpenWindows {
    pub notices: bool,
    pub memory: bool,
    pub matches: bool,
    pub keys: bool,
    pub about: bool,
    pub models: bool,
    pub export: bool,
}

impl OpenWindows {
    /// Whether any of them is open.
    pub fn any(&self) -> bool {
        let Self { notices, memory, matches, keys, about, models, export } = *self;
        notices || memory || matches || keys || about || models || export
    }

    /// Escape closes what lies on top before it reaches a run.
    pub fn close_with_escape(&mut self, ctx: &egui::Context) {
        if self.any() && ctx.input_mut(|input| input.consume_key(egui::Modifiers::NONE, egui::Key::Escape)) {
            *self = Self::default();
        }
    }
}
