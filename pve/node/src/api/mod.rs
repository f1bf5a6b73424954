//! The HTTP surface: requests in Proxmox's dialect, checked and answered.
//!
//! [`server`] listens and speaks TLS, [`dialect`] turns HTTP into a [`Request`] and an [`ApiError`] or a value into HTTP,
//! [`dispatch`] finds the call in the table of the API, judges permission and parameters, and has it answered.

mod call;
mod dialect;
mod dispatch;
mod error;
mod server;
mod tls;

pub use call::{Answer, Call, Request};
pub(crate) use dialect::{REFUSAL_DELAY, authenticate};
pub use dispatch::answer;
pub use error::ApiError;
pub use server::{ServeError, serve};
pub use tls::{TlsError, fingerprint};
