//! Passport 1.4 (MS-PASS): nexus, login, and tickets.

pub mod ticket;
