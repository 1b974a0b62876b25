//! Pieces that several panes are made of.

pub mod edit;
pub mod payload;
pub mod text;
