//! The lines of `/etc/hosts` that are the node's. Pure.

use crate::setup::marked::outside;

/// The lines for a guest of this name, beside those of `old` that are not the node's.
pub(super) fn lines(old: Option<&str>, hostname: &str, search: &[String], address: Option<&str>) -> String {
    let kept = old.map(outside).unwrap_or_default();
    let mut lines = String::new();
    for loopback in ["127.0.0.1", "::1"] {
        if !mentions(&kept, loopback) {
            lines.extend([loopback, " localhost.localnet localhost\n"]);
        }
    }
    let short = hostname.split('.').next().unwrap_or(hostname);
    let names = match address {
        None if short == "localhost" => short.to_owned(),
        _ => names(hostname, short, search),
    };
    format!("{lines}{} {names}\n", address.unwrap_or("127.0.1.1"))
}

fn mentions(text: &str, address: &str) -> bool {
    let blank = |c: char| c == ' ' || c == '\t';
    text.lines()
        .any(|line| line.trim_start_matches(blank).strip_prefix(address).is_some_and(|rest| rest.starts_with(blank)))
}

fn names(hostname: &str, short: &str, search: &[String]) -> String {
    if short != hostname {
        return format!("{hostname} {short}");
    }
    let full = search.iter().map(|domain| format!("{hostname}.{domain} "));
    full.collect::<String>() + hostname
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_is_added_only_where_it_is_missing() {
        let old = "127.0.0.1\tlocalhost\n# --- BEGIN PVE ---\n::1 localhost\n# --- END PVE ---\n";
        assert_eq!(
            lines(Some(old), "web.example.test", &[], None),
            "::1 localhost.localnet localhost\n127.0.1.1 web.example.test web\n"
        );
        let both = "127.0.0.1 localhost.localnet localhost\n::1 localhost.localnet localhost\n";
        assert_eq!(lines(None, "localhost", &["a.test".into()], None), format!("{both}127.0.1.1 localhost\n"));
    }

    #[test]
    fn search_domains_make_full_names() {
        let search = ["a.test".to_owned(), "b.test".to_owned()];
        let old = "127.0.0.1 l\n::1 l\n";
        assert_eq!(lines(Some(old), "web", &search, Some("10.0.0.1")), "10.0.0.1 web.a.test web.b.test web\n");
    }
}
