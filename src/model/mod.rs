//! The networks on candle: presets, weight names, ViT, attention, heads, cameras.
