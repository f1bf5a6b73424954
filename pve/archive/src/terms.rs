//! On what terms an archive is inspected: caps, time, a second reader, somebody who is told.

use std::time::{Duration, Instant};

use crate::error::ArchiveError;
use crate::limits::Limits;
use crate::second::SecondReader;

/// How far an inspection is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Bytes of the file that were used.
    pub file_bytes: u64,
    /// Members seen.
    pub members: u64,
}

/// The time since an inspection began.
pub type Clock = Box<dyn Fn() -> Duration + Send>;

/// The terms of one inspection.
pub struct Terms<'a> {
    pub(crate) limits: Limits,
    pub(crate) second: Option<SecondReader>,
    pub(crate) clock: Clock,
    pub(crate) progress: Box<dyn FnMut(Progress) + 'a>,
}

impl<'a> Terms<'a> {
    /// With these caps; no second reader, nobody is told.
    pub fn new(limits: Limits) -> Self {
        let begun = Instant::now();
        Self { limits, second: None, clock: Box::new(move || begun.elapsed()), progress: Box::new(|_| {}) }
    }

    /// With a reader of another make, over the same bytes: both must see the same members.
    #[must_use]
    pub fn second(mut self, reader: SecondReader) -> Self {
        self.second = Some(reader);
        self
    }

    /// With another clock for [`Limits::wall`].
    #[must_use]
    pub fn clock(mut self, clock: impl Fn() -> Duration + Send + 'static) -> Self {
        self.clock = Box::new(clock);
        self
    }

    /// With somebody who is told now and then.
    #[must_use]
    pub fn progress(mut self, told: impl FnMut(Progress) + 'a) -> Self {
        self.progress = Box::new(told);
        self
    }
}

/// When an inspection must be done.
pub(crate) struct Deadline {
    clock: Clock,
    wall: Duration,
}

impl Deadline {
    pub(crate) fn new(clock: Clock, wall: Duration) -> Self {
        Self { clock, wall }
    }

    pub(crate) fn check(&self) -> Result<(), ArchiveError> {
        if (self.clock)() > self.wall { Err(ArchiveError::Overdue { limit: self.wall }) } else { Ok(()) }
    }
}
