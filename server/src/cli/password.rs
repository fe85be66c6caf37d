//! A new password: from standard input, or asked for twice on the terminal.

use std::io::{self, BufRead, IsTerminal, Read};

use anyhow::{Context, bail};

use super::PasswordSource;
use crate::auth::password;

/// Longer input is no password.
const MOST: u64 = 4096;

/// The hash of the password that is given.
pub fn read_and_hash(source: PasswordSource) -> anyhow::Result<String> {
    let text = if source.password_stdin { first_line()? } else { asked()? };
    password::accept(&text)?;
    Ok(password::hash(&text)?)
}

fn first_line() -> anyhow::Result<String> {
    let mut line = String::new();
    let read = io::stdin().lock().take(MOST).read_line(&mut line);
    read.context("standard input holds no text")?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

fn asked() -> anyhow::Result<String> {
    if !io::stdin().is_terminal() {
        bail!("there is no terminal to ask for the password: give it on standard input with --password-stdin");
    }
    let first = rpassword::prompt_password("Password: ").context("the password could not be read")?;
    let again = rpassword::prompt_password("Again: ").context("the password could not be read")?;
    if first != again {
        bail!("the two passwords differ; nothing was changed");
    }
    Ok(first)
}
