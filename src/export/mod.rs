//! One file per format; each takes a `Prediction` and a `Write`.
