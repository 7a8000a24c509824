//! How gossip goes for one repository: its configuration, with what the environment says instead.
//!
//! As Kanbus 0.41: `KANBUS_REALTIME_*` and `KANBUS_OVERLAY_*` beat the file; `~/.kanbus.env`, then `.env` beside the
//! configuration, supply variables that are unset. Not here: whether what a repository names is trusted.
//!
//! Invariant: whatever a file of the repository names is told apart from what the person's own environment says.
