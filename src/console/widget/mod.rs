//! Pieces that several panes are made of.

pub mod edit;
pub mod hex;
pub mod text;
