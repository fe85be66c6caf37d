//! What the demo shop sells.

use utm_dispatcher::model::Money;

use super::view::Language;

/// The same text in both languages of the shop.
#[derive(Clone, Copy, Debug)]
pub struct Both {
    /// Ukrainian.
    pub uk: &'static str,
    /// English.
    pub en: &'static str,
}

impl Both {
    /// The text in one of the languages.
    pub(super) fn in_language(self, language: Language) -> &'static str {
        match language {
            Language::Uk => self.uk,
            Language::En => self.en,
        }
    }
}

const fn both(uk: &'static str, en: &'static str) -> Both {
    Both { uk, en }
}

/// A shelf of the shop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shelf {
    /// Things to wear.
    Clothes,
    /// Things for the home.
    Home,
    /// Things to take along.
    Accessories,
}

impl Shelf {
    /// Every shelf, in the order of the catalogue.
    pub const ALL: [Self; 3] = [Self::Clothes, Self::Home, Self::Accessories];

    /// The shelf's word in addresses.
    pub fn key(self) -> &'static str {
        match self {
            Self::Clothes => "clothes",
            Self::Home => "home",
            Self::Accessories => "accessories",
        }
    }

    /// What customers read.
    pub fn name(self) -> Both {
        match self {
            Self::Clothes => both("Одяг", "Clothes"),
            Self::Home => both("Дім", "Home"),
            Self::Accessories => both("З собою", "To take along"),
        }
    }
}

/// A product.
#[derive(Debug)]
pub struct Product {
    /// The shop's own id, which actions carry.
    pub id: &'static str,
    /// Its word in addresses: letters and hyphens.
    pub slug: &'static str,
    /// Its picture as SVG.
    pub picture: &'static str,
    /// Where it lies.
    pub shelf: Shelf,
    /// What it is called.
    pub name: Both,
    /// A sentence or two about it.
    pub about: Both,
    /// What it is made of.
    pub made_of: Both,
    /// What one costs.
    pub price: Money,
}

const fn hryvnias(amount: i64) -> Money {
    Money(amount * 100)
}

/// All products, in the order of the catalogue.
pub static PRODUCTS: [Product; 12] = [
    Product {
        id: "17",
        slug: "tee",
        picture: include_str!("pictures/tee.svg"),
        shelf: Shelf::Clothes,
        name: both("Футболка «Мальва»", "Mallow T-shirt"),
        about: both(
            "Щільна футболка прямого крою з вишитою квіткою. Не просвічується і тримає форму після прання.",
            "A dense straight-cut T-shirt with an embroidered flower. It is not see-through and keeps its shape in the wash.",
        ),
        made_of: both("100 % бавовна, 220 г/м²", "100 % cotton, 220 g/m²"),
        price: hryvnias(749),
    },
    Product {
        id: "18",
        slug: "hoodie",
        picture: include_str!("pictures/hoodie.svg"),
        shelf: Shelf::Clothes,
        name: both("Худі «Полин»", "Wormwood hoodie"),
        about: both(
            "Тепле худі з начосом, великою кишенею і подвійним каптуром. Для ранків, коли ще не хочеться прокидатися.",
            "A warm brushed hoodie with a big pocket and a double hood. For mornings that come too early.",
        ),
        made_of: both("80 % бавовна, 20 % поліестер", "80 % cotton, 20 % polyester"),
        price: hryvnias(1899),
    },
    Product {
        id: "19",
        slug: "cap",
        picture: include_str!("pictures/cap.svg"),
        shelf: Shelf::Clothes,
        name: both("Кепка «Стежка»", "Trail cap"),
        about: both(
            "Легка кепка з вигнутим козирком. Ззаду ремінець з металевою пряжкою.",
            "A light cap with a curved visor and a strap with a metal buckle at the back.",
        ),
        made_of: both("Бавовняний твіл", "Cotton twill"),
        price: hryvnias(549),
    },
    Product {
        id: "20",
        slug: "socks",
        picture: include_str!("pictures/socks.svg"),
        shelf: Shelf::Clothes,
        name: both("Шкарпетки «Гречка», 2 пари", "Buckwheat socks, 2 pairs"),
        about: both(
            "Високі шкарпетки з м’якою резинкою, яка не тисне. Дві пари різних кольорів.",
            "Long socks with a soft cuff that leaves no marks. Two pairs in two colours.",
        ),
        made_of: both("75 % бавовна, 23 % поліамід, 2 % еластан", "75 % cotton, 23 % polyamide, 2 % elastane"),
        price: hryvnias(249),
    },
    Product {
        id: "21",
        slug: "scarf",
        picture: include_str!("pictures/scarf.svg"),
        shelf: Shelf::Clothes,
        name: both("Шарф «Іній»", "Hoarfrost scarf"),
        about: both(
            "Широкий шарф із м’якої вовни, 190 на 45 сантиметрів. Гріє і не коле.",
            "A wide scarf of soft wool, 190 by 45 centimetres. Warm without the itch.",
        ),
        made_of: both("100 % мериносова вовна", "100 % merino wool"),
        price: hryvnias(1290),
    },
    Product {
        id: "22",
        slug: "mug",
        picture: include_str!("pictures/mug.svg"),
        shelf: Shelf::Home,
        name: both("Чашка «Косів»", "Kosiv mug"),
        about: both(
            "Керамічна чашка на 350 мл, розписана вручну. Можна мити в посудомийній машині.",
            "A hand-painted ceramic mug for 350 ml. Safe in the dishwasher.",
        ),
        made_of: both("Кераміка, харчова глазур", "Ceramics, food-safe glaze"),
        price: hryvnias(420),
    },
    Product {
        id: "23",
        slug: "candle",
        picture: include_str!("pictures/candle.svg"),
        shelf: Shelf::Home,
        name: both("Свічка «Медовий липень»", "Honey July candle"),
        about: both(
            "Соєва свічка з ароматом липи і меду. Горить близько сорока годин.",
            "A soy candle that smells of linden and honey. Burns for about forty hours.",
        ),
        made_of: both("Соєвий віск, бавовняний ґніт, скло", "Soy wax, cotton wick, glass"),
        price: hryvnias(380),
    },
    Product {
        id: "24",
        slug: "poster",
        picture: include_str!("pictures/poster.svg"),
        shelf: Shelf::Home,
        name: both("Постер «Дніпро вранці»", "Dnipro at dawn poster"),
        about: both(
            "Друк на цупкому матовому папері, 50 на 70 сантиметрів. Приїде в тубусі, без рамки.",
            "Printed on heavy matt paper, 50 by 70 centimetres. Comes in a tube, without the frame.",
        ),
        made_of: both("Папір 250 г/м²", "Paper, 250 g/m²"),
        price: hryvnias(590),
    },
    Product {
        id: "25",
        slug: "notebook",
        picture: include_str!("pictures/notebook.svg"),
        shelf: Shelf::Home,
        name: both("Нотатник «Чернетка»", "First Draft notebook"),
        about: both(
            "Сто шістдесят сторінок у крапку, розгортається на 180 градусів. Є закладка і резинка.",
            "One hundred and sixty dotted pages that lie flat. With a ribbon and an elastic band.",
        ),
        made_of: both("Папір 90 г/м², льняна обкладинка", "Paper, 90 g/m², linen cover"),
        price: hryvnias(360),
    },
    Product {
        id: "26",
        slug: "tote",
        picture: include_str!("pictures/tote.svg"),
        shelf: Shelf::Accessories,
        name: both("Торба «На базар»", "Market Day tote"),
        about: both(
            "Міцна торба з довгими ручками і внутрішньою кишенею. Витримує п’ятнадцять кілограмів яблук.",
            "A sturdy bag with long handles and an inner pocket. Carries fifteen kilograms of apples.",
        ),
        made_of: both("Бавовняна парусина", "Cotton canvas"),
        price: hryvnias(450),
    },
    Product {
        id: "27",
        slug: "thermos",
        picture: include_str!("pictures/thermos.svg"),
        shelf: Shelf::Accessories,
        name: both("Термос «Карпати», 0,5 л", "Carpathians flask, 0.5 l"),
        about: both(
            "Дванадцять годин тримає тепло, добу — холод. Кришка водночас є чашкою.",
            "Keeps drinks hot for twelve hours and cold for a day. The lid is a cup.",
        ),
        made_of: both("Нержавна сталь", "Stainless steel"),
        price: hryvnias(990),
    },
    Product {
        id: "28",
        slug: "backpack",
        picture: include_str!("pictures/backpack.svg"),
        shelf: Shelf::Accessories,
        name: both("Наплічник «Мандри»", "Wander backpack"),
        about: both(
            "Вісімнадцять літрів, відділення для ноутбука 15 дюймів і кишеня, яку не видно ззаду.",
            "Eighteen litres, room for a 15-inch laptop, and a pocket that nobody sees from behind.",
        ),
        made_of: both("Поліестер з водовідштовхувальним покриттям", "Polyester with a water-repellent finish"),
        price: hryvnias(2490),
    },
];

/// The product with this word in its address.
pub fn find(slug: &str) -> Option<&'static Product> {
    PRODUCTS.iter().find(|product| product.slug == slug)
}

/// The products in which every word of the search occurs, in either language.
pub(super) fn search(query: &str) -> Vec<&'static Product> {
    let words: Vec<_> = query.split_whitespace().map(str::to_lowercase).collect();
    let text_of = |product: &Product| {
        let texts = [product.name, product.about, product.made_of, product.shelf.name()];
        texts.map(|text| format!("{} {}", text.uk, text.en)).join(" ").to_lowercase()
    };
    PRODUCTS
        .iter()
        .filter(|product| {
            let text = text_of(product);
            !words.is_empty() && words.iter().all(|word| text.contains(word))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_product_can_be_told_from_the_others() {
        let ids: BTreeSet<_> = PRODUCTS.iter().map(|product| product.id).collect();
        let slugs: BTreeSet<_> = PRODUCTS.iter().map(|product| product.slug).collect();
        assert_eq!((ids.len(), slugs.len()), (PRODUCTS.len(), PRODUCTS.len()));
        for product in &PRODUCTS {
            assert!(product.slug.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'), "{}", product.slug);
            assert!(product.price > Money::ZERO);
            assert!(product.picture.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\""), "{}", product.slug);
            assert!(!product.picture.contains("<script"), "{}", product.slug);
            assert!(std::ptr::eq(find(product.slug).unwrap(), product));
        }
    }

    #[test]
    fn a_search_wants_all_words_in_any_case_and_language() {
        let slugs = |query| search(query).iter().map(|product| product.slug).collect::<Vec<_>>();
        assert_eq!(slugs("ХУДІ полин"), ["hoodie"]);
        assert_eq!(slugs("merino"), ["scarf"]);
        assert_eq!(slugs("худі чашка"), [""; 0]);
        assert_eq!(slugs("   "), [""; 0]);
        assert_eq!(slugs("<script>"), [""; 0]);
    }
}
