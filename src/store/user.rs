//! Users, their logins and the tokens of programs. Of secrets only hashes come here.

use super::Store;
use super::change::About;
use super::error::StoreError;
use super::sql::{Row, Sql};
use crate::model::{Id, Millis, Role, Scope, Viewer};

/// Someone who may log in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// The e-mail, in lower case: what names the user.
    pub email: String,
    /// What they may do.
    pub role: Role,
    /// May they log in?
    pub is_active: bool,
    /// When they were added.
    pub created_at: Millis,
}

/// What a password is checked against.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credentials {
    /// Whose it is.
    pub user_id: Id,
    /// The password's hash, in PHC form.
    pub password_hash: String,
}

/// A login that has not ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login {
    /// Who is logged in.
    pub viewer: Viewer,
    /// When it was last seen; written at most once an hour.
    pub last_seen: Millis,
    /// When it ends.
    pub expires_at: Millis,
}

/// A token of a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// What names it.
    pub name: String,
    /// What it may do.
    pub scope: Scope,
    /// When it was made.
    pub created_at: Millis,
    /// Since when it is worth nothing.
    pub revoked_at: Option<Millis>,
}

/// An id may be taken by another process: then the next one is tried, so many times.
const TRIES: usize = 8;

impl Store {
    /// Adds a user, or gives a disabled one a new role and password. `false`: there is an active one of that e-mail.
    pub async fn add_user(
        &self,
        email: &str,
        role: Role,
        password_hash: &str,
        now: Millis,
    ) -> Result<bool, StoreError> {
        let statement = |id: Id| {
            Sql::new(
                "insert into users (id, email, password_hash, role, is_active, created_at) values ($1, $2, $3, $4, 1, $5) \
                 on conflict (email) do update set password_hash = excluded.password_hash, role = excluded.role, \
                 is_active = 1 where users.is_active = 0 returning id",
            )
            .bind(id)
            .bind(email)
            .bind(password_hash)
            .bind(role.name())
            .bind(now)
        };
        self.add_named(statement, now).await
    }

    /// Every user, by e-mail.
    pub async fn users(&self) -> Result<Vec<User>, StoreError> {
        let mut tx = self.db.read().await?;
        let rows = tx.rows(&Sql::new("select email, role, is_active, created_at from users")).await?;
        let mut users = rows.iter().map(user).collect::<Result<Vec<_>, _>>()?;
        users.sort_by(|one, two| one.email.cmp(&two.email));
        Ok(users)
    }

    /// Ends a user's right to log in, and the logins that are open. `false`: there is no such user.
    pub async fn disable_user(&self, email: &str) -> Result<bool, StoreError> {
        let disable = Sql::new("update users set is_active = 0 where email = $1 returning id").bind(email);
        self.change_user(&disable).await
    }

    /// Gives an active user a new password, and ends the logins that are open. `false`: there is no such user.
    pub async fn set_password(&self, email: &str, password_hash: &str) -> Result<bool, StoreError> {
        let change = "update users set password_hash = $1 where email = $2 and is_active = 1 returning id";
        self.change_user(&Sql::new(change).bind(password_hash).bind(email)).await
    }

    async fn change_user(&self, change: &Sql) -> Result<bool, StoreError> {
        let mut tx = self.db.write_about(About::Access).await?;
        let Some(row) = tx.row(change).await? else { return Ok(false) };
        tx.run(&Sql::new("delete from login where user_id = $1").bind(row.id(0)?)).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// What the password of an active user is checked against.
    pub async fn credentials(&self, email: &str) -> Result<Option<Credentials>, StoreError> {
        let select = "select id, password_hash from users where email = $1 and is_active = 1";
        let row = self.db.read().await?.row(&Sql::new(select).bind(email)).await?;
        row.map(|row| Ok(Credentials { user_id: row.id(0)?, password_hash: row.text(1)? })).transpose()
    }

    /// Opens a login until `expires_at`. `false`: the user was disabled or has another password by now.
    pub async fn add_login(
        &self,
        credentials: &Credentials,
        secret_hash: &str,
        now: Millis,
        expires_at: Millis,
    ) -> Result<bool, StoreError> {
        let mut tx = self.db.write_about(About::Access).await?;
        tx.run(&Sql::new("delete from login where expires_at <= $1").bind(now)).await?;
        // Writing the row takes its lock: a change of the password waits, or was seen.
        let still =
            "update users set is_active = 1 where id = $1 and is_active = 1 and password_hash = $2 returning id";
        let still = Sql::new(still).bind(credentials.user_id).bind(credentials.password_hash.as_str());
        if tx.row(&still).await?.is_none() {
            return Ok(false);
        }
        let insert = "insert into login (secret_hash, user_id, created_at, last_seen, expires_at) \
                      values ($1, $2, $3, $3, $4)";
        tx.run(&Sql::new(insert).bind(secret_hash).bind(credentials.user_id).bind(now).bind(expires_at)).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// The login of that secret, unless it or its user's right has ended.
    pub async fn login(&self, secret_hash: &str, now: Millis) -> Result<Option<Login>, StoreError> {
        let select = "select u.email, u.role, l.last_seen, l.expires_at from login l join users u on u.id = l.user_id \
                      where l.secret_hash = $1 and l.expires_at > $2 and u.is_active = 1";
        let row = self.db.read().await?.row(&Sql::new(select).bind(secret_hash).bind(now)).await?;
        row.map(|row| {
            let viewer = Viewer { name: row.text(0)?, role: row.parsed(1, "a role")? };
            Ok(Login { viewer, last_seen: row.int(2)?, expires_at: row.int(3)? })
        })
        .transpose()
    }

    /// Moves the end of a login that was seen at `now`; one that has ended stays so.
    pub async fn extend_login(&self, secret_hash: &str, now: Millis, expires_at: Millis) -> Result<(), StoreError> {
        let mut tx = self.db.write_about(About::Access).await?;
        let update = "update login set last_seen = $1, expires_at = $2 where secret_hash = $3 and expires_at > $1";
        tx.run(&Sql::new(update).bind(now).bind(expires_at).bind(secret_hash)).await?;
        tx.commit().await
    }

    /// Ends one login.
    pub async fn end_login(&self, secret_hash: &str) -> Result<(), StoreError> {
        let mut tx = self.db.write_about(About::Access).await?;
        tx.run(&Sql::new("delete from login where secret_hash = $1").bind(secret_hash)).await?;
        tx.commit().await
    }

    /// Adds a token; the name of a revoked one may be used again. `false`: there is a valid one of that name.
    pub async fn add_token(
        &self,
        name: &str,
        scope: Scope,
        secret_hash: &str,
        now: Millis,
    ) -> Result<bool, StoreError> {
        let statement = |id: Id| {
            Sql::new(
                "insert into token (id, name, scope, secret_hash, created_at) values ($1, $2, $3, $4, $5) \
                 on conflict (name) do update set scope = excluded.scope, secret_hash = excluded.secret_hash, \
                 created_at = excluded.created_at, revoked_at = null where token.revoked_at is not null returning id",
            )
            .bind(id)
            .bind(name)
            .bind(scope.name())
            .bind(secret_hash)
            .bind(now)
        };
        self.add_named(statement, now).await
    }

    /// Every token, by name.
    pub async fn tokens(&self) -> Result<Vec<Token>, StoreError> {
        let mut tx = self.db.read().await?;
        let rows = tx.rows(&Sql::new("select name, scope, created_at, revoked_at from token")).await?;
        let mut tokens = rows.iter().map(token).collect::<Result<Vec<_>, _>>()?;
        tokens.sort_by(|one, two| one.name.cmp(&two.name));
        Ok(tokens)
    }

    /// The valid token of that secret.
    pub async fn token(&self, secret_hash: &str) -> Result<Option<Token>, StoreError> {
        let select = "select name, scope, created_at, revoked_at from token \
                      where secret_hash = $1 and revoked_at is null";
        let row = self.db.read().await?.row(&Sql::new(select).bind(secret_hash)).await?;
        row.as_ref().map(token).transpose()
    }

    /// Makes a token worth nothing. `false`: there is no valid one of that name.
    pub async fn revoke_token(&self, name: &str, now: Millis) -> Result<bool, StoreError> {
        let mut tx = self.db.write_about(About::Access).await?;
        let update = Sql::new("update token set revoked_at = $1 where name = $2 and revoked_at is null");
        let revoked = tx.run(&update.bind(now).bind(name)).await?;
        tx.commit().await?;
        Ok(revoked > 0)
    }

    /// Runs an insert that returns a row unless its name is taken; asks for another id when that one is.
    pub(super) async fn add_named(&self, statement: impl Fn(Id) -> Sql, now: Millis) -> Result<bool, StoreError> {
        let mut tries = TRIES;
        loop {
            let mut tx = self.db.write_about(About::Access).await?;
            match tx.row(&statement(self.ids.mint(now))).await {
                Ok(row) => {
                    tx.commit().await?;
                    return Ok(row.is_some());
                }
                Err(error) if error.is_conflict() && tries > 0 => tries -= 1,
                Err(error) => return Err(error),
            }
        }
    }
}

fn user(row: &Row) -> Result<User, StoreError> {
    Ok(User { email: row.text(0)?, role: row.parsed(1, "a role")?, is_active: row.flag(2)?, created_at: row.int(3)? })
}

fn token(row: &Row) -> Result<Token, StoreError> {
    Ok(Token {
        name: row.text(0)?,
        scope: row.parsed(1, "a scope")?,
        created_at: row.int(2)?,
        revoked_at: row.opt_int(3)?,
    })
}
