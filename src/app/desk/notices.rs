//! What the window has to tell: errors, warnings and news, each shown once until it is dismissed.

use crate::app::desk::fix::Fix;
use crate::input::ViewId;
use crate::worker::{Blame, Problem};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    News,
    Warning,
    Error,
}

impl Severity {
    pub fn label(self) -> &'static str {
        match self {
            Self::News => "Note",
            Self::Warning => "Warning",
            Self::Error => "Error",
        }
    }
}

/// One thing told.
#[derive(Clone, Debug)]
pub struct Notice {
    pub id: u64,
    pub severity: Severity,
    pub problem: Problem,
    /// Remedies offered as buttons.
    pub fixes: Vec<Fix>,
    /// Shown above the pictures until it is dismissed or the next run starts.
    pub is_banner: bool,
}

/// Notices kept; older ones are dropped first.
const KEPT: usize = 200;

/// All notices, the oldest first.
#[derive(Debug, Default)]
pub struct Notices {
    list: Vec<Notice>,
    next_id: u64,
}

impl Notices {
    pub fn all(&self) -> &[Notice] {
        &self.list
    }

    /// Notices that ask for attention, the newest first.
    pub fn banners(&self) -> impl Iterator<Item = &Notice> {
        self.list.iter().rev().filter(|notice| notice.is_banner)
    }

    /// The newest of them.
    pub fn banner(&self) -> Option<&Notice> {
        self.banners().next()
    }

    /// Adds a notice; the same problem told twice in a row is kept once.
    pub fn add(&mut self, severity: Severity, problem: Problem, fixes: Vec<Fix>, is_banner: bool) {
        if let Some(last) = self.list.last_mut()
            && last.problem == problem
        {
            last.is_banner |= is_banner;
            return;
        }
        if self.list.len() == KEPT {
            self.list.remove(0);
        }
        let id = self.next_id;
        self.next_id += 1;
        self.list.push(Notice { id, severity, problem, fixes, is_banner });
    }

    /// Adds a notice in the place of one that told less of the same; gives its number.
    pub fn tell_more(&mut self, before: Option<u64>, problem: Problem, fixes: Vec<Fix>, is_banner: bool) -> u64 {
        self.list.retain(|notice| Some(notice.id) != before);
        self.add(Severity::Warning, problem, fixes, is_banner);
        self.list.last().map_or(0, |notice| notice.id)
    }

    /// News of the window's own: what happened, and what one can do.
    pub fn tell(&mut self, severity: Severity, what: impl Into<String>, advice: impl Into<String>) {
        let problem = Problem::new(Blame::Machine, what, advice);
        self.add(severity, problem, Vec::new(), severity == Severity::Error);
    }

    pub fn dismiss(&mut self, id: u64) {
        self.list.retain(|notice| notice.id != id);
    }

    /// Takes off what is about failed views none of which is one any more.
    pub fn dismiss_settled(&mut self, is_failed: impl Fn(ViewId) -> bool) {
        let is_settled = |fix: &Fix| matches!(fix, Fix::Remove(ids) if !ids.iter().any(|id| is_failed(*id)));
        self.list.retain(|notice| !notice.fixes.iter().any(is_settled));
    }

    /// Takes off what a remedy has settled.
    pub fn dismiss_fixed(&mut self, fix: &Fix) {
        self.list.retain(|notice| !notice.fixes.contains(fix));
    }

    /// Takes off what begins with these words.
    pub fn dismiss_beginning(&mut self, words: &str) {
        self.list.retain(|notice| !notice.problem.what.starts_with(words));
    }

    pub fn dismiss_all(&mut self) {
        self.list.clear();
    }

    /// Takes banners down; the notices stay in the list.
    pub fn lower_banners(&mut self) {
        for notice in &mut self.list {
            notice.is_banner = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_told_twice_is_one_notice_and_the_list_is_bounded() {
        let mut notices = Notices::default();
        for _ in 0..2 {
            notices.tell(Severity::Warning, "Same", "Again");
        }
        assert_eq!(notices.all().len(), 1);
        for i in 0..2 * KEPT {
            notices.tell(Severity::News, format!("News {i}"), "");
        }
        assert_eq!(notices.all().len(), KEPT);
        assert!(notices.banner().is_none());
    }
}
