//! The board as a value.
