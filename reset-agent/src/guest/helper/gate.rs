//! Whether the agent may still put anything into guests.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

type Answer = Pin<Box<dyn Future<Output = Result<(), String>> + Send>>;

/// Asked before every delivery and withdrawal, as [`pve_client::Gate`] is before every change on the node: an agent
/// whose run another has taken over puts nothing into the other's guest.
#[derive(Clone)]
pub struct Gate(Arc<dyn Fn() -> Answer + Send + Sync>);

impl Gate {
    /// `ask` says why nothing may be changed any more.
    pub fn new<F>(ask: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<(), String>> + Send + 'static,
    {
        Self(Arc::new(move || Box::pin(ask())))
    }

    pub(super) async fn ask(&self) -> Result<(), String> {
        (self.0)().await
    }
}

impl fmt::Debug for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Gate(…)")
    }
}
