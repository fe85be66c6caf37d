#![cfg(target_arch = "wasm32")]
//! x
