//! `dispatcher user`: who may log in.

use anyhow::{Context, bail};
use utm_dispatcher::store::Store;

use super::{User, password};
use crate::auth::normal_email;
use crate::config::Config;
use crate::state::{now, open_existing, open_store};

/// Does what is asked.
pub async fn run(config: &Config, command: User) -> anyhow::Result<()> {
    let makes_one = matches!(command, User::Add { .. });
    let store = if makes_one { open_store(config).await? } else { open_existing(config).await? };
    store.migrate().await.context("the schema could not be brought up to date")?;
    let done = change(&store, command).await;
    store.close().await;
    done
}

async fn change(store: &Store, command: User) -> anyhow::Result<()> {
    match command {
        User::Add { email, role, password } => {
            let (email, hash) = (checked(&email)?, password::read_and_hash(password)?);
            if !store.add_user(&email, role, &hash, now()).await? {
                bail!("{email} is there already; a new password is set by: dispatcher user password {email}");
            }
            println!("added {email} as {role}");
        }
        User::List => {
            for user in store.users().await? {
                println!("{}\t{}\t{}", user.email, user.role, if user.is_active { "active" } else { "disabled" });
            }
        }
        User::Disable { email } => {
            let email = checked(&email)?;
            if !store.disable_user(&email).await? {
                bail!("there is no {email}; everyone is shown by: dispatcher user list");
            }
            println!("disabled {email} and ended their logins");
        }
        User::Password { email, password } => {
            let (email, hash) = (checked(&email)?, password::read_and_hash(password)?);
            if !store.set_password(&email, &hash).await? {
                bail!("there is no active {email}; everyone is shown by: dispatcher user list");
            }
            println!("set the password of {email} and ended their logins");
        }
    }
    Ok(())
}

fn checked(email: &str) -> anyhow::Result<String> {
    normal_email(email).with_context(|| format!("“{email}” is no e-mail address"))
}
