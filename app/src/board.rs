//! Boards: which widgets stand on the dashboard, in which order and how wide.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use utm_dispatcher::report::{Report, ReportQuery};

use crate::arrange::Arrangement;
use crate::desk::{table_queries, use_desk};
use crate::i18n::{Locale, td_string};
use crate::labels;
use crate::query::View;
use crate::widgets::{
    Cards, Exports, Funnel, Heatmap, LiveFeed, RecentSessions, ReportPanel, RoiCalculator, Shares, Sources, TileBar,
    Timeseries, cards, heatmap, roi, timeseries, world_map,
};

/// What can stand on a board.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Widget {
    /// The period in numbers.
    Cards,
    /// What happens now.
    Live,
    /// Over time.
    Timeseries,
    /// How far sessions come.
    Funnel,
    /// By source.
    Sources,
    /// By campaign.
    Campaigns,
    /// By creative.
    Content,
    /// By keyword.
    Terms,
    /// By channel group.
    Channels,
    /// By device.
    Devices,
    /// By operating system.
    OperatingSystems,
    /// By browser.
    Browsers,
    /// By country.
    Countries,
    /// By city.
    Cities,
    /// By landing page.
    LandingPages,
    /// By product.
    Products,
    /// By search term.
    Searches,
    /// First visits beside later ones.
    ReturningVisitors,
    /// By hour of the week.
    Heatmap,
    /// Buttons that bring files.
    Exports,
    /// What advertising earns.
    Roi,
    /// The newest sessions.
    Sessions,
}

/// How much of a row a widget takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Width {
    /// A third.
    Third,
    /// A half.
    Half,
    /// Two thirds.
    TwoThirds,
    /// The whole row.
    Full,
}

/// A widget in its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tile {
    /// What stands there.
    pub widget: Widget,
    /// How much of the row.
    pub width: Width,
    /// Is it left out? It keeps its place.
    #[serde(default)]
    pub hidden: bool,
}

impl Widget {
    /// Every widget, in the order of a board that nobody has arranged.
    pub const ALL: [Self; 22] = [
        Self::Cards,
        Self::Timeseries,
        Self::Funnel,
        Self::Sources,
        Self::Campaigns,
        Self::Content,
        Self::Channels,
        Self::Terms,
        Self::Devices,
        Self::OperatingSystems,
        Self::Browsers,
        Self::Countries,
        Self::Cities,
        Self::Heatmap,
        Self::LandingPages,
        Self::Products,
        Self::Searches,
        Self::ReturningVisitors,
        Self::Exports,
        Self::Roi,
        Self::Live,
        Self::Sessions,
    ];

    /// How wide it is until somebody chooses.
    pub fn width(self) -> Width {
        match self {
            Self::Cards
            | Self::Live
            | Self::Timeseries
            | Self::Funnel
            | Self::Sources
            | Self::Campaigns
            | Self::Content
            | Self::Roi
            | Self::Exports
            | Self::Heatmap
            | Self::Sessions => Width::Full,
            Self::Devices | Self::OperatingSystems | Self::Browsers => Width::Third,
            Self::Countries
            | Self::Cities
            | Self::Terms
            | Self::Channels
            | Self::LandingPages
            | Self::Products
            | Self::Searches
            | Self::ReturningVisitors => Width::Half,
        }
    }

    /// The report that it shows, if it is one.
    pub fn report(self) -> Option<Report> {
        Some(match self {
            Self::Live | Self::Exports => return None,
            Self::Cards | Self::Roi => Report::General,
            Self::Timeseries => Report::Timeseries,
            Self::Funnel => Report::Funnel,
            Self::Sources => Report::Sources,
            Self::Campaigns => Report::Campaigns,
            Self::Content => Report::Content,
            Self::Terms => Report::Terms,
            Self::Channels => Report::Channels,
            Self::Devices => Report::Devices,
            Self::OperatingSystems => Report::OperatingSystems,
            Self::Browsers => Report::Browsers,
            Self::Countries => Report::GeoCountries,
            Self::Cities => Report::GeoCities,
            Self::LandingPages => Report::LandingPages,
            Self::Products => Report::Products,
            Self::Searches => Report::Searches,
            Self::ReturningVisitors => Report::ReturningVisitors,
            Self::Heatmap => Report::Explore,
            Self::Sessions => Report::Sessions,
        })
    }

    /// What it is called.
    pub fn title(self, locale: Locale) -> &'static str {
        match self {
            Self::Roi => td_string!(locale, roi.title),
            Self::Live => td_string!(locale, live.title),
            Self::Funnel => td_string!(locale, funnel.title),
            Self::Heatmap => td_string!(locale, heatmap.title),
            other => other.report().map_or(td_string!(locale, exports.title), |report| labels::panel(locale, report)),
        }
    }

    /// What names it in the page.
    pub fn key(self) -> String {
        format!("{self:?}").to_lowercase()
    }

    /// What it asks for a view.
    pub fn queries(self, view: &View) -> Vec<ReportQuery> {
        match self {
            Self::Cards => cards::queries(view),
            Self::Roi => roi::queries(view),
            Self::Timeseries => vec![timeseries::query(view)],
            Self::Funnel => vec![view.query(Report::Funnel)],
            Self::Countries => {
                table_queries(view, Report::GeoCountries).into_iter().chain([world_map::query(view)]).collect()
            }
            Self::Heatmap => vec![heatmap::query(view)],
            // It loads its sessions itself.
            Self::Sessions => Vec::new(),
            table => table.report().map(|report| table_queries(view, report)).unwrap_or_default(),
        }
    }

    /// Draws it.
    pub fn draw(self) -> AnyView {
        match self {
            Self::Cards => view! { <Cards /> }.into_any(),
            Self::Timeseries => view! { <Timeseries /> }.into_any(),
            Self::Funnel => view! { <Funnel /> }.into_any(),
            Self::Sources => view! { <Sources /> }.into_any(),
            Self::Roi => view! { <RoiCalculator /> }.into_any(),
            Self::Devices => view! { <Shares report=Report::Devices /> }.into_any(),
            Self::OperatingSystems => view! { <Shares report=Report::OperatingSystems /> }.into_any(),
            Self::Browsers => view! { <Shares report=Report::Browsers /> }.into_any(),
            Self::Countries => view! { <Shares report=Report::GeoCountries /> }.into_any(),
            Self::Cities => view! { <Shares report=Report::GeoCities /> }.into_any(),
            Self::Heatmap => view! { <Heatmap /> }.into_any(),
            Self::Sessions => view! { <RecentSessions /> }.into_any(),
            Self::Live => view! { <LiveFeed /> }.into_any(),
            Self::Exports => view! { <Exports /> }.into_any(),
            table => table.report().map(|report| view! { <ReportPanel report /> }).into_any(),
        }
    }
}

/// The board that nobody has arranged yet.
pub fn standard() -> Vec<Tile> {
    Widget::ALL.map(|widget| Tile { widget, width: widget.width(), hidden: false }).into()
}

/// Reads a board as it was saved: what nobody knows is left out, what has come since is there and hidden.
#[cfg(feature = "ssr")]
pub fn read(text: &str) -> Option<Vec<Tile>> {
    let saved: Vec<serde_json::Value> = serde_json::from_str(text).ok()?;
    let mut tiles = Vec::<Tile>::new();
    for tile in saved.into_iter().filter_map(|tile| serde_json::from_value::<Tile>(tile).ok()) {
        if tiles.iter().all(|other| other.widget != tile.widget) {
            tiles.push(tile);
        }
    }
    let missing = standard().into_iter().filter(|one| tiles.iter().all(|tile| tile.widget != one.widget));
    let missing: Vec<Tile> = missing.map(|tile| Tile { hidden: true, ..tile }).collect();
    tiles.extend(missing);
    Some(tiles)
}

impl Width {
    /// Every width, the least first.
    pub const ALL: [Self; 4] = [Self::Third, Self::Half, Self::TwoThirds, Self::Full];

    /// The class that gives it its room.
    pub fn class(self) -> &'static str {
        match self {
            Self::Third => "tile third",
            Self::Half => "tile half",
            Self::TwoThirds => "tile two-thirds",
            Self::Full => "tile",
        }
    }

    /// The width as a part of the row.
    pub fn part(self) -> &'static str {
        match self {
            Self::Third => "⅓",
            Self::Half => "½",
            Self::TwoThirds => "⅔",
            Self::Full => "1",
        }
    }
}

/// Draws the tiles that are shown.
#[component]
pub fn Board(
    /// What stands where, and how that is changed.
    arrangement: Arrangement,
) -> impl IntoView {
    let shown = move || {
        let tiles = arrangement.tiles.get().into_iter().filter(|tile| !tile.hidden);
        tiles.map(|tile| tile.widget).collect::<Vec<_>>()
    };
    #[cfg(feature = "hydrate")]
    crate::arrange::drag::listen(arrangement);
    let failure = use_desk().failure;
    view! {
        <div class="tiles" class:arranging=move || arrangement.is_on.get() class:kept=move || failure.with(Option::is_some)>
            <For each=shown key=|widget| *widget let:widget>
                {place(arrangement, widget)}
            </For>
        </div>
    }
    .into_any()
}

fn place(arrangement: Arrangement, widget: Widget) -> AnyView {
    let class = move || {
        let tile = arrangement.tiles.get().into_iter().find(|tile| tile.widget == widget);
        let width = tile.map_or(Width::Full, |tile| tile.width).class();
        if arrangement.dragged.get() == Some(widget) { format!("{width} dragged") } else { width.to_owned() }
    };
    view! {
        <div class=class id=widget.key()>
            {move || arrangement.is_on.get().then(|| view! { <TileBar arrangement widget /> })}
            <div class="tile-body" inert=move || arrangement.is_on.get()>
                {widget.draw()}
            </div>
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_row_of_the_first_board_has_a_hole() {
        let mut row = 0;
        for tile in standard() {
            row += match tile.width {
                Width::Third => 2,
                Width::Half => 3,
                Width::TwoThirds => 4,
                Width::Full => 6,
            };
            assert!(row <= 6, "{:?} has no room beside what is before it", tile.widget);
            row %= 6;
        }
        assert_eq!(row, 0);
    }
}
