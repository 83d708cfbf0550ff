//! One large picture at a time: read on a thread of its own, and shown in tiles over a small one.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crossbeam_channel::{Receiver, Sender, TryRecvError, TrySendError, bounded};
use egui::{Color32, ColorImage, Context, Painter, Rect, TextureFilter, TextureHandle, TextureOptions};

use super::source::{Pixels, Source};
use super::tile::{Fineness, Tile};

/// Tiles that may wait to be cut, and to be taken in.
const WAITING: usize = 64;
/// Tiles that go to the graphics card in one frame, of some 1 MB each.
const PER_FRAME: usize = 8;
/// Tiles that stay there, beyond those in sight.
const KEPT: usize = 64;

/// What the window asks of the thread.
enum Ask {
    Tile {
        number: u64,
        source: Arc<Source>,
        tile: Tile,
    },
    /// To let go of the picture.
    Rest,
}

struct Cut {
    number: u64,
    tile: Tile,
    outcome: Result<ColorImage, String>,
}

struct Thread {
    asks: Sender<Ask>,
    cuts: Receiver<Cut>,
    /// Of the picture that is shown: what is asked of another is not worth doing any more.
    number: Arc<AtomicU64>,
}

/// The picture that is shown.
struct Shown {
    number: u64,
    source: Arc<Source>,
    /// With the frame in which each was last seen; those without a texture were asked for.
    tiles: HashMap<Tile, (Option<TextureHandle>, u64)>,
    failed: Option<String>,
}

/// A large picture and its tiles.
#[derive(Default)]
pub struct LargePicture {
    thread: Option<Thread>,
    shown: Option<Shown>,
    numbers: u64,
    frame: u64,
    /// The frame in which it was last drawn.
    drawn: u64,
    /// The thread has yet to be told to let go of what it holds.
    owes_rest: bool,
}

/// Where a picture is drawn.
pub struct Place<'a> {
    pub painter: &'a Painter,
    /// Where the whole of it lies on the screen.
    pub whole: Rect,
    /// What of that is in sight.
    pub visible: Rect,
    /// The size of what is drawn there already, in pixels.
    pub beneath: [u32; 2],
}

impl LargePicture {
    /// Takes in what has been cut since the last frame, and lets go of a picture that is out of sight.
    pub fn begin_frame(&mut self, ctx: &Context) {
        if self.drawn < self.frame && self.shown.take().is_some() {
            self.owes_rest = true;
        }
        self.frame += 1;
        let Some(thread) = &self.thread else { return };
        if self.owes_rest {
            self.owes_rest = thread.rest(self.numbers);
        }
        for _ in 0..PER_FRAME {
            match thread.cuts.try_recv() {
                Ok(cut) => {
                    if let Some(shown) = self.shown.as_mut().filter(|shown| shown.number == cut.number) {
                        shown.take_in(ctx, cut, self.frame);
                    }
                }
                Err(TryRecvError::Empty) => return,
                Err(TryRecvError::Disconnected) => return self.thread_has_ended(),
            }
        }
        ctx.request_repaint();
    }

    /// Draws what there is of a picture, and asks for what is in sight and not there yet. Where what lies beneath has pixels
    /// enough for the screen, nothing is drawn or asked for.
    ///
    /// # Errors
    /// Why there is no such picture.
    pub fn draw(&mut self, source: Source, place: &Place<'_>) -> Result<(), String> {
        let size = source.size();
        let dots = place.painter.pixels_per_point() * place.whole.width() / size[0].max(1) as f32;
        let has_more = size[0] > place.beneath[0] || size[1] > place.beneath[1];
        let is_seen = dots * size[0] as f32 > place.beneath[0] as f32 && place.visible.is_positive();
        self.drawn = self.frame;
        self.turn_to(source);
        let Some(shown) = self.shown.as_mut().filter(|_| has_more && is_seen && size.iter().all(|&side| side > 0))
        else {
            return Ok(());
        };
        if let Some(reason) = &shown.failed {
            return Err(reason.clone());
        }
        let part = |at: egui::Pos2| ((at - place.whole.min) / place.whole.size()).to_pos2();
        let part = Rect::from_min_max(part(place.visible.min), part(place.visible.max));
        let fineness = Fineness::for_dots(dots);
        let wanted: Vec<Tile> = fineness.tiles(size, part).collect();
        let thread = match &mut self.thread {
            Some(thread) => thread,
            none => none.insert(Thread::start(place.painter.ctx())?),
        };
        thread.number.store(shown.number, Ordering::Relaxed);
        for &tile in &wanted {
            match shown.tiles.get_mut(&tile) {
                Some((_, seen)) => *seen = self.frame,
                None => match thread.asks.try_send(Ask::Tile {
                    number: shown.number,
                    source: Arc::clone(&shown.source),
                    tile,
                }) {
                    Ok(()) => _ = shown.tiles.insert(tile, (None, self.frame)),
                    // The next frame asks again.
                    Err(TrySendError::Full(_)) => break,
                    Err(TrySendError::Disconnected(_)) => {
                        self.thread_has_ended();
                        return Ok(());
                    }
                },
            }
        }
        self.owes_rest = false;
        shown.paint(&wanted, size, place, self.frame);
        shown.forget(self.frame);
        Ok(())
    }

    fn turn_to(&mut self, source: Source) {
        if self.shown.as_ref().is_some_and(|shown| *shown.source == source) {
            return;
        }
        self.numbers += 1;
        let is_other = self.shown.as_ref().is_some_and(|shown| !shown.source.shares(&source));
        let (number, source) = (self.numbers, Arc::new(source));
        self.shown = Some(Shown { number, source, tiles: HashMap::new(), failed: None });
        self.owes_rest |= is_other;
    }

    /// The next picture gets a thread of its own again.
    fn thread_has_ended(&mut self) {
        self.thread = None;
        if let Some(shown) = &mut self.shown {
            shown.failed = Some("the program failed while it read it".into());
        }
    }
}

impl Shown {
    fn take_in(&mut self, ctx: &Context, cut: Cut, frame: u64) {
        match cut.outcome {
            Ok(pixels) => {
                let filter = if cut.tile.fineness.is_crisp { TextureFilter::Nearest } else { TextureFilter::Linear };
                let options = TextureOptions { magnification: filter, ..TextureOptions::LINEAR };
                let texture = ctx.load_texture("tile", pixels, options);
                self.tiles.insert(cut.tile, (Some(texture), frame));
            }
            Err(reason) => self.failed = Some(reason),
        }
    }

    /// The tiles that are wanted, over those of other finenesses where some are missing: the coarsest lie at the bottom.
    fn paint(&mut self, wanted: &[Tile], size: [u32; 2], place: &Place<'_>, frame: u64) {
        let is_there = |tile: &Tile| self.tiles.get(tile).is_some_and(|(texture, _)| texture.is_some());
        let Some(fineness) = wanted.first().map(|tile| tile.fineness) else { return };
        let mut drawn: Vec<Tile> = Vec::new();
        if !wanted.iter().all(is_there) {
            drawn.extend(self.tiles.keys().filter(|tile| tile.fineness != fineness));
            drawn.sort_by_key(|tile| std::cmp::Reverse(tile.fineness.level));
        }
        drawn.extend(wanted);
        for tile in drawn {
            let [on_screen, in_texture] = tile.place(size, place.whole);
            let Some((Some(texture), seen)) = self.tiles.get_mut(&tile) else { continue };
            if on_screen.intersects(place.visible) {
                *seen = frame;
                place.painter.image(texture.id(), on_screen, in_texture, Color32::WHITE);
            }
        }
    }

    /// Lets go of the tiles that have been out of sight for longest.
    fn forget(&mut self, frame: u64) {
        if self.tiles.len() > KEPT {
            let mut seen: Vec<u64> = self.tiles.values().map(|(_, seen)| *seen).collect();
            seen.sort_unstable_by(|a, b| b.cmp(a));
            let oldest = seen[KEPT - 1];
            self.tiles.retain(|_, (_, seen)| *seen > oldest || *seen == frame);
        }
    }
}

impl Thread {
    fn start(ctx: &Context) -> Result<Self, String> {
        let (asks, asked) = bounded(WAITING);
        let (told, cuts) = bounded(WAITING);
        let number = Arc::new(AtomicU64::new(0));
        let (shown, ctx) = (Arc::clone(&number), ctx.clone());
        std::thread::Builder::new()
            .name("large picture".into())
            .spawn(move || cut_tiles(&asked, &told, &shown, &ctx))
            .map_err(|error| format!("no thread could be started ({error})"))?;
        Ok(Self { asks, cuts, number })
    }

    /// Tells the thread to let go of what it holds; returns whether that has yet to be told.
    fn rest(&self, number: u64) -> bool {
        self.number.store(number, Ordering::Relaxed);
        self.asks.try_send(Ask::Rest).is_err()
    }
}

/// What the thread does until the window is gone.
fn cut_tiles(asks: &Receiver<Ask>, told: &Sender<Cut>, shown: &AtomicU64, ctx: &Context) {
    let mut held: Option<(Arc<Source>, Result<Pixels, String>)> = None;
    for ask in asks {
        let Ask::Tile { number, source, tile } = ask else {
            held = None;
            continue;
        };
        if number != shown.load(Ordering::Relaxed) {
            continue;
        }
        // There is never room for two.
        held = held.filter(|(of, _)| of.shares(&source));
        let (_, pixels) = held.get_or_insert_with(|| (Arc::clone(&source), source.made()));
        let outcome = match pixels {
            Ok(pixels) => Ok(source.cut(pixels, tile)),
            Err(reason) => Err(reason.clone()),
        };
        if told.send(Cut { number, tile, outcome }).is_err() {
            break;
        }
        ctx.request_repaint();
    }
}
