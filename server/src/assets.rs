//! What the build left for the browser, under an address that changes with its content.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use http::header::CACHE_CONTROL;
use http::{HeaderValue, StatusCode};
use sha2::{Digest, Sha256};
use tower::ServiceExt;
use tower_http::services::ServeDir;

/// The folder of the site root that is served.
const FOLDER: &str = "pkg";
/// The build's name while there are no files.
const NO_BUILD: &str = "none";

/// The browser's files of this build.
#[derive(Clone, Debug)]
pub struct Assets {
    build: String,
    folder: PathBuf,
    /// `cargo leptos watch` replaces files while the server runs: they must not be cached then.
    is_watched: bool,
}

impl Assets {
    /// Reads the files once, to name the build by their content.
    pub fn open(site_root: &Path) -> Self {
        let folder = site_root.join(FOLDER);
        let build = build_of(&folder).unwrap_or_else(|error| {
            tracing::debug!(folder = %folder.display(), %error, "no files for the browser");
            NO_BUILD.to_owned()
        });
        Self { build, folder, is_watched: std::env::var_os("LEPTOS_WATCH").is_some() }
    }

    /// The build's name: a part of the assets' address.
    pub fn build(&self) -> &str {
        &self.build
    }

    /// Are there any files?
    pub fn is_complete(&self) -> bool {
        self.build != NO_BUILD
    }

    /// Answers with the file at `path` of `build`, already compressed where the browser takes it. A build that is
    /// not this one is 404 and never this build's file: caches keep what they get here for a year.
    pub async fn answer(&self, build: &str, path: &str, request: Request) -> Response {
        let Ok(uri) = format!("/{path}").parse() else { return missing() };
        if build != self.build {
            return missing();
        }
        let (mut parts, body) = request.into_parts();
        parts.uri = uri;
        let files =
            ServeDir::new(&self.folder).append_index_html_on_directories(false).precompressed_br().precompressed_gzip();
        let answer = files.oneshot(Request::from_parts(parts, body)).await;
        let mut answer = match answer {
            Ok(answer) => answer.map(axum::body::Body::new),
            Err(never) => match never {},
        };
        if !(answer.status().is_success() || answer.status() == StatusCode::NOT_MODIFIED) {
            return missing();
        }
        let cached = if self.is_watched { "no-cache" } else { "public, max-age=31536000, immutable" };
        answer.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static(cached));
        answer
    }
}

fn missing() -> Response {
    (StatusCode::NOT_FOUND, [(CACHE_CONTROL, "no-store")]).into_response()
}

/// A hash of the names and contents of all files in `folder`.
fn build_of(folder: &Path) -> io::Result<String> {
    let mut files = Vec::new();
    collect(folder, &mut files)?;
    files.sort();
    let mut digest = Sha256::new();
    for file in &files {
        let (name, content) = (file.strip_prefix(folder).unwrap_or(file).as_os_str(), fs::read(file)?);
        for part in [name.as_encoded_bytes(), &content] {
            digest.update((part.len() as u64).to_le_bytes());
            digest.update(part);
        }
    }
    if files.is_empty() {
        return Err(io::Error::new(io::ErrorKind::NotFound, "the folder is empty"));
    }
    Ok(hex(&digest.finalize()[..8]))
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() { collect(&path, files)? } else { files.push(path) }
    }
    Ok(())
}

/// Lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_build_follows_names_and_contents() {
        let root = tempfile::tempdir().unwrap();
        let build = |files: &[(&str, &str)]| {
            let folder = root.path().join(FOLDER);
            let _ = fs::remove_dir_all(&folder);
            for (name, text) in files {
                let path = folder.join(name);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, text).unwrap();
            }
            Assets::open(root.path()).build().to_owned()
        };
        assert_eq!(build(&[]), NO_BUILD);
        let one = build(&[("dispatcher.js", "1"), ("fonts/a.woff2", "2")]);
        assert_eq!(one, build(&[("fonts/a.woff2", "2"), ("dispatcher.js", "1")]));
        assert_ne!(one, build(&[("dispatcher.js", "1"), ("fonts/a.woff2", "3")]));
        assert_ne!(one, build(&[("dispatcher.js", "1"), ("a.woff2", "2")]));
    }
}
