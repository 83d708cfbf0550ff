//! The images of the golden cases, computed from one formula so that no picture needs to be stored.

use std::f64::consts::TAU;

/// The float image of views 0..`views`: [views, 3, height, width] row-major, used directly as network input.
pub fn float_image(views: usize, height: usize, width: usize, number: usize) -> Vec<f32> {
    let mut out = Vec::with_capacity(views * 3 * height * width);
    for view in 0..views {
        for channel in 0..3 {
            for y in 0..height {
                out.extend((0..width).map(|x| field(view, channel, [x, y], [width, height], number) as f32));
            }
        }
    }
    out
}

/// The 8-bit image of one view: `height`·`width` interleaved RGB samples.
pub fn rgb_image(view: usize, height: usize, width: usize, number: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(3 * height * width);
    for y in 0..height {
        for x in 0..width {
            for channel in 0..3 {
                let value = field(view, channel, [x, y], [width, height], number);
                out.push((127.5 + 55.0 * value).floor().clamp(0.0, 255.0) as u8);
            }
        }
    }
    out
}

/// Waves of three periods, a tilt across and a tilt down; every view and image number shifts them differently.
fn field(view: usize, channel: usize, [x, y]: [usize; 2], [width, height]: [usize; 2], number: usize) -> f64 {
    let (s, c, k) = (view as f64, channel as f64, number as f64);
    let (xf, yf) = (x as f64, y as f64);
    let t1 = (TAU * ((xf + 7.0 * s) / 41.0 + (yf + 3.0 * s) / 67.0 + 0.13 * c + 0.37 * k)).sin();
    let t2 = (TAU * ((3.0 * xf - 2.0 * yf + 11.0 * s) / 29.0 + 0.29 * c + 0.11 * k)).sin();
    let t3 = (TAU * ((xf * (yf + 5.0) + 31.0 * s) / 997.0 + 0.17 * c)).sin();
    let across = (2.0 * xf + 1.0) / width as f64 - 1.0;
    let down = (2.0 * yf + 1.0) / height as f64 - 1.0;
    let contrast = 1.0 - 0.2 * (view % 4) as f64;
    let brightness = 0.25 * (((2 * view + number) % 5) as f64 - 2.0);
    let waves = contrast * (0.8 * t1 + 0.5 * t2 + 0.3 * t3);
    waves + 0.5 * across * (1.0 - 0.5 * c) + 0.4 * down + brightness
}
