//! The client's address behind trusted proxies.

use std::net::{IpAddr, SocketAddr};

use ipnet::IpNet;

/// The client's address.
///
/// `forwarded_for` holds the values of the `X-Forwarded-For` headers in the order in which they were received. They
/// are walked from the right as long as whoever added an entry is `trusted`; the first address that is not is the
/// client's. An entry that is no address ends the walk at the proxy that passed it on. With no trusted proxies the
/// headers mean nothing. Addresses in their IPv4-mapped IPv6 form are taken as IPv4.
pub fn client_address(peer: IpAddr, forwarded_for: &[&[u8]], trusted: &[IpNet]) -> IpAddr {
    let is_trusted = |address: IpAddr| trusted.iter().any(|net| net.contains(&address));
    let mut client = peer.to_canonical();
    let entries = forwarded_for.iter().rev().flat_map(|value| value.rsplit(|byte| *byte == b','));
    for entry in entries.map(<[u8]>::trim_ascii).filter(|entry| !entry.is_empty()) {
        if !is_trusted(client) {
            break;
        }
        let Some(address) = parse(entry) else { break };
        client = address;
    }
    client
}

/// An address as proxies write it: `1.2.3.4`, `2001:db8::1`, `[2001:db8::1]`, each with a port or without.
fn parse(entry: &[u8]) -> Option<IpAddr> {
    let text = std::str::from_utf8(entry).ok()?;
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).filter(|bare| bare.contains(':'));
    let address = bare.unwrap_or(text).parse::<IpAddr>();
    let address = address.or_else(|_| text.parse::<SocketAddr>().map(|address| address.ip()));
    address.ok().map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn client(peer: &str, forwarded_for: &[&str], trusted: &[&str]) -> String {
        let headers: Vec<&[u8]> = forwarded_for.iter().map(|value| value.as_bytes()).collect();
        let trusted: Vec<IpNet> = trusted.iter().map(|net| net.parse().unwrap()).collect();
        client_address(peer.parse().unwrap(), &headers, &trusted).to_string()
    }

    #[test]
    fn fault_s5_a_forged_header_is_ignored_without_trusted_proxies() {
        assert_eq!(client("9.9.9.9", &["1.2.3.4"], &[]), "9.9.9.9");
        assert_eq!(client("9.9.9.9", &["1.2.3.4"], &["10.0.0.0/8"]), "9.9.9.9");
    }

    #[test]
    fn the_walk_ends_at_the_first_address_that_is_not_trusted() {
        let near = ["127.0.0.1/32", "10.0.0.0/8"];
        let cases: &[(&str, &[&str], &str)] = &[
            ("127.0.0.1", &[], "127.0.0.1"),
            ("127.0.0.1", &["1.2.3.4"], "1.2.3.4"),
            ("127.0.0.1", &["6.6.6.6, 1.2.3.4"], "1.2.3.4"),
            ("127.0.0.1", &["6.6.6.6, 1.2.3.4, 10.0.0.7"], "1.2.3.4"),
            ("127.0.0.1", &["6.6.6.6", "1.2.3.4,10.0.0.7"], "1.2.3.4"),
            ("127.0.0.1", &["1.2.3.4", "10.0.0.7"], "1.2.3.4"),
            ("127.0.0.1", &["10.0.0.9, 10.0.0.7"], "10.0.0.9"),
            ("127.0.0.1", &["1.2.3.4, , "], "1.2.3.4"),
            ("127.0.0.1", &["1.2.3.4:5678"], "1.2.3.4"),
            ("127.0.0.1", &["[2001:db8::1]:443"], "2001:db8::1"),
            ("127.0.0.1", &["[2001:db8::1]"], "2001:db8::1"),
            ("127.0.0.1", &["2001:db8::1"], "2001:db8::1"),
            ("127.0.0.1", &["::ffff:1.2.3.4"], "1.2.3.4"),
            ("::ffff:127.0.0.1", &["1.2.3.4"], "1.2.3.4"),
            ("127.0.0.1", &["unknown"], "127.0.0.1"),
            ("127.0.0.1", &["1.2.3.4, =1+1:x"], "127.0.0.1"),
            ("127.0.0.1", &["1.2.3.4, <script>, 10.0.0.7"], "10.0.0.7"),
            ("127.0.0.1", &["999.1.1.1"], "127.0.0.1"),
            ("127.0.0.1", &["[1.2.3.4]"], "127.0.0.1"),
        ];
        for (peer, headers, expected) in cases {
            assert_eq!(client(peer, headers, &near), *expected, "{headers:?}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_give_an_address(value: Vec<u8>) {
            let trusted = ["127.0.0.0/8".parse().unwrap()];
            client_address("127.0.0.1".parse().unwrap(), &[&value], &trusted);
        }

        #[test]
        fn what_a_client_writes_itself_changes_nothing(forged in "[0-9a-f.:, ]{0,60}") {
            let honest = client("10.0.0.1", &["1.2.3.4"], &["10.0.0.0/8"]);
            prop_assert_eq!(client("10.0.0.1", &[&format!("{forged}, 1.2.3.4")], &["10.0.0.0/8"]), honest);
        }
    }
}
