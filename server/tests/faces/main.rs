//! What the server shows to the outside, one module per face.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod auth;
mod connect;
mod demo;
mod process;
mod proxy;
mod real_servers;
mod rest;
mod routes;
mod shop;
mod track;
mod world;
