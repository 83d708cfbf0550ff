//! Work on its way to a card: recorded, cut into submissions that a display can wait for, and counted by the card itself.

use std::collections::VecDeque;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use super::cost::{Cost, Reckoned};
use super::kernels::Kernel;
use super::{Card, Fault, GpuError};

/// Parameters of one dispatch, as every card can place them.
const PARAMETERS: u64 = 256;
/// Dispatches of one submission, at most.
const TOGETHER: usize = 128;
/// Of all of them, and the submission's number.
const PLACES: u64 = PARAMETERS * (TOGETHER as u64 + 1);
/// Submissions under way: one that the card works on, and one that it need not wait for.
const UNDER_WAY: usize = 2;
/// After this long a driver is taken for stuck.
const PATIENCE: Duration = Duration::from_secs(60);
/// What a submission may take on the card: an order beneath what systems end a program's work for, and little enough for a window to
/// be drawn between. A run that is cancelled waits for those under way and for one that was recorded, a tenth of a second.
const SUBMISSION: Duration = Duration::from_millis(33);

/// One dispatch, ready to go.
#[derive(Debug)]
pub struct Ready {
    pub kernel: Arc<Kernel>,
    /// By binding: which block, from where, how many bytes.
    pub arrays: Vec<(u32, wgpu::Buffer, u64, u64)>,
    pub parameters: Vec<u32>,
    pub groups: [u32; 3],
}

/// What was recorded and is not on its way yet, and what is.
#[derive(Debug, Default)]
pub struct Pending {
    waiting: Vec<Ready>,
    /// Dispatches that wait, on paper as well.
    together: usize,
    /// Of what waits.
    cost: Cost,
    under_way: VecDeque<UnderWay>,
    pace: Pace,
    /// When the card was last seen to have done something.
    latest: Option<Instant>,
    /// Submissions so far; the last thing that each does is to write its number, and to hand on the token.
    tickets: u32,
    places: OnceLock<Places>,
    pub reckoned: Reckoned,
}

/// A submission that the card may be working on.
#[derive(Debug)]
struct UnderWay {
    index: wgpu::SubmissionIndex,
    since: Instant,
    cost: Cost,
}

/// Small buffers that every submission uses.
#[derive(Clone, Debug)]
struct Places {
    parameters: wgpu::Buffer,
    ticket: wgpu::Buffer,
    /// A submission takes the token out of one and puts it into the other, by turns. Where one of them is left out, the next finds none,
    /// and it is gone for good: a number alone would hide that behind the next one.
    hands: [wgpu::Buffer; 2],
}

const TOKEN: u32 = 0x70CE_2024;

/// How fast a card is: operations and bytes in a second.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pace {
    pub flops: f64,
    pub bandwidth: f64,
}

/// What a slow card does; a slower one, and a processor, is measured as it goes, with submissions that are too long at first.
impl Default for Pace {
    fn default() -> Self {
        Self { flops: 2e11, bandwidth: 20e9 }
    }
}

impl Pace {
    /// What the newest submission counts for: the first ones also compile and wake up.
    const NEWEST_COUNTS: f64 = 0.3;

    fn reckoned(&self, cost: Cost) -> Duration {
        cost.time(self.flops, self.bandwidth)
    }

    /// After work that was reckoned at so much took so long.
    fn learn(&mut self, reckoned: Duration, took: Duration) {
        let (reckoned, took) = (reckoned.as_secs_f64(), took.as_secs_f64());
        if reckoned > 0.0 && took > 0.0 {
            // Slow steps: one submission may have waited for something else.
            let factor = (reckoned / took).clamp(0.25, 4.0).powf(Self::NEWEST_COUNTS);
            (self.flops, self.bandwidth) = (self.flops * factor, self.bandwidth * factor);
        }
    }
}

impl Pending {
    /// Whether what waits is to go before so much more comes.
    pub fn is_full(&self, more: Cost) -> bool {
        self.together > 0 && (self.together == TOGETHER || self.pace.reckoned(self.cost + more) > SUBMISSION)
    }

    /// On paper there is nothing that waits, but what it costs is written down.
    pub fn add(&mut self, name: &'static str, ready: Option<Ready>, cost: Cost) {
        if ready.is_none() {
            self.reckoned.dispatches.push((name, cost));
        }
        self.waiting.extend(ready);
        self.together += 1;
        self.cost = self.cost + cost;
    }

    /// Sends what waits on its way. Blocks while more is under way than the card has use for.
    ///
    /// # Errors
    /// What was heard of the driver, [`GpuError::OutOfMemory`].
    pub fn submit(&mut self, card: Option<&Card>) -> Result<(), GpuError> {
        if std::mem::take(&mut self.together) > 0 && card.is_none() {
            self.reckoned.submissions.push(self.reckoned.dispatches.len());
        }
        let cost = std::mem::take(&mut self.cost);
        let waiting = std::mem::take(&mut self.waiting);
        let (Some(card), false) = (card, waiting.is_empty()) else { return Ok(()) };
        while self.under_way.len() >= UNDER_WAY {
            self.wait_for_oldest(card)?;
        }
        self.tickets += 1;
        let number = if card.faults.meets(Fault::LeftOut) { None } else { Some(self.tickets) };
        let places = self.places(card)?.clone();
        let (index, complaint) = card.heard(|device| encode(device, &card.queue, &waiting, &places, number));
        if let Some(error) = complaint {
            card.ask()?;
            return Err(GpuError::Driver { reason: error.to_string() });
        }
        self.under_way.push_back(UnderWay { index, since: Instant::now(), cost });
        card.check()
    }

    /// Sends what was written, and waits until it is there.
    ///
    /// # Errors
    /// What was heard of the driver.
    pub fn send(&mut self, card: &Card) -> Result<(), GpuError> {
        let index = card.queue.submit([]);
        self.under_way.push_back(UnderWay { index, since: Instant::now(), cost: Cost::default() });
        while !self.under_way.is_empty() {
            self.wait_for_oldest(card)?;
        }
        Ok(())
    }

    /// Copies bytes of a block to the host, when all before is done; the card must have done all that was asked of it.
    pub fn read(&mut self, card: &Card, block: &wgpu::Buffer, offset: u64, bytes: u64) -> Result<Vec<u8>, GpuError> {
        self.submit(Some(card))?;
        let places = self.places(card)?.clone();
        let (staging, complaint) = card.heard(|device| {
            let staging = device.create_buffer(&wgpu::BufferDescriptor {
                label: Some("read back"),
                size: bytes + 8,
                usage: wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::MAP_READ,
                mapped_at_creation: false,
            });
            let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
            encoder.copy_buffer_to_buffer(block, offset, &staging, 0, bytes);
            encoder.copy_buffer_to_buffer(&places.ticket, 0, &staging, bytes, 4);
            let hand = &places.hands[self.tickets as usize % 2];
            encoder.copy_buffer_to_buffer(hand, 0, &staging, bytes + 4, 4);
            (staging, card.queue.submit([encoder.finish()]))
        });
        let (staging, index) = staging;
        if let Some(error) = complaint {
            card.check()?;
            return Err(GpuError::Driver { reason: error.to_string() });
        }
        self.under_way.push_back(UnderWay { index, since: Instant::now(), cost: Cost::default() });
        let mapped = Arc::new(OnceLock::new());
        let answer = Arc::clone(&mapped);
        staging.map_async(wgpu::MapMode::Read, .., move |result| _ = answer.set(result));
        while !self.under_way.is_empty() {
            self.wait_for_oldest(card)?;
        }
        let driver = |reason: String| GpuError::Driver { reason };
        match mapped.get() {
            Some(Ok(())) => {}
            Some(Err(error)) => return Err(driver(error.to_string())),
            None => return Err(driver("it does not answer".into())),
        }
        let shown = staging.get_mapped_range(..).map_err(|error| driver(error.to_string()))?;
        let mut read = shown.to_vec();
        let witness = read.split_off(bytes as usize);
        let [done, token] = [0, 4].map(|at| witness[at..].first_chunk().map_or(0, |bytes| u32::from_ne_bytes(*bytes)));
        let asked = self.tickets;
        if done == asked && token == TOKEN {
            return Ok(read);
        }
        // Who goes on begins with a new token.
        self.places.take();
        self.tickets = 0;
        Err(GpuError::LeftOut { asked, done: done.min(asked.saturating_sub(1)) })
    }

    /// Waits until the card has done all that was asked of it.
    pub fn wait(&mut self, card: &Card) -> Result<(), GpuError> {
        let ticket = self.places(card)?.ticket.clone();
        self.read(card, &ticket, 0, 4).map(|_| ())
    }

    fn wait_for_oldest(&mut self, card: &Card) -> Result<(), GpuError> {
        let Some(UnderWay { index, since, cost }) = self.under_way.pop_front() else { return Ok(()) };
        let wait = wgpu::PollType::Wait { submission_index: Some(index), timeout: Some(PATIENCE) };
        let waited = card.device.poll(wait);
        card.check()?;
        waited.map_err(|error| GpuError::Driver { reason: error.to_string() })?;
        // It began when it came there, or when the one before was done.
        let began = self.latest.map_or(since, |latest| latest.max(since));
        let now = Instant::now();
        self.latest = Some(now);
        self.pace.learn(self.pace.reckoned(cost), now - began);
        Ok(())
    }

    fn places(&self, card: &Card) -> Result<&Places, GpuError> {
        let (places, complaint) = card.heard(|device| self.places.get_or_init(|| Places::new(device, &card.queue)));
        if complaint.is_some() { Err(GpuError::OutOfMemory { bytes: PLACES }) } else { Ok(places) }
    }
}

impl Places {
    fn new(device: &wgpu::Device, queue: &wgpu::Queue) -> Self {
        let make = |size, usage| {
            let usage = usage | wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::COPY_SRC;
            device.create_buffer(&wgpu::BufferDescriptor { label: None, size, usage, mapped_at_creation: false })
        };
        let [ticket, first, second] = [(); 3].map(|()| make(4, wgpu::BufferUsages::empty()));
        queue.write_buffer(&first, 0, &TOKEN.to_ne_bytes());
        Self { parameters: make(PLACES, wgpu::BufferUsages::UNIFORM), ticket, hands: [first, second] }
    }
}

/// `number`: of this submission; without it what tells of its end is left out.
fn encode(
    device: &wgpu::Device,
    queue: &wgpu::Queue,
    waiting: &[Ready],
    places: &Places,
    number: Option<u32>,
) -> wgpu::SubmissionIndex {
    let mut parameters = vec![0u32; waiting.len() * PARAMETERS as usize / 4];
    for (place, ready) in parameters.chunks_exact_mut(PARAMETERS as usize / 4).zip(waiting) {
        place[..ready.parameters.len()].copy_from_slice(&ready.parameters);
    }
    queue.write_buffer(&places.parameters, 0, bytemuck::cast_slice(&parameters));
    queue.write_buffer(&places.parameters, PLACES - PARAMETERS, &number.unwrap_or_default().to_ne_bytes());
    let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
    {
        let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
        for (at, ready) in (0u64..).zip(waiting) {
            let binding =
                |buffer, offset, size: u64| wgpu::BufferBinding { buffer, offset, size: std::num::NonZero::new(size) };
            let mut entries = vec![wgpu::BindGroupEntry {
                binding: 0,
                resource: wgpu::BindingResource::Buffer(binding(&places.parameters, at * PARAMETERS, PARAMETERS)),
            }];
            entries.extend(ready.arrays.iter().map(|(place, buffer, offset, bytes)| wgpu::BindGroupEntry {
                binding: *place,
                resource: wgpu::BindingResource::Buffer(binding(buffer, *offset, *bytes)),
            }));
            let descriptor = wgpu::BindGroupDescriptor { label: None, layout: &ready.kernel.layout, entries: &entries };
            pass.set_pipeline(&ready.kernel.pipeline);
            pass.set_bind_group(0, &device.create_bind_group(&descriptor), &[]);
            pass.dispatch_workgroups(ready.groups[0], ready.groups[1], ready.groups[2]);
        }
    }
    // Where the driver gives up before, this is not done either.
    if let Some(number) = number {
        let to = number as usize % 2;
        encoder.copy_buffer_to_buffer(&places.parameters, PLACES - PARAMETERS, &places.ticket, 0, 4);
        encoder.copy_buffer_to_buffer(&places.hands[1 - to], 0, &places.hands[to], 0, 4);
        encoder.clear_buffer(&places.hands[1 - to], 0, None);
    }
    queue.submit([encoder.finish()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn submissions_are_what_a_display_can_wait_for() {
        let mut pending = Pending { pace: Pace { flops: 1e12, bandwidth: 1e11 }, ..Pending::default() };
        let cost = Cost { flop: 15_000_000_000, bytes: 1000 };
        for _ in 0..10 {
            if pending.is_full(cost) {
                pending.submit(None).expect("paper");
            }
            pending.add("any", None, cost);
        }
        pending.submit(None).expect("paper");
        assert_eq!(pending.reckoned.submissions, [2, 4, 6, 8, 10], "40 milliseconds are two of 15");
        assert!(!pending.is_full(Cost { flop: 1 << 40, bytes: 0 }), "what is too long by itself goes alone");
    }

    #[test]
    fn a_pace_is_learnt() {
        let mut pace = Pace { flops: 1e12, bandwidth: 1e11 };
        let cost = Cost { flop: 10_000_000_000, bytes: 0 };
        for _ in 0..30 {
            pace.learn(pace.reckoned(cost), Duration::from_millis(500));
        }
        assert!((pace.flops / 2e10 - 1.0).abs() < 0.05, "{pace:?}");
        let before = pace;
        pace.learn(Duration::ZERO, Duration::from_secs(1));
        assert_eq!(pace, before, "of nothing nothing is learnt");
    }
}
