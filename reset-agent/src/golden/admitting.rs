//! Admission with what the ledger has seen: for a command that must know before it begins, and for a run's steps.

use jiff::Timestamp;

use super::reference::GoldenRef;
use super::trust::{self, Admitted, Refusal};
use crate::context::Context;
use crate::ledger::LedgerError;
use crate::steps::Release;

/// Why a golden is not restored.
#[derive(Debug, thiserror::Error)]
pub enum AdmissionError {
    /// It must not be.
    #[error("the golden is refused")]
    Refused(#[from] Box<Refusal>),
    /// Nobody can say what was seen of it.
    #[error("the ledger does not tell what was seen of the golden")]
    Ledger(#[from] LedgerError),
    /// The program itself.
    #[error("the golden's documents could not be read to their end")]
    Stopped(#[from] tokio::task::JoinError),
}

impl From<Refusal> for AdmissionError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(Box::new(refusal))
    }
}

/// Work on files, which would hold everybody else up.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, AdmissionError> + Send + 'static,
) -> Result<T, AdmissionError> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| Err(error.into()))
}

/// Resolves a reference to a release that may be restored. What was seen on the way is not remembered yet.
///
/// # Errors
/// [`AdmissionError`]: it may not.
pub async fn admission(ctx: &Context, reference: &GoldenRef) -> Result<Admitted, AdmissionError> {
    let trust = ctx.settings.releases.clone().ok_or(Refusal::NoTrust)?;
    let (folders, reference) = (ctx.settings.manifests.clone(), reference.clone());
    let (asked, searched) = (reference.clone(), folders.clone());
    let golden = blocking(move || Ok(trust::golden_of(&asked, &searched)?)).await?;
    let seen = ctx.ledger.seen(&golden, Timestamp::now()).await?;
    blocking(move || Ok(trust::resolve(&reference, &golden, &folders, &trust, &seen)?)).await
}

/// Asks again whether a release was withdrawn since it was resolved.
///
/// # Errors
/// It was, or nobody can tell.
pub async fn ensure_not_withdrawn(ctx: &Context, title: &str, release: &Release) -> Result<(), AdmissionError> {
    let trust = ctx.settings.releases.clone().ok_or(Refusal::NoTrust)?;
    let seen = ctx.ledger.seen(&release.golden, Timestamp::now()).await?;
    let (title, release) = (title.to_owned(), release.clone());
    blocking(move || Ok(trust::ensure_not_withdrawn(&release.golden, &release.manifest, &title, &trust, &seen)?)).await
}
