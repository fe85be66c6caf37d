//! What the customer typed into the checkout form, and what is wrong with it.

use utm_dispatcher::model::{Money, OrderMessage, OrderStatus, PaymentStatus};

use crate::storefront::form::Form;
use crate::storefront::orders::{is_secret, now, secret};
use crate::storefront::products::Both;

/// How one may pay: the word in orders, and what customers read.
pub(super) const PAY_TYPES: [(&str, Both); 3] = [
    ("online_full", Both { uk: "Оплатити онлайн повністю", en: "Pay in full online" }),
    (
        "prepay_200",
        Both {
            uk: "Передоплата 200 ₴, решта при отриманні", en: "Prepay 200 ₴, the rest on delivery"
        },
    ),
    ("cod", Both { uk: "Оплата при отриманні", en: "Pay on delivery" }),
];

/// What the customer typed, and what is wrong with it.
pub(super) struct Draft {
    pub name: String,
    pub phone: String,
    pub email: String,
    pub city: String,
    pub pay_type: String,
    pub attempt: String,
    pub faults: Vec<(&'static str, Both)>,
}

impl Draft {
    /// An empty form.
    pub fn blank() -> Self {
        Self {
            name: String::new(),
            phone: String::new(),
            email: String::new(),
            city: String::new(),
            pay_type: PAY_TYPES[0].0.to_owned(),
            attempt: secret(),
            faults: Vec::new(),
        }
    }

    /// The form as it was sent.
    pub fn read(form: &Form) -> Self {
        let attempt = Some(form.text("attempt")).filter(|attempt| is_secret(attempt)).unwrap_or_else(secret);
        let mut draft = Self {
            name: form.text("name"),
            phone: form.text("phone"),
            email: form.text("email"),
            city: form.text("city"),
            pay_type: form.text("pay_type"),
            attempt,
            faults: Vec::new(),
        };
        for (field, fine, fault) in [
            ("name", is_short_text(&draft.name), Both { uk: "Як до вас звертатися?", en: "What should we call you?" }),
            (
                "phone",
                is_phone(&draft.phone),
                Both {
                    uk: "Потрібен номер телефону: +380 67 123 45 67.",
                    en: "A phone number is needed: +380 67 123 45 67.",
                },
            ),
            (
                "email",
                draft.email.is_empty() || is_email(&draft.email),
                Both {
                    uk: "Пошта виглядає так: olena@example.com.", en: "An e-mail looks like olena@example.com."
                },
            ),
            ("city", is_short_text(&draft.city), Both { uk: "Куди надсилати?", en: "Where should it go?" }),
            (
                "pay_type",
                PAY_TYPES.iter().any(|(key, _)| *key == draft.pay_type),
                Both {
                    uk: "Оберіть один зі способів оплати.", en: "Choose one of the ways to pay."
                },
            ),
        ] {
            if !fine {
                draft.faults.push((field, fault));
            }
        }
        draft
    }

    /// The order that a form without faults makes.
    pub fn order(&self, number: String, total: Money) -> OrderMessage {
        let now = now();
        OrderMessage {
            number,
            created_at: now,
            updated_at: Some(now),
            email: Some(self.email.clone()).filter(|email| !email.is_empty()),
            phone: Some(self.phone.clone()),
            total,
            discount: Money::ZERO,
            pay_type: self.pay_type.clone(),
            payment_status: PaymentStatus::Unpaid,
            paid_at: None,
            status: OrderStatus::New,
            refunded: Money::ZERO,
        }
    }
}

fn is_short_text(text: &str) -> bool {
    (1..=100).contains(&text.chars().count())
}

fn is_phone(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    (9..=15).contains(&digits)
        && text.len() <= 30
        && text.chars().all(|character| "0123456789+-() ".contains(character))
}

/// Does the text look like an e-mail address?
pub(in crate::storefront) fn is_email(text: &str) -> bool {
    let parts = text.split_once('@').filter(|(name, host)| !name.is_empty() && host.trim_matches('.').contains('.'));
    text.len() <= 254 && parts.is_some_and(|(_, host)| !host.contains('@')) && !text.contains(char::is_whitespace)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_named() {
        let good = [
            ("name", "Олена"),
            ("phone", "+380 (67) 123-45-67"),
            ("email", "o@example.com"),
            ("city", "Львів"),
            ("pay_type", "cod"),
        ];
        let faults = |changed: &str, value: &str| {
            let mut body = url::form_urlencoded::Serializer::new(String::new());
            for (name, usual) in good {
                body.append_pair(name, if name == changed { value } else { usual });
            }
            Draft::read(&Form::from(body.finish().as_str())).faults.iter().map(|(field, _)| *field).collect::<Vec<_>>()
        };
        let long = "я".repeat(101);
        for (field, value, wrong) in [
            ("", "", false),
            ("email", "", false),
            ("name", " \u{0}\u{7f} ", true),
            ("name", long.as_str(), true),
            ("phone", "0671234567", false),
            ("phone", "067", true),
            ("phone", "067 123 45 67 <b>", true),
            ("phone", "٠٦٧١٢٣٤٥٦٧", true),
            ("email", "olena", true),
            ("email", "o@example", true),
            ("email", "o@@example.com", true),
            ("email", "o o@example.com", true),
            ("city", "", true),
            ("pay_type", "", true),
            ("pay_type", "free", true),
            ("pay_type", "COD", true),
        ] {
            assert_eq!(faults(field, value), if wrong { vec![field] } else { vec![] }, "{field}: {value}");
        }
    }
}
