//! What there is to say of photos once a run is over: one sentence for all of a kind.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::prepare::Ready;
use super::{LensSource, Notice, ViewPrediction};
use crate::input::{Since, ViewId, display_name, listed};

#[derive(Default)]
pub(super) struct AboutPhotos {
    /// Without a mask, where there are masks.
    unmasked: BTreeSet<ViewId>,
    /// Other pictures than EXIF speaks of.
    changed: BTreeMap<ViewId, Since>,
}

impl AboutPhotos {
    /// Notes what photos show when they are read; once more is no harm.
    pub fn add<'r>(&mut self, photos: impl Iterator<Item = &'r Ready>) {
        for ready in photos {
            if ready.lacks_mask {
                self.unmasked.insert(ready.photo.id);
            }
            let since = ready.focal.map_or(Since::Nothing, |focal| focal.since);
            if since != Since::Nothing {
                self.changed.insert(ready.photo.id, since);
            }
        }
    }

    /// For the results of the run. A lens that EXIF has no part in is not spoken of.
    pub fn notices(self, views: &[Arc<ViewPrediction>]) -> Vec<Notice> {
        let mut notices = Vec::new();
        if !self.unmasked.is_empty() {
            notices.push(Notice::WithoutMask { photos: self.unmasked.len() });
        }
        let by_exif = || views.iter().filter(|view| view.camera.lens == LensSource::Exif);
        let changed = |size_of: fn(Since) -> Option<[u32; 2]>| -> Vec<String> {
            let named = |view: &Arc<ViewPrediction>| {
                let [width, height] = size_of(*self.changed.get(&view.view)?)?;
                Some(format!("{} ({width}×{height} px)", display_name(&view.path)))
            };
            by_exif().filter_map(named).collect()
        };
        let cropped = changed(|since| if let Since::Cropped(size) = since { Some(size) } else { None });
        if !cropped.is_empty() {
            notices.push(Notice::CroppedSince { photos: cropped.len(), names: listed(&cropped) });
        }
        let resized = changed(|since| if let Since::Resized(size) = since { Some(size) } else { None });
        if !resized.is_empty() {
            notices.push(Notice::ResizedSince { photos: resized.len(), names: listed(&resized) });
        }
        notices
    }
}
