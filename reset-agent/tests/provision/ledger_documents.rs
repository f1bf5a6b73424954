//! `ledger export` and `import` from their arguments to their exit codes.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use spec::exit::Exit;

use crate::bench::Bench;
use crate::commands::exit_of;
use crate::plans::with_guest;

/// A bench with a guest, its ledger exported, and the configuration pointed at a new, empty ledger.
async fn exported() -> (Bench, PathBuf, PathBuf) {
    let bench = Bench::whole().await;
    with_guest(&bench).await;
    let (document, key) = (bench.config.with_file_name("fleet.ledger"), bench.config.with_file_name("fleet.key"));
    let words = ["ledger", "export", "--to", text(&document), "--key-to", text(&key)];
    assert_eq!(exit_of(&bench, &words).await, Exit::Done);
    for file in [&document, &key] {
        assert_eq!(fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let config = fs::read_to_string(&bench.config).unwrap();
    fs::write(&bench.config, config.replace("ledger.db", "new.db")).unwrap();
    (bench, document, key)
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[tokio::test]
async fn a_moved_ledger_knows_its_guest() {
    let (bench, document, key) = exported().await;
    assert_eq!(exit_of(&bench, &["show", "acme"]).await, Exit::Usage);
    let import = ["ledger", "import", text(&document), "--key-from", text(&key)];
    for time in ["once", "twice"] {
        assert_eq!(exit_of(&bench, &import).await, Exit::Done, "{time}");
    }
    for words in [&["show", "acme"][..], &["ledger", "verify"], &["ledger", "rebuild"], &["destroy", "acme"]] {
        assert_eq!(exit_of(&bench, words).await, Exit::Done, "{words:?}");
    }
    assert!(bench.node.world().guests.is_empty());
    assert_eq!(exit_of(&bench, &import).await, Exit::Usage, "the ledger has gone on since");
}

#[tokio::test]
async fn what_cannot_be_used_is_bad_input_and_changes_nothing() {
    let (bench, document, key) = exported().await;
    let import = async |words: &[&str]| exit_of(&bench, &[&["ledger", "import"], words].concat()).await;
    assert_eq!(import(&[text(&document)]).await, Exit::Usage, "without the key");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    assert_eq!(import(&[text(&document), "--key-from", text(&key)]).await, Exit::Usage, "a key that others can read");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    let whole = fs::read_to_string(&document).unwrap();
    let cut = document.with_extension("cut");
    fs::write(&cut, &whole[..whole.len() / 2]).unwrap();
    assert_eq!(import(&[text(&cut), "--key-from", text(&key)]).await, Exit::Usage, "cut off");
    let second = key.with_extension("second");
    let export = ["ledger", "export", "--to", text(&document), "--key-to", text(&second)];
    assert_eq!(exit_of(&bench, &export).await, Exit::Usage, "a file is never written over");
    assert!(!second.exists(), "no key is left lying about");
    assert_eq!(fs::read_to_string(&document).unwrap(), whole);
    assert_eq!(exit_of(&bench, &["show", "acme"]).await, Exit::Usage, "nothing was imported");
}
