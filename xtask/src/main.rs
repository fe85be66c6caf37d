//! The build's command line: `xtask build`, `xtask pkg DIR`, `xtask bindgen …`.

use std::path::Path;

use anyhow::{Result, bail};
use xtask::project::Project;
use xtask::{bindgen, compile, site};

const USAGE: &str = "\
usage: xtask build          makes target/release/dispatcher and target/site
       xtask pkg DIR        puts what is not built, from npm and public/, into DIR
       xtask bindgen …      wasm-bindgen, with the options that cargo-leptos gives";

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["build"] => {
            let project = Project::read()?;
            compile::server_and_browser(&project)?;
            site::build(&project)
        }
        ["pkg", folder] => site::copies(&Project::read()?, Path::new(folder)).map(|_| ()),
        ["bindgen", ref options @ ..] => bindgen::command_line(options),
        _ => bail!(USAGE),
    }
}
