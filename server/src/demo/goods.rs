//! What the demo shop sells.

use utm_dispatcher::model::Money;

pub struct Both {
    pub uk: &'static str,
}
pub struct Product {
    pub id: &'static str,
    pub slug: &'static str,
    pub name: Both,
    pub price: Money,
}
const fn p(id: &'static str, slug: &'static str, uk: &'static str, price: i64) -> Product {
    Product { id, slug, name: Both { uk }, price: Money(price * 100) }
}
pub static PRODUCTS: [Product; 12] = [
    p("17", "tee", "Футболка «Мальва»", 749),
    p("18", "hoodie", "Худі «Полин»", 1899),
    p("19", "cap", "Кепка «Стежка»", 549),
    p("20", "socks", "Шкарпетки «Гречка», 2 пари", 249),
    p("21", "scarf", "Шарф «Іній»", 1290),
    p("22", "mug", "Чашка «Косів»", 420),
    p("23", "candle", "Свічка «Медовий липень»", 380),
    p("24", "poster", "Постер «Дніпро вранці»", 590),
    p("25", "notebook", "Нотатник «Чернетка»", 360),
    p("26", "tote", "Торба «На базар»", 450),
    p("27", "thermos", "Термос «Карпати», 0,5 л", 990),
    p("28", "backpack", "Наплічник «Мандри»", 2490),
];
