//! What the shop says of an order.

use serde_json::Value;

use super::fields::{Fields, MAX_ID, MAX_TEXT, id_rule, is_id};
use super::{BadField, Context, Owner};
use crate::model::code;
use crate::model::order::{BadOrder, OrderMessage};
use crate::model::{Money, OrderStatus, PaymentStatus};

/// An order's number has at most so many characters.
pub const MAX_NUMBER: usize = 64;
/// A pay type has at most so many characters.
const MAX_PAY_TYPE: usize = 64;

const FIELDS: &str = "session, visitor, code, created_at, updated_at, email, phone, total, discount, currency, pay_type, \
                      payment_status, paid_at, status, refunded; in an import also number";

/// Reads an order line whose number stands in the line.
pub fn numbered(mut fields: Fields, context: &Context) -> Result<(OrderMessage, Owner), BadField> {
    let number = fields.needed_id("number", MAX_NUMBER)?;
    read(number, fields, context)
}

/// Reads an order line without type and number: the number stands in the address.
pub fn order(number: &str, value: Value, context: &Context) -> Result<(OrderMessage, Owner), BadField> {
    if !is_id(number, MAX_NUMBER) {
        return Err(BadField::new("number", number, id_rule(MAX_NUMBER)));
    }
    read(number.to_owned(), Fields::of(value, "body")?, context)
}

fn read(number: String, mut fields: Fields, context: &Context) -> Result<(OrderMessage, Owner), BadField> {
    let owner = owner(&mut fields)?;
    let order = OrderMessage {
        number,
        created_at: fields.needed_time("created_at", context)?,
        updated_at: fields.time("updated_at", context)?,
        email: fields.text("email", MAX_TEXT)?,
        phone: fields.text("phone", MAX_TEXT)?,
        total: fields.needed_amount("total")?,
        discount: fields.amount("discount")?.unwrap_or_default(),
        pay_type: fields.text("pay_type", MAX_PAY_TYPE)?.unwrap_or_default(),
        payment_status: word(&mut fields, "payment_status", &PaymentStatus::ALL, PaymentStatus::key, None)?,
        paid_at: fields.time("paid_at", context)?,
        status: word(&mut fields, "status", &OrderStatus::ALL, OrderStatus::key, Some(OrderStatus::New))?,
        refunded: fields.amount("refunded")?.unwrap_or_default(),
    };
    fields.currency(context)?;
    fields.end(FIELDS)?;
    order.check().map_err(|bad| bad_order(&bad, &order))?;
    Ok((order, owner))
}

/// Session before code before visitor: the surest first.
fn owner(fields: &mut Fields) -> Result<Owner, BadField> {
    let (session, visitor) = (fields.id("session", MAX_ID)?, fields.id("visitor", MAX_ID)?);
    let code = match fields.id("code", MAX_ID)? {
        None => None,
        Some(came) => {
            let code = code::plain(&came);
            let is_code = !code.is_empty() && code.bytes().all(|byte| byte.is_ascii_alphanumeric());
            let allowed = "the code of a session: letters and digits";
            Some(is_code.then_some(code).ok_or_else(|| BadField::new("code", &came, allowed))?)
        }
    };
    Ok(match (session, code, visitor) {
        (Some(session), _, _) => Owner::Session(session),
        (None, Some(code), _) => Owner::Code(code),
        (None, None, Some(visitor)) => Owner::Visitor(visitor),
        (None, None, None) => Owner::Nobody,
    })
}

fn word<T: Copy, const N: usize>(
    fields: &mut Fields,
    name: &str,
    all: &[T; N],
    key: fn(T) -> &'static str,
    absent: Option<T>,
) -> Result<T, BadField> {
    let allowed = || format!("one of {}", all.map(key).join(", "));
    match (fields.take(name), absent) {
        (None, Some(absent)) => Ok(absent),
        (None, None) => Err(BadField::missing(name, allowed())),
        (Some(value), _) => {
            let came = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            let found = all.iter().copied().find(|word| key(*word) == came);
            found.ok_or_else(|| BadField::new(name, &came, allowed()))
        }
    }
}

/// The field that breaks a rule of orders.
pub fn bad_order(bad: &BadOrder, order: &OrderMessage) -> BadField {
    match bad {
        BadOrder::Refunded { refunded, total } => {
            BadField::new("refunded", &refunded.to_string(), format!("an amount from 0.00 to the total of {total}"))
        }
        BadOrder::Negative { field, amount } => BadField::new(*field, &amount.to_string(), Money::ZERO.to_string()),
        BadOrder::Number => BadField::new("number", &order.number, id_rule(MAX_NUMBER)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::tests::CONTEXT;
    use super::*;

    fn line() -> Value {
        json!({"session": "s1", "visitor": "v1", "created_at": "2026-11-22T10:00:00Z", "total": "1499.00",
            "payment_status": "paid"})
    }

    fn with(name: &str, value: Value) -> Result<(OrderMessage, Owner), BadField> {
        let mut line = line();
        line[name] = value;
        order("N1", line, &CONTEXT)
    }

    #[test]
    fn what_is_left_out_is_as_it_was_when_the_order_was_placed() {
        let (order, owner) = order("N1", line(), &CONTEXT).unwrap();
        assert_eq!(owner, Owner::Session("s1".into()));
        let placed = OrderMessage {
            number: "N1".into(),
            created_at: 1_795_341_600_000,
            updated_at: None,
            email: None,
            phone: None,
            total: Money(149_900),
            discount: Money::ZERO,
            pay_type: String::new(),
            payment_status: PaymentStatus::Paid,
            paid_at: None,
            status: OrderStatus::New,
            refunded: Money::ZERO,
        };
        assert_eq!(order, placed);
    }

    #[test]
    fn every_bad_field_is_named() {
        let cases = [
            ("session", json!("")),
            ("visitor", json!("\n")),
            ("code", json!("—")),
            ("code", json!("A;B")),
            ("created_at", json!(null)),
            ("created_at", json!("2026-11-22T10:00:00")),
            ("updated_at", json!("2030-01-01T00:00:00Z")),
            ("paid_at", json!(5)),
            ("email", json!("x".repeat(256))),
            ("phone", json!(380)),
            ("total", json!(null)),
            ("total", json!("1e3")),
            ("discount", json!("-0.01")),
            ("currency", json!("EUR")),
            ("pay_type", json!("x".repeat(65))),
            ("payment_status", json!(null)),
            ("payment_status", json!("PAID")),
            ("status", json!("lost")),
            ("refunded", json!("1499.01")),
            ("refunded", json!("-1")),
        ];
        for (name, value) in cases {
            assert_eq!(with(name, value.clone()).unwrap_err().field, name, "{value}");
        }
        assert_eq!(with("number", json!("N2")).unwrap_err().field, "number");
        for number in ["", "a\u{0}b", &"x".repeat(65)] {
            assert_eq!(order(number, line(), &CONTEXT).unwrap_err().field, "number");
        }
    }

    #[test]
    fn the_surest_owner_wins() {
        let cases = [
            (json!(null), json!(null), json!(null), Owner::Nobody),
            (json!(null), json!(null), json!("v1"), Owner::Visitor("v1".into())),
            (json!(null), json!(" k7-3f "), json!("v1"), Owner::Code("K73F".into())),
            (json!("s1"), json!("K73F"), json!("v1"), Owner::Session("s1".into())),
            (json!(12), json!(null), json!(null), Owner::Session("12".into())),
        ];
        for (session, code, visitor, owner) in cases {
            let mut line = line();
            line["session"] = session;
            line["code"] = code;
            line["visitor"] = visitor;
            assert_eq!(order("N1", line, &CONTEXT).unwrap().1, owner);
        }
    }
}
