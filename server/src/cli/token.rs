//! `dispatcher token`: what programs show instead of a login.

use anyhow::{Context, bail};
use utm_dispatcher::store::Store;

use super::Token;
use crate::auth::secret;
use crate::config::Config;
use crate::state::{now, open_existing, open_store};

/// Does what is asked.
pub async fn run(config: &Config, command: Token) -> anyhow::Result<()> {
    let makes_one = matches!(command, Token::Add { .. });
    let store = if makes_one { open_store(config).await? } else { open_existing(config).await? };
    store.migrate().await.context("the schema could not be brought up to date")?;
    let done = change(&store, command).await;
    store.close().await;
    done
}

async fn change(store: &Store, command: Token) -> anyhow::Result<()> {
    match command {
        Token::Add { name, scope } => {
            if name.is_empty() || name.chars().count() > 64 || name.chars().any(char::is_control) {
                bail!("a token's name has 1 to 64 characters, none of them a control character");
            }
            let token = secret::new_token().context("the system gave no random bytes")?;
            if !store.add_token(&name, scope, &secret::hash(&token), now()).await? {
                bail!("there is a token “{name}” already; dispatcher token revoke makes it worth nothing");
            }
            println!("token “{name}” for {}, shown this once:", scope.name());
            println!("{token}");
        }
        Token::List => {
            for token in store.tokens().await? {
                let state = if token.revoked_at.is_none() { "valid" } else { "revoked" };
                println!("{}\t{}\t{state}", token.name, token.scope.name());
            }
        }
        Token::Revoke { name } => {
            if !store.revoke_token(&name, now()).await? {
                bail!("there is no valid token “{name}”; all are shown by: dispatcher token list");
            }
            println!("revoked “{name}”");
        }
    }
    Ok(())
}
