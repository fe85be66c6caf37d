//! Where people live, by the names of the DB-IP city database.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use utm_dispatcher::model::visitor::Place;

use super::chance::Chance;

/// How many live in a city compared with the others, its country, region and name, and the language of most
/// browsers there.
type City = (u64, &'static str, &'static str, &'static str, &'static str);

const CITIES: &[City] = &[
    (250, "UA", "Kyiv City", "Kyiv", "uk"),
    (96, "UA", "Lviv", "Lviv", "uk"),
    (82, "UA", "Kharkivs’ka Oblast’", "Kharkiv", "uk"),
    (74, "UA", "Odesa", "Odesa", "uk"),
    (72, "UA", "Dnipropetrovsk", "Dnipro", "uk"),
    (36, "UA", "Zaporizhzhia", "Zaporizhzhya", "uk"),
    (34, "UA", "Vinnytsia", "Vinnytsia", "uk"),
    (28, "UA", "Dnipropetrovsk", "Kryvyi Rih", "uk"),
    (26, "UA", "Poltava", "Poltava", "uk"),
    (25, "UA", "Ivano-Frankivsk", "Ivano-Frankivsk", "uk"),
    (24, "UA", "Khmelnytskyi", "Khmelnytskyi", "uk"),
    (23, "UA", "Cherkasy", "Cherkasy", "uk"),
    (22, "UA", "Ternopil", "Ternopil", "uk"),
    (21, "UA", "Chernivtsi", "Chernivtsi", "uk"),
    (21, "UA", "Zhytomyr", "Zhytomyr", "uk"),
    (20, "UA", "Rivne", "Rivne", "uk"),
    (19, "UA", "Volyn", "Lutsk", "uk"),
    (18, "UA", "Zakarpattia", "Uzhhorod", "uk"),
    (17, "UA", "Chernihiv", "Chernihiv", "uk"),
    (17, "UA", "Sumy", "Sumy", "uk"),
    (16, "UA", "Mykolaiv", "Mykolaiv", "uk"),
    (14, "UA", "Kirovohrad", "Kropyvnytskyi", "uk"),
    (12, "UA", "Poltava", "Kremenchuk", "uk"),
    (12, "UA", "Kyiv", "Bila Tserkva", "uk"),
    (10, "UA", "Kyiv", "Boryspil", "uk"),
    (8, "UA", "Donetsk", "Kramatorsk", "uk"),
    (7, "UA", "Kherson", "Kherson", "uk"),
    (6, "UA", "Khmelnytskyi", "Kamyanets-Podilskyi", "uk"),
    (24, "PL", "Mazovia", "Warsaw", "uk"),
    (9, "PL", "Lower Silesia", "Wroclaw", "pl"),
    (8, "PL", "Lesser Poland", "Krakow", "pl"),
    (12, "DE", "State of Berlin", "Berlin", "uk"),
    (6, "DE", "Bavaria", "Munich", "de"),
    (9, "CZ", "Prague", "Prague", "uk"),
    (6, "GB", "England", "London", "en"),
    (4, "US", "New York", "New York", "en"),
    (4, "CA", "Ontario", "Toronto", "en"),
    (4, "IT", "Lazio", "Rome", "uk"),
    (4, "ES", "Catalonia", "Barcelona", "uk"),
    (3, "AT", "State of Vienna", "Vienna", "uk"),
    (3, "LT", "Vilnius", "Vilnius", "uk"),
    (3, "MD", "Chisinau Municipality", "Chisinau", "uk"),
    (2, "SK", "Bratislava Region", "Bratislava", "uk"),
    (2, "EE", "Harjumaa", "Tallinn", "en"),
];

/// How many of a thousand addresses the database does not know, and how many it knows the country of alone.
const UNKNOWN: (u64, u64) = (12, 30);

/// A place, and the language of a browser there.
pub fn place(chance: &mut Chance) -> (Place, &'static str) {
    let (_, country, region, city, language) = CITIES[chance.weighted(CITIES.iter().map(|city| city.0))];
    let language = if language == "uk" { language_in_ukraine(chance) } else { language };
    let roll = chance.below(1000);
    if roll < UNKNOWN.0 {
        return (Place::default(), language);
    }
    let country = Some(country.to_owned());
    if roll < UNKNOWN.1 {
        return (Place { country, ..Place::default() }, language);
    }
    (Place { country, region: Some(region.to_owned()), city: Some(city.to_owned()) }, language)
}

fn language_in_ukraine(chance: &mut Chance) -> &'static str {
    ["uk", "en", "ru", "pl"][chance.weighted([780, 140, 70, 10].into_iter())]
}

/// An address that nobody has: of the networks that are set aside for measurements and documentation.
pub fn address(chance: &mut Chance) -> IpAddr {
    let bits = chance.bits();
    if bits % 100 < 14 {
        let host = u128::from(chance.bits()) | (u128::from(bits >> 32) << 64);
        return Ipv6Addr::from_bits(0x2001_0db8_u128 << 96 | host).into();
    }
    // 198.18.0.0/15
    let host = u32::try_from(bits >> 47).unwrap_or_default();
    Ipv4Addr::from_bits((198 << 24 | 18 << 16) + host).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_nobodys() {
        let mut chance = Chance::new(1);
        let addresses: Vec<IpAddr> = (0..2000).map(|_| address(&mut chance)).collect();
        for address in &addresses {
            match address {
                IpAddr::V4(v4) => assert!(v4.octets()[0] == 198 && matches!(v4.octets()[1], 18 | 19), "{v4}"),
                IpAddr::V6(v6) => assert_eq!(v6.segments()[..2], [0x2001, 0x0db8], "{v6}"),
            }
        }
        assert!(addresses.iter().any(IpAddr::is_ipv4) && addresses.iter().any(IpAddr::is_ipv6));
    }

    #[test]
    fn most_live_in_ukraine_and_some_nowhere() {
        let mut chance = Chance::new(1);
        let places: Vec<Place> = (0..5000).map(|_| place(&mut chance).0).collect();
        let count = |keep: fn(&Place) -> bool| places.iter().filter(|place| keep(place)).count();
        assert!(count(|place| place.country.as_deref() == Some("UA")) > 4000);
        assert!(count(|place| place.country.is_none()) > 10);
        assert!(count(|place| place.country.is_some() && place.city.is_none()) > 20);
        assert!(count(|place| place.city.as_deref() == Some("Lviv")) > 200);
    }
}
