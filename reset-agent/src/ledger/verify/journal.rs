//! The journal, as far as guests hang on it.

use saga::{Log, Outcome, Record};
use sqlx::AnyConnection;

use super::verification::{Checked, failed};
use crate::ledger::error::LedgerError;

/// What a run's row says of it.
struct Row {
    run: String,
    plan: String,
    version: i64,
    outcome: Option<String>,
}

/// Every live guest's run is there, and every run's records make the run that its row names.
pub(super) async fn check(conn: &mut AnyConnection) -> Result<Checked, LedgerError> {
    let mut broken: Vec<String> = sqlx::query_scalar(
        "SELECT 'guest ' || g.id || ' is ' || g.state || ', and its run ' || g.run || ' is not in the journal'
         FROM guests g LEFT JOIN runs r ON r.run = g.run LEFT JOIN rebuilt b ON b.guest = g.id
         WHERE g.state NOT IN ('released', 'destroyed') AND r.run IS NULL AND b.guest IS NULL ORDER BY g.id",
    )
    .fetch_all(&mut *conn)
    .await
    .map_err(failed)?;
    let rows: Vec<(String, String, i64, Option<String>)> =
        sqlx::query_as("SELECT run, plan, version, outcome FROM runs ORDER BY run")
            .fetch_all(&mut *conn)
            .await
            .map_err(failed)?;
    let looked = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    for (run, plan, version, outcome) in rows {
        let records: Vec<String> = sqlx::query_scalar("SELECT record FROM events WHERE run = $1 ORDER BY seq")
            .bind(&run)
            .fetch_all(&mut *conn)
            .await
            .map_err(failed)?;
        let row = Row { run, plan, version, outcome };
        broken.extend(fault(&row, &records).map(|why| format!("run {}: {why}", row.run)));
    }
    Ok(Checked { check: "runs and their records", looked, broken })
}

fn fault(row: &Row, records: &[String]) -> Option<String> {
    if records.is_empty() {
        return Some("it has no records".to_owned());
    }
    let records: Result<Vec<Record>, _> = records.iter().map(|text| serde_json::from_str(text)).collect();
    let records = match records {
        Ok(records) => records,
        Err(error) => return Some(format!("a record is not understood: {error}")),
    };
    let log = match Log::fold(records) {
        Ok(log) => log,
        Err(error) => return Some(error.to_string()),
    };
    let header = log.header();
    if (header.run.as_str(), header.plan.as_str(), i64::from(header.version))
        != (row.run.as_str(), row.plan.as_str(), row.version)
    {
        let told = format!("{} {} v{}", header.run, header.plan, header.version);
        return Some(format!("its row says {} v{}, its records {told}", row.plan, row.version));
    }
    let closed = log.outcome().map(|outcome| match outcome {
        Outcome::Done => "done",
        Outcome::RolledBack => "rolled_back",
    });
    let word = |end: Option<&str>| end.unwrap_or("unfinished").replace('_', " ");
    (closed != row.outcome.as_deref())
        .then(|| format!("its row says {}, its records {}", word(row.outcome.as_deref()), word(closed)))
}
