//! Whether the caller may still change anything.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use crate::request::{Outline, Ready};

type Answer = Pin<Box<dyn Future<Output = Result<(), String>> + Send>>;

/// Asked before every change is sent: a caller that lost its right to act meanwhile (its lease, its leadership) must
/// not send what it had in mind before.
#[derive(Clone)]
pub struct Gate(Arc<dyn Fn(&Ready) -> Answer + Send + Sync>);

impl Gate {
    /// `ask` says why nothing may be sent any more.
    pub fn new<F>(ask: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<(), String>> + Send + 'static,
    {
        Self(Arc::new(move |_| Box::pin(ask())))
    }

    /// A gate that nothing passes: every change is told to `tell`, and none is sent.
    pub fn shut(tell: impl Fn(Outline) + Send + Sync + 'static) -> Self {
        Self(Arc::new(move |call| {
            tell(call.outline());
            Box::pin(std::future::ready(Err("nothing is changed in a dry run".to_owned())))
        }))
    }

    pub(crate) async fn ask(&self, call: &Ready) -> Result<(), String> {
        (self.0)(call).await
    }
}

impl fmt::Debug for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Gate(…)")
    }
}
