//! Cargo's part of a release: the server for this machine and the library for the browser, side by side.

use std::path::PathBuf;
use std::process::{Child, Command};

use anyhow::{Context, Result, ensure};

use crate::project::{Project, cargo};

const BROWSER: &str = "wasm32-unknown-unknown";

/// The version of Rust that [`SMALL`] was seen to work with. What is not stable may change its name in another: that one builds plainly.
const SMALL_WITH: &str = "1.95.";

/// Panics end the program without a word, in a standard library built to match: 5 % less to send (measured). No place in the source and no
/// field of a debug text is kept either: another 1.5 %. The words of a panic are in the builds of `make dev`.
const SMALL: [&str; 4] = [
    "-Zbuild-std=std,panic_abort",
    "-Zbuild-std-features=optimize_for_size",
    "--config",
    // In place of .cargo/config.toml's, which cargo does not join with these.
    r#"target.wasm32-unknown-unknown.rustflags=["--cfg","erase_components","-Zunstable-options","-Cpanic=immediate-abort","-Zfmt-debug=shallow","-Zlocation-detail=none"]"#,
];

/// Both builds at once: they lock different folders, and the long single-threaded ends of one fill with the other.
pub fn server_and_browser(project: &Project) -> Result<()> {
    let names = &project.names;
    let mut browser = build(project);
    browser.args(["--package", &names.lib_package, "--lib", "--target", BROWSER]);
    browser.args(["--profile", &names.lib_profile_release]);
    if rustc_version()?.starts_with(SMALL_WITH) {
        browser.args(SMALL).env("RUSTC_BOOTSTRAP", "1");
    }
    // No `--package`: the default members are what every other command builds, so that nothing is built twice.
    let (mut browser, mut server) = (start(&mut browser)?, start(build(project).arg("--release"))?);
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

fn build(project: &Project) -> Command {
    let mut command = cargo();
    command.arg("build").current_dir(&project.root);
    command
}

fn start(command: &mut Command) -> Result<Child> {
    command.spawn().context("cargo build")
}

/// As in `rustc 1.95.0 (59807616e 2026-04-14)`.
fn rustc_version() -> Result<String> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let said = String::from_utf8(Command::new(rustc).arg("--version").output().context("rustc --version")?.stdout)?;
    Ok(said.split(' ').nth(1).unwrap_or_default().to_owned())
}
