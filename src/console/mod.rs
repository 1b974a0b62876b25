//! The console: the terminal from which an operator watches and plays the service.
pub mod clipboard;
pub mod keymap;
pub mod layout;
pub mod screen;
pub mod state;
pub mod terminal;
pub mod theme;
pub mod update;
pub mod view;
pub mod widget;
pub mod writer;
