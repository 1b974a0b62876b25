//! The fake Microsoft. Every listening socket lives here.

pub mod accept;
pub mod control;
pub mod doors;
pub mod hosts;
pub mod hub;
pub mod notification;
pub mod passport;
pub mod service;
