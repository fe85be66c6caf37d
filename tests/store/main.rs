//! The store on real databases: every test runs on SQLite and, where `TEST_POSTGRES_URL` names a server, on PostgreSQL.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod changes;
mod exclusions;
mod import;
mod messages;
mod migrations;
mod order_law;
mod orders;
mod privacy;
mod reports;
mod settings;
mod users;
mod visitors;
mod visits;
mod world;
