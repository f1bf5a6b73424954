//! The HTTP surface: requests in Proxmox's dialect, checked and answered.
//!
//! [`server`] listens and speaks TLS, [`dialect`] turns HTTP into a [`Call`] and an [`ApiError`] or a value into HTTP,
//! [`schema`] and [`params`] check parameters with Proxmox's own texts. Also the command lines check their options here.

mod call;
mod config_schema;
mod dialect;
mod error;
mod params;
mod schema;
mod server;
mod tls;

pub use call::{Answer, Call};
pub(crate) use dialect::{REFUSAL_DELAY, authenticate};

pub use config_schema::{CONFIG_KEYS, is_config_key};
pub use error::ApiError;
pub use params::{ParamErrors, Params, check};
pub use schema::{Kind, Param};
pub use server::{ServeError, serve};
pub use tls::{TlsError, fingerprint};
