//! How far a run is, on stderr: a bar on a terminal, plain lines for a log file.

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::ui;
use crate::sfm::{Doing, Follow};
use crate::worker::Stage;

const TEMPLATE: &str = "{msg:32!} {bar:30.cyan/blue} {percent:>3} %  {prefix}";
/// The bar counts thousandths of the run.
const WHOLE: u64 = 1000;

/// Where progress goes.
pub(super) enum Progress {
    Bar(ProgressBar),
    Lines,
    Quiet,
}

impl Progress {
    /// A bar where stderr is a terminal, else lines.
    pub fn choose(quiet: bool) -> Self {
        if quiet {
            Self::Quiet
        } else if std::io::stderr().is_terminal() {
            let bar = ProgressBar::with_draw_target(Some(WHOLE), ProgressDrawTarget::stderr_with_hz(10));
            bar.set_style(ProgressStyle::with_template(TEMPLATE).unwrap_or_else(|_| ProgressStyle::default_bar()));
            bar.enable_steady_tick(Duration::from_millis(200));
            Self::Bar(bar)
        } else {
            Self::Lines
        }
    }

    /// A stage went on. Lines say only what is finished, so this is for the bar.
    pub fn step(&self, stage: Stage, view: usize, views: usize, done: f32, remaining_secs: Option<f32>) {
        let Self::Bar(bar) = self else { return };
        bar.set_message(match stage {
            Stage::Match | Stage::Place => stage.label().to_owned(),
            _ => format!("{} {}/{views}", stage.label(), (view + 1).min(views)),
        });
        bar.set_prefix(remaining_secs.map(|secs| format!("{} left", duration(secs))).unwrap_or_default());
        bar.set_position((done.clamp(0.0, 1.0) * WHOLE as f32) as u64);
    }

    /// Weights are being read.
    pub fn loading(&self, model: &str, done: u64, total: u64) {
        let Self::Bar(bar) = self else { return };
        bar.set_message(format!("Loading {model}"));
        bar.set_prefix(format!("{} of {}", ui::bytes(done), ui::bytes(total)));
    }

    /// Something else goes on; `done` is 0..=1 of it.
    pub fn doing(&self, what: &str, done: f32) {
        let Self::Bar(bar) = self else { return };
        bar.set_message(what.to_owned());
        bar.set_position((done.clamp(0.0, 1.0) * WHOLE as f32) as u64);
    }

    /// Bytes are being fetched or read.
    pub fn transferring(&self, what: &str, done: u64, total: u64, bytes_per_sec: Option<f64>) {
        let Self::Bar(bar) = self else { return };
        bar.set_message(what.to_owned());
        let rate = bytes_per_sec.filter(|rate| *rate >= 1.0);
        let left = rate.map(|rate| {
            let secs = total.saturating_sub(done) as f64 / rate;
            format!(", {}/s, {} left", ui::bytes(rate as u64), duration(secs as f32))
        });
        bar.set_prefix(format!("{} of {}{}", ui::bytes(done), ui::bytes(total), left.unwrap_or_default()));
        bar.set_position((done as f64 / total.max(1) as f64 * WHOLE as f64) as u64);
    }

    /// Pictures of a film are being drawn.
    pub fn drawing(&self, done: usize, total: usize) {
        let Self::Bar(bar) = self else { return };
        bar.set_message(format!("Drawing {}/{total}", done + 1));
        bar.set_position(done as u64 * WHOLE / total.max(1) as u64);
    }

    /// A line worth keeping, above the bar.
    pub fn say(&self, line: &str) {
        match self {
            Self::Bar(bar) => bar.println(ui::laid_out(line)),
            Self::Lines => ui::err(line),
            Self::Quiet => {}
        }
    }

    /// A problem: said even when quiet.
    pub fn complain(&self, line: &str) {
        match self {
            Self::Bar(bar) => bar.println(ui::laid_out(line)),
            Self::Lines | Self::Quiet => ui::err(line),
        }
    }

    /// Takes the bar away for as long as something else is printed.
    pub fn pause(&self, print: impl FnOnce()) {
        match self {
            Self::Bar(bar) => bar.suspend(print),
            Self::Lines | Self::Quiet => print(),
        }
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        if let Self::Bar(bar) = self {
            bar.finish_and_clear();
        }
    }
}

/// Of work on cameras in this thread, which the terminal ends.
impl Follow for Progress {
    fn is_cancelled(&self) -> bool {
        false
    }

    fn progress(&self, doing: Doing, done: f32) {
        let what = match doing {
            Doing::Matching(kind) => kind.name(),
            Doing::Placing => "Placing cameras",
        };
        self.doing(what, done);
    }
}

/// "7 s", "2 min 5 s".
fn duration(secs: f32) -> String {
    let secs = secs.max(0.0).round() as u64;
    if secs < 60 { format!("{secs} s") } else { format!("{} min {} s", secs / 60, secs % 60) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_template_is_valid() {
        assert!(ProgressStyle::with_template(TEMPLATE).is_ok());
    }

    #[test]
    fn durations_read_well() {
        assert_eq!([0.2, 59.0, 125.4, -1.0].map(duration), ["0 s", "59 s", "2 min 5 s", "0 s"]);
    }
}
