//! What plain forms send in parts, put together into the text form: so that forms work before any script has arrived.

use utm_dispatcher::report::{Filter, Operator, Subject};

use super::bad;
use crate::error::AppError;
use crate::labels;

/// First of the days that a form compares with.
pub const COMPARE_FROM: &str = "compare_from";
/// Last of the days that a form compares with.
pub const COMPARE_TO: &str = "compare_to";
/// What a form's filter looks at.
pub const FILTER_SUBJECT: &str = "filter_subject";
/// How a form's filter compares.
pub const FILTER_OPERATOR: &str = "filter_operator";
/// A form's values, one a line.
pub const FILTER_VALUES: &str = "filter_values";
/// Which of the filters, from 0, the form's takes the place of.
pub const FILTER_AT: &str = "filter_at";

/// The word in `compare` for days of one's own.
pub const CUSTOM: &str = "custom";

type Pairs = Vec<(String, String)>;

/// Replaces the parts that forms send by what they mean.
pub fn fold(pairs: &mut Pairs) -> Result<(), AppError> {
    fold_compare(pairs);
    fold_filter(pairs)
}

fn take(pairs: &mut Pairs, name: &str) -> Option<String> {
    let place = pairs.iter().position(|(key, _)| key == name)?;
    Some(pairs.remove(place).1)
}

fn fold_compare(pairs: &mut Pairs) {
    let (from, to) = (take(pairs, COMPARE_FROM), take(pairs, COMPARE_TO));
    let compare = pairs.iter_mut().find(|(name, value)| name == "compare" && value == CUSTOM);
    if let Some((_, compare)) = compare {
        *compare = format!("{}..{}", from.unwrap_or_default(), to.unwrap_or_default());
    }
}

/// What people typed becomes what is stored: `Україна` is `UA`. Without a value there is nothing to narrow by.
fn fold_filter(pairs: &mut Pairs) -> Result<(), AppError> {
    let [subject, operator, at] = [FILTER_SUBJECT, FILTER_OPERATOR, FILTER_AT].map(|name| take(pairs, name));
    let typed: Vec<String> = std::iter::from_fn(|| take(pairs, FILTER_VALUES)).collect();
    let Some(subject) = subject else { return Ok(()) };
    let known = Subject::try_from(subject.clone()).map_err(|allowed| bad(FILTER_SUBJECT, &subject, &allowed))?;
    // Without scripts the form does not follow what is chosen beside it: what its subject cannot do is what it does first.
    let operators = known.operators().iter().copied();
    let chosen = operators.clone().find(|one| Some(one.key()) == operator.as_deref());
    let Some(operator) = chosen.or_else(|| operators.clone().next()) else { return Ok(()) };
    let mut filter = Filter { subject: known, operator, values: Vec::new() };
    if operator != Operator::Empty {
        let lines = typed.iter().flat_map(|typed| typed.lines()).map(str::trim).filter(|line| !line.is_empty());
        for line in lines {
            let found = labels::stored(known, operator, line);
            // Parts of names were looked for here: what is found is exact.
            if filter.dimension().is_some_and(labels::is_coded) && found != [line] {
                filter.operator = if operator == Operator::Not { operator } else { Operator::Is };
            }
            for key in found {
                if !filter.values.contains(&key) {
                    filter.values.push(key);
                }
            }
        }
        if filter.values.is_empty() {
            return Ok(());
        }
    }
    let filter = ("filter".to_owned(), filter.to_string());
    let mut places = pairs.iter().enumerate().filter(|(_, (name, _))| name == "filter").map(|(place, _)| place);
    match at.filter(|at| !at.is_empty()) {
        None => pairs.push(filter),
        Some(at) => {
            let place = at.parse().ok().and_then(|at| places.nth(at)).ok_or_else(|| bad(FILTER_AT, &at, "0…"))?;
            pairs[place] = filter;
        }
    }
    Ok(())
}
