//! The names of what is built: read from Cargo.toml, where cargo-leptos reads them, and written nowhere else.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

/// The workspace as `cargo metadata` describes it, with the one table that cargo-leptos reads.
#[derive(Debug)]
pub struct Project {
    /// The folder of the workspace's Cargo.toml.
    pub root: PathBuf,
    /// Cargo's target folder.
    pub target: PathBuf,
    /// `[[workspace.metadata.leptos]]`.
    pub names: Names,
}

/// What `[[workspace.metadata.leptos]]` declares and our own build uses as well.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Names {
    /// Package of the server.
    pub bin_package: String,
    /// Binary in it.
    pub bin_target: String,
    /// Package that becomes the WASM.
    pub lib_package: String,
    /// Cargo profile of the WASM in a release.
    pub lib_profile_release: String,
    /// Stem of the .js, .wasm and .css files.
    pub output_name: String,
    /// Where cargo-leptos puts a debug build; ours goes to `target/site`.
    pub site_root: PathBuf,
    /// Folder under the site root for what is built.
    pub site_pkg_dir: PathBuf,
    /// The one style sheet, which imports the others.
    pub style_file: PathBuf,
    /// Folder of files that are served as they are, beside the built ones.
    pub assets_dir: PathBuf,
    /// Browsers that the style sheet is written down for, as a browserslist query.
    pub browserquery: String,
}

#[derive(Deserialize)]
struct CargoMetadata {
    workspace_root: PathBuf,
    target_directory: PathBuf,
    metadata: WorkspaceMetadata,
}

#[derive(Deserialize)]
struct WorkspaceMetadata {
    leptos: Vec<Names>,
}

impl Project {
    /// Asks cargo; fails with what cargo says, or when the table is not there exactly once.
    pub fn read() -> Result<Self> {
        let output = cargo()
            .args(["metadata", "--format-version=1", "--no-deps"])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .output()
            .context("cargo metadata")?;
        ensure!(output.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&output.stderr));
        let read: CargoMetadata = serde_json::from_slice(&output.stdout).context("[[workspace.metadata.leptos]]")?;
        let [names] = <[Names; 1]>::try_from(read.metadata.leptos).map_err(|all| {
            anyhow::anyhow!("{} tables [[workspace.metadata.leptos]], there has to be one", all.len())
        })?;
        Ok(Self { root: read.workspace_root, target: read.target_directory, names })
    }

    /// Where a release build puts what the server serves as files.
    pub fn site(&self) -> PathBuf {
        self.target.join("site")
    }

    /// The folder of built files inside [`Project::site`].
    pub fn pkg(&self) -> PathBuf {
        self.site().join(&self.names.site_pkg_dir)
    }
}

/// Cargo, without what an outer `cargo run` left in the environment: build scripts that watch it would run again.
pub fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&name);
        }
    }
    command
}
