//! How much is kept of the addresses of visitors.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

/// How much is kept of an address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AddressPolicy {
    /// All of it.
    #[default]
    Whole,
    /// The network that it is in: `203.0.113.0/24`, `2001:db8:1::/48`.
    Cut,
    /// Nothing.
    None,
}

impl AddressPolicy {
    /// What is stored of `address`.
    pub fn kept(self, address: IpAddr) -> Option<String> {
        match self {
            Self::Whole => Some(address.to_string()),
            Self::Cut => Some(cut(address)),
            Self::None => None,
        }
    }

    /// What is kept of what was stored once; what cannot be read is not kept.
    pub fn kept_of(self, stored: &str) -> Option<String> {
        match stored.parse() {
            Ok(address) => self.kept(address),
            Err(_) => Some(stored.to_owned()).filter(|network| network.contains('/') && self != Self::None),
        }
    }
}

/// The network of an address: its first 24 bits, or 48 of IPv6.
fn cut(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            let [a, b, c, _] = address.octets();
            format!("{a}.{b}.{c}.0/24")
        }
        IpAddr::V6(address) => {
            let [a, b, c, ..] = address.segments();
            format!("{}/48", std::net::Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_kept_cut_or_left_out() {
        for (stored, network) in [
            ("203.0.113.77", Some("203.0.113.0/24")),
            ("::ffff:203.0.113.77", Some("203.0.113.0/24")),
            ("2001:db8:1:2:3:4:5:6", Some("2001:db8:1::/48")),
            ("::1", Some("::/48")),
            ("203.0.113.0/24", Some("203.0.113.0/24")),
            ("no address", None),
        ] {
            assert_eq!(AddressPolicy::Cut.kept_of(stored).as_deref(), network, "{stored}");
            assert_eq!(AddressPolicy::None.kept_of(stored), None, "{stored}");
        }
        assert_eq!(AddressPolicy::Whole.kept_of("203.0.113.77").as_deref(), Some("203.0.113.77"));
    }
}
