//! The fake Microsoft. Every listening socket lives here.

pub mod certificates;
pub mod hosts;
pub mod hosts_file;
pub mod hub;
pub mod passport;
pub mod tls;
