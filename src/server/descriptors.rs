//! How many files and sockets the process may have open.

use std::io;

/// Raises the soft limit of open files to the hard one, and returns the limit.
pub fn raise_descriptor_limit() -> Option<u64> {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    if limit.current != limit.maximum {
        let soft = limit.current;
        limit.current = limit.maximum;
        // macOS says "unlimited" and takes no more than its own bound.
        if setrlimit(Resource::Nofile, limit).is_err() {
            limit.current = Some(10_240).max(soft);
            let _ = setrlimit(Resource::Nofile, limit);
        }
    }
    getrlimit(Resource::Nofile).current
}

/// Whether the system refused because it has no descriptor or no memory for one more.
pub fn is_want_of_room(error: &io::Error) -> bool {
    use rustix::io::Errno;
    matches!(
        Errno::from_io_error(error),
        Some(Errno::MFILE | Errno::NFILE | Errno::NOBUFS | Errno::NOMEM)
    )
}
