//! The store on real databases: every test runs on SQLite and, where `TEST_POSTGRES_URL` names a server, on PostgreSQL.

mod orders;
mod reports;
mod users;
mod visits;
mod world;
