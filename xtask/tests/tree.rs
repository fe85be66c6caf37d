//! What holds for the tree as a whole: the browser's build, the names of the build, licences, and who may name what.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use xtask::files;
use xtask::project::{Project, cargo};

const SERVER_ONLY: [&str; 7] = ["sqlx", "tokio", "axum", "hyper", "chrono-tz", "uaparser", "maxminddb"];

/// Licences that ask for no more than to be named; a package has to offer one of them.
const PERMISSIVE: [&str; 14] = [
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

#[test]
fn the_browsers_build_holds_no_server_package() {
    let packages = browser_tree(&[]);
    assert!(packages.contains("app") && packages.contains("leptos"), "this is not the frontend's tree: {packages:?}");
    let wrong: Vec<_> = SERVER_ONLY.iter().filter(|name| packages.contains(**name)).collect();
    assert!(wrong.is_empty(), "the WASM would hold {wrong:?}");
    // Leptos' own configuration names regex and the linker drops it; nothing of ours may keep it.
    let of_regex = browser_tree(&["--invert", "regex", "--depth", "1"]);
    assert_eq!(of_regex, BTreeSet::from(["leptos_config".to_owned(), "regex".to_owned()]));
}

/// The names in `cargo tree` of what the WASM is built from.
fn browser_tree(options: &[&str]) -> BTreeSet<String> {
    let tree = output(
        cargo()
            .args(["tree", "--locked", "--package", "frontend", "--target", "wasm32-unknown-unknown"])
            .args(["--edges", "normal,no-proc-macro", "--prefix", "none", "--format", "{p}"])
            .args(options),
    );
    tree.lines().filter_map(|line| line.split(' ').next()).filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

#[test]
fn cargo_leptos_and_our_build_mean_the_same() {
    let project = Project::read().unwrap();
    let names = &project.names;
    let metadata = metadata(&["--no-deps"]);
    let packages = metadata["packages"].as_array().unwrap();
    let targets =
        |name: &str| packages.iter().find(|package| package["name"] == *name).unwrap()["targets"].as_array().unwrap();
    let is = |target: &Value, kind: &str| target["kind"].as_array().unwrap().iter().any(|found| found == kind);
    assert!(targets(&names.bin_package).iter().any(|target| is(target, "bin") && target["name"] == *names.bin_target));
    assert!(targets(&names.lib_package).iter().any(|target| is(target, "cdylib")));

    let read = |path: &str| fs::read_to_string(project.root.join(path)).unwrap();
    assert!(read("Cargo.toml").contains(&format!("[profile.{}]", names.lib_profile_release)));
    // Leptos is compiled with the name; were it another one, pages would ask for files that no build makes.
    assert!(read(".cargo/config.toml").contains(&format!("LEPTOS_OUTPUT_NAME = \"{}\"", names.output_name)));
    // A debug build beside ours, never over it.
    assert_eq!(project.root.join(&names.site_root), project.site().with_file_name("dev-site"));
    assert_eq!(project.pkg(), project.root.join("target/site/pkg"));
    for (script, site) in [("scripts/run", "target/site"), ("scripts/dev", "target/dev-site")] {
        assert!(read(script).contains(&format!("DISPATCHER_SITE_ROOT={site}\n")), "{script} serves another folder");
    }
    assert!(read("scripts/run").contains(&format!("dispatcher=target/release/{}\n", names.bin_target)));
    assert!(read("scripts/for-cargo-leptos/wasm-bindgen").contains("xtask pkg target/dev-site/pkg"));
    // cargo-leptos takes the package's name for the binary's unless it is told.
    assert_eq!(metadata["metadata"]["leptos"][0]["bin-exe-name"], *names.bin_target);
    assert_eq!(metadata["metadata"]["leptos"][0]["style-bundle"], true);
}

#[test]
fn the_lock_files_are_in_step_and_name_no_place() {
    metadata(&["--locked"]);
    let lock = fs::read_to_string(Project::read().unwrap().root.join("package-lock.json")).unwrap();
    assert!(!lock.contains("\"resolved\""), "package-lock.json names a registry's host");
}

#[test]
fn every_dependency_has_a_permissive_licence() {
    let metadata = metadata(&["--locked"]);
    for package in metadata["packages"].as_array().unwrap() {
        let name = package["name"].as_str().unwrap();
        let licence = package["license"].as_str().unwrap_or_else(|| panic!("{name} declares no licence"));
        assert!(permissive(licence), "{name}: {licence}");
    }
}

#[test]
fn licences_are_read_as_cargo_writes_them() {
    assert!(permissive("MIT OR Apache-2.0") && permissive("MIT/Apache-2.0") && permissive("GPL-3.0 OR MIT"));
    assert!(permissive("(MIT OR Apache-2.0) AND Unicode-3.0"));
    assert!(!permissive("GPL-3.0") && !permissive("MIT AND GPL-3.0") && !permissive("(MIT OR Apache-2.0) AND MPL-2.0"));
}

#[test]
fn sql_and_http_stay_in_their_rooms() {
    let root = Project::read().unwrap().root;
    let mut wrong = Vec::new();
    for file in rust_files(&root) {
        let name = file.strip_prefix(&root).unwrap().to_string_lossy().into_owned();
        let text = fs::read_to_string(&file).unwrap();
        let says = |word: &str| text.lines().any(|line| code(line).contains(word));
        // Tests may look into a database by another road than the store.
        let may_speak_sql =
            ["src/store/", "src/store.rs", "tests/", "server/tests/"].iter().any(|place| name.starts_with(place));
        for library in ["sqlx", "rusqlite"] {
            if says(&format!("{library}::")) && !may_speak_sql {
                wrong.push(format!("{name} names {library}"));
            }
        }
        if says("axum::") && !name.starts_with("server/") && !name.starts_with("app/") {
            wrong.push(format!("{name} names axum"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn each_file_says_in_its_first_line_what_it_is_for() {
    let root = Project::read().unwrap().root;
    let silent: Vec<_> =
        rust_files(&root).into_iter().filter(|file| !fs::read_to_string(file).unwrap().starts_with("//! ")).collect();
    assert!(silent.is_empty(), "{silent:#?}");
}

/// `AND` binds less than the alternatives around it in what packages declare: each of its parts has to offer a licence.
fn permissive(expression: &str) -> bool {
    expression.split(" AND ").all(|part| {
        part.split(" OR ").flat_map(|choice| choice.split('/')).any(|choice| {
            let choice = choice.trim_matches(|c: char| c == '(' || c == ')' || c.is_whitespace());
            PERMISSIVE.contains(&choice)
        })
    })
}

/// A line without its comment.
fn code(line: &str) -> &str {
    line.split("//").next().unwrap_or(line)
}

/// Every Rust file of ours that is code of the product.
fn rust_files(root: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for folder in ["src", "app", "server", "frontend", "tests"] {
        found.extend(files::below(&root.join(folder)).expect("a readable folder"));
    }
    found.retain(|file| file.extension().is_some_and(|extension| extension == "rs"));
    assert!(found.len() > 10, "this is not the tree: {found:?}");
    found
}

fn metadata(options: &[&str]) -> Value {
    let text = output(
        cargo().args(["metadata", "--format-version=1", "--filter-platform=x86_64-unknown-linux-gnu"]).args(options),
    );
    serde_json::from_str(&text).expect("JSON from cargo")
}

fn output(command: &mut Command) -> String {
    let output = command.current_dir(env!("CARGO_MANIFEST_DIR")).output().expect("cargo");
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8 from cargo")
}
