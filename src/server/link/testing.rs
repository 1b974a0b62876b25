//! A wire without a socket, for tests of machines: what a machine puts in is taken out and looked at.

use super::Wire;
use crate::event::{self, ConnectionSink, EventKind, Service};
use crate::msnp::Frame;

impl Wire {
    /// One that leads nowhere.
    pub(crate) fn nowhere(service: Service, sink: ConnectionSink) -> Self {
        Self::new(service, sink)
    }

    /// What waits to be written, which is written by that.
    pub(crate) fn take_written(&mut self) -> Vec<u8> {
        let mut all = Vec::new();
        while !self.is_empty() {
            let bytes: Vec<u8> = self
                .slices()
                .iter()
                .flat_map(|slice| slice.to_vec())
                .collect();
            self.wrote(bytes.len());
            all.extend(bytes);
        }
        all
    }

    /// What has happened and is not told.
    pub(crate) fn take_told(&mut self) -> Vec<EventKind> {
        self.happened.drain(..).map(|one| one.kind).collect()
    }

    /// The client said this.
    pub(crate) fn heard_for_test(&mut self, frame: Frame) {
        self.heard(frame);
    }

    /// Why it is to be closed.
    pub(crate) fn take_end(&mut self) -> Option<event::Ending> {
        self.closed()
    }
}
