//! Nothing that was acknowledged is lost: not when the process is killed, not when the database is away or its disk full.

mod disk;
mod kill;
mod newcomer;
mod outage;
mod postgres;
mod shop;
