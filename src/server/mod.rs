//! The fake Microsoft. Every listening socket lives here.

pub mod hosts;
pub mod hub;
pub mod notification;
pub mod passport;
