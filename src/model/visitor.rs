//! One browser: its client, its place, and what it sent.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::Millis;
use super::touch::{ClickId, Touch, Utm};

/// Device, operating system and browser of a visitor. A dictionary row.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Client {
    /// The form of the device.
    pub device: Device,
    /// The maker: `Apple`, `Samsung`.
    pub brand: Option<String>,
    /// The model: `iPhone`, `SM-G991B`.
    pub model: Option<String>,
    /// The operating system by uap-core's name: `Android`, `iOS`, `Windows`, `Mac OS X`.
    pub os: Option<String>,
    /// Its version: `14`, `17.5`.
    pub os_version: Option<String>,
    /// The browser by uap-core's name: `Chrome Mobile`, `Safari`.
    pub browser: Option<String>,
    /// Its major version.
    pub browser_version: Option<String>,
    /// The first language that the browser asks for: `uk`, `en`.
    pub language: Option<String>,
}

/// The form of a device.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Device {
    /// A computer.
    Desktop,
    /// A phone.
    Mobile,
    /// A tablet.
    Tablet,
    /// Anything else: a television, a console, nothing known.
    #[default]
    Unknown,
}

impl Device {
    /// The form's key, as databases and APIs write it.
    pub fn key(self) -> &'static str {
        match self {
            Self::Desktop => "desktop",
            Self::Mobile => "mobile",
            Self::Tablet => "tablet",
            Self::Unknown => "unknown",
        }
    }
}

/// Why a text is no form of device.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("“{0}” is none of desktop, mobile, tablet, unknown")]
pub struct NotDevice(String);

impl FromStr for Device {
    type Err = NotDevice;

    fn from_str(text: &str) -> Result<Self, NotDevice> {
        let all = [Self::Desktop, Self::Mobile, Self::Tablet, Self::Unknown];
        all.into_iter().find(|device| device.key() == text).ok_or_else(|| NotDevice(text.to_owned()))
    }
}

impl fmt::Display for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.key())
    }
}

/// Where an address lies. A dictionary row; all `None` when unknown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Place {
    /// The country's two letters by ISO 3166-1: `UA`.
    pub country: Option<String>,
    /// The region's English name.
    pub region: Option<String>,
    /// The city's English name.
    pub city: Option<String>,
}

/// A visitor's key: a hash of what names the browser (its cookie's value), never the value itself.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct VisitorKey(pub String);

/// A request of a visitor as facts: what is stored of it if it opens a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// When the request arrived.
    pub at: Millis,
    /// Whose it is.
    pub visitor: VisitorKey,
    /// By what the same browser may have been known until now, the latest first: what was done under such a key is
    /// the visitor's too.
    pub before: Vec<VisitorKey>,
    /// The five values of its URL, cleaned; compared with those of the open session.
    pub utm: Utm,
    /// The click ids of its URL; compared with those of the open session.
    pub click_ids: Vec<ClickId>,
    /// Meta's browser cookies `_fbc` and `_fbp`, at most 255 characters each.
    pub meta_cookies: (Option<String>, Option<String>),
    /// Where it came from.
    pub touch: Touch,
    /// The path that was asked for, without its query.
    pub path: String,
    /// The referring address, whole, at most 512 characters.
    pub referrer: Option<String>,
    /// The client's address.
    pub ip: Option<IpAddr>,
    /// What the browser says of itself.
    pub agent: Agent,
}

/// What a browser says of itself in its headers; the writer makes a [`Client`] of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Agent {
    /// `User-Agent`, at most 512 characters.
    pub user_agent: String,
    /// `Sec-CH-UA`.
    pub brands: Option<String>,
    /// `Sec-CH-UA-Mobile`.
    pub mobile: Option<String>,
    /// `Sec-CH-UA-Platform`.
    pub platform: Option<String>,
    /// `Sec-CH-UA-Platform-Version`.
    pub platform_version: Option<String>,
    /// `Sec-CH-UA-Model`.
    pub model: Option<String>,
    /// The first language of `Accept-Language`: `uk`.
    pub language: Option<String>,
}
