//! Small pieces of screen that several panes use.

pub mod edit;
pub mod hex;
pub mod text;
