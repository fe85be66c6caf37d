//! Boards: which widgets stand on the dashboard, in which order and how wide.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use utm_dispatcher::report::{Report, ReportQuery};

use crate::desk::table_query;
use crate::i18n::Locale;
use crate::labels;
use crate::query::View;
use crate::widgets::{Cards, RecentSessions, ReportPanel, Sources, cards};

/// What can stand on a board.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Widget {
    /// The period in numbers.
    Cards,
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
    pub const ALL: [Self; 18] = [
        Self::Cards,
        Self::Timeseries,
        Self::Funnel,
        Self::Sources,
        Self::Channels,
        Self::Campaigns,
        Self::Content,
        Self::Terms,
        Self::Devices,
        Self::Countries,
        Self::Cities,
        Self::OperatingSystems,
        Self::Browsers,
        Self::LandingPages,
        Self::Products,
        Self::Searches,
        Self::ReturningVisitors,
        Self::Sessions,
    ];

    /// How wide it is until somebody chooses.
    pub fn width(self) -> Width {
        match self {
            Self::Cards
            | Self::Timeseries
            | Self::Funnel
            | Self::Sources
            | Self::Campaigns
            | Self::Content
            | Self::Sessions => Width::Full,
            Self::Devices
            | Self::Countries
            | Self::Cities
            | Self::OperatingSystems
            | Self::Browsers
            | Self::Terms
            | Self::Channels
            | Self::LandingPages
            | Self::Products
            | Self::Searches
            | Self::ReturningVisitors => Width::Half,
        }
    }

    /// The report that it shows.
    pub fn report(self) -> Report {
        match self {
            Self::Cards => Report::General,
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
            Self::Sessions => Report::Sessions,
        }
    }

    /// What it is called.
    pub fn title(self, locale: Locale) -> &'static str {
        labels::report(locale, self.report())
    }

    /// What it asks for a view.
    pub fn queries(self, view: &View) -> Vec<ReportQuery> {
        match self {
            Self::Cards => cards::queries(view),
            // It loads its sessions itself.
            Self::Sessions => Vec::new(),
            table => vec![table_query(view, table.report())],
        }
    }

    /// Draws it.
    pub fn draw(self) -> AnyView {
        match self {
            Self::Cards => view! { <Cards /> }.into_any(),
            Self::Sources => view! { <Sources /> }.into_any(),
            Self::Sessions => view! { <RecentSessions /> }.into_any(),
            table => view! { <ReportPanel report=table.report() /> }.into_any(),
        }
    }
}

/// The board that nobody has arranged yet.
pub fn standard() -> Vec<Tile> {
    Widget::ALL.map(|widget| Tile { widget, width: widget.width(), hidden: false }).into()
}

impl Width {
    /// The class that gives it its room.
    pub fn class(self) -> &'static str {
        match self {
            Self::Third => "tile third",
            Self::Half => "tile half",
            Self::TwoThirds => "tile two-thirds",
            Self::Full => "tile",
        }
    }
}

/// Draws the tiles that are shown.
#[component]
pub fn Board(
    /// What stands where.
    tiles: Signal<Vec<Tile>>,
) -> impl IntoView {
    let shown = move || tiles.get().into_iter().filter(|tile| !tile.hidden).collect::<Vec<_>>();
    view! {
        <div class="tiles">
            <For each=shown key=|tile| (tile.widget, tile.width.class()) let:tile>
                <div class=tile.width.class() id=format!("{:?}", tile.widget).to_lowercase()>
                    {tile.widget.draw()}
                </div>
            </For>
        </div>
    }
    .into_any()
}
