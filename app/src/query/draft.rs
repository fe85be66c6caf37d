//! What plain forms send in parts, put together into the text form: so that forms work before any script has arrived.

use utm_dispatcher::report::text::encode;

use super::bad;
use crate::error::AppError;

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
const CUSTOM: &str = "custom";

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

fn fold_filter(pairs: &mut Pairs) -> Result<(), AppError> {
    let [subject, operator, values, at] =
        [FILTER_SUBJECT, FILTER_OPERATOR, FILTER_VALUES, FILTER_AT].map(|name| take(pairs, name));
    let Some(subject) = subject else { return Ok(()) };
    // A filter on actions has but one operator; the form need not follow what is chosen beside it.
    let operator = if subject == "action" { "has".to_owned() } else { operator.unwrap_or_else(|| "is".to_owned()) };
    let mut filter = format!("{subject}:{operator}");
    if operator != "empty" {
        let values: Vec<String> = values
            .unwrap_or_default()
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .map(|line| encode(line, |byte| !matches!(byte, b':' | b'|' | b'%')))
            .collect();
        filter = format!("{filter}:{}", values.join("|"));
    }
    let filter = ("filter".to_owned(), filter);
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
