//! How many there are, and of what: for metrics and the page.

use super::error::{LedgerError, storage};
use super::lookup::Ledger;

/// Guests of one state.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct GuestCount {
    /// The state's word.
    pub state: String,
    /// How many.
    pub count: i64,
}

/// Runs of one plan that stand alike.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct RunCount {
    /// The plan.
    pub plan: String,
    /// `done`, `rolled_back`, or `unfinished`.
    pub outcome: String,
    /// How many.
    pub count: i64,
}

/// A channel, as it was last resolved.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct ChannelSeen {
    /// The golden.
    pub golden: String,
    /// The channel.
    pub channel: String,
    /// The serial of its document.
    pub serial: i64,
    /// When it was first seen with that serial, RFC 3339.
    pub seen_at: String,
}

impl Ledger {
    /// The channels that were ever resolved.
    ///
    /// # Errors
    /// [`LedgerError::Storage`].
    pub async fn channels_seen(&self) -> Result<Vec<ChannelSeen>, LedgerError> {
        sqlx::query_as("SELECT golden, channel, serial, seen_at FROM channels_seen ORDER BY golden, channel")
            .fetch_all(&self.pool)
            .await
            .map_err(storage("list the channels"))
    }

    /// Guests by state.
    ///
    /// # Errors
    /// [`LedgerError::Storage`].
    pub async fn count_guests(&self) -> Result<Vec<GuestCount>, LedgerError> {
        sqlx::query_as("SELECT state, COUNT(*) AS count FROM guests GROUP BY state ORDER BY state")
            .fetch_all(&self.pool)
            .await
            .map_err(storage("count the guests"))
    }

    /// Runs by plan and outcome.
    ///
    /// # Errors
    /// [`LedgerError::Storage`].
    pub async fn count_runs(&self) -> Result<Vec<RunCount>, LedgerError> {
        sqlx::query_as(
            "SELECT plan, COALESCE(outcome, 'unfinished') AS outcome, COUNT(*) AS count FROM runs
             GROUP BY plan, COALESCE(outcome, 'unfinished') ORDER BY 1, 2",
        )
        .fetch_all(&self.pool)
        .await
        .map_err(storage("count the runs"))
    }
}
