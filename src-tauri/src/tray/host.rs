//! Whether anybody shows a tray.
//!
//! Not here: finding it out (`linux`, `elsewhere`), and what follows from it (`lifetime`).

/// Whether anybody shows a tray.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hosting {
    /// Somebody does.
    Hosted,
    /// Nobody does.
    NoHost,
    /// The library that a tray needs is not installed.
    NoLibrary,
    /// It cannot be found out.
    Unknown,
}

/// The panel on which a tray stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Panel {
    pub(crate) host: Hosting,
    /// Whether it is dark, as far as is known.
    pub(crate) dark: bool,
}

impl Default for Panel {
    fn default() -> Self {
        // Most panels are.
        Self { host: Hosting::Unknown, dark: true }
    }
}
