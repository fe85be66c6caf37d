//! The command line: every command, option and environment twin.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use utm_dispatcher::model::{Role, Scope};
use utm_dispatcher::report::Report;
use utm_dispatcher::store::Whom;

use crate::config::{Config, DatabaseUrl};
use crate::export::print::Layout;
use crate::{demo, serve};

mod erase;
mod import;
mod migrate;
mod password;
mod report;
mod sample;
mod token;
mod user;

/// Attribution and analytics for online stores.
#[derive(Debug, Parser)]
#[command(name = "dispatcher", version, propagate_version = true)]
pub struct Cli {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Command,
}

/// What every command takes.
#[derive(Debug, Args)]
struct Common {
    /// Where the database is
    #[arg(long, value_name = "sqlite:PATH|postgres://…", env = "DATABASE_URL", hide_env_values = true, global = true)]
    database_url: Option<String>,
    /// The configuration; Leptos.toml of the working directory unless named
    #[arg(long, value_name = "FILE", env = "DISPATCHER_CONFIG", global = true)]
    config: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve storefront, dashboard and APIs until SIGTERM
    Serve(Serve),
    /// Fill an empty database with sample data
    Demo(demo::Options),
    /// Bring the database's schema up to date
    Migrate {
        /// Only show what is applied and what is pending
        #[arg(long, env = "DISPATCHER_LIST")]
        list: bool,
    },
    /// Store history, given as JSON lines; what is stored already is left as it is
    Import {
        /// The file; - is standard input
        file: PathBuf,
    },
    /// Print a report
    Report(Asked),
    /// Remove what identifies a person from all that is stored; figures stay
    Erase(Erase),
    /// The people who may log in
    #[command(subcommand)]
    User(User),
    /// The tokens of programs
    #[command(subcommand)]
    Token(Token),
}

#[derive(Debug, Args)]
struct Serve {
    /// The address to listen on
    #[arg(long, value_name = "ADDRESS:PORT", env = "DISPATCHER_ADDR")]
    addr: Option<std::net::SocketAddr>,
    /// What the build left for the browser
    #[arg(long, value_name = "DIR", env = "DISPATCHER_SITE_ROOT")]
    site_root: Option<PathBuf>,
}

/// Which report is to be printed.
#[derive(Debug, Args)]
struct Asked {
    /// Which one: general, sources, campaigns …
    #[arg(value_name = "ID")]
    report: Report,
    /// What is asked, as after the ? of an address: “period=month&filter=source:is:facebook”
    query: Option<String>,
    /// The days, unless the query says them: `today`, `week`, `month` or `all_time`
    #[arg(long, env = "DISPATCHER_PERIOD")]
    period: Option<String>,
    /// How it is printed
    #[arg(long, env = "DISPATCHER_FORMAT", default_value = "table")]
    format: Layout,
}

/// Who is to be erased: exactly one of these.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct Erase {
    /// Whoever ordered with this e-mail address
    #[arg(long, value_name = "EMAIL", env = "DISPATCHER_EMAIL", hide_env_values = true)]
    email: Option<String>,
    /// The visitor with this id, with this value of the cookie `ud_vid`, or whom an import or the shop calls so
    #[arg(long, value_name = "VISITOR", env = "DISPATCHER_VISITOR", hide_env_values = true)]
    visitor: Option<String>,
    /// Whoever placed the order with this number
    #[arg(long, value_name = "NUMBER", env = "DISPATCHER_ORDER")]
    order: Option<String>,
}

#[derive(Debug, Subcommand)]
enum User {
    /// Add someone, or give a disabled account a new role and password
    Add {
        /// What they log in with
        email: String,
        /// What they may do: admin, analyst or viewer
        #[arg(long, env = "DISPATCHER_ROLE")]
        role: Role,
        #[command(flatten)]
        password: PasswordSource,
    },
    /// Show everyone
    List,
    /// End someone's right to log in, and their logins
    Disable {
        /// What they log in with
        email: String,
    },
    /// Set someone's password, and end their logins
    Password {
        /// What they log in with
        email: String,
        #[command(flatten)]
        password: PasswordSource,
    },
}

#[derive(Clone, Copy, Debug, Args)]
struct PasswordSource {
    /// Read the password from the first line of standard input
    #[arg(long, env = "DISPATCHER_PASSWORD_STDIN")]
    password_stdin: bool,
}

#[derive(Debug, Subcommand)]
enum Token {
    /// Make a token; it is printed once, as the last line
    Add {
        /// What names it
        name: String,
        /// What it may do: read reports, or write events and orders
        #[arg(long, env = "DISPATCHER_SCOPE")]
        scope: Scope,
    },
    /// Show all, but not their secrets
    List,
    /// Make a token worth nothing
    Revoke {
        /// What names it
        name: String,
    },
}

impl Cli {
    /// Reads the configuration and does what is asked.
    pub async fn run(self) -> anyhow::Result<()> {
        let mut config = Config::read(self.common.config.as_deref())?;
        if let Some(url) = self.common.database_url {
            config.database.url = DatabaseUrl(url);
        }
        match self.command {
            Command::Serve(Serve { addr, site_root }) => {
                config.site.addr = addr.unwrap_or(config.site.addr);
                config.site.site_root = site_root.unwrap_or(config.site.site_root);
                serve::run(config).await
            }
            Command::Demo(options) => sample::run(&config, &options).await,
            Command::Migrate { list: false } => migrate::apply(&config).await,
            Command::Migrate { list: true } => migrate::list(&config).await,
            Command::Import { file } => import::run(&config, file).await,
            Command::Report(Asked { report, query, period, format }) => {
                report::run(&config, report, &report::text(query, period), format).await
            }
            Command::Erase(Erase { email, visitor, order }) => {
                let whom = email.map(Whom::Email).or(visitor.map(Whom::Visitor)).or(order.map(Whom::Order));
                erase::run(&config, whom).await
            }
            Command::User(command) => user::run(&config, command).await,
            Command::Token(command) => token::run(&config, command).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_commands_are_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_option_has_an_environment_twin() {
        fn check(command: &clap::Command) {
            for option in command.get_opts().filter(|option| !["help", "version"].contains(&option.get_id().as_str())) {
                let long = option.get_long().unwrap();
                let twin = format!("DISPATCHER_{}", long.to_uppercase().replace('-', "_"));
                let expected = if long == "database-url" { "DATABASE_URL" } else { &twin };
                assert_eq!(option.get_env().and_then(|name| name.to_str()), Some(expected), "--{long}");
            }
            command.get_subcommands().for_each(check);
        }
        check(&Cli::command());
    }

    #[test]
    fn what_is_no_command_is_refused() {
        let cases: [&[&str]; 13] = [
            &[],
            &["import"],
            &["user", "add", "a@b"],
            &["user", "add", "a@b", "--role", "root"],
            &["token", "add", "shop", "--scope", "admin"],
            &["serve", "--addr", "3000"],
            &["serve", "extra"],
            &["migrate", "--lists"],
            &["report"],
            &["report", "nothing"],
            &["report", "sources", "--format", "xlsx"],
            &["erase"],
            &["erase", "--email", "a@b", "--order", "N1"],
        ];
        for arguments in cases {
            let parsed = Cli::try_parse_from([&["dispatcher"], arguments].concat());
            assert_eq!(parsed.unwrap_err().exit_code(), 2, "{arguments:?}");
        }
    }
}
