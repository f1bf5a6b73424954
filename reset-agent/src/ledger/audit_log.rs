//! Who did what: entries chained by their hashes, so that an edited, dropped or reordered one is noticed.

use serde::{Deserialize, Serialize};
use spec::ids::Sha256Hex;

use super::error::{LedgerError, storage};
use super::lookup::Ledger;
use crate::store::{Tx, now};

/// One decision: who asked for what, and what was answered.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// When, RFC 3339; filled in as it is written.
    #[serde(default)]
    pub at: String,
    /// Id of the token, or the local user: `uid 0`.
    pub who: String,
    /// The caller's tenant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
    /// What was asked for: `guest.create`, `token.revoke`.
    pub action: String,
    /// What it is about: a customer, a token's id.
    pub object: String,
    /// The run that carries it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<String>,
    /// `accepted`, `known`, `refused: …`, `done`, `rolled back`, …
    pub outcome: String,
}

/// An entry in its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Chained {
    /// Its place: 1, 2, 3, … without gaps.
    pub seq: i64,
    /// The entry as JSON, as it was hashed.
    pub entry: String,
    /// Hash of the entry before; 64 zeros before the first.
    pub previous: String,
    /// Its own hash.
    pub hash: String,
}

/// The end of the chain: kept elsewhere, it shows that nothing was cut off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// Place of the last entry; 0 while there is none.
    pub seq: i64,
    /// Its hash.
    pub hash: String,
}

/// Where the chain is broken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BrokenChain {
    /// An entry is missing, or stands in another's place.
    #[error("entry {found} stands where entry {expected} should be: entries were removed or put in another order")]
    Gap {
        /// The place that was due.
        expected: i64,
        /// The place found.
        found: i64,
    },
    /// An entry does not follow the one before it.
    #[error("entry {seq} does not follow the one before it: one of the two was exchanged")]
    Link {
        /// The entry.
        seq: i64,
    },
    /// An entry is not what was hashed.
    #[error("entry {seq} was changed after it was written")]
    Changed {
        /// The entry.
        seq: i64,
    },
    /// The head that was kept elsewhere is not in the chain.
    #[error("the chain does not hold entry {seq} with the hash {hash}: its end was cut off or written anew")]
    Head {
        /// The entry.
        seq: i64,
        /// Its hash, as it was kept.
        hash: String,
    },
}

/// The hash before the first entry.
const BEFORE_ALL: &str = "0000000000000000000000000000000000000000000000000000000000000000";

impl Ledger {
    /// Writes an entry at the end of the chain.
    ///
    /// # Errors
    /// [`LedgerError::Storage`].
    pub async fn log_action(&self, entry: &Entry) -> Result<(), LedgerError> {
        let failed = storage("write the audit log");
        let mut tx = self.write(failed).await?;
        append(&mut tx, entry).await?;
        tx.commit().await.map_err(failed)
    }

    /// The audit log from an entry on, oldest first.
    ///
    /// # Errors
    /// [`LedgerError::Storage`].
    pub async fn audit_log(&self, after: i64, limit: i64) -> Result<Vec<Chained>, LedgerError> {
        sqlx::query_as("SELECT * FROM audit_log WHERE seq > $1 ORDER BY seq LIMIT $2")
            .bind(after)
            .bind(limit)
            .fetch_all(&self.pool)
            .await
            .map_err(storage("read the audit log"))
    }
}

/// Writes an entry in a transaction that keeps other writers out.
pub(super) async fn append(tx: &mut Tx, entry: &Entry) -> Result<(), LedgerError> {
    let failed = storage("write the audit log");
    let text = serde_json::to_string(&Entry { at: now(), ..entry.clone() }).unwrap_or_default();
    let last: Option<Chained> = sqlx::query_as("SELECT * FROM audit_log ORDER BY seq DESC LIMIT 1")
        .fetch_optional(&mut **tx)
        .await
        .map_err(failed)?;
    let (seq, previous) = last.map_or((1, BEFORE_ALL.to_owned()), |last| (last.seq + 1, last.hash));
    let hash = hash(seq, &previous, &text);
    sqlx::query("INSERT INTO audit_log (seq, entry, previous, hash) VALUES ($1, $2, $3, $4)")
        .bind(seq)
        .bind(text)
        .bind(previous)
        .bind(hash)
        .execute(&mut **tx)
        .await
        .map(|_| ())
        .map_err(failed)
}

/// What the next entry of a chain must follow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Walk {
    head: Head,
    wanted: Option<Head>,
}

impl Walk {
    /// Before the first entry; `kept` is a head of the chain that was kept elsewhere.
    pub fn begin(kept: Option<Head>) -> Self {
        Self { head: Head { seq: 0, hash: BEFORE_ALL.to_owned() }, wanted: kept }
    }

    /// The last entry that was taken in.
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// Takes the next entry in.
    ///
    /// # Errors
    /// [`BrokenChain`] says where the chain breaks.
    pub fn take(&mut self, next: &Chained) -> Result<(), BrokenChain> {
        let (expected, found) = (self.head.seq + 1, next.seq);
        if expected != found {
            return Err(BrokenChain::Gap { expected, found });
        }
        if next.previous != self.head.hash {
            return Err(BrokenChain::Link { seq: found });
        }
        if next.hash != hash(found, &next.previous, &next.entry) {
            return Err(BrokenChain::Changed { seq: found });
        }
        self.head = Head { seq: found, hash: next.hash.clone() };
        if self.wanted.as_ref() == Some(&self.head) {
            self.wanted = None;
        }
        Ok(())
    }

    /// The chain's head, after its last entry.
    ///
    /// # Errors
    /// [`BrokenChain::Head`]: the head kept elsewhere was not met.
    pub fn end(self) -> Result<Head, BrokenChain> {
        match self.wanted {
            Some(Head { seq, hash }) => Err(BrokenChain::Head { seq, hash }),
            None => Ok(self.head),
        }
    }
}

fn hash(seq: i64, previous: &str, entry: &str) -> String {
    Sha256Hex::of(format!("{seq}\n{previous}\n{entry}").as_bytes()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chain(length: i64) -> Vec<Chained> {
        let mut previous = BEFORE_ALL.to_owned();
        let link = |seq: i64| {
            let entry = format!("{{\"n\":{seq}}}");
            let chained = Chained { seq, hash: hash(seq, &previous, &entry), previous: previous.clone(), entry };
            previous.clone_from(&chained.hash);
            chained
        };
        (1..=length).map(link).collect()
    }

    fn walked(chain: &[Chained], kept: Option<Head>) -> Result<Head, BrokenChain> {
        let mut walk = Walk::begin(kept);
        chain.iter().try_for_each(|next| walk.take(next))?;
        walk.end()
    }

    #[test]
    fn every_edited_dropped_or_reordered_entry_is_noticed() {
        let whole = chain(8);
        let head = walked(&whole, None).unwrap();
        assert_eq!((head.seq, &head.hash), (8, &whole[7].hash));
        for place in 0..whole.len() {
            let mut edited = whole.clone();
            edited[place].entry.push(' ');
            assert!(walked(&edited, None).is_err(), "edited {place}");
            let mut rehashed = edited;
            let row = &mut rehashed[place];
            row.hash = hash(row.seq, &row.previous, &row.entry);
            assert!(walked(&rehashed, Some(head.clone())).is_err(), "edited and hashed anew {place}");
            let mut dropped = whole.clone();
            dropped.remove(place);
            assert!(walked(&dropped, Some(head.clone())).is_err(), "dropped {place}");
            for other in place + 1..whole.len() {
                let mut swapped = whole.clone();
                swapped.swap(place, other);
                assert!(walked(&swapped, None).is_err(), "swapped {place} and {other}");
            }
        }
    }
}
