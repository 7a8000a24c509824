//! The local bus where the system has no Unix sockets: there is none.
