//! A journal that lasts as long as its process: for tests, rehearsals and dry runs.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::event::{Event, Header, Outcome, RECORD_VERSION, Record};
use crate::journal::{Claim, Journal, JournalError};

/// Runs in memory. Clones share them.
#[derive(Debug, Clone, Default)]
pub struct MemoryJournal {
    runs: Arc<Mutex<BTreeMap<String, Run>>>,
}

#[derive(Debug, Default)]
struct Run {
    records: Vec<Record>,
    fence: u64,
    held: bool,
    closed: bool,
}

/// Frees the run when its claim is dropped.
struct Hold {
    journal: MemoryJournal,
    run: String,
}

impl Drop for Hold {
    fn drop(&mut self) {
        if let Some(run) = self.journal.lock().get_mut(&self.run) {
            run.held = false;
        }
    }
}

impl MemoryJournal {
    /// A journal without runs.
    pub fn new() -> Self {
        Self::default()
    }

    /// A run's records, in order.
    pub fn records(&self, run: &str) -> Vec<Record> {
        self.lock().get(run).map(|run| run.records.clone()).unwrap_or_default()
    }

    /// Puts a run into the journal as a crash might have left it: these records, held by nobody.
    pub fn plant(&self, run: &str, records: Vec<Record>) {
        let closed = matches!(records.last(), Some(Record { event: Event::Closed { .. }, .. }));
        self.lock().insert(run.to_owned(), Run { records, closed, ..Run::default() });
    }

    // A panic elsewhere cannot leave a half-made record: each is pushed in one call.
    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Run>> {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn hold(&self, name: &str, run: &mut Run) -> Claim {
        run.held = true;
        run.fence += 1;
        Claim::new(name, run.fence, Hold { journal: self.clone(), run: name.to_owned() })
    }

    fn write(&self, claim: &Claim, record: &Record, closed: bool) -> Result<(), JournalError> {
        let mut runs = self.lock();
        let run = runs.get_mut(claim.run()).ok_or_else(|| JournalError::Unknown { run: claim.run().to_owned() })?;
        if run.fence != claim.fence() {
            return Err(JournalError::Fenced { run: claim.run().to_owned(), fence: claim.fence() });
        }
        run.records.push(record.clone());
        run.closed |= closed;
        Ok(())
    }
}

impl Journal for MemoryJournal {
    async fn open(&self, header: &Header) -> Result<Claim, JournalError> {
        let mut runs = self.lock();
        if runs.contains_key(&header.run) {
            return Err(JournalError::Exists { run: header.run.clone() });
        }
        let opened = Record { v: RECORD_VERSION, seq: 0, event: Event::Opened(header.clone()) };
        let mut run = Run { records: vec![opened], ..Run::default() };
        let claim = self.hold(&header.run, &mut run);
        runs.insert(header.run.clone(), run);
        Ok(claim)
    }

    async fn claim(&self, name: &str) -> Result<(Claim, Vec<Record>), JournalError> {
        let mut runs = self.lock();
        let run = runs.get_mut(name).ok_or_else(|| JournalError::Unknown { run: name.to_owned() })?;
        if run.held {
            return Err(JournalError::Held { run: name.to_owned(), holder: "this process".to_owned() });
        }
        Ok((self.hold(name, run), run.records.clone()))
    }

    async fn append(&self, claim: &Claim, record: &Record) -> Result<(), JournalError> {
        self.write(claim, record, false)
    }

    async fn close(&self, claim: &Claim, record: &Record, _outcome: Outcome) -> Result<(), JournalError> {
        self.write(claim, record, true)
    }

    async fn unfinished(&self) -> Result<Vec<Header>, JournalError> {
        let runs = self.lock();
        let open = runs.values().filter(|run| !run.closed);
        Ok(open.filter_map(|run| header_of(&run.records)).collect())
    }
}

fn header_of(records: &[Record]) -> Option<Header> {
    match records.first() {
        Some(Record { event: Event::Opened(header), .. }) => Some(header.clone()),
        _ => None,
    }
}
