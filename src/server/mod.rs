//! The fake Microsoft. Every listening socket lives here.

pub mod hosts;
pub mod http;
pub mod hub;
pub mod passport;
pub mod soap;
