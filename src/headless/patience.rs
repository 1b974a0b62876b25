//! How patient the watch over sign-ins is: the thread that reads commands sets it, the one that writes events reads it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// See the module. Cheap to clone; clones are the same one.
#[derive(Debug, Clone)]
pub struct Patience(Arc<AtomicU64>);

impl Default for Patience {
    /// The usual.
    fn default() -> Self {
        Self(Arc::new(AtomicU64::new(1.0_f64.to_bits())))
    }
}

impl Patience {
    /// From now on.
    pub fn set(&self, factor: f64) {
        self.0.store(factor.to_bits(), Ordering::Relaxed);
    }

    /// What it is.
    pub fn get(&self) -> f64 {
        f64::from_bits(self.0.load(Ordering::Relaxed))
    }
}
