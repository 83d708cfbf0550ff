//! One photo and its depth as an OpenEXR picture in layers, as compositing programs put them together.

use std::io::{self, Seek, Write};

use exr::prelude::{
    AnyChannel, AnyChannels, Encoding, FlatSamples, Image, ImageAttributes, IntegerBounds, Layer, LayerAttributes,
    Text, Vec2, WritableImage,
};
use half::f16;
use image::RgbImage;

use super::png_file::software;
use crate::scene::{DepthRange, linear_from_srgb};

/// Maps of one view, `size[0]`·`size[1]` values each, row-major.
#[derive(Clone, Debug)]
pub struct Layers<'a> {
    /// Width × height.
    pub size: [u32; 2],
    pub colours: Colours<'a>,
    /// z-depth; 0 where there is none.
    pub depth: &'a [f32],
    /// What has no surface, such as sky.
    pub background: Option<&'a [bool]>,
    pub confidence: Option<&'a [f32]>,
    pub sky: Option<&'a [bool]>,
    /// What a person reads about the depth in the file; ASCII.
    pub description: String,
}

/// What programs show that know nothing of depth.
#[derive(Clone, Copy, Debug)]
pub enum Colours<'a> {
    /// The photo, sRGB, brought to linear light.
    Photo(&'a RgbImage),
    /// Depth as a grey between 1 (near) and 0 (far, and where there is no surface), even in 1 ÷ depth between the ends of a range.
    Grey(DepthRange),
    /// The photo is not to be had.
    None,
}

impl Layers<'_> {
    /// Infinite where there is no surface: nothing is behind it, and 1 ÷ depth is 0 there.
    fn z(&self) -> Vec<f32> {
        let is_surface = |at: usize| self.background.is_none_or(|mask| !mask[at]);
        let z = self.depth.iter().enumerate();
        z.map(|(at, &depth)| if depth > 0.0 && !is_surface(at) { f32::INFINITY } else { depth }).collect()
    }

    fn colour_channels(&self, z: &[f32]) -> Vec<AnyChannel<FlatSamples>> {
        let names = ["R", "G", "B"];
        match self.colours {
            Colours::None => Vec::new(),
            Colours::Photo(photo) => {
                let linear: [f16; 256] = std::array::from_fn(|byte| f16::from_f32(linear_from_srgb(byte as u8)));
                let plane = |channel: usize| photo.pixels().map(|pixel| linear[pixel[channel] as usize]).collect();
                (0..3).map(|channel| AnyChannel::new(names[channel], FlatSamples::F16(plane(channel)))).collect()
            }
            Colours::Grey(range) => {
                let grey = |&z: &f32| if z > 0.0 && z.is_finite() { 1.0 - range.position(z) } else { 0.0 };
                let grey: Vec<f32> = z.iter().map(grey).collect();
                names.map(|name| AnyChannel::new(name, FlatSamples::F32(grey.clone()))).into()
            }
        }
    }

    fn check(&self) -> io::Result<()> {
        let expected = self.size[0] as usize * self.size[1] as usize;
        let photo = match self.colours {
            Colours::Photo(photo) => Some(photo.as_raw().len() / 3),
            _ => None,
        };
        let lengths = [
            Some(self.depth.len()),
            self.background.map(<[bool]>::len),
            self.confidence.map(<[f32]>::len),
            self.sky.map(<[bool]>::len),
            photo,
        ];
        match lengths.into_iter().flatten().find(|&actual| actual != expected) {
            Some(actual) => {
                Err(io::Error::new(io::ErrorKind::InvalidData, format!("{actual} values, expected {expected}")))
            }
            None => Ok(()),
        }
    }
}

/// Writes an OpenEXR picture of one part with the channels `R`, `G`, `B` (half floats of a photo, floats of a grey), `Z`
/// (floats), `confidence.Y` (floats) and `sky.Y` (half floats, 1 where the model found sky), as far as there are any.
///
/// # Errors
/// What the writer answers; a map of another size is `InvalidData`.
pub fn write_exr(to: impl Write + Seek, layers: &Layers<'_>) -> io::Result<()> {
    layers.check()?;
    let size = Vec2(layers.size[0] as usize, layers.size[1] as usize);
    let z = layers.z();
    let mut channels = layers.colour_channels(&z);
    channels.push(AnyChannel::new("Z", FlatSamples::F32(z)));
    channels.extend(layers.confidence.map(|map| AnyChannel::new("confidence.Y", FlatSamples::F32(map.to_vec()))));
    let is_sky = |mask: &[bool]| mask.iter().map(|&is_sky| f16::from_f32(f32::from(u8::from(is_sky)))).collect();
    channels.extend(layers.sky.map(|mask| AnyChannel::new("sky.Y", FlatSamples::F16(is_sky(mask)))));
    let about = LayerAttributes {
        comments: Text::new_or_none(&layers.description),
        software_name: Text::new_or_none(software()),
        ..LayerAttributes::default()
    };
    let channels = AnyChannels::sort(channels.into_iter().collect());
    let layer = Layer::new(size, about, Encoding::SMALL_LOSSLESS, channels);
    let window = IntegerBounds::from_dimensions(size);
    let image = Image::empty(ImageAttributes::new(window)).with_layer(layer);
    image.write().to_buffered(to).map_err(|error| match error {
        exr::error::Error::Io(source) => source,
        other => io::Error::new(io::ErrorKind::InvalidData, other.to_string()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use exr::image::read::image::ReadLayers;
    use exr::image::read::layers::ReadChannels;
    use image::Rgb;
    use std::io::Cursor;

    fn read(layers: &Layers<'_>) -> Vec<(String, Vec<f32>)> {
        let mut file = Cursor::new(Vec::new());
        write_exr(&mut file, layers).expect("written");
        let read = exr::prelude::read().no_deep_data().largest_resolution_level().all_channels().first_valid_layer();
        let read = read.all_attributes().from_buffered(Cursor::new(file.into_inner())).expect("an EXR");
        assert_eq!(read.layer_data.attributes.comments.map(|text| text.to_string()), Some("metres".into()));
        let channels = read.layer_data.channel_data.list.into_iter();
        channels.map(|channel| (channel.name.to_string(), channel.sample_data.values_as_f32().collect())).collect()
    }

    fn layers<'a>(colours: Colours<'a>, depth: &'a [f32]) -> Layers<'a> {
        let (background, confidence, sky) = (None, None, None);
        Layers { size: [3, 2], colours, depth, background, confidence, sky, description: "metres".into() }
    }

    #[test]
    fn a_photo_with_its_depth_is_one_picture() {
        let photo = RgbImage::from_pixel(3, 2, Rgb([255, 188, 0]));
        let depth = [0.0, 1.5, f32::MIN_POSITIVE, 1e30, 2.25, 7.0];
        let layers = Layers {
            background: Some(&[true, false, false, false, true, false]),
            confidence: Some(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.1]),
            sky: Some(&[false, false, false, false, true, false]),
            ..layers(Colours::Photo(&photo), &depth)
        };
        let channels = read(&layers);
        let names: Vec<&str> = channels.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["B", "G", "R", "Z", "confidence.Y", "sky.Y"]);
        let values: Vec<Vec<f32>> = channels.into_iter().map(|(_, values)| values).collect();
        let [blue, green, red, z, confidence, sky] = &values[..] else { panic!("six") };
        assert_eq!((red[0], blue[0]), (1.0, 0.0));
        // sRGB 188 is linear 0.5029.
        assert!((green[0] - 0.5029).abs() < 5e-4, "{}", green[0]);
        assert_eq!(z[..], [0.0, 1.5, f32::MIN_POSITIVE, 1e30, f32::INFINITY, 7.0]);
        assert_eq!(confidence[..], [1.0, 2.0, 3.0, 4.0, 5.0, 6.1]);
        assert_eq!(sky[..], [0.0, 0.0, 0.0, 0.0, 1.0, 0.0]);
    }

    #[test]
    fn grey_is_one_near_and_zero_far_and_where_nothing_is() {
        let depth = [1.0, 2.0, 0.0, 4.0, 8.0, 2.0];
        let layers = Layers {
            background: Some(&[false, false, false, false, false, true]),
            ..layers(Colours::Grey(DepthRange { near: 1.0, far: 0.0 }), &depth)
        };
        let channels = read(&layers);
        for (name, values) in &channels[..3] {
            assert!("BGR".contains(name.as_str()));
            assert_eq!(values[..], [1.0, 0.5, 0.0, 0.25, 0.125, 0.0]);
        }
    }

    #[test]
    fn maps_of_another_size_are_refused() {
        let photo = RgbImage::new(2, 2);
        let depth = [1.0; 6];
        for bad in [
            layers(Colours::None, &depth[..5]),
            layers(Colours::Photo(&photo), &depth),
            Layers { sky: Some(&[true]), ..layers(Colours::None, &depth) },
        ] {
            let error = write_exr(Cursor::new(Vec::new()), &bad).expect_err("another size");
            assert_eq!(error.kind(), io::ErrorKind::InvalidData);
        }
        assert_eq!(read(&layers(Colours::None, &depth)).len(), 1);
    }
}
