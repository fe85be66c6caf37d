//! What was done to stored data by hand, and by whom.

use super::Store;
use super::db::Tx;
use super::error::StoreError;
use super::insert::insert;
use crate::model::Millis;

/// A line of the audit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditLine {
    /// When.
    pub at: Millis,
    /// Who did it: an e-mail address of the dashboard, or who used the command line.
    pub who: String,
    /// What was done: `erase`.
    pub what: String,
    /// More of it; never what was taken away.
    pub detail: String,
}

impl Store {
    /// Writes a line of the audit with what it is about: both are stored, or neither.
    pub(super) async fn note(&self, tx: &mut Tx, line: &AuditLine) -> Result<(), StoreError> {
        let AuditLine { at, who, what, detail } = line;
        let row = [
            self.ids.mint(*at).into(),
            (*at).into(),
            who.as_str().into(),
            what.as_str().into(),
            detail.as_str().into(),
        ];
        insert(tx, "audit", "id, at, who, what, detail", &[row], "").await?;
        Ok(())
    }
}
