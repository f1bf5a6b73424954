//! Licences out of Debian's machine-readable copyright files (DEP-5), as SPDX expressions.

use std::collections::BTreeSet;

use deb822_fast::Deb822;

/// What a copyright file says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Copyright {
    /// It is machine readable: everything in the package is under these.
    Expression(String),
    /// It is prose.
    Prose,
}

/// Debian's short names that SPDX calls otherwise.
const NAMES: &[(&str, &str)] = &[
    ("Expat", "MIT"),
    ("MIT", "MIT"),
    ("ISC", "ISC"),
    ("Zlib", "Zlib"),
    ("Apache-2.0", "Apache-2.0"),
    ("Apache-2", "Apache-2.0"),
    ("MPL-2.0", "MPL-2.0"),
    ("MPL-1.1", "MPL-1.1"),
    ("BSD-2-clause", "BSD-2-Clause"),
    ("BSD-3-clause", "BSD-3-Clause"),
    ("BSD-4-clause", "BSD-4-Clause"),
    ("CC0-1.0", "CC0-1.0"),
    ("CC0", "CC0-1.0"),
    ("0BSD", "0BSD"),
    ("BSL-1.0", "BSL-1.0"),
    ("OpenSSL", "OpenSSL"),
    ("curl", "curl"),
    ("PSF-2", "PSF-2.0"),
    ("Unlicense", "Unlicense"),
    ("FSFAP", "FSFAP"),
    ("FSFUL", "FSFUL"),
    ("FSFULLR", "FSFULLR"),
    ("X11", "X11"),
];

/// GNU's families: `GPL-2`, `LGPL-2.1+`, `GFDL-1.3`.
const GNU: [&str; 4] = ["GPL", "LGPL", "AGPL", "GFDL"];

/// Reads a copyright file.
pub fn copyright(text: &str) -> Copyright {
    let is_form = |line: &str| line.starts_with("Format:") && line.contains("copyright-format");
    if !text.lines().find(|line| !line.trim().is_empty()).is_some_and(is_form) {
        return Copyright::Prose;
    }
    let Ok(paragraphs) = text.parse::<Deb822>() else { return Copyright::Prose };
    // A header's licence speaks for the whole, a `Files` paragraph's for its files, a stand-alone one only gives a text.
    let said =
        paragraphs.iter().filter(|paragraph| paragraph.get("Files").is_some() || paragraph.get("Format").is_some());
    let names = said.filter_map(|paragraph| paragraph.get("License")?.lines().next().map(str::to_owned));
    let parts: BTreeSet<String> = names.map(|name| expression(&name)).filter(|part| !part.is_empty()).collect();
    let bracketed =
        |part: &String| if part.contains(" OR ") && parts.len() > 1 { format!("({part})") } else { part.clone() };
    let joined: Vec<String> = parts.iter().map(bracketed).collect();
    if joined.is_empty() { Copyright::Prose } else { Copyright::Expression(joined.join(" AND ")) }
}

/// `GPL-2+ or Artistic` as `GPL-2.0-or-later OR LicenseRef-Artistic`; a comma binds weaker than the rest.
fn expression(text: &str) -> String {
    let text = text.trim().trim_matches([',', ';']);
    if let Some((first, rest)) = text.split_once(", and ").or_else(|| text.split_once(", ")) {
        return joined(first, rest, " AND ");
    }
    if let Some((first, rest)) =
        text.split_once(" and/or ").or_else(|| text.split_once(" or ")).or_else(|| text.split_once(" | "))
    {
        return joined(first, rest, " OR ");
    }
    match text.split_once(" and ") {
        Some((first, rest)) => joined(first, rest, " AND "),
        None => name(text),
    }
}

fn joined(first: &str, rest: &str, word: &str) -> String {
    let bracketed = |text: &str| {
        let part = expression(text);
        let other = if word == " AND " { " OR " } else { " AND " };
        if part.contains(other) { format!("({part})") } else { part }
    };
    let parts: Vec<String> = [first, rest].into_iter().map(bracketed).filter(|part| !part.is_empty()).collect();
    parts.join(word)
}

/// One licence; what SPDX does not know is a reference of our own.
fn name(text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    let known = NAMES.iter().find(|(debian, _)| debian.eq_ignore_ascii_case(text)).map(|(_, spdx)| (*spdx).to_owned());
    known.or_else(|| gnu(text)).unwrap_or_else(|| reference(text))
}

/// `GPL-2+` as `GPL-2.0-or-later`.
fn gnu(text: &str) -> Option<String> {
    let (family, version) = text.split_once('-')?;
    let family = GNU.iter().find(|name| name.eq_ignore_ascii_case(family))?;
    let (number, after) = match version.strip_suffix('+') {
        Some(number) => (number, "or-later"),
        None => (version, "only"),
    };
    let number = if number.contains('.') { number.to_owned() } else { format!("{number}.0") };
    let known = ["1.0", "1.1", "1.2", "1.3", "2.0", "2.1", "3.0"].contains(&number.as_str());
    known.then(|| format!("{family}-{number}-{after}"))
}

fn reference(text: &str) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '-' || letter == '.';
    let plain: String = text.chars().map(|letter| if is_plain(letter) { letter } else { '-' }).collect();
    format!("LicenseRef-{}", plain.trim_matches('-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(licences: &[&str]) -> Copyright {
        let files = licences.iter().map(|name| format!("\nFiles: *\nCopyright: somebody\nLicense: {name}\n text\n"));
        let format = "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\nSource: x\n";
        copyright(&format!("{format}{}", files.collect::<String>()))
    }

    #[test]
    fn debians_names_become_spdx_expressions() {
        for (licences, expected) in [
            (&["GPL-3+"][..], "GPL-3.0-or-later"),
            (&["Expat", "GPL-2"], "GPL-2.0-only AND MIT"),
            (&["GPL-2+ or Artistic"], "GPL-2.0-or-later OR LicenseRef-Artistic"),
            (&["GPL-2+ or MPL-1.1", "Expat"], "(GPL-2.0-or-later OR MPL-1.1) AND MIT"),
            (&["LGPL-2.1+"], "LGPL-2.1-or-later"),
            (&["public-domain"], "LicenseRef-public-domain"),
            (&["GPL-3+ with GCC exception"], "LicenseRef-GPL-3--with-GCC-exception"),
        ] {
            assert_eq!(said(licences), Copyright::Expression(expected.to_owned()), "{licences:?}");
        }
    }

    #[test]
    fn prose_stays_prose() {
        assert_eq!(copyright("This package was debianized by somebody.\nLicense: GPL\n"), Copyright::Prose);
        assert_eq!(copyright(""), Copyright::Prose);
        assert_eq!(said(&[]), Copyright::Prose);
    }
}
