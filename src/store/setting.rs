//! What users of the dashboard have saved: read with each page, so by one statement.

use super::Store;
use super::change::About;
use super::error::StoreError;
use super::sql::Sql;
use crate::model::{Id, Millis, Setting, SettingKind};

/// What became of something that was to be saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Saved {
    /// It is saved.
    Yes,
    /// There is no such user, or nothing of that name.
    Nothing,
    /// There is another one of that name.
    Taken,
    /// The user has as many as one may have.
    Full,
}

impl Store {
    /// All that the user has saved, by kind and name.
    pub async fn settings(&self, email: &str) -> Result<Vec<Setting>, StoreError> {
        let select =
            "select s.kind, s.name, s.value from setting s join users u on u.id = s.user_id where u.email = $1";
        let rows = self.db.read().await?.rows(&Sql::new(select).bind(email)).await?;
        let setting = |row: &super::sql::Row| -> Result<Setting, StoreError> {
            Ok(Setting { kind: row.parsed(0, "a kind of setting")?, name: row.text(1)?, value: row.text(2)? })
        };
        let mut settings = rows.iter().map(setting).collect::<Result<Vec<_>, _>>()?;
        settings.sort_by(|one, two| (one.kind, &one.name).cmp(&(two.kind, &two.name)));
        Ok(settings)
    }

    /// Saves `setting`, in the place of the user's one of that kind and name if there is one.
    pub async fn save_setting(&self, email: &str, setting: &Setting, now: Millis) -> Result<Saved, StoreError> {
        let Setting { kind, name, value } = setting;
        let mut tx = self.db.write_about(About::Settings).await?;
        let Some(user) = user_of(&mut tx, email).await? else { return Ok(Saved::Nothing) };
        let change = "update setting set value = $1, changed_at = $2 where user_id = $3 and kind = $4 and name = $5";
        let change = Sql::new(change).bind(value.as_str()).bind(now).bind(user).bind(kind.name()).bind(name.as_str());
        if tx.run(&change).await? == 0 {
            let count = "select count(*) from setting where user_id = $1 and kind = $2";
            let row = tx.row(&Sql::new(count).bind(user).bind(kind.name())).await?;
            let count = row.map(|row| row.int(0)).transpose()?.unwrap_or_default();
            if usize::try_from(count).is_ok_and(|count| count >= kind.most()) {
                return Ok(Saved::Full);
            }
            let insert = "insert into setting (user_id, kind, name, value, changed_at) values ($1, $2, $3, $4, $5)";
            let insert =
                Sql::new(insert).bind(user).bind(kind.name()).bind(name.as_str()).bind(value.as_str()).bind(now);
            tx.run(&insert).await?;
        }
        tx.commit().await?;
        Ok(Saved::Yes)
    }

    /// Gives something that the user saved another name.
    pub async fn rename_setting(
        &self,
        email: &str,
        kind: SettingKind,
        name: &str,
        to: &str,
        now: Millis,
    ) -> Result<Saved, StoreError> {
        let mut tx = self.db.write_about(About::Settings).await?;
        let Some(user) = user_of(&mut tx, email).await? else { return Ok(Saved::Nothing) };
        let taken = "select name from setting where user_id = $1 and kind = $2 and name = $3";
        if name != to && tx.row(&Sql::new(taken).bind(user).bind(kind.name()).bind(to)).await?.is_some() {
            return Ok(Saved::Taken);
        }
        let rename = "update setting set name = $1, changed_at = $2 where user_id = $3 and kind = $4 and name = $5";
        let rename = Sql::new(rename).bind(to).bind(now).bind(user).bind(kind.name()).bind(name);
        let renamed = tx.run(&rename).await?;
        tx.commit().await?;
        Ok(if renamed > 0 { Saved::Yes } else { Saved::Nothing })
    }

    /// Deletes something that the user saved. What is gone stays so.
    pub async fn delete_setting(&self, email: &str, kind: SettingKind, name: &str) -> Result<(), StoreError> {
        let mut tx = self.db.write_about(About::Settings).await?;
        if let Some(user) = user_of(&mut tx, email).await? {
            let delete = "delete from setting where user_id = $1 and kind = $2 and name = $3";
            tx.run(&Sql::new(delete).bind(user).bind(kind.name()).bind(name)).await?;
        }
        tx.commit().await
    }
}

/// The user of that e-mail, held until the transaction ends: whoever saves for them next, waits.
async fn user_of(tx: &mut super::db::Tx, email: &str) -> Result<Option<Id>, StoreError> {
    let hold = "update users set is_active = is_active where email = $1 returning id";
    tx.row(&Sql::new(hold).bind(email)).await?.map(|row| row.id(0)).transpose()
}
