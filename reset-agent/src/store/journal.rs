//! The journal of runs, as `saga` asks for it.

use std::any::Any;

use saga::{Claim, Event, Header, Journal, JournalError, Log, Outcome, Record};
use serde::Serialize;
use sqlx::AnyPool;

use super::lease::{FileLease, FileLeases, Holds, Leases, row};
use super::{Tx, append, now};

/// Runs and their records in the store's database.
#[derive(Debug, Clone)]
pub struct RunJournal {
    pool: AnyPool,
    leases: Leases,
    holds: Holds,
}

/// A run as a list shows it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RunSummary {
    /// What the run is.
    pub header: Header,
    /// How it ended; none: it goes on, or rests.
    pub outcome: Option<Outcome>,
    /// When it was accepted, RFC 3339.
    pub opened_at: String,
    /// When it last wrote a record, RFC 3339.
    pub updated_at: String,
}

impl RunJournal {
    pub(super) fn new(pool: AnyPool, leases: Leases, holds: Holds) -> Self {
        Self { pool, leases, holds }
    }

    /// A run's log, without claiming the run: for people who look.
    ///
    /// # Errors
    /// [`JournalError::Unknown`], [`JournalError::Inconsistent`], [`JournalError::Storage`].
    pub async fn log(&self, run: &str) -> Result<Log, JournalError> {
        let records = self.records(run).await?;
        if records.is_empty() {
            return Err(JournalError::Unknown { run: run.to_owned() });
        }
        Log::fold(records).map_err(|source| JournalError::Inconsistent { run: run.to_owned(), source })
    }

    /// The latest `limit` runs, newest first.
    ///
    /// # Errors
    /// [`JournalError::Storage`].
    pub async fn runs(&self, limit: u32) -> Result<Vec<RunSummary>, JournalError> {
        let rows: Vec<(String, Option<String>, String, String)> = sqlx::query_as(
            "SELECT e.record, r.outcome, r.opened_at, r.updated_at FROM runs r
             JOIN events e ON e.run = r.run AND e.seq = 0
             ORDER BY r.opened_at DESC, r.run DESC LIMIT $1",
        )
        .bind(i64::from(limit))
        .fetch_all(&self.pool)
        .await
        .map_err(storage("list the runs"))?;
        rows.into_iter().map(summary).collect()
    }

    async fn records(&self, run: &str) -> Result<Vec<Record>, JournalError> {
        let rows: Vec<String> = sqlx::query_scalar("SELECT record FROM events WHERE run = $1 ORDER BY seq")
            .bind(run)
            .fetch_all(&self.pool)
            .await
            .map_err(storage("read the records of a run"))?;
        rows.iter().map(|text| parse(text)).collect()
    }

    /// Asked before a lock file is made: a mistyped id leaves nothing behind.
    async fn must_exist(&self, run: &str) -> Result<(), JournalError> {
        let found: Option<i64> = sqlx::query_scalar("SELECT fence FROM runs WHERE run = $1")
            .bind(run)
            .fetch_optional(&self.pool)
            .await
            .map_err(storage("look for a run"))?;
        found.map(|_| ()).ok_or_else(|| JournalError::Unknown { run: run.to_owned() })
    }

    /// Makes the run this process's own; its lease lasts until the claim is dropped.
    async fn take(&self, run: &str) -> Result<Option<Claim>, JournalError> {
        match &self.leases {
            Leases::Files(leases) => {
                let Some(lease) = lock(leases, run)? else { return Ok(None) };
                let fence: i64 =
                    sqlx::query_scalar("UPDATE runs SET fence = fence + 1, holder = $1 WHERE run = $2 RETURNING fence")
                        .bind(holder())
                        .bind(run)
                        .fetch_one(&self.pool)
                        .await
                        .map_err(storage("claim a run"))?;
                Ok(Some(self.claim_of(run, fence, lease)))
            }
            Leases::Rows(leases) => {
                let fence = leases.claim(run, &holder()).await.map_err(storage("claim a run"))?;
                Ok(fence.map(|fence| self.claim_of(run, fence, leases.keep(run, fence))))
            }
        }
    }

    fn claim_of(&self, run: &str, fence: i64, lease: impl Any + Send + Sync) -> Claim {
        let fence = fence.unsigned_abs();
        Claim::new(run, fence, (self.holds.enter(run, fence), lease))
    }

    /// A lock file left behind costs nothing but a look.
    fn forget(&self, run: &str) {
        if let Leases::Files(leases) = &self.leases
            && let Err(error) = leases.forget(run)
        {
            tracing::warn!(%run, %error, "cannot remove the run's lock file");
        }
    }

    async fn held(&self, run: &str) -> JournalError {
        let holder: Result<Option<String>, sqlx::Error> =
            sqlx::query_scalar("SELECT holder FROM runs WHERE run = $1").bind(run).fetch_optional(&self.pool).await;
        let holder = holder.ok().flatten().unwrap_or_else(|| "another process".to_owned());
        JournalError::Held { run: run.to_owned(), holder }
    }

    async fn write_record(&self, claim: &Claim, record: &Record, outcome: Option<Outcome>) -> Result<(), JournalError> {
        let failed = storage("append to the journal");
        let mut tx = append(&self.pool).await.map_err(failed)?;
        // The fence is looked at in the transaction that writes: a ghost can never slip a record in.
        let touched = sqlx::query(
            "UPDATE runs SET updated_at = $1, outcome = $2 WHERE run = $3 AND fence = $4 AND outcome IS NULL",
        )
        .bind(now())
        .bind(outcome.map(outcome_word))
        .bind(claim.run())
        .bind(fence_of(claim))
        .execute(&mut *tx)
        .await
        .map_err(failed)?;
        if touched.rows_affected() == 0 {
            return Err(JournalError::Fenced { run: claim.run().to_owned(), fence: claim.fence() });
        }
        if let Leases::Rows(leases) = &self.leases {
            let (run, fence) = (claim.run(), fence_of(claim));
            if leaves_the_run_alone(record) {
                // Whoever wakes it next need not wait for the lease's end.
                row::end(&mut tx, run, fence).await.map_err(failed)?;
            } else {
                leases.renew(&mut tx, run, fence).await.map_err(failed)?;
            }
        }
        insert(&mut tx, claim.run(), record).await?;
        tx.commit().await.map_err(failed)
    }
}

/// After such a record its holder does nothing more.
fn leaves_the_run_alone(record: &Record) -> bool {
    matches!(record.event, Event::Parked { .. } | Event::UndoFailed { .. } | Event::Closed { .. })
}

fn lock(leases: &FileLeases, run: &str) -> Result<Option<FileLease>, JournalError> {
    leases
        .take(run)
        .map_err(|source| JournalError::Storage { action: format!("lock run `{run}`"), source: Box::new(source) })
}

impl Journal for RunJournal {
    async fn open(&self, header: &Header) -> Result<Claim, JournalError> {
        // The lock first: from its first record on, the run is somebody's.
        let locked = match &self.leases {
            Leases::Files(leases) => match lock(leases, &header.run)? {
                Some(lease) => Some(lease),
                None => return Err(self.held(&header.run).await),
            },
            Leases::Rows(_) => None,
        };
        let failed = storage("open a run");
        let mut tx = append(&self.pool).await.map_err(failed)?;
        let made = sqlx::query(
            "INSERT INTO runs (run, plan, version, fence, holder, opened_at, updated_at)
             VALUES ($1, $2, $3, 1, $4, $5, $5) ON CONFLICT DO NOTHING",
        )
        .bind(&header.run)
        .bind(&header.plan)
        .bind(i64::from(header.version))
        .bind(holder())
        .bind(now())
        .execute(&mut *tx)
        .await
        .map_err(failed)?;
        if made.rows_affected() == 0 {
            return Err(JournalError::Exists { run: header.run.clone() });
        }
        for record in Log::open(header.clone()).records() {
            insert(&mut tx, &header.run, record).await?;
        }
        if let Leases::Rows(leases) = &self.leases {
            leases.renew(&mut tx, &header.run, 1).await.map_err(failed)?;
        }
        tx.commit().await.map_err(failed)?;
        Ok(match (&self.leases, locked) {
            (Leases::Rows(leases), _) => self.claim_of(&header.run, 1, leases.keep(&header.run, 1)),
            (Leases::Files(_), lease) => self.claim_of(&header.run, 1, lease),
        })
    }

    async fn claim(&self, run: &str) -> Result<(Claim, Vec<Record>), JournalError> {
        self.must_exist(run).await?;
        let Some(claim) = self.take(run).await? else { return Err(self.held(run).await) };
        let records = self.records(run).await?;
        Ok((claim, records))
    }

    async fn append(&self, claim: &Claim, record: &Record) -> Result<(), JournalError> {
        self.write_record(claim, record, None).await
    }

    async fn close(&self, claim: &Claim, record: &Record, outcome: Outcome) -> Result<(), JournalError> {
        self.write_record(claim, record, Some(outcome)).await?;
        self.forget(claim.run());
        Ok(())
    }

    async fn unfinished(&self) -> Result<Vec<Header>, JournalError> {
        let rows: Vec<String> = sqlx::query_scalar(
            "SELECT e.record FROM runs r JOIN events e ON e.run = r.run AND e.seq = 0
             WHERE r.outcome IS NULL ORDER BY r.opened_at, r.run",
        )
        .fetch_all(&self.pool)
        .await
        .map_err(storage("list the unfinished runs"))?;
        rows.iter().map(|text| parse(text).and_then(header_of)).collect()
    }
}

async fn insert(tx: &mut Tx, run: &str, record: &Record) -> Result<(), JournalError> {
    let text = serde_json::to_string(record).map_err(|source| JournalError::Storage {
        action: format!("write record {} of run `{run}` as JSON", record.seq),
        source: Box::new(source),
    })?;
    sqlx::query("INSERT INTO events (run, seq, at, record) VALUES ($1, $2, $3, $4)")
        .bind(run)
        .bind(i64::try_from(record.seq).unwrap_or(i64::MAX))
        .bind(now())
        .bind(text)
        .execute(&mut **tx)
        .await
        .map(|_| ())
        .map_err(storage("append to the journal"))
}

fn parse(text: &str) -> Result<Record, JournalError> {
    serde_json::from_str(text).map_err(|source| JournalError::Storage {
        action: "understand a record of the journal".to_owned(),
        source: Box::new(source),
    })
}

fn header_of(record: Record) -> Result<Header, JournalError> {
    match record.event {
        Event::Opened(header) => Ok(header),
        other => Err(JournalError::Storage {
            action: "find what a run was asked to do".to_owned(),
            source: format!("its first record is `{}`", other.kind()).into(),
        }),
    }
}

fn summary(row: (String, Option<String>, String, String)) -> Result<RunSummary, JournalError> {
    let (record, outcome, opened_at, updated_at) = row;
    let header = parse(&record).and_then(header_of)?;
    let outcome = outcome.map(|word| if word == "done" { Outcome::Done } else { Outcome::RolledBack });
    Ok(RunSummary { header, outcome, opened_at, updated_at })
}

/// As the schema's CHECK has them.
fn outcome_word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Done => "done",
        Outcome::RolledBack => "rolled_back",
    }
}

fn fence_of(claim: &Claim) -> i64 {
    i64::try_from(claim.fence()).unwrap_or(i64::MAX)
}

fn holder() -> String {
    // Agents of several machines may share a ledger.
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    format!("process {} on {}", std::process::id(), host.trim())
}

fn storage(action: &'static str) -> impl Fn(sqlx::Error) -> JournalError + Copy {
    move |source| JournalError::Storage { action: action.to_owned(), source: Box::new(source) }
}
