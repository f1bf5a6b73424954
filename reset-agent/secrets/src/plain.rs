//! `NAME=value` lines, as an age file holds them.

use zeroize::Zeroizing;

use crate::set::{SecretSet, SetError};

/// Why a text is no list of secrets. Lines are named by their number: their content may be secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlainError {
    /// No `=`.
    #[error("line {0} is neither NAME=value, nor a comment, nor empty")]
    Line(usize),
    /// Quotes that do not close, or that hold what different readers take differently.
    #[error(
        "line {0} has quotes that readers of env files take differently: write the value without, or in single quotes"
    )]
    Quotes(usize),
    /// A name or value is refused.
    #[error("line {line} is refused")]
    Refused {
        /// Its number, from 1.
        line: usize,
        /// Why.
        #[source]
        source: SetError,
    },
}

/// Reads the lines. A value stands as it is; quotes around the whole of it are taken off.
///
/// # Errors
/// [`PlainError`] with the line's number.
pub fn parse(text: &str) -> Result<SecretSet, PlainError> {
    let mut set = SecretSet::default();
    parse_into(&mut set, text)?;
    Ok(set)
}

/// Reads the lines, and adds them to those of other texts.
///
/// # Errors
/// [`PlainError`] with the line's number.
pub fn parse_into(set: &mut SecretSet, text: &str) -> Result<(), PlainError> {
    for (index, line) in text.split('\n').enumerate() {
        let (number, line) = (index + 1, line.strip_suffix('\r').unwrap_or(line));
        if line.trim().is_empty() || line.trim_start().starts_with('#') {
            continue;
        }
        let (name, value) = line.split_once('=').ok_or(PlainError::Line(number))?;
        let value = unquoted(value).ok_or(PlainError::Quotes(number))?;
        let value = Zeroizing::new(value.to_owned());
        set.add(name, value).map_err(|source| PlainError::Refused { line: number, source })?;
    }
    Ok(())
}

/// The value without the quotes around it; `None` where that is not certain.
fn unquoted(value: &str) -> Option<&str> {
    let Some(quote) = value.chars().next().filter(|c| matches!(c, '"' | '\'')) else { return Some(value) };
    let inner = value[1..].strip_suffix(quote)?;
    let odd = inner.contains(quote) || (quote == '"' && inner.contains(['\\', '$', '`']));
    (!odd).then_some(inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_secrets_comments_or_nothing() {
        let text = "# of acme\n\nA=1\nB='it is $5'\r\nC=\"x y\"\nD=a=b\"c\nE=\n";
        let set = parse(text).unwrap();
        let all: Vec<(&str, &str)> = set.iter().map(|(name, value)| (name.as_str(), value.expose())).collect();
        assert_eq!(all, [("A", "1"), ("B", "it is $5"), ("C", "x y"), ("D", "a=b\"c"), ("E", "")]);
    }

    #[test]
    fn s3_10_what_is_not_certain_is_refused_by_its_line() {
        assert_eq!(parse("A=1\nnonsense").unwrap_err(), PlainError::Line(2));
        for odd in ["A='x", "A=\"x\" y", "A='", "A=\"a\\n\"", "A=\"$B\""] {
            assert_eq!(parse(odd).unwrap_err(), PlainError::Quotes(1), "{odd}");
        }
        assert!(matches!(parse("export A=1").unwrap_err(), PlainError::Refused { line: 1, .. }));
        assert!(matches!(parse("A=1\nA=2").unwrap_err(), PlainError::Refused { line: 2, .. }));
    }
}
