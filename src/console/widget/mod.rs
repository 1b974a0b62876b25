//! Small pieces of screen that several panes use.

pub mod edit;
pub mod field;
pub mod frame;
pub mod hex;
pub mod list;
pub mod text;
pub mod time;
