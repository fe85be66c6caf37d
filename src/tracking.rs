//! A request becomes facts, purely.
