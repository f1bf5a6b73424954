//! The grammar of package names.

/// Debian policy 5.6.1: at least two of lower-case letters, digits and `+-.`, the first alphanumeric.
pub(super) fn is_package_name(text: &str) -> bool {
    let inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'+' | b'-' | b'.');
    text.len() > 1 && text.bytes().all(inner) && text.as_bytes()[0].is_ascii_alphanumeric()
}

/// `name` or `name=version`.
pub(super) fn is_package_request(text: &str) -> bool {
    let version = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'+' | b'-' | b'~' | b':');
    match text.split_once('=') {
        Some((name, wanted)) => is_package_name(name) && !wanted.is_empty() && wanted.bytes().all(version),
        None => is_package_name(text),
    }
}
