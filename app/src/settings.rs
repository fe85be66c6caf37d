//! What the user has saved: boards and segments. Sent with the page; named, renamed and deleted by plain forms.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use utm_dispatcher::report::ReportQuery;

use crate::board::{self, Tile};
use crate::error::AppError;

/// A board under its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedBoard {
    /// Its name; empty for the main one.
    pub name: String,
    /// What stands where.
    pub tiles: Vec<Tile>,
}

/// Filters under a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Segment {
    /// Its name.
    pub name: String,
    /// A query with its filters.
    pub query: ReportQuery,
}

/// What the user has saved, each list by name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// The boards that were arranged.
    pub boards: Vec<SavedBoard>,
    /// The segments.
    pub segments: Vec<Segment>,
    /// Why the form that led to this page was refused.
    pub refused: Option<AppError>,
}

impl Settings {
    /// On the server what the host read, in the browser what the server sent.
    fn shared() -> Self {
        SharedValue::new(|| {
            #[cfg(feature = "ssr")]
            return crate::context::settings();
            #[cfg(not(feature = "ssr"))]
            Self::default()
        })
        .into_inner()
    }

    /// The tiles of the board `name`; of the standard one when nobody has arranged it.
    pub fn tiles(&self, name: &str) -> Vec<Tile> {
        let board = self.boards.iter().find(|board| board.name == name);
        board.map_or_else(board::standard, |board| board.tiles.clone())
    }

    /// Lets the board `name` have these tiles.
    pub fn put_board(&mut self, name: &str, tiles: Vec<Tile>) {
        match self.boards.iter_mut().find(|board| board.name == name) {
            Some(board) => board.tiles = tiles,
            None => self.boards.push(SavedBoard { name: name.to_owned(), tiles }),
        }
    }
}

/// What the parts of a page share to read and edit what is saved.
#[derive(Clone, Copy)]
pub struct Saved {
    /// What is saved, and what is about to be.
    pub settings: RwSignal<Settings>,
    /// Why the last edit was refused.
    pub failure: RwSignal<Option<AppError>>,
    /// Counts the edits on the page.
    pub edits: StoredValue<u64>,
    /// Is one of them on its way to the server?
    pub is_sending: StoredValue<bool>,
}

/// What the page shares.
pub fn use_saved() -> Saved {
    expect_context()
}

/// Lets the page share what is saved.
pub fn provide_saved() -> Saved {
    let settings = Settings::shared();
    let failure = RwSignal::new(settings.refused.clone());
    let saved = Saved {
        settings: RwSignal::new(settings),
        failure,
        edits: StoredValue::new(0),
        is_sending: StoredValue::new(false),
    };
    provide_context(saved);
    saved
}

#[cfg(feature = "ssr")]
mod stored {
    use utm_dispatcher::model::{Setting, SettingKind};
    use utm_dispatcher::report::{Report, ReportQuery};

    use super::{SavedBoard, Segment, Settings};
    use crate::board;
    use crate::error::AppError;

    /// The longest name.
    const MAX_NAME: usize = 60;
    /// The longest value, in bytes.
    const MAX_VALUE: usize = 8_000;

    impl From<Vec<Setting>> for Settings {
        /// What cannot be read any more is left out.
        fn from(stored: Vec<Setting>) -> Self {
            let mut settings = Self::default();
            for Setting { kind, name, value } in stored {
                match kind {
                    SettingKind::Board => {
                        settings.boards.extend(board::read(&value).map(|tiles| SavedBoard { name, tiles }));
                    }
                    SettingKind::Segment => {
                        let query = ReportQuery::parse(Report::General, &value).ok();
                        settings.segments.extend(query.map(|query| Segment { name, query }));
                    }
                }
            }
            settings
        }
    }

    /// What may be saved, in its own text form: a board of known widgets, or filters that can be asked.
    pub fn checked(kind: SettingKind, name: &str, value: &str) -> Result<Setting, AppError> {
        let bad = |allowed: &str| AppError::BadInput {
            parameter: "value".into(),
            given: value.chars().take(100).collect(),
            allowed: allowed.into(),
        };
        if value.len() > MAX_VALUE {
            return Err(bad(&format!("≤ {MAX_VALUE}")));
        }
        let value = match kind {
            SettingKind::Board => {
                let tiles = board::read(value).ok_or_else(|| bad("[{\"widget\": …, \"width\": …}]"))?;
                serde_json::to_string(&tiles).map_err(|_| AppError::Unavailable)?
            }
            SettingKind::Segment => {
                let query = ReportQuery::parse(Report::General, value)?;
                query.check()?;
                if query.filters.is_empty() {
                    return Err(bad("filter=…"));
                }
                let period = utm_dispatcher::model::Period::default();
                ReportQuery { filters: query.filters, ..ReportQuery::new(Report::General, period) }.to_string()
            }
        };
        Ok(Setting { kind, name: checked_name(name, kind == SettingKind::Board)?, value })
    }

    /// A name without what cannot be seen; only the main board has an empty one.
    pub fn checked_name(name: &str, may_be_empty: bool) -> Result<String, AppError> {
        let trimmed = name.trim();
        let fits = trimmed.chars().count() <= MAX_NAME && !trimmed.chars().any(char::is_control);
        if !fits || (trimmed.is_empty() && !may_be_empty) {
            let given = name.chars().take(100).collect();
            return Err(AppError::BadInput { parameter: "name".into(), given, allowed: format!("1…{MAX_NAME}") });
        }
        Ok(trimmed.to_owned())
    }

    #[cfg(test)]
    mod tests {
        use super::*;
        use crate::board::{Tile, Widget, Width};

        #[test]
        fn boards_hold_known_widgets_once_and_all_of_them() {
            let stored = r#"[{"widget":"funnel","width":"half"},{"widget":"games","width":"half"},
                {"widget":"cards","width":"huge"},{"widget":"funnel","width":"full"},7,{"widget":"sessions","width":"full","hidden":true}]"#;
            let setting = checked(SettingKind::Board, " Ранок ", stored).unwrap();
            assert_eq!(setting.name, "Ранок");
            let settings = Settings::from(vec![setting]);
            let tiles = settings.tiles("Ранок");
            assert_eq!(tiles[0], Tile { widget: Widget::Funnel, width: Width::Half, hidden: false });
            assert_eq!(tiles[1], Tile { widget: Widget::Sessions, width: Width::Full, hidden: true });
            assert_eq!(tiles.len(), Widget::ALL.len());
            assert!(tiles[2..].iter().all(|tile| tile.hidden));
            assert_eq!(settings.tiles("other"), board::standard());
        }

        #[test]
        fn what_is_no_board_and_no_segment_is_refused_by_name() {
            let long = "x".repeat(61);
            let big = format!("[{}]", "0,".repeat(5000));
            let cases = [
                (SettingKind::Board, "a", "", "value"),
                (SettingKind::Board, "a", "{}", "value"),
                (SettingKind::Board, "a", &big, "value"),
                (SettingKind::Board, "a\u{0}b", "[]", "name"),
                (SettingKind::Board, &long, "[]", "name"),
                (SettingKind::Segment, "", "filter=source:is:x", "name"),
                (SettingKind::Segment, "a", "", "value"),
                (SettingKind::Segment, "a", "period=week", "value"),
                (SettingKind::Segment, "a", "filter=colour:is:x", "filter"),
                (SettingKind::Segment, "a", "filter=source:isnt:x", "filter"),
            ];
            for (kind, name, value, wrong) in cases {
                match checked(kind, name, value) {
                    Err(AppError::BadInput { parameter, .. }) => assert_eq!(parameter, wrong, "{name} {value}"),
                    other => panic!("{name} {value}: {other:?}"),
                }
            }
        }

        #[test]
        fn a_segment_keeps_its_filters_alone() {
            let text = "period=month&compare=year&filter=source:is:face%7Cbook&filter=city:contains:Ки";
            let setting = checked(SettingKind::Segment, "Мета", text).unwrap();
            assert!(!setting.value.contains("month") && !setting.value.contains("year"), "{}", setting.value);
            let settings = Settings::from(vec![setting]);
            assert_eq!(settings.segments[0].query.filters.len(), 2);
        }
    }
}
#[cfg(feature = "ssr")]
pub use stored::{checked, checked_name};
