//! Example photos that ship with the program and a synthetic scene with exact depth and cameras.
