//! What a command could not take away again.

use pve_host::process::ProcessId;

use super::print;
use crate::guest::{Record, Records, Thing};

/// Whether anything of this process is still there; what to do about it is printed.
pub(super) fn by_this_process(records: &Records) -> bool {
    let own = ProcessId::own().ok();
    let left: Vec<String> = match records.all() {
        Ok(records) => {
            let ours = records.into_iter().filter(|record| own.as_ref() == Some(&record.owner));
            ours.map(|record| in_words(&record)).collect()
        }
        Err(error) => {
            print::report(&error.into());
            vec!["something may still be there: run it again to remove it".to_owned()]
        }
    };
    for left in &left {
        print::hint(left);
    }
    !left.is_empty()
}

fn in_words(left: &Record) -> String {
    match &left.thing {
        Thing::Guest { vmid } => {
            format!(
                "guest {vmid} is still there: build or drill again to remove it, or run: pct destroy {vmid} --force 1"
            )
        }
        Thing::Archive { archive } => {
            format!("{} is still there and no release: build again to remove it", archive.display())
        }
    }
}
