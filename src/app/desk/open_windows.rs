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
    /// Escape closes what lies on top before it reaches a run.
    pub fn close_with_escape(&mut self, ctx: &egui::Context) {
        let Self { notices, memory, matches, keys, about, models, export } = *self;
        let is_open = notices || memory || matches || keys || about || models || export;
        if is_open && ctx.input_mut(|input| input.consume_key(egui::Modifiers::NONE, egui::Key::Escape)) {
            *self = Self::default();
        }
    }
}
