//! What advertising cost: a row for each day of a campaign, replaced by what is said last.

use std::collections::{BTreeMap, HashSet};

use super::db::Tx;
use super::error::StoreError;
use super::insert::{insert, with_rows};
use super::sql::{Bind, Row};
use crate::message::SpendLine;
use crate::model::Money;

const COLUMNS: &str = "day, source, medium, campaign, content, amount, clicks, impressions";

/// Stores lines and returns which of them said something new.
pub async fn replace(tx: &mut Tx, lines: &[&SpendLine]) -> Result<Vec<bool>, StoreError> {
    let keys: Vec<[Bind; 5]> = lines.iter().map(|line| key(line).map(Bind::from)).collect();
    let head = format!("select {COLUMNS} from spend where (day, source, medium, campaign, content) in (values ");
    let rows = with_rows(tx, &head, &keys, ")").await?;
    let mut stored: HashSet<SpendLine> = rows.iter().map(read).collect::<Result<_, _>>()?;
    let mut last: BTreeMap<[&str; 5], &SpendLine> = BTreeMap::new();
    let mut is_new = Vec::with_capacity(lines.len());
    for line in lines {
        let is_same = last.insert(key(line), line).map_or_else(|| stored.contains(*line), |before| before == *line);
        is_new.push(!is_same);
    }
    let rows: Vec<_> = last.into_values().filter(|line| !stored.remove(*line)).map(binds).collect();
    let tail = "on conflict (day, source, medium, campaign, content) do update set amount = excluded.amount, \
                clicks = excluded.clicks, impressions = excluded.impressions";
    insert(tx, "spend", COLUMNS, &rows, tail).await?;
    Ok(is_new)
}

fn key(line: &SpendLine) -> [&str; 5] {
    [&line.day, &line.source, &line.medium, &line.campaign, &line.content]
}

fn binds(line: &SpendLine) -> [Bind; 8] {
    let [day, source, medium, campaign, content] = key(line).map(Bind::from);
    [day, source, medium, campaign, content, line.amount.into(), line.clicks.into(), line.impressions.into()]
}

fn read(row: &Row) -> Result<SpendLine, StoreError> {
    Ok(SpendLine {
        day: row.text(0)?,
        source: row.text(1)?,
        medium: row.text(2)?,
        campaign: row.text(3)?,
        content: row.text(4)?,
        amount: Money(row.int(5)?),
        clicks: row.int(6)?,
        impressions: row.int(7)?,
    })
}
