//! Which headers cross the proxy, and which end at it.

use std::net::{IpAddr, SocketAddr};

use http::header::{
    CONNECTION, CONTENT_LENGTH, COOKIE, EXPECT, HOST, HeaderMap, HeaderName, HeaderValue, PROXY_AUTHENTICATE,
    PROXY_AUTHORIZATION, TE, TRANSFER_ENCODING, UPGRADE,
};
use http::uri::Authority;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");

/// The login cookies: they are for the dashboard and no business of a storefront.
const LOGIN_COOKIES: [&[u8]; 2] = [b"ud_login", b"__Host-ud_login"];

/// What belongs to one connection and ends with it, whether or not `Connection` names it. `Trailer` is none of
/// them: it announces what follows the body, and the body passes with its trailers.
const HOP_BY_HOP: [HeaderName; 8] = [
    CONNECTION,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    PROXY_AUTHENTICATE,
    PROXY_AUTHORIZATION,
    TE,
    TRANSFER_ENCODING,
    UPGRADE,
];

/// Where a request came in, as the storefront is to be told.
pub(super) struct Arrival<'a> {
    /// The other end of the connection.
    pub peer: Option<SocketAddr>,
    /// The visitor's address, where a header of its own tells it and `X-Forwarded-For` means nothing.
    pub told: Option<IpAddr>,
    /// Is the peer a proxy of ours, whose word on scheme and host is taken?
    pub trusted: bool,
    /// `http` or `https`.
    pub scheme: &'a str,
    /// The host of a request line that names one; it goes before the `Host` header.
    pub authority: Option<&'a Authority>,
}

/// Turns the headers of a visitor's request into those of the request to the storefront; the protocol that the
/// visitor asks to change to is returned.
pub(super) fn prepare_request(headers: &mut HeaderMap, arrival: &Arrival<'_>) -> Option<HeaderValue> {
    let upgrade = wanted_upgrade(headers);
    let trailers = tokens(headers, &TE).any(|token| token.eq_ignore_ascii_case(b"trailers"));
    remove_hop_by_hop(headers);
    // The answer "100 Continue" is given by our own server as soon as the body is read.
    headers.remove(EXPECT);
    remove_login_cookies(headers);

    if let Some(authority) = arrival.authority {
        let host = authority.as_str().rsplit('@').next().unwrap_or_default();
        if let Ok(host) = HeaderValue::from_str(host) {
            headers.insert(HOST, host);
        }
    }
    say_where_from(headers, arrival);

    if let Some(upgrade) = &upgrade {
        headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
        headers.insert(UPGRADE, upgrade.clone());
    } else if trailers {
        headers.insert(CONNECTION, HeaderValue::from_static("te"));
        headers.insert(TE, HeaderValue::from_static("trailers"));
    }
    upgrade
}

/// Turns the headers of the storefront's answer into those of the answer to the visitor.
pub(super) fn prepare_answer(headers: &mut HeaderMap, upgraded_to: Option<&HeaderValue>) {
    remove_hop_by_hop(headers);
    if let Some(protocol) = upgraded_to {
        headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
        headers.insert(UPGRADE, protocol.clone());
    }
}

/// The protocol that a request asks for. HTTP/2 in clear is not passed on: what follows would be requests that
/// nobody here sees.
fn wanted_upgrade(headers: &HeaderMap) -> Option<HeaderValue> {
    let asked = tokens(headers, &CONNECTION).any(|token| token.eq_ignore_ascii_case(b"upgrade"));
    let protocol = headers.get(UPGRADE).filter(|_| asked)?;
    let hidden = tokens(headers, &UPGRADE).any(|token| token.len() >= 3 && token[..3].eq_ignore_ascii_case(b"h2c"));
    (!hidden).then(|| protocol.clone())
}

/// The members of a comma-separated header, over all its lines.
fn tokens<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'a [u8]> {
    headers
        .get_all(name)
        .iter()
        .flat_map(|line| line.as_bytes().split(|byte| *byte == b','))
        .map(<[u8]>::trim_ascii)
        .filter(|token| !token.is_empty())
}

fn remove_hop_by_hop(headers: &mut HeaderMap) {
    let named: Vec<_> = tokens(headers, &CONNECTION).filter_map(|token| HeaderName::from_bytes(token).ok()).collect();
    // A body cannot have both framings; the length is what a smuggler would like to be believed.
    if headers.contains_key(TRANSFER_ENCODING) {
        headers.remove(CONTENT_LENGTH);
    }
    for name in named.iter().filter(|name| !is_end_to_end(name)).chain(&HOP_BY_HOP) {
        headers.remove(name);
    }
}

/// `Connection` may not take these away: the request would mean something else without them.
fn is_end_to_end(name: &HeaderName) -> bool {
    [HOST, CONTENT_LENGTH, COOKIE].contains(name)
}

/// Takes the login cookies out of every `Cookie` line and leaves all other bytes as they are.
fn remove_login_cookies(headers: &mut HeaderMap) {
    let lines: Vec<_> = headers.get_all(COOKIE).iter().map(|line| without_login(line.as_bytes())).collect();
    if lines.iter().all(Option::is_none) {
        return;
    }
    let old: Vec<_> = headers.get_all(COOKIE).iter().cloned().collect();
    headers.remove(COOKIE);
    for (old, new) in old.into_iter().zip(lines) {
        let line = match new {
            None => Some(old),
            Some(bytes) => HeaderValue::from_bytes(&bytes).ok().filter(|line| !line.is_empty()),
        };
        if let Some(line) = line {
            headers.append(COOKIE, line);
        }
    }
}

/// The line without the login cookies; `None` when it has none of them.
fn without_login(line: &[u8]) -> Option<Vec<u8>> {
    let is_login = |pair: &&[u8]| {
        let name = pair.split(|byte| *byte == b'=').next().unwrap_or_default();
        LOGIN_COOKIES.contains(&name.trim_ascii())
    };
    let pairs = || line.split(|byte| *byte == b';');
    if !pairs().any(|pair| is_login(&pair)) {
        return None;
    }
    let kept: Vec<&[u8]> = pairs().filter(|pair| !is_login(pair)).collect();
    Some(kept.join(&b';').trim_ascii_start().to_vec())
}

fn say_where_from(headers: &mut HeaderMap, arrival: &Arrival<'_>) {
    if let Some(peer) = arrival.peer {
        let peer = peer.ip().to_canonical();
        let told = arrival.told.filter(|told| *told != peer).map(|told| told.to_string());
        let mut chain: Vec<&[u8]> = match arrival.told {
            Some(_) => told.iter().map(String::as_bytes).collect(),
            None => headers.get_all(FORWARDED_FOR).iter().map(HeaderValue::as_bytes).collect(),
        };
        let peer = peer.to_string();
        chain.push(peer.as_bytes());
        if let Ok(chain) = HeaderValue::from_bytes(&chain.join(&b", "[..])) {
            headers.insert(FORWARDED_FOR, chain);
        }
    }
    if !(arrival.trusted && headers.contains_key(FORWARDED_PROTO))
        && let Ok(scheme) = HeaderValue::from_str(arrival.scheme)
    {
        headers.insert(FORWARDED_PROTO, scheme);
    }
    if !(arrival.trusted && headers.contains_key(FORWARDED_HOST)) {
        match headers.get(HOST).cloned() {
            Some(host) => headers.insert(FORWARDED_HOST, host),
            None => headers.remove(FORWARDED_HOST),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(lines: &[(&'static str, &str)]) -> HeaderMap {
        lines.iter().map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap())).collect()
    }

    fn prepared(lines: &[(&'static str, &str)]) -> (HeaderMap, Option<HeaderValue>) {
        let mut headers = headers(lines);
        let arrival =
            Arrival { peer: "192.0.2.1:9".parse().ok(), told: None, trusted: false, scheme: "http", authority: None };
        let upgrade = prepare_request(&mut headers, &arrival);
        (headers, upgrade)
    }

    #[test]
    fn login_cookies_go_and_the_rest_keeps_its_bytes() {
        for (line, kept) in [
            ("a=1", None),
            ("ud_login=x", Some("")),
            ("a=1; ud_login=x", Some("a=1")),
            ("ud_login=x; a=1", Some("a=1")),
            ("a=1; ud_login=x; b=2", Some("a=1; b=2")),
            ("a=1;__Host-ud_login=x;b=\"2 ,\";;c", Some("a=1;b=\"2 ,\";;c")),
            ("a=1;  ud_login =x;b==2=", Some("a=1;b==2=")),
            ("ud_login=x; ud_vid=v; ud_login=y", Some("ud_vid=v")),
            ("ud_login", Some("")),
            ("xud_login=1; ud_login2=2; UD_LOGIN=3; a=ud_login=4", None),
            ("  spaces=1 ;two=2", None),
        ] {
            let without = without_login(line.as_bytes());
            assert_eq!(without.as_deref().map(|bytes| std::str::from_utf8(bytes).unwrap()), kept, "{line}");
        }
        assert_eq!(without_login(b"a=\xff; ud_login=x"), Some(b"a=\xff".to_vec()));
    }

    #[test]
    fn every_cookie_line_is_looked_at() {
        let (headers, _) =
            prepared(&[("cookie", "a=1"), ("cookie", "ud_login=x"), ("cookie", "__Host-ud_login=y; b=2")]);
        let lines: Vec<_> = headers.get_all(COOKIE).iter().collect();
        assert_eq!(lines, ["a=1", "b=2"]);
    }

    #[test]
    fn hop_by_hop_headers_end_here() {
        let (headers, upgrade) = prepared(&[
            ("connection", "close, X-Secret"),
            ("connection", "cookie,host, keep-alive, bad name"),
            ("keep-alive", "timeout=5"),
            ("x-secret", "1"),
            ("x-kept", "2"),
            ("host", "shop.example"),
            ("cookie", "a=1"),
            ("te", "gzip, deflate"),
            ("transfer-encoding", "chunked"),
            ("content-length", "5"),
            ("proxy-authorization", "Basic x"),
            ("upgrade", "websocket"),
            ("expect", "100-continue"),
        ]);
        let mut names: Vec<_> = headers.keys().map(HeaderName::as_str).collect();
        names.sort_unstable();
        assert_eq!(names, ["cookie", "host", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-kept"]);
        assert_eq!(upgrade, None, "not asked for by Connection");
    }

    #[test]
    fn upgrades_and_trailers_are_asked_for_anew() {
        for (connection, upgrade, te, expected) in [
            ("Upgrade", "websocket", "", (Some("websocket"), "upgrade")),
            ("keep-alive, upgrade", "WebSocket", "trailers", (Some("WebSocket"), "upgrade")),
            ("upgrade, http2-settings", "h2c", "", (None, "")),
            ("upgrade", "websocket, H2C", "", (None, "")),
            ("te", "", "gzip, Trailers", (None, "te")),
            ("te", "", "gzip", (None, "")),
        ] {
            let (headers, protocol) = prepared(&[("connection", connection), ("upgrade", upgrade), ("te", te)]);
            let connection = headers.get(CONNECTION).map_or("", |value| value.to_str().unwrap());
            assert_eq!((protocol.as_ref().map(|value| value.to_str().unwrap()), connection), expected);
            assert_eq!(headers.get(UPGRADE), protocol.as_ref());
            assert_eq!(headers.contains_key(TE), connection == "te");
        }
    }

    #[test]
    fn the_storefront_hears_where_the_request_came_from() {
        let authority: Authority = "user@other.example:81".parse().unwrap();
        let said = [("x-forwarded-for", "1.1.1.1"), ("x-forwarded-for", "junk"), ("x-forwarded-proto", "https")];
        let (by_header, itself) = ("81.2.69.142".parse().ok(), "192.0.2.1".parse().ok());
        for (told, trusted, authority, expected) in [
            (None, false, None, ("1.1.1.1, junk, 192.0.2.1", "http", "a.example", "a.example")),
            (None, true, None, ("1.1.1.1, junk, 192.0.2.1", "https", "a.example", "a.example")),
            (by_header, true, None, ("81.2.69.142, 192.0.2.1", "https", "a.example", "a.example")),
            (itself, false, None, ("192.0.2.1", "http", "a.example", "a.example")),
            (
                None,
                false,
                Some(&authority),
                ("1.1.1.1, junk, 192.0.2.1", "http", "other.example:81", "other.example:81"),
            ),
        ] {
            let mut headers = headers(&said);
            headers.insert(HOST, HeaderValue::from_static("a.example"));
            let peer = "[::ffff:192.0.2.1]:9".parse().ok();
            prepare_request(&mut headers, &Arrival { peer, told, trusted, scheme: "http", authority });
            let value = |name: HeaderName| headers[name].to_str().unwrap().to_owned();
            let heard = (value(FORWARDED_FOR), value(FORWARDED_PROTO), value(FORWARDED_HOST), value(HOST));
            assert_eq!((heard.0.as_str(), heard.1.as_str(), heard.2.as_str(), heard.3.as_str()), expected);
            assert_eq!(headers.get_all(FORWARDED_FOR).iter().count(), 1);
        }
    }

    #[test]
    fn an_answer_keeps_its_own_headers() {
        let mut answer =
            headers(&[("connection", "close, x-hop"), ("x-hop", "1"), ("trailer", "x-sum"), ("etag", "\"1\"")]);
        prepare_answer(&mut answer, None);
        assert_eq!(answer, headers(&[("trailer", "x-sum"), ("etag", "\"1\"")]));
        prepare_answer(&mut answer, Some(&HeaderValue::from_static("websocket")));
        assert_eq!((answer[CONNECTION].as_bytes(), answer[UPGRADE].as_bytes()), (&b"upgrade"[..], &b"websocket"[..]));
    }
}
