//! The build guest's name in configuration files whose keys hold names: mail servers, mostly.
//!
//! A value that is nothing but the machine's name goes with its line, and the program asks the machine instead, in
//! every guest anew. Among others only the name goes. A name that somebody chose (`mail.example.com`) stays.

use super::content::present;
use super::hosts::names_machine;
use crate::identity::Seen;
use crate::wildcard::fits;

/// Splits a text into what it says without the machine's names, and how many of its lines named it.
pub fn without(text: &str, keys: &[&str], names: &[String]) -> (String, usize) {
    let (mut kept, mut lines) = (String::new(), 0);
    for line in text.split_inclusive('\n') {
        match without_names(line, keys, names) {
            None => kept.push_str(line),
            Some(rest) => {
                kept.push_str(&rest);
                lines += 1;
            }
        }
    }
    (kept, lines)
}

/// Reads the content of such a file.
pub fn seen(text: &str, keys: &[&str], names: &[String]) -> Seen {
    match without(text, keys, names) {
        (_, 0) => Seen::Empty,
        (kept, lines) => {
            present(text.len().saturating_sub(kept.len()), Some(format!("{lines} lines name this machine")))
        }
    }
}

/// The line without the machine's names; none when it has none of them.
fn without_names(line: &str, keys: &[&str], names: &[String]) -> Option<String> {
    let (key, value) = line.split_once('=')?;
    let wanted = keys.iter().any(|wanted| fits(wanted.as_bytes(), key.trim().as_bytes()));
    if !wanted || key.trim_start().starts_with('#') {
        return None;
    }
    let is_name = |word: &&str| names_machine(&word.to_ascii_lowercase(), names);
    let bare = value.trim();
    if is_name(&bare) {
        return Some(String::new());
    }
    let separates = |c: char| c.is_whitespace() || ",;:'\"".contains(c);
    let forgets = bare.split(separates).filter(|word| !word.is_empty()).any(|word| is_name(&word));
    forgets.then(|| {
        let words = value.split_inclusive(separates).map(|piece| {
            let word = piece.trim_end_matches(separates);
            if is_name(&word) && !word.is_empty() { &piece[word.len()..] } else { piece }
        });
        format!("{key}={}", words.collect::<String>())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEYS: &[&str] = &["myhostname", "mydestination", "dc_other_hostnames"];

    #[track_caller]
    fn check(before: &str, after: &str) {
        let (kept, lines) = without(before, KEYS, &["golden".to_owned()]);
        assert_eq!((kept.as_str(), lines > 0), (after, before != after));
        assert_eq!(seen(before, KEYS, &["golden".to_owned()]) == Seen::Empty, before == after);
        assert_eq!(without(&kept, KEYS, &["golden".to_owned()]), (kept.clone(), 0), "twice the same");
    }

    #[test]
    fn the_machines_name_goes_and_chosen_names_stay() {
        check("myhostname = golden\n", "");
        check("myhostname=golden.lan\nbiff = no\n", "biff = no\n");
        check("myhostname = mail.example.com\n", "myhostname = mail.example.com\n");
        check("mydestination = $myhostname, golden, localhost\n", "mydestination = $myhostname, , localhost\n");
        check("dc_other_hostnames='golden:example.com'\n", "dc_other_hostnames=':example.com'\n");
        check("dc_other_hostnames='golden'\n", "dc_other_hostnames=''\n");
        check("# myhostname = golden\nrelayhost = golden\n", "# myhostname = golden\nrelayhost = golden\n");
    }
}
