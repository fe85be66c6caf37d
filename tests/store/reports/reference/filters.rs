//! Which visits, rows and orders a question is about.

use super::*;

/// Does a visit pass all filters? `row` is what was done, when that is what rows are told apart by.
pub fn passes(
    shop: &Shop,
    query: &ReportQuery,
    visit: &Visit,
    place: usize,
    at: Millis,
    row: Option<(D, &str)>,
) -> bool {
    query.filters.iter().all(|filter| match filter.subject {
        Subject::Action => filter.values.iter().any(|kind| had(shop, visit, place, kind)),
        Subject::Order => {
            let mut own = shop.orders.iter().filter(|sold| sold.visit == Some(place));
            own.any(|sold| filter.values.contains(&sold.number))
        }
        Subject::Visitor => filter.values.contains(&(visit.visitor + 1).to_string()),
        Subject::Anything => unreachable!(),
        Subject::Dimension(dimension @ (D::Product | D::SearchTerm)) => match row {
            Some((grouped, what)) if grouped == dimension => fits(filter, Some(&what.to_owned()), None),
            _ => {
                let all: Vec<String> =
                    visit.done.iter().filter_map(|done| shown(done, dimension)).map(str::to_owned).collect();
                let any =
                    |operator| all.iter().any(|what| fits(&Filter { operator, ..filter.clone() }, Some(what), None));
                match filter.operator {
                    Operator::Empty => all.is_empty(),
                    Operator::Not => !any(Operator::Is),
                    operator => any(operator),
                }
            }
        },
        Subject::Dimension(dimension) => match dimension {
            D::Hour | D::Weekday | D::Day | D::Week | D::Month => {
                fits(filter, Some(&clock(dimension, local(at, shop.tz))), None)
            }
            D::Country => {
                let name = visit.country.as_deref().map(country).map(str::to_owned);
                fits(&by_name(filter), name.as_ref(), None)
            }
            _ => fits(filter, value(visit, dimension).as_ref(), label(dimension)),
        },
    })
}

/// The filter with countries called by their names.
pub fn by_name(filter: &Filter) -> Filter {
    let is_part = matches!(filter.operator, Operator::Contains | Operator::Starts);
    let name = |value: &String| if is_part { value.clone() } else { country(value).to_owned() };
    Filter { values: filter.values.iter().map(name).collect(), ..filter.clone() }
}

pub fn unattributed(shop: &Shop, filter: &Filter, at: Millis) -> bool {
    match filter.subject {
        Subject::Dimension(D::Product | D::SearchTerm) => matches!(filter.operator, Operator::Not | Operator::Empty),
        Subject::Dimension(dimension @ (D::Hour | D::Weekday | D::Day | D::Week | D::Month)) => {
            fits(filter, Some(&clock(dimension, local(at, shop.tz))), None)
        }
        Subject::Dimension(_) => fits(filter, Some(&"(not attributed)".to_owned()), None),
        _ => false,
    }
}

pub fn had(shop: &Shop, visit: &Visit, place: usize, kind: &str) -> bool {
    let mut own = shop.orders.iter().filter(|sold| sold.visit == Some(place) && stands(sold));
    match kind {
        "lead" => visit.done.iter().any(|done| done.kind == ActionKind::Lead) || own.any(|sold| sold.lead_at.is_some()),
        "purchase" => own.any(|sold| sold.payment == PaymentStatus::Paid),
        kind => visit.done.iter().any(|done| done.kind.key() == kind),
    }
}

pub fn fits(filter: &Filter, value: Option<&String>, label: Option<&str>) -> bool {
    let any = |test: fn(&str, &str) -> bool| {
        value.is_some_and(|value| filter.values.iter().any(|wanted| test(value, wanted)))
    };
    match filter.operator {
        Operator::Is | Operator::Has => any(|value, wanted| value == wanted),
        Operator::Not => !any(|value, wanted| value == wanted),
        Operator::Contains => any(|value, wanted| value.to_lowercase().contains(&wanted.to_lowercase())),
        Operator::Starts => any(|value, wanted| value.to_lowercase().starts_with(&wanted.to_lowercase())),
        Operator::Empty => value.is_none_or(|value| Some(value.as_str()) == label),
    }
}
