//! Small pieces of screen that several panes use.

pub mod edit;
pub mod explained;
pub mod field;
pub mod frame;
pub mod help;
pub mod hex;
pub mod hints;
pub mod list;
pub mod marks;
pub mod offer;
pub mod placeholder;
pub mod portrait;
pub mod tabs;
pub mod text;
pub mod time;
