//! What a visitor means to buy. It lives in a cookie and believes nothing that it reads there.

use std::fmt;

use utm_dispatcher::model::Money;

use super::products::{self, Product};

/// A product and how many of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line {
    /// The product.
    pub product: &'static Product,
    /// From 1 to [`Cart::MOST`].
    pub quantity: u32,
}

impl Line {
    /// What the line costs.
    pub fn total(self) -> Money {
        Money(self.product.price.0 * i64::from(self.quantity))
    }
}

/// Lines of different products.
#[derive(Clone, Debug, Default)]
pub(super) struct Cart {
    lines: Vec<Line>,
}

impl Cart {
    /// The name of its cookie.
    pub const COOKIE: &str = "shop_cart";
    /// The most that one may buy of a product.
    pub const MOST: u32 = 20;

    /// The cart that was written as `tee:2.mug:1`; what makes no sense in it is left out.
    pub fn read(text: &str) -> Self {
        let mut cart = Self::default();
        for pair in text.split('.').take(products::PRODUCTS.len()) {
            let Some((slug, quantity)) = pair.split_once(':') else { continue };
            if let (Some(product), Ok(quantity @ 1..)) = (products::find(slug), quantity.parse()) {
                cart.put(product, quantity);
            }
        }
        cart
    }

    /// Its lines in the order in which they came.
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// Is there nothing in it?
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// How many things are in it.
    pub fn count(&self) -> u32 {
        self.lines.iter().map(|line| line.quantity).sum()
    }

    /// How many of a product are in it.
    pub fn quantity_of(&self, product: &Product) -> u32 {
        self.lines.iter().find(|line| line.product.id == product.id).map_or(0, |line| line.quantity)
    }

    /// What all of it costs.
    pub fn total(&self) -> Money {
        self.lines.iter().map(|line| line.total()).sum()
    }

    /// Sets how many of a product are in it, at most [`Self::MOST`]; none takes the line out.
    pub fn put(&mut self, product: &'static Product, quantity: u32) {
        let quantity = quantity.min(Self::MOST);
        match self.lines.iter().position(|line| line.product.id == product.id) {
            Some(place) if quantity == 0 => {
                self.lines.remove(place);
            }
            Some(place) => self.lines[place].quantity = quantity,
            None if quantity == 0 => {}
            None => self.lines.push(Line { product, quantity }),
        }
    }
}

impl fmt::Display for Cart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, line) in self.lines.iter().enumerate() {
            let separator = if place == 0 { "" } else { "." };
            write!(f, "{separator}{}:{}", line.product.slug, line.quantity)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_sense_is_read() {
        for (text, read, total) in [
            ("", "", 0),
            ("tee:2.mug:1", "tee:2.mug:1", 191_800),
            ("mug:1.tee:0.nothing:3.cap", "mug:1", 42_000),
            ("tee:-1.tee:4294967296.tee:x.mug:2", "mug:2", 84_000),
            ("tee:4294967295", "tee:20", 1_498_000),
            ("tee:1.tee:3", "tee:3", 224_700),
            ("tee:1;drop.<b>:1. mug:1", "", 0),
        ] {
            let cart = Cart::read(text);
            assert_eq!((cart.to_string().as_str(), cart.total()), (read, Money(total)), "{text}");
        }
        assert_eq!(Cart::read("tee:2.mug:3").count(), 5);
    }

    proptest! {
        #[test]
        fn a_cart_is_bounded_and_reads_itself(text in "([a-z]{0,8}|tee|mug|cap)(:[0-9]{0,12}(\\.(tee|mug|socks|x):[0-9]{0,4}){0,40})?") {
            let cart = Cart::read(&text);
            prop_assert!(cart.lines().len() <= products::PRODUCTS.len());
            prop_assert!(cart.lines().iter().all(|line| (1..=Cart::MOST).contains(&line.quantity)));
            prop_assert_eq!(Cart::read(&cart.to_string()).to_string(), cart.to_string());
        }
    }
}
