//! What the server shows to the outside, one module per face.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod api_guide;
mod auth;
mod collect;
mod connect;
mod demo;
mod durability;
mod exclusions;
mod export;
mod hostile;
mod import;
mod live;
mod messages;
mod pinned;
mod process;
mod program;
mod proxy;
mod real_servers;
mod report;
mod rest;
mod routes;
mod settings;
mod shop;
mod tables;
mod track;
mod utm;
mod v1;
mod world;
