//! Small pictures of photos, decoded when they come into view, on a thread of their own.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crossbeam_channel::{Receiver, Sender, bounded};
use egui::{ColorImage, TextureHandle, TextureOptions};

use crate::input::{InputError, Limits, Thumbnail, thumbnail};

/// A small picture, or why there is none yet.
#[derive(Clone)]
pub enum Thumb {
    Wanted,
    Ready { texture: TextureHandle, photo_size: [u32; 2] },
    Failed(String),
}

struct Slot {
    thumb: Thumb,
    /// Frame in which it was last shown.
    shown: u64,
}

/// Pictures of at most `side` pixels, by file.
pub struct Thumbnails {
    slots: HashMap<PathBuf, Slot>,
    wanted: Sender<PathBuf>,
    decoded: Receiver<(PathBuf, Result<Thumbnail, InputError>)>,
    kept: usize,
    frame: u64,
}

/// Photos that may wait for decoding: few, so that after a fast scroll the visible ones come next.
const QUEUE: usize = 12;

impl Thumbnails {
    /// Starts the thread `name`, which lives as long as this. `kept` textures stay, those not shown longest go first.
    pub fn new(ctx: egui::Context, name: &str, side: u32, kept: usize) -> std::io::Result<Self> {
        let (wanted, requests) = bounded::<PathBuf>(QUEUE);
        let (replies, decoded) = bounded(QUEUE);
        std::thread::Builder::new().name(name.into()).spawn(move || {
            let limits = Limits::default();
            for path in requests {
                let picture = thumbnail(&path, &limits, side);
                if replies.send((path, picture)).is_err() {
                    break;
                }
                ctx.request_repaint();
            }
        })?;
        Ok(Self { slots: HashMap::new(), wanted, decoded, kept, frame: 0 })
    }

    /// Takes in what was decoded since the last frame and drops what has not been shown for long.
    pub fn begin_frame(&mut self, ctx: &egui::Context) {
        self.frame += 1;
        while let Ok((path, picture)) = self.decoded.try_recv() {
            let Some(slot) = self.slots.get_mut(&path) else { continue };
            slot.thumb = match picture {
                Ok(picture) => {
                    let size = [picture.image.width() as usize, picture.image.height() as usize];
                    let pixels = ColorImage::from_rgb(size, picture.image.as_raw());
                    let texture = ctx.load_texture("thumbnail", pixels, TextureOptions::LINEAR);
                    Thumb::Ready { texture, photo_size: picture.size }
                }
                Err(error) => Thumb::Failed(error.to_string()),
            };
        }
        if self.slots.len() > self.kept {
            let mut shown: Vec<u64> = self.slots.values().map(|slot| slot.shown).collect();
            shown.sort_unstable_by(|a, b| b.cmp(a));
            let oldest = shown[self.kept - 1].min(self.frame - 1);
            self.slots.retain(|_, slot| slot.shown >= oldest);
        }
    }

    /// The picture of a visible photo; asks for it where it is not there yet.
    pub fn get(&mut self, path: &Path) -> Thumb {
        if let Some(slot) = self.slots.get_mut(path) {
            slot.shown = self.frame;
            return slot.thumb.clone();
        }
        if self.wanted.try_send(path.to_owned()).is_ok() {
            self.slots.insert(path.to_owned(), Slot { thumb: Thumb::Wanted, shown: self.frame });
        }
        Thumb::Wanted
    }
}
