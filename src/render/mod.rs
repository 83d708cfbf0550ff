//! wgpu only: depth clouds, eye-dome lighting, frusta, picking, screenshots.
