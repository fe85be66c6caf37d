//! Cargo's part of a release: the server for this machine and the library for the browser, side by side.

use std::path::PathBuf;
use std::process::Child;

use anyhow::{Context, Result, ensure};

use crate::project::{Project, cargo};

const BROWSER: &str = "wasm32-unknown-unknown";

/// Both builds at once: they lock different folders, and the long single-threaded ends of one fill with the other.
pub fn server_and_browser(project: &Project) -> Result<()> {
    let names = &project.names;
    let mut browser = start(
        project,
        &["--package", &names.lib_package, "--lib", "--target", BROWSER, "--profile", &names.lib_profile_release],
    )?;
    // No `--package`: the default members are what every other command builds, so that nothing is built twice.
    let mut server = start(project, &["--release"])?;
    let (browser, server) = (browser.wait()?, server.wait()?);
    ensure!(server.success(), "the server's build failed, see above");
    ensure!(browser.success(), "the browser's build failed, see above");
    Ok(())
}

/// The browser's library as cargo leaves it.
pub fn browser_wasm(project: &Project) -> PathBuf {
    let file = project.names.lib_package.replace('-', "_") + ".wasm";
    project.target.join(BROWSER).join(&project.names.lib_profile_release).join(file)
}

fn start(project: &Project, options: &[&str]) -> Result<Child> {
    cargo().arg("build").args(options).current_dir(&project.root).spawn().context("cargo build")
}
