//! wasm-bindgen as a library: its command line would have to be installed at exactly the version of Cargo.lock.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use walrus::{FunctionBuilder, FunctionKind, Module, ModuleConfig};
use wasm_bindgen_cli_support::Bindgen;

/// In the names of functions that are there for pages which are taken over piece by piece. Ours are taken over whole, but
/// Leptos keeps these at hand for each type of view: a twelfth of what would be sent.
const UNUSED: &str = "hydrate_async";

/// Writes `{name}.js` and `{name}_bg.wasm` for the browser's `import` into `folder`.
pub fn generate(wasm: &Path, folder: &Path, name: &str, keep_names: bool) -> Result<()> {
    let bytes = fs::read(wasm).with_context(|| wasm.display().to_string())?;
    let mut module = ModuleConfig::new().strict_validate(false).generate_name_section(keep_names).parse(&bytes)?;
    // A development build keeps everything as it is.
    if !keep_names {
        empty(&mut module)?;
    }
    Bindgen::new()
        .input_module(name, module)
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

/// Takes the bodies out of functions that nobody calls but that stand in tables; wasm-opt drops what only they needed.
fn empty(module: &mut Module) -> Result<()> {
    let is_unused = |name: &Option<String>| name.as_ref().is_some_and(|name| name.contains(UNUSED));
    let unused: Vec<_> = module.funcs.iter_local().map(|(id, _)| id).collect();
    let unused: Vec<_> = unused.into_iter().filter(|id| is_unused(&module.funcs.get(*id).name)).collect();
    ensure!(!unused.is_empty(), "no function is called …{UNUSED}… any more: does Leptos name it otherwise?");
    for id in unused {
        let (params, results) = module.types.params_results(module.funcs.get(id).ty());
        let (params, results) = (params.to_vec(), results.to_vec());
        let mut builder = FunctionBuilder::new(&mut module.types, &params, &results);
        builder.func_body().unreachable();
        let arguments = params.iter().map(|param| module.locals.add(*param)).collect();
        module.funcs.get_mut(id).kind = FunctionKind::Local(builder.local_func(arguments));
    }
    Ok(())
}
