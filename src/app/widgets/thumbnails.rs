//! Small pictures of photos, decoded when they come into view, on a thread of their own.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crossbeam_channel::{Receiver, Sender, bounded};
use egui::{ColorImage, TextureHandle, TextureOptions};
use image::RgbImage;

use crate::inference::ViewPrediction;
use crate::input::{InputError, Limits, Thumbnail, ViewId, thumbnail};

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
    /// Of photos whose files are not what they were.
    of_results: HashMap<ViewId, TextureHandle>,
    side: u32,
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
        let (slots, of_results) = (HashMap::new(), HashMap::new());
        Ok(Self { slots, of_results, side, wanted, decoded, kept, frame: 0 })
    }

    /// Takes in what was decoded since the last frame and drops what has not been shown for long.
    pub fn begin_frame(&mut self, ctx: &egui::Context) {
        self.frame += 1;
        while let Ok((path, picture)) = self.decoded.try_recv() {
            let Some(slot) = self.slots.get_mut(&path) else { continue };
            slot.thumb = match picture {
                Ok(picture) => Thumb::Ready { texture: upload(ctx, &picture.image), photo_size: picture.size },
                Err(error) => Thumb::Failed(error.to_string()),
            };
        }
        if self.of_results.len() > self.kept {
            self.of_results.clear();
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

    /// Whether a picture that was in sight in the last frame is still to come.
    pub fn is_waiting(&self) -> bool {
        self.slots.values().any(|slot| slot.shown == self.frame && matches!(slot.thumb, Thumb::Wanted))
    }

    /// What the network saw of a photo.
    pub fn of_result(&mut self, ctx: &egui::Context, view: &ViewPrediction) -> Thumb {
        let side = self.side;
        let texture = self.of_results.entry(view.view).or_insert_with(|| {
            let factor = (side as f32 / view.width.max(view.height) as f32).min(1.0);
            let [width, height] = [view.width, view.height].map(|length| ((length as f32 * factor) as u32).max(1));
            upload(ctx, &image::imageops::thumbnail(&view.image, width, height))
        });
        Thumb::Ready { texture: texture.clone(), photo_size: view.photo_size }
    }
}

fn upload(ctx: &egui::Context, image: &RgbImage) -> TextureHandle {
    let size = [image.width() as usize, image.height() as usize];
    ctx.load_texture("thumbnail", ColorImage::from_rgb(size, image.as_raw()), TextureOptions::LINEAR)
}
