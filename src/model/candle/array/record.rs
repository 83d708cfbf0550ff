//! What a network on candle asks of a device, written down: launches, memory taken and freed.
//!
//! A record is made while a network runs, or in a rehearsal, in which arrays have shapes and no numbers, so that the largest
//! network goes through in milliseconds and without its memory. Both run the same code and write the same record.

use std::cell::RefCell;

use candle_core::DType;

/// The kinds of device that candle knows; some operations differ between them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Cpu,
    Cuda,
    Metal,
}

/// One operation as a device sees it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Launch {
    pub op: &'static str,
    /// Element type of the first operand, as candle spells it.
    pub element: &'static str,
    /// One letter an operand: `c` contiguous, `s` strided.
    pub layouts: String,
    /// A product of one row, or of one column.
    pub has_one_row: bool,
    pub has_one_column: bool,
    /// Kernels that this takes.
    pub count: usize,
    /// Bytes read and written.
    pub bytes: u64,
}

/// Where memory comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// What kernels write.
    Private,
    /// What is zeroed, or read back by the processor.
    Shared,
    /// Uploads, exactly as long as what is uploaded.
    Upload,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    Launch(Launch),
    Take {
        block: usize,
        bytes: u64,
        from: Source,
    },
    Free {
        block: usize,
    },
    /// The device was waited for: what a pool holds and nobody uses is given back.
    Sweep,
}

#[derive(Default)]
struct Page {
    /// Arrays are shapes on such a device.
    rehearsed: Option<Kind>,
    is_brief: bool,
    events: Vec<Event>,
    blocks: usize,
}

thread_local! {
    static PAGE: RefCell<Option<Page>> = const { RefCell::new(None) };
}

/// Runs `work` and writes down what this thread asks of devices on the way.
pub fn record<T>(work: impl FnOnce() -> T) -> (T, Vec<Event>) {
    with_page(Page::default(), work)
}

/// Runs `work` with arrays that are shapes on a device of this kind. Numbers that are read from them are 0.
pub fn rehearse<T>(kind: Kind, work: impl FnOnce() -> T) -> (T, Vec<Event>) {
    with_page(Page { rehearsed: Some(kind), ..Page::default() }, work)
}

/// Puts the page that was there before back, also after a panic.
struct Before(Option<Page>);

impl Drop for Before {
    fn drop(&mut self) {
        PAGE.set(self.0.take());
    }
}

fn with_page<T>(page: Page, work: impl FnOnce() -> T) -> (T, Vec<Event>) {
    let before = Before(PAGE.replace(Some(page)));
    let done = work();
    let events = PAGE.with_borrow_mut(|page| page.as_mut().map(|page| std::mem::take(&mut page.events)));
    drop(before);
    (done, events.unwrap_or_default())
}

/// The same, but what repeats itself many times over may be left out where that changes nothing of the memory taken.
pub fn rehearse_briefly<T>(kind: Kind, work: impl FnOnce() -> T) -> (T, Vec<Event>) {
    with_page(Page { rehearsed: Some(kind), is_brief: true, ..Page::default() }, work)
}

/// Whether what repeats itself may be left out.
pub fn is_brief() -> bool {
    PAGE.with_borrow(|page| page.as_ref().is_some_and(|page| page.is_brief))
}

/// Runs `work` on the host, where nothing is written down.
pub fn unrecorded<T>(work: impl FnOnce() -> T) -> T {
    let _before = Before(PAGE.replace(None));
    work()
}

/// The kind of device that is rehearsed in this thread, where a rehearsal goes on.
pub fn rehearsed() -> Option<Kind> {
    PAGE.with_borrow(|page| page.as_ref()?.rehearsed)
}

pub(super) fn is_recording() -> bool {
    PAGE.with_borrow(Option::is_some)
}

/// Notes that the device was waited for.
pub fn swept() {
    note(Event::Sweep);
}

pub(super) fn launched(launch: impl FnOnce() -> Launch) {
    if is_recording() {
        note(Event::Launch(launch()));
    }
}

fn note(event: Event) {
    PAGE.with_borrow_mut(|page| page.as_mut().map(|page| page.events.push(event)));
}

/// Memory of a device that somebody uses; dropped, it is free.
#[derive(Debug)]
pub struct Block(usize);

impl Block {
    /// `None` where nobody writes down.
    pub fn take(bytes: u64, from: Source) -> Option<Self> {
        PAGE.with_borrow_mut(|page| {
            let page = page.as_mut()?;
            let block = page.blocks;
            page.blocks += 1;
            page.events.push(Event::Take { block, bytes, from });
            Some(Self(block))
        })
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        // A thread that ends has no page any more.
        let _ = PAGE.try_with(|page| {
            if let Ok(mut page) = page.try_borrow_mut()
                && let Some(page) = page.as_mut()
            {
                page.events.push(Event::Free { block: self.0 });
            }
        });
    }
}

/// Launches, and bytes read and written by them.
pub fn traffic(events: &[Event]) -> (usize, u64) {
    let launches = events.iter().filter_map(|event| match event {
        Event::Launch(launch) => Some(launch),
        _ => None,
    });
    launches.fold((0, 0), |(count, bytes), launch| (count + launch.count, bytes + launch.bytes))
}

pub(super) fn spelt(element: DType) -> &'static str {
    element.as_str()
}
