//! What the server shows to the outside, one module per face.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod demo;
mod proxy;
mod real_servers;
