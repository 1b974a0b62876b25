//! How much something matters.

rows! {
    /// How much something matters.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
    pub enum Severity {
        /// Its name in JSON and filters.
        pub fn name;
    }
    /// Worth knowing.
    Info "info";
    /// Probably not as meant.
    Warning "warning";
    /// It went wrong.
    Error "error";
}

numbered!(Severity name = Severity::ALL);
