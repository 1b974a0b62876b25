//! How the benchmarks of the service take its events.

use nudge::event::{Envelope, EventStream};
use std::time::Duration;

/// The next event, as headless mode takes it: woken from rest, it lets a little more come, since being woken for each
/// would cost the service a good part of a round trip.
pub fn next(stream: &mut EventStream) -> Option<Envelope> {
    if let Ok(envelope) = stream.try_recv() {
        return Some(envelope);
    }
    let envelope = stream.blocking_recv()?;
    std::thread::sleep(Duration::from_micros(500));
    Some(envelope)
}
