//! Writing one record: check, journal, take up, tell. In this order everywhere.

use crate::event::{Event, Record};
use crate::executor::RunError;
use crate::journal::{Claim, Journal};
use crate::log::Log;
use crate::step::BoxFuture;

/// Told after each record is durable, for progress bars and the like.
pub(crate) type Hook<'a> = dyn Fn(&Progress<'_>) + Send + Sync + 'a;

/// What a progress hook is told.
#[derive(Debug)]
pub struct Progress<'a> {
    /// The run, the new record included.
    pub log: &'a Log,
    /// The record that is now durable.
    pub record: &'a Record,
    /// Which step it is about, counted from 0; none for run-wide records.
    pub step: Option<usize>,
}

/// One holder's pen for one run.
pub(crate) struct Pen<'a, J> {
    pub(crate) journal: &'a J,
    pub(crate) claim: &'a Claim,
    pub(crate) hook: &'a Hook<'a>,
}

/// [`Pen`] whatever the journal's type.
pub(crate) trait Write: Send + Sync {
    fn write<'b>(&'b self, log: &'b mut Log, event: Event) -> BoxFuture<'b, Result<(), RunError>>;
}

impl<J: Journal> Write for Pen<'_, J> {
    fn write<'b>(&'b self, log: &'b mut Log, event: Event) -> BoxFuture<'b, Result<(), RunError>> {
        Box::pin(async move {
            let record = log.next_record(event)?;
            match &record.event {
                Event::Closed { outcome } => self.journal.close(self.claim, &record, *outcome).await?,
                _ => self.journal.append(self.claim, &record).await?,
            }
            log.push(record.clone())?;
            self.tell(log, &record);
            Ok(())
        })
    }
}

impl<J> Pen<'_, J> {
    fn tell(&self, log: &Log, record: &Record) {
        let name = record.event.step();
        tracing::debug!(run = %log.header().run, seq = record.seq, kind = record.event.kind(), step = name, "journaled");
        let step = name.and_then(|name| log.steps().iter().position(|step| step.name == name));
        (self.hook)(&Progress { log, record, step });
    }
}
