//! The nouns, one file each.

pub mod action;
pub mod address;
pub mod code;
#[cfg(feature = "ssr")]
pub mod country;
pub mod exclusion;
pub mod id;
pub mod interval;
pub mod live;
pub mod money;
pub mod order;
pub mod page;
pub mod period;
pub mod session;
pub mod setting;
pub mod touch;
pub mod user;
pub mod visitor;

pub use action::{Action, NewAction};
pub use address::AddressPolicy;
pub use code::SessionCode;
pub use exclusion::{Exclusion, ExclusionKind, NewExclusion};
pub use id::{Id, IdSource};
pub use interval::{Interval, Millis};
pub use money::Money;
pub use order::{Order, OrderMessage, OrderStatus, PaymentStatus};
pub use period::Period;
pub use session::Session;
pub use setting::{Setting, SettingKind};
pub use touch::Touch;
pub use user::{Role, Scope, Viewer};
