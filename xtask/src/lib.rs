//! Build steps that cargo alone does not do, on the names that `[[workspace.metadata.leptos]]` declares for cargo-leptos too.

pub mod bindgen;
pub mod compile;
pub mod files;
pub mod project;
pub mod site;
pub mod world;
