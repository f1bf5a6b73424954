//! The HTTP surface: requests in Proxmox's dialect, checked and answered.
//!
//! | stop | module |
//! |---|---|
//! | listening | [`server`] |
//! | TLS, and how long a connection may live | [`connection`], [`tls`] |
//! | from HTTP to a [`Request`] and back | [`dialect`]: [`request`] in, [`response`] out |
//! | who asks | [`mod@authenticate`] |
//! | which call is it, may they, are the parameters right | [`dispatch`], by the table of the API |

mod authenticate;
mod call;
mod connection;
mod dialect;
mod dispatch;
mod error;
mod request;
mod response;
mod server;
mod tls;

pub(crate) use authenticate::authenticate;
pub use call::{Answer, Call, Download, Request};
pub(crate) use dialect::REFUSAL_DELAY;
pub use dispatch::answer;
pub(crate) use dispatch::asked;
pub use error::ApiError;
pub use server::{ServeError, serve};
pub use tls::{TlsError, fingerprint};
