//! The two doors through which a person comes to a board.

use hearsay_tests::Project;

use crate::window::Window;
use crate::{browser, desktop};

/// How a person comes to a board.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Door {
    /// Chromium on `hear serve`.
    Browser,
    /// The desktop app.
    Desktop,
}

impl Door {
    /// Opens `project` and waits for its board; `None` where this machine lacks a tool, which is said.
    pub(crate) fn open(self, project: &Project) -> Option<Window> {
        let window = match self {
            Self::Browser => browser::open(project)?,
            Self::Desktop => desktop::open(project, &[&project.root().to_string_lossy()])?,
        };
        window.settle(project);
        Some(window)
    }

    /// Closes `window` and opens another one on the same project: the whole app, or the whole browser on the same server.
    pub(crate) fn again(self, window: Window, project: &Project) -> Option<Window> {
        let window = match window.close() {
            Some(server) => browser::show(project, server)?,
            None => return self.open(project),
        };
        window.settle(project);
        Some(window)
    }

    /// Its name in names of files.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Browser => "browser",
            Self::Desktop => "desktop",
        }
    }
}
