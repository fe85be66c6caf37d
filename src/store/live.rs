//! What has just happened, read for live dashboards: by key alone, and without what not everybody may see.

use std::collections::HashMap;

use super::Store;
use super::db::Tx;
use super::error::StoreError;
use super::insert::with_rows;
use super::sql::{Bind, Row};
use crate::model::action::ActionKind;
use crate::model::live::{Happening, Moment};
use crate::model::order::Conversion;
use crate::model::page::without_numbers;
use crate::model::visitor::{Device, Place};
use crate::model::{Id, Money};

/// What is shown of a session, behind its own columns.
const SESSION: &str = "t.source, t.campaign, c.device, p.country, p.region, p.city";
const JOINS: &str = "join touch t on t.id = s.touch_id join client c on c.id = s.client_id \
    join place p on p.id = s.place_id";

impl Store {
    /// The named actions and sessions (visitor, id) as moments, the oldest first. One that is gone is left out, and so is
    /// the page view with which a session of these began.
    pub async fn moments(&self, actions: &[(Id, Id)], sessions: &[(Id, Id)]) -> Result<Vec<Moment>, StoreError> {
        let mut tx = self.db.read().await?;
        let head = "with w (visitor_id, id) as (values ";
        let tail = format!(
            ") select s.id, s.visitor_id, s.started_at, g.path, {SESSION} from w join session s \
             on s.visitor_id = w.visitor_id and s.id = w.id {JOINS} join page g on g.id = s.landing_id"
        );
        let opened = with_rows(&mut tx, head, &binds(sessions), &tail).await?;
        let tail = format!(
            ") select a.session_id, a.visitor_id, a.at, g.path, {SESSION}, a.id, a.kind, a.points, \
             coalesce(a.product_name, a.product_id), a.value from w join action a on a.visitor_id = w.visitor_id \
             and a.id = w.id join session s on s.visitor_id = a.visitor_id and s.id = a.session_id {JOINS} \
             left join page g on g.id = a.page_id"
        );
        let done = with_rows(&mut tx, head, &binds(actions), &tail).await?;
        let of_rows = opened.iter().chain(&done).map(|row| Ok((row.id(1)?, row.id(0)?)));
        let numbers = order_numbers(&mut tx, of_rows.collect::<Result<_, StoreError>>()?).await?;

        let mut moments = Vec::with_capacity(opened.len() + done.len());
        for row in &opened {
            moments.push(self.moment(row, row.id(0)?, Happening::Session, &numbers)?);
        }
        let beginnings = moments.clone();
        for row in &done {
            let (kind, points) = (ActionKind::from(row.text(11)?), row.int(12)?);
            // One that earns nothing is claimed by a browser, repeated or called off.
            let what = match kind {
                ActionKind::Lead if points > 0 => Happening::Conversion(Conversion::Lead),
                ActionKind::Purchase if points > 0 => Happening::Conversion(Conversion::Purchase),
                kind => Happening::Action(kind),
            };
            let moment = self.moment(row, row.id(10)?, what, &numbers)?;
            let moment = Moment { product: row.opt_text(13)?, ..moment };
            let amount =
                matches!(moment.what, Happening::Conversion(_)).then(|| row.opt_int(14)).transpose()?.flatten();
            if !begins(&moment, &beginnings) {
                moments.push(Moment { amount: amount.map(Money), ..moment });
            }
        }
        moments.sort_by_key(|moment| (moment.at, moment.id));
        Ok(moments)
    }

    fn moment(
        &self,
        row: &Row,
        id: Id,
        what: Happening,
        numbers: &HashMap<Id, Vec<String>>,
    ) -> Result<Moment, StoreError> {
        let (session, at) = (row.id(0)?, row.int(2)?);
        let orders = numbers.get(&session).map_or(&[][..], Vec::as_slice);
        Ok(Moment {
            id,
            at,
            at_local: self.clock_time(at),
            what,
            session,
            source: row.text(4)?,
            campaign: row.text(5)?,
            page: row.opt_text(3)?.map(|path| without_numbers(&path, orders)),
            product: None,
            amount: None,
            place: Place { country: row.opt_text(7)?, region: row.opt_text(8)?, city: row.opt_text(9)? },
            device: row.parsed::<Device>(6, "a form of device")?,
        })
    }
}

/// Is it the page view with which one of the sessions opened?
fn begins(moment: &Moment, sessions: &[Moment]) -> bool {
    moment.what == Happening::Action(ActionKind::PageView)
        && sessions.iter().any(|opened| opened.session == moment.session && opened.at == moment.at)
}

fn binds(names: &[(Id, Id)]) -> Vec<[Bind; 2]> {
    names.iter().map(|(visitor, id)| [Bind::from(*visitor), (*id).into()]).collect()
}

/// The numbers of the orders of sessions (visitor, session), by session.
async fn order_numbers(tx: &mut Tx, mut sessions: Vec<(Id, Id)>) -> Result<HashMap<Id, Vec<String>>, StoreError> {
    sessions.sort_unstable();
    sessions.dedup();
    let head = "select session_id, number from orders where (visitor_id, session_id) in (values ";
    let mut numbers: HashMap<Id, Vec<String>> = HashMap::new();
    for row in with_rows(tx, head, &binds(&sessions), ")").await? {
        numbers.entry(row.id(0)?).or_default().push(row.text(1)?);
    }
    Ok(numbers)
}
