//! The rows that a measure is counted from, and what its dimensions are called there.

use super::super::sql::Sql;
use super::clock::Zone;
use super::span::Span;
use crate::model::Interval;
use crate::report::catalog::{Dictionary, Fact, Measure, Origin};
use crate::report::{Basis, Dimension};

/// What stands for the dimensions of an order that no session is known for.
pub const NOT_ATTRIBUTED: &str = "(not attributed)";

/// The rows of one grouped select.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// `session`, each row with all that the writer counted of it.
    Sessions,
    /// `action` with its session: a session counts once for each product or search term.
    Actions,
    /// `orders` on the day on which they were paid, with their session if they have one.
    Orders,
    /// `spend`.
    Spend,
}

/// Dictionaries with the alias and the session's column of each.
const DICTIONARIES: [(Dictionary, &str, &str); 4] = [
    (Dictionary::Touch, "touch t", "t.id = s.touch_id"),
    (Dictionary::Client, "client c", "c.id = s.client_id"),
    (Dictionary::Place, "place p", "p.id = s.place_id"),
    (Dictionary::Page, "page g", "g.id = s.landing_id"),
];

/// What is done with, in the row of an action.
const PRODUCT: &str = "coalesce(a.product_name, a.product_id)";
/// What is searched for, in the row of an action.
const SEARCH_TERM: &str = "case when a.kind = 'search' then a.query end";

impl Source {
    /// Where `measure` is counted when rows are told apart by `dimensions`.
    pub fn of(measure: Measure, dimensions: &[Dimension], basis: Basis) -> Self {
        match measure.fact {
            Fact::Spend => Self::Spend,
            _ if dimensions.iter().any(|dimension| dimension.definition().is_of_actions()) => Self::Actions,
            Fact::Order if basis == Basis::Order => Self::Orders,
            Fact::Session | Fact::Action | Fact::Order => Self::Sessions,
        }
    }

    /// The instant that decides on the period.
    pub fn time(self) -> &'static str {
        match self {
            Self::Sessions | Self::Actions => "s.started_at",
            Self::Orders => "coalesce(o.paid_at, o.created_at)",
            Self::Spend => "d.day",
        }
    }

    /// Appends `from …` with the dictionaries that `used` need.
    pub fn push_from(self, sql: &mut Sql, used: &[Dimension]) {
        let join = match self {
            Self::Spend => {
                sql.push(" from spend d");
                return;
            }
            Self::Sessions => {
                sql.push(" from session s");
                " join "
            }
            Self::Actions => {
                sql.push(" from session s join action a on a.visitor_id = s.visitor_id and a.session_id = s.id");
                " join "
            }
            Self::Orders => {
                sql.push(" from orders o left join session s on s.visitor_id = o.visitor_id and s.id = o.session_id");
                " left join "
            }
        };
        for (dictionary, table, on) in DICTIONARIES {
            if used.iter().any(|dimension| dictionary_of(*dimension) == Some(dictionary)) {
                sql.push(join).push(table).push(" on ").push(on);
            }
        }
    }

    /// Appends the condition that a row lies within `span`, and what else makes it one of these rows.
    pub fn push_where(self, sql: &mut Sql, span: Span) {
        sql.push(" where 1 = 1");
        if self == Self::Spend {
            // Spend has no hour: its days are whole even where the period is cut.
            if let Some((first, last)) = span.days {
                sql.push(" and d.day >= ").push_bind(first.to_string());
                sql.push(" and d.day <= ").push_bind(last.to_string());
            }
            return;
        }
        if span.interval != Interval::ALL {
            sql.push(&format!(" and {} >= ", self.time())).push_bind(span.interval.start);
            sql.push(&format!(" and {} < ", self.time())).push_bind(span.interval.end);
        }
        if self == Self::Orders {
            sql.push(" and o.payment_status = 'paid' and o.status not in ('cancelled', 'returned')");
        }
    }

    /// Appends the value of `dimension` in a row; a reading of the clock as its key, but spend's as its day.
    pub fn push_value(self, sql: &mut Sql, dimension: Dimension, zone: &Zone) {
        match dimension.clock() {
            Some(clock) if self != Self::Spend => zone.push(sql, clock, self.time()),
            _ => {
                sql.push(&self.text_of(dimension));
            }
        }
    }

    /// The text of `dimension`, which is no reading of the clock, in a row.
    pub fn text_of(self, dimension: Dimension) -> String {
        let of_session = match dimension.definition().origin {
            Origin::Column(dictionary, column) => format!("{}.{column}", self.alias(dictionary)),
            Origin::SourceMedium => {
                let alias = self.alias(Dictionary::Touch);
                format!("{alias}.source || ' / ' || {alias}.medium")
            }
            Origin::VisitorType => "case when s.is_first = 1 then 'new' else 'returning' end".to_owned(),
            Origin::Product => PRODUCT.to_owned(),
            Origin::SearchTerm => SEARCH_TERM.to_owned(),
            Origin::Clock(_) => self.time().to_owned(),
        };
        if self == Self::Orders {
            return format!("case when o.session_id is null then '{NOT_ATTRIBUTED}' else {of_session} end");
        }
        of_session
    }

    /// What `dictionary` is called in these rows.
    pub fn alias(self, dictionary: Dictionary) -> &'static str {
        match (self, dictionary) {
            // Only what spend has too is ever asked of it.
            (Self::Spend, _) => "d",
            (_, Dictionary::Touch) => "t",
            (_, Dictionary::Client) => "c",
            (_, Dictionary::Place) => "p",
            (_, Dictionary::Page) => "g",
        }
    }

    /// A select of every different text that `dimension` has within `span`; `None` for a reading of the clock and for
    /// what is known without asking.
    pub fn distinct(self, dimension: Dimension, span: Span) -> Option<Sql> {
        if self == Self::Spend {
            let mut sql = Sql::new(&format!("select distinct {}", self.text_of(dimension)));
            self.push_from(&mut sql, &[]);
            self.push_where(&mut sql, span);
            return Some(sql);
        }
        let text = Self::Sessions.text_of(dimension);
        let table = match dimension.definition().origin {
            Origin::Column(dictionary, _) => dictionary,
            Origin::SourceMedium => Dictionary::Touch,
            Origin::Product | Origin::SearchTerm => {
                let mut sql = Sql::new(&format!("select distinct {text}"));
                if self == Self::Orders {
                    // An order may be counted long after its session started.
                    self.push_from(&mut sql, &[]);
                    sql.push(" join action a on a.visitor_id = s.visitor_id and a.session_id = s.id");
                    self.push_where(&mut sql, span);
                } else {
                    Self::Actions.push_from(&mut sql, &[]);
                    Self::Actions.push_where(&mut sql, span);
                }
                sql.push(&format!(" and {text} is not null"));
                return Some(sql);
            }
            Origin::VisitorType | Origin::Clock(_) => return None,
        };
        let (_, table, _) = DICTIONARIES.into_iter().find(|(dictionary, ..)| *dictionary == table)?;
        Some(Sql::new(&format!("select distinct {text} from {table} where {text} is not null")))
    }
}

/// The condition that a row of [`Source::Actions`] has a value of `dimension`, said so that few rows are looked at.
pub fn has(dimension: Dimension) -> String {
    match dimension.definition().origin {
        Origin::SearchTerm => "s.searches > 0 and a.kind = 'search' and a.query is not null".to_owned(),
        _ => format!("{} is not null", Source::Actions.text_of(dimension)),
    }
}

/// The dictionary that holds a dimension.
pub fn dictionary_of(dimension: Dimension) -> Option<Dictionary> {
    match dimension.definition().origin {
        Origin::Column(dictionary, _) => Some(dictionary),
        Origin::SourceMedium => Some(Dictionary::Touch),
        Origin::VisitorType | Origin::Clock(_) | Origin::Product | Origin::SearchTerm => None,
    }
}
