//! The path of a page, as it is stored and shown: a number of an order is nothing that everybody may read.

/// Shops put numbers of orders into the addresses of pages behind a word like these.
const BEFORE_NUMBERS: [&str; 10] = [
    "checkout",
    "invoice",
    "order",
    "order-received",
    "order_received",
    "orders",
    "pay",
    "payment",
    "success",
    "thanks",
];
/// The pages of whose path all the rest is a number, whatever it looks like.
const OF_ORDERS: [&str; 2] = ["/pay/", "/thanks/"];
/// Stands where a number was.
const HIDDEN: &str = "…";

/// The path of a page without numbers of orders: neither those of `orders` nor what stands where shops put them. Pages
/// that differ in nothing else become one.
pub fn without_numbers(path: &str, orders: &[String]) -> String {
    for page in OF_ORDERS {
        if path.strip_prefix(page).is_some_and(|number| !number.is_empty()) {
            return format!("{page}{HIDDEN}");
        }
    }
    let mut before = "";
    let parts = path.split('/').map(|part| {
        let is_number = BEFORE_NUMBERS.contains(&before) && part.contains(|c: char| c.is_ascii_digit());
        before = part;
        let is_order = orders.iter().any(|number| !number.is_empty() && part.contains(number.as_str()));
        if is_number || is_order { HIDDEN } else { part }
    });
    parts.collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_path_tells_an_orders_number() {
        let orders = ["TWC20112026N01".to_owned(), String::new()];
        let cases = [
            ("/", "/"),
            ("/product/tee-17", "/product/tee-17"),
            ("/thanks/TWC20112026N01", "/thanks/…"),
            ("/thanks/seventeen/", "/thanks/…"),
            ("/thanks/", "/thanks/"),
            ("/account/TWC20112026N01/print", "/account/…/print"),
            ("/account/order-TWC20112026N01.pdf", "/account/…"),
            ("/checkout/order-received/98121/", "/checkout/order-received/…/"),
            ("/pay/UA-7", "/pay/…"),
            ("/checkout/payment", "/checkout/payment"),
            ("/orders", "/orders"),
            ("https://pay.example/thanks/UA-7?from=mail", "https://pay.example/thanks/…"),
            ("", ""),
        ];
        for (path, shown) in cases {
            assert_eq!(without_numbers(path, &orders), shown, "{path}");
            assert_eq!(without_numbers(shown, &orders), shown, "once is enough");
        }
    }
}
