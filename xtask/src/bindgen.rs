//! wasm-bindgen as a library: its command line would have to be installed at exactly the version of Cargo.lock.

use std::path::Path;

use anyhow::{Context, Result, bail};
use wasm_bindgen_cli_support::Bindgen;

/// Writes `{name}.js` and `{name}_bg.wasm` for the browser's `import` into `folder`.
pub fn generate(wasm: &Path, folder: &Path, name: &str, keep_names: bool) -> Result<()> {
    Bindgen::new()
        .input_path(wasm)
        .web(true)?
        .out_name(name)
        .typescript(false)
        .omit_default_module_path(true) // the page passes the address, which holds the build's fingerprint
        .remove_name_section(!keep_names)
        .remove_producers_section(true)
        .generate(folder)
        .with_context(|| format!("wasm-bindgen on {}", wasm.display()))
}

/// The few options of wasm-bindgen's own command line that cargo-leptos uses; any other is an error.
pub fn command_line(options: &[&str]) -> Result<()> {
    let (mut folder, mut name, mut wasm) = (None, None, None);
    for option in options {
        match option.split_once('=') {
            Some(("--out-dir", value)) => folder = Some(value),
            Some(("--out-name", value)) => name = Some(value),
            Some(("--target", "web")) => {}
            None if !option.starts_with('-') => wasm = Some(*option),
            None if ["--debug", "--keep-debug"].contains(option) => {}
            _ => bail!("{option}: not one of the options that cargo-leptos gives"),
        }
    }
    let (Some(folder), Some(name), Some(wasm)) = (folder, name, wasm) else {
        bail!("usage: bindgen --target=web --out-name=NAME --out-dir=DIR FILE");
    };
    generate(Path::new(wasm), Path::new(folder), name, true)
}
