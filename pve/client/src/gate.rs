//! Whether the caller may still change anything.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

type Answer = Pin<Box<dyn Future<Output = Result<(), String>> + Send>>;

/// Asked before every change is sent: a caller that lost its right to act meanwhile (its lease, its leadership) must
/// not send what it had in mind before.
#[derive(Clone)]
pub struct Gate(Arc<dyn Fn() -> Answer + Send + Sync>);

impl Gate {
    /// `ask` says why nothing may be sent any more.
    pub fn new<F>(ask: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<(), String>> + Send + 'static,
    {
        Self(Arc::new(move || Box::pin(ask())))
    }

    pub(crate) async fn ask(&self) -> Result<(), String> {
        (self.0)().await
    }
}

impl fmt::Debug for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Gate(…)")
    }
}
