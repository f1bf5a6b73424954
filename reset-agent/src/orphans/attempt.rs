//! The run that removes an orphan. Its id follows from the orphan: agents that find one at the same time mean one run, and
//! the journal lets one of them begin it.

use saga::JournalError;
use sha2::{Digest, Sha256};
use uuid::Builder;

use super::survey::Found;
use crate::outcome::{End, Outcome};
use crate::store::RunJournal;

/// The run for a removal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Attempt {
    /// It is to be begun.
    New(String),
    /// It was begun, by whomever, and has not ended.
    Begun(String),
}

/// The first run for this orphan that has not ended: one that failed is followed by another.
///
/// # Errors
/// The journal cannot be read.
pub async fn attempt(journal: &RunJournal, found: &Found) -> Result<Attempt, JournalError> {
    let mut number = 0;
    loop {
        let run = id(found, number);
        match journal.log(&run).await {
            Err(JournalError::Unknown { .. }) => return Ok(Attempt::New(run)),
            Err(error) => return Err(error),
            Ok(log) => match Outcome::of(&log, true).end {
                End::Done | End::RolledBack { .. } => number += 1,
                End::Parked { .. } | End::Unfinished => return Ok(Attempt::Begun(run)),
            },
        }
    }
}

fn id(found: &Found, number: u32) -> String {
    let hash = Sha256::digest(format!("mintmark orphan {} {} {number}", found.run, found.vmid));
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash[..16]);
    Builder::from_custom_bytes(bytes).into_uuid().to_string()
}

#[cfg(test)]
mod tests {
    use spec::ids::RunId;

    use super::super::judge::Standing;
    use super::*;

    #[test]
    fn one_orphan_means_one_run_and_another_attempt_another() {
        let found = |vmid: &str| Found {
            vmid: vmid.parse().unwrap(),
            run: "0193f2a4-0000-7000-8000-000000000001".parse().unwrap(),
            customer: None,
            standing: Standing::Theirs,
        };
        let first = id(&found("200"), 0);
        assert!(first.parse::<RunId>().is_ok(), "{first}");
        assert_eq!(first, id(&found("200"), 0));
        assert!(first != id(&found("200"), 1) && first != id(&found("201"), 0));
    }
}
