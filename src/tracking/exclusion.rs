//! Whose requests are not counted because an administrator said so.

use std::net::IpAddr;

use ipnet::IpNet;

/// What is left out: the shop's own people, its monitoring, its test pages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exclusions {
    /// Networks of clients.
    pub addresses: Vec<IpNet>,
    /// Pieces of `User-Agent`, in lower case.
    pub agents: Vec<String>,
    /// Beginnings of paths, decoded.
    pub paths: Vec<String>,
}

impl Exclusions {
    /// Is a request from `address` left out?
    pub fn has_address(&self, address: IpAddr) -> bool {
        self.addresses.iter().any(|net| net.contains(&address.to_canonical()))
    }

    /// Is a request of `user_agent` left out?
    pub fn has_agent(&self, user_agent: &str) -> bool {
        if self.agents.is_empty() {
            return false;
        }
        let lower = user_agent.to_lowercase();
        self.agents.iter().any(|piece| !piece.is_empty() && lower.contains(piece.as_str()))
    }

    /// Is a request for `path` left out?
    pub fn has_path(&self, path: &str) -> bool {
        self.paths.iter().any(|start| !start.is_empty() && path.starts_with(start.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_named_is_left_out() {
        let exclusions = Exclusions {
            addresses: vec!["203.0.113.0/24".parse().unwrap(), "2001:db8::/32".parse().unwrap()],
            agents: vec!["shopcheck".into(), String::new()],
            paths: vec!["/test".into(), String::new()],
        };
        assert!(exclusions.has_address("203.0.113.9".parse().unwrap()));
        assert!(exclusions.has_address("::ffff:203.0.113.9".parse().unwrap()));
        assert!(exclusions.has_address("2001:db8::5".parse().unwrap()));
        assert!(!exclusions.has_address("203.0.114.9".parse().unwrap()));
        assert!(exclusions.has_agent("Mozilla/5.0 ShopCheck/1"));
        assert!(!exclusions.has_agent("Mozilla/5.0"));
        assert!(exclusions.has_path("/test/1"));
        assert!(!exclusions.has_path("/catalog"));
        assert!(!Exclusions::default().has_path("/"));
    }
}
