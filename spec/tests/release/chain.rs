//! The release log: changed, moved, left out, cut.

use std::sync::OnceLock;

use proptest::prelude::*;
use spec::release::{Action, ENTRY_VERSION, Entry, LogError, Namespace, ReleaseLog};

use crate::keys::{key, line, now, principal, seal, signers};
use spec::ids::Sha256Hex;

/// The first so many lines of a log, all by `releaser`.
fn log(lines: usize) -> Vec<String> {
    static LOG: OnceLock<Vec<String>> = OnceLock::new();
    LOG.get_or_init(written)[..lines].to_vec()
}

fn written() -> Vec<String> {
    let mut log = ReleaseLog::default();
    (0..5_u8)
        .map(|number| {
            let (seq, prev) = log.next();
            let entry = Entry {
                version: ENTRY_VERSION,
                seq,
                prev,
                at: now(),
                principal: principal("releaser"),
                golden: "debian13".parse().unwrap(),
                release: "20261120T100000Z".into(),
                manifest: Sha256Hex::of(&[number]),
                action: Action::Revoked { reason: format!("number {number}") },
            };
            let text = serde_json::to_string(&entry).unwrap();
            let sealed = seal(&key(2), Namespace::Log, text.as_bytes());
            log.append(text, sealed).unwrap().0
        })
        .collect()
}

fn read(lines: &[String]) -> Result<ReleaseLog, LogError> {
    ReleaseLog::read(lines.concat().as_bytes())
}

#[test]
fn a_whole_log_is_read_and_its_lines_are_their_writers() {
    let log = read(&log(3)).unwrap();
    assert_eq!((log.lines().len(), log.line(3).unwrap().entry.seq), (3, 3));
    assert!(log.line(0).is_none() && log.line(4).is_none());
    log.verify_seals(&signers(&[line("releaser", "", &key(2))])).unwrap();
}

#[test]
fn a_line_by_another_key_or_in_anothers_name_is_told() {
    let log = read(&log(1)).unwrap();
    let stranger = log.verify_seals(&signers(&[line("releaser", "", &key(1))])).unwrap_err();
    assert!(matches!(stranger, LogError::Seal { line: 1, .. }), "{stranger}");
    let renamed = log.verify_seals(&signers(&[line("mallory", "", &key(2))])).unwrap_err();
    assert!(matches!(renamed, LogError::Signer { line: 1, .. }), "{renamed}");
}

#[test]
fn a_log_that_was_cut_inside_a_line_is_told() {
    let text = log(2).concat();
    assert!(matches!(ReleaseLog::read(&text.as_bytes()[..text.len() - 1]), Err(LogError::Cut { line: 2 })));
}

#[test]
fn endless_data() {
    assert!(matches!(ReleaseLog::read(&vec![b'\n'; spec::release::LOG_LIMIT + 1]), Err(LogError::TooLong)));
}

#[test]
fn an_entry_that_is_not_the_next_one_is_not_appended() {
    let lines = log(2);
    let mut first = read(&lines[..1]).unwrap();
    let entry = |number: usize| serde_json::to_string(&read(&lines).unwrap().lines()[number].entry).unwrap();
    assert!(matches!(first.append(entry(0), String::new()), Err(LogError::Chain { line: 2, .. })));
    first.append(entry(1), String::new()).unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// The head that a channel names: whatever is done to a line at or before it, the head is another or there is none.
    #[test]
    fn any_change_before_the_head_moves_the_head(lines in 2_usize..6, at in any::<prop::sample::Index>(), bit in 0_u8..8) {
        let text = log(lines).concat();
        let head = ReleaseLog::read(text.as_bytes()).unwrap().head().unwrap().sha256.clone();
        let mut bytes = text.into_bytes();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        let same = ReleaseLog::read(&bytes).is_ok_and(|log| log.head().is_some_and(|line| line.sha256 == head));
        prop_assert!(!same, "bit {bit} of byte {at} can be turned without anybody seeing it");
    }

    #[test]
    fn lines_moved_or_left_out_are_told(lines in 2_usize..6, from in any::<prop::sample::Index>(), to in any::<prop::sample::Index>()) {
        let whole = log(lines);
        let (from, to) = (from.index(whole.len()), to.index(whole.len()));
        let mut moved = whole.clone();
        moved.swap(from, to);
        prop_assert_eq!(read(&moved).is_ok(), from == to);
        let mut shorter = whole.clone();
        shorter.remove(from);
        // Without its last line a log is an older log: only who has seen the newer head can tell.
        prop_assert_eq!(read(&shorter).is_ok(), from == whole.len() - 1);
    }
}
