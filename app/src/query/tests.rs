//! What the address bar says, read and written.

use utm_dispatcher::report::{Direction, Key, Metric, Sort};

use super::*;

fn read(text: &str) -> View {
    View::read(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

#[test]
fn what_a_link_says_is_read_back() {
    let cases = [
        "period=today",
        "period=all_time",
        "from=2026-11-01&to=2026-11-22",
        "period=month&compare=year",
        "period=month&match=weekday&compare=none",
        "period=week&compare=2026-01-01..2026-01-07&align=full",
        "period=week&filter=source:is:facebook&filter=campaign:contains:a%257Cb",
        "period=week&mode=independent&sources.sort=-cr&sources.page=2&campaigns.find=%D0%B7%D0%B8%D0%BC%D0%B0%20%26&campaigns.columns=sessions,spend",
        "period=week&sources.open=facebook&sources.open=a%26b&board=mine&session=4503599627370497",
    ];
    for text in cases {
        let view = read(text);
        // Letters of any alphabet may stand as they are or escaped.
        assert_eq!(read(&view.to_string()), view, "{text}");
        assert_eq!(pairs(&view.to_string()).unwrap().len(), pairs(text).unwrap().len(), "{text} → {view}");
        assert_eq!(view.href(), format!("{HOME}?{view}"));
    }
}

#[test]
fn defaults_are_the_dashboards_own() {
    for text in ["", "?", "section=dispatcher", "period=today", "compare=previous&align=elapsed", "utm_source=x&a.b=c"]
    {
        assert_eq!(read(text), View::default(), "{text}");
    }
    assert_eq!(read("compare=none").to_string(), "period=today&compare=none");
    assert_eq!(View::default().to_string(), "period=today");
    assert_eq!(read("period=month").query(Report::Sources).to_string(), "period=month&compare=previous&align=elapsed");
}

#[test]
fn what_cannot_be_asked_is_named() {
    let cases = [
        ("period=yesterday", "period"),
        ("period=<script>", "period"),
        ("period=week&from=2026-11-01&to=2026-11-02", "period"),
        ("from=2026-11-01", "to"),
        ("to=2026-11-01", "from"),
        ("from=2026-11-31&to=2026-12-01", "from"),
        ("from=2026-11-02&to=2026-11-01", "from"),
        ("filter=colour:is:red", "filter"),
        ("compare=custom&compare_from=2026-11-01", "compare"),
        ("session=-1", "session"),
        ("session=x", "session"),
        ("sources.page=0", "sources.page"),
        ("sources.sort=colour", "sources.sort"),
        ("sources.columns=colour", "sources.columns"),
        ("filter_subject=source&filter_operator=is&filter_values=a&filter_at=7", "filter_at"),
        ("filter_subject=colour&filter_values=red", "filter_subject"),
        ("filter_subject=day&filter_operator=is&filter_values=колись", "filter"),
        ("period=%zz", "query"),
    ];
    for (text, wrong) in cases {
        let Err(AppError::BadInput { parameter, .. }) = View::read(text) else { panic!("{text}") };
        assert_eq!(parameter, wrong, "{text}");
    }
}

#[test]
fn forms_say_the_same_in_parts() {
    let cases = [
        ("compare=custom&compare_from=2026-11-01&compare_to=2026-11-07", "compare=2026-11-01..2026-11-07"),
        ("compare=previous&compare_from=&compare_to=", "compare=previous"),
        (
            "filter_subject=source&filter_operator=is&filter_values=facebook%0D%0Aa|b:c%25",
            "filter=source:is:facebook|a%257Cb%253Ac%2525",
        ),
        ("filter_subject=term&filter_operator=empty&filter_values=x", "filter=term:empty"),
        ("filter_subject=action&filter_operator=is&filter_values=purchase", "filter=action:has:purchase"),
        // By the names that people read, and several at once.
        ("filter_subject=country&filter_operator=is&filter_values=Україна%0D%0Aпольща", "filter=country:is:UA|PL"),
        ("filter_subject=country&filter_operator=not&filter_values=UA&filter_values=PL", "filter=country:not:UA|PL"),
        ("filter_subject=country&filter_operator=starts&filter_values=Украї", "filter=country:is:UA"),
        ("filter_subject=city&filter_operator=is&filter_values=Київ", "filter=city:is:Kyiv"),
        ("filter_subject=device_type&filter_operator=is&filter_values=Телефон", "filter=device_type:is:mobile"),
        ("filter_subject=visitor_type&filter_operator=is&filter_values=Нові", "filter=visitor_type:is:new"),
        // What the subject cannot do.
        ("filter_subject=source&filter_operator=has&filter_values=a", "filter=source:is:a"),
        ("filter_subject=anything&filter_operator=is&filter_values=N1", "filter=anything:contains:N1"),
        // Nothing to narrow by.
        ("filter=source:is:a&filter_subject=medium&filter_operator=is&filter_values=+", "filter=source:is:a"),
        (
            "filter=source:is:a&filter_subject=source&filter_operator=is&filter_values=&filter_at=0",
            "filter=source:is:a",
        ),
        (
            "filter=source:is:a&filter=medium:is:b&filter_subject=medium&filter_operator=not&filter_values=c&filter_at=1",
            "filter=source:is:a&filter=medium:not:c",
        ),
    ];
    for (form, link) in cases {
        assert_eq!(read(form), read(link), "{form}");
    }
}

#[test]
fn a_click_narrows_and_turns_tables_back() {
    let view = read("period=month&filter=source:is:google&filter=source:not:x&sources.page=3&sources.sort=-cr");
    let text = |text: &str| Value::Text(text.to_owned());
    let narrowed = view.narrowed(Dimension::Source, &text("a|b"));
    assert_eq!(narrowed.to_string(), "period=month&filter=source:not:x&filter=source:is:a%257Cb&sources.sort=-cr");
    assert_eq!(view.narrowed(Dimension::City, &Value::Null).scope.filters[2].to_string(), "city:empty");
    assert_eq!(view.narrowed(Dimension::Hour, &Value::Whole(7)).scope.filters[2].to_string(), "hour:is:7");
    let week = view.for_period(Period::Week);
    assert_eq!(week.scope.filters, view.scope.filters);
    assert_eq!(week.table(Report::Sources).page, 1);
    let custom = read("period=today&compare=2026-11-01..2026-11-01").for_period(Period::Month);
    assert_eq!(custom.scope.compare, Compare::Previous);
}

#[test]
fn a_tables_own_choice_is_not_written() {
    let sort = Some(Sort { key: Key::Metric(Metric::Cr), direction: Direction::Falling });
    let view = View::default().with_table(Report::Sources, TableView { sort, ..TableView::default() });
    assert_eq!(view.to_string(), "period=today&sources.sort=-cr");
    assert_eq!(view.with_table(Report::Sources, TableView::default()), View::default());
}

#[test]
fn one_parameter_changes_and_the_others_stay() {
    let cases = [
        ("period=month&lang=en", None, "/admin-panel?period=month"),
        ("period=month&lang=en", Some("uk"), "/admin-panel?period=month&lang=uk"),
        ("filter=a%257C&filter=b", Some("uk"), "/admin-panel?filter=a%257C&filter=b&lang=uk"),
        ("", None, "/admin-panel"),
        ("?lang=en", None, "/admin-panel"),
    ];
    for (search, value, address) in cases {
        assert_eq!(with_parameter(HOME, search, "lang", value), address);
    }
}

#[test]
fn all_of_the_time_is_not_halved_for_a_comparison() {
    let compare = |text: &str| View::read(text).unwrap().query(Report::General).compare;
    assert_eq!(compare("period=all_time"), Compare::None);
    assert_eq!(compare("period=all_time&compare=year"), Compare::Year);
    assert_eq!(compare("period=month"), Compare::Previous);
}

#[test]
fn a_search_looks_into_the_names_that_are_read() {
    let asked = |report: Report, find: &str| {
        let table = TableView { find: find.to_owned(), ..TableView::default() };
        let query = table.query(View::default().query(report), 20);
        query.check().unwrap();
        query.filters.iter().map(Filter::to_string).collect::<Vec<_>>()
    };
    assert_eq!(asked(Report::GeoCountries, "Украї"), ["country:is:UA"]);
    assert_eq!(asked(Report::GeoCountries, "Нарнія"), ["country:is:Нарнія"], "of which there is none");
    assert_eq!(asked(Report::Devices, "телефон"), ["device_type:is:mobile"]);
    assert_eq!(asked(Report::Sources, "face"), ["source:contains:face"]);
    assert_eq!(asked(Report::GeoCities, "Льв"), ["city:contains:Lviv|Льв"]);
    // The letter that most names have: no more of them than a filter takes.
    assert!(asked(Report::GeoCountries, "a")[0].split('|').count() > 150);
}
