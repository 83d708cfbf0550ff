//! The icon of the window, drawn: depth as nested squares, near in front.

use egui::IconData;

/// Side in pixels.
const SIDE: u32 = 64;
/// Half sides of the squares and their colours, the farthest first (Spectral from far to near).
const SQUARES: [(f32, [u8; 3]); 4] =
    [(30.0, [44, 62, 110]), (22.0, [63, 130, 180]), (14.0, [150, 205, 165]), (6.5, [248, 180, 96])];
/// Radius of the corners as a share of the half side.
const ROUND: f32 = 0.36;

pub fn window_icon() -> IconData {
    let mut rgba = vec![0; (SIDE * SIDE * 4) as usize];
    for (index, pixel) in rgba.chunks_exact_mut(4).enumerate() {
        let (x, y) = (index as u32 % SIDE, index as u32 / SIDE);
        let centre = (SIDE as f32 - 1.0) / 2.0;
        for (half, colour) in SQUARES {
            if is_inside(x as f32 - centre, y as f32 - centre, half) {
                pixel.copy_from_slice(&[colour[0], colour[1], colour[2], 255]);
            }
        }
    }
    IconData { rgba, width: SIDE, height: SIDE }
}

/// Inside a square with round corners around the origin.
fn is_inside(x: f32, y: f32, half: f32) -> bool {
    let radius = half * ROUND;
    let (dx, dy) = ((x.abs() - half + radius).max(0.0), (y.abs() - half + radius).max(0.0));
    dx.hypot(dy) <= radius
}
