//! Opening the file: private, whole, ours.

use std::os::unix::fs::PermissionsExt;

use reset_agent::store::{OpenError, Store};

use crate::fixture::{Fixture, machine_id, reserve};

#[tokio::test]
async fn the_file_and_its_folders_are_private() {
    let fixture = Fixture::sqlite().await;
    reserve(&fixture.ledger(), 1).await;
    let mode = |name: &str| {
        let path = format!("{}{name}", fixture.path.display());
        std::fs::metadata(path).unwrap().permissions().mode() & 0o777
    };
    assert_eq!(mode(""), 0o600);
    assert_eq!(mode("-wal"), 0o600);
    assert_eq!(mode(".leases"), 0o700);
}

/// Reliability fault 95: a damaged ledger is refused, never mended silently.
#[tokio::test]
async fn a_damaged_file_is_refused() {
    let fixture = Fixture::sqlite().await;
    for n in 1..60 {
        reserve(&fixture.ledger(), n).await;
    }
    let path = fixture.path.clone();
    fixture.store.clone().close().await;
    let mut bytes = std::fs::read(&path).unwrap();
    // Not the schema on the first page, but rows behind it.
    let middle = bytes.len() / 2;
    bytes[middle..middle + 4096].fill(0x5a);
    std::fs::write(&path, bytes).unwrap();
    let refused = Store::open(&path).await;
    assert!(matches!(refused, Err(OpenError::Corrupt { .. } | OpenError::Connect { .. })), "{refused:?}");
    assert!(refused.unwrap_err().to_string().contains("ledger.db"));
}

#[tokio::test]
async fn something_else_than_a_ledger_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("notes.txt");
    std::fs::write(&path, "milk, bread, and a text long enough to be no header at all".repeat(40)).unwrap();
    let refused = Store::open(&path).await;
    assert!(matches!(refused, Err(OpenError::Connect { .. })), "{refused:?}");
}

/// machine-id(5) asks to treat it as confidential; the fleet key makes digests comparable after a restart.
#[tokio::test]
async fn machine_ids_are_in_no_file_and_still_found_again() {
    let fixture = Fixture::sqlite().await;
    let guest = reserve(&fixture.ledger(), 1).await;
    let id = machine_id(0xabc_def0);
    fixture.ledger().record(guest.id, std::slice::from_ref(&id)).await.unwrap();
    let fixture = fixture.reopened().await;
    assert_eq!(fixture.ledger().owner(&id).await.unwrap().unwrap().guest, guest.id);
    let folder = fixture.path.parent().unwrap();
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap).filter(|e| e.file_type().unwrap().is_file()) {
        let bytes = std::fs::read(entry.path()).unwrap();
        let found = bytes.windows(id.value.len()).any(|window| window == id.value.as_bytes());
        assert!(!found, "{:?} tells the machine-id", entry.path());
    }
}
