//! Exit codes: the same for every program of Mintmark.

use std::process::{ExitCode, Termination};

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done, and proven where there was something to prove.
    Done = 0,
    /// It failed, and what it had done is undone.
    Failed = 1,
    /// Usage or bad input; nothing was touched.
    Usage = 2,
    /// Something could not be looked at.
    Unverified = 3,
    /// A person must act; the command to run is printed.
    Parked = 4,
    /// Guests share an identity, with each other or with a golden.
    Collisions = 5,
}

impl Exit {
    /// The code in one word, for answers that are no processes.
    pub fn word(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Usage => "usage",
            Self::Unverified => "unverified",
            Self::Parked => "parked",
            Self::Collisions => "collisions",
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

impl Termination for Exit {
    fn report(self) -> ExitCode {
        self.into()
    }
}
