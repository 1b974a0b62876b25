//! The client against a scripted fake server.

mod fake;
mod hostile;
mod signing_in;
mod talking;
