//! What was seen of goldens' channels and logs, so that nobody can show an older one, not even after a restart.

use std::collections::BTreeMap;

use jiff::Timestamp;
use spec::ids::{ChannelName, GoldenName, InvalidId, Sha256Hex};

use super::error::{LedgerError, storage};
use super::lookup::Ledger;
use crate::store::{Tx, now};

/// The key in `meta` of the latest time that this ledger has seen.
const LATEST: &str = "latest_time";

/// What was seen of one golden.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// The time that expiry is measured by: never earlier than one that was seen before.
    pub now: Timestamp,
    /// Each channel's highest serial, with the document's digest.
    pub channels: BTreeMap<ChannelName, (u64, Sha256Hex)>,
    /// The furthest line of the log, with its digest.
    pub log: Option<(u64, Sha256Hex)>,
}

/// What a resolution has seen and found to count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witnessed {
    /// The golden.
    pub golden: GoldenName,
    /// Each channel's serial and digest.
    pub channels: BTreeMap<ChannelName, (u64, Sha256Hex)>,
    /// The furthest line of the log that a channel vouches for.
    pub log: Option<(u64, Sha256Hex)>,
}

impl Ledger {
    /// What was seen of a golden. The clock's time is remembered where it is the latest.
    ///
    /// # Errors
    /// [`LedgerError::Storage`], [`LedgerError::BadRow`].
    pub async fn seen(&self, golden: &GoldenName, clock: Timestamp) -> Result<Seen, LedgerError> {
        let failed = storage("read what was seen of a golden's channels");
        let mut tx = self.write(failed).await?;
        let now = latest(&mut tx, clock).await?;
        let rows: Vec<(String, i64, String)> =
            sqlx::query_as("SELECT channel, serial, sha256 FROM channels_seen WHERE golden = $1")
                .bind(golden.as_str())
                .fetch_all(&mut *tx)
                .await
                .map_err(failed)?;
        let log: Option<(i64, String)> = sqlx::query_as("SELECT line, sha256 FROM logs_seen WHERE golden = $1")
            .bind(golden.as_str())
            .fetch_optional(&mut *tx)
            .await
            .map_err(failed)?;
        tx.commit().await.map_err(failed)?;
        let channel = |(channel, serial, sha256): (String, i64, String)| {
            Ok((channel.parse().map_err(|error| bad(golden, &error))?, pair(golden, serial, &sha256)?))
        };
        let channels = rows.into_iter().map(channel).collect::<Result<_, LedgerError>>()?;
        let log = log.map(|(line, sha256)| pair(golden, line, &sha256)).transpose()?;
        Ok(Seen { now, channels, log })
    }

    /// Remembers what was seen. Whoever has seen more in the meantime stands: nothing ever goes back.
    ///
    /// # Errors
    /// [`LedgerError::Rollback`] where a later document was seen meanwhile, or another one under the same serial.
    pub async fn witness(&self, witnessed: &Witnessed) -> Result<(), LedgerError> {
        let failed = storage("remember what was seen of a golden's channels");
        let mut tx = self.write(failed).await?;
        let golden = &witnessed.golden;
        for (channel, (serial, sha256)) in &witnessed.channels {
            let known: Option<(i64, String)> =
                sqlx::query_as("SELECT serial, sha256 FROM channels_seen WHERE golden = $1 AND channel = $2")
                    .bind(golden.as_str())
                    .bind(channel.as_str())
                    .fetch_optional(&mut *tx)
                    .await
                    .map_err(failed)?;
            let known = known.map(|(serial, sha256)| pair(golden, serial, &sha256)).transpose()?;
            refuse_older(&format!("channel {golden}/{channel}"), *serial, sha256, known)?;
            sqlx::query(
                "INSERT INTO channels_seen (golden, channel, serial, sha256, seen_at) VALUES ($1, $2, $3, $4, $5)
                 ON CONFLICT (golden, channel)
                 DO UPDATE SET serial = excluded.serial, sha256 = excluded.sha256, seen_at = excluded.seen_at",
            )
            .bind(golden.as_str())
            .bind(channel.as_str())
            .bind(number(golden, *serial)?)
            .bind(sha256.as_str())
            .bind(now())
            .execute(&mut *tx)
            .await
            .map_err(failed)?;
        }
        if let Some((line, sha256)) = &witnessed.log {
            sqlx::query(
                "INSERT INTO logs_seen (golden, line, sha256, seen_at) VALUES ($1, $2, $3, $4)
                 ON CONFLICT (golden)
                 DO UPDATE SET line = excluded.line, sha256 = excluded.sha256, seen_at = excluded.seen_at
                 WHERE excluded.line > logs_seen.line",
            )
            .bind(golden.as_str())
            .bind(number(golden, *line)?)
            .bind(sha256.as_str())
            .bind(now())
            .execute(&mut *tx)
            .await
            .map_err(failed)?;
        }
        tx.commit().await.map_err(failed)
    }
}

/// The clock's time, or a later one that was seen before.
async fn latest(tx: &mut Tx, clock: Timestamp) -> Result<Timestamp, LedgerError> {
    let failed = storage("remember the time");
    let known: Option<String> = sqlx::query_scalar("SELECT value FROM meta WHERE key = $1")
        .bind(LATEST)
        .fetch_optional(&mut **tx)
        .await
        .map_err(failed)?;
    let known = known
        .map(|text| text.parse::<Timestamp>())
        .transpose()
        .map_err(|error| LedgerError::BadRow { what: "the latest time".to_owned(), why: error.to_string() })?;
    if let Some(known) = known.filter(|known| *known >= clock) {
        return Ok(known);
    }
    sqlx::query("INSERT INTO meta (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value")
        .bind(LATEST)
        .bind(clock.to_string())
        .execute(&mut **tx)
        .await
        .map_err(failed)?;
    Ok(clock)
}

fn refuse_older(
    what: &str,
    serial: u64,
    sha256: &Sha256Hex,
    known: Option<(u64, Sha256Hex)>,
) -> Result<(), LedgerError> {
    match known {
        Some((seen, other)) if seen > serial || (seen == serial && other != *sha256) => {
            Err(LedgerError::Rollback { what: what.to_owned(), serial, seen })
        }
        _ => Ok(()),
    }
}

fn pair(golden: &GoldenName, number: i64, sha256: &str) -> Result<(u64, Sha256Hex), LedgerError> {
    let number = u64::try_from(number).map_err(|error| LedgerError::BadRow {
        what: format!("what was seen of golden {golden}"),
        why: error.to_string(),
    })?;
    Ok((number, sha256.parse().map_err(|error| bad(golden, &error))?))
}

fn number(golden: &GoldenName, number: u64) -> Result<i64, LedgerError> {
    i64::try_from(number).map_err(|error| LedgerError::BadRow {
        what: format!("what was seen of golden {golden}"),
        why: error.to_string(),
    })
}

fn bad(golden: &GoldenName, error: &InvalidId) -> LedgerError {
    LedgerError::BadRow { what: format!("what was seen of golden {golden}"), why: error.to_string() }
}
