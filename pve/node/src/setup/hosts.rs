//! `/etc/hosts`: a block of Proxmox's own in a file that is otherwise the guest's. Pure.

use spec::pct::{Ip4Config, Net};

const BEGIN: &str = "# --- BEGIN PVE ---";
const END: &str = "# --- END PVE ---";

/// The file with the block for `hostname` in it: in its place where one stands, else at the end.
pub fn with_block(old: &str, hostname: &str, searchdomain: Option<&str>, net0: Option<&Net>) -> String {
    let outside = outside(old);
    let mut lines = Vec::new();
    for (address, names) in [("127.0.0.1", "localhost.localnet localhost"), ("::1", "localhost.localnet localhost")] {
        if !mentions(&outside, address) {
            lines.push(format!("{address} {names}"));
        }
    }
    lines.push(format!("{} {}", address(net0), names(hostname, searchdomain)));
    let block = format!("{BEGIN}\n{}\n{END}\n", lines.join("\n"));
    replace_block(old, &block)
}

/// The guest's own address, or Debian's stand-in for one that nobody knows beforehand.
fn address(net0: Option<&Net>) -> String {
    match net0.and_then(Net::ip) {
        Some(Ip4Config::Static(address, _)) => address.to_string(),
        _ => match net0.and_then(Net::ip6) {
            Some(spec::pct::Ip6Config::Static(address, _)) => address.to_string(),
            _ => "127.0.1.1".to_owned(),
        },
    }
}

fn names(hostname: &str, searchdomain: Option<&str>) -> String {
    let short = hostname.split('.').next().unwrap_or(hostname);
    let domains = searchdomain.unwrap_or_default();
    let mut names: Vec<String> = if short == hostname {
        domains
            .split([' ', ',', ';'])
            .filter(|domain| !domain.is_empty())
            .map(|domain| format!("{short}.{domain}"))
            .collect()
    } else {
        vec![hostname.to_owned()]
    };
    names.push(short.to_owned());
    names.join(" ")
}

/// The lines that are not Proxmox's.
fn outside(text: &str) -> String {
    replace_block(text, "")
}

fn mentions(text: &str, address: &str) -> bool {
    text.lines().any(|line| line.split_ascii_whitespace().next() == Some(address))
}

/// `text` with `block` in place of the one it holds, or after it.
pub(super) fn replace_block(text: &str, block: &str) -> String {
    let mut out = String::new();
    let mut inside = false;
    let mut placed = false;
    for line in text.lines() {
        match line {
            BEGIN => inside = true,
            END if inside => {
                inside = false;
                if !placed {
                    out.push_str(block);
                    placed = true;
                }
            }
            _ if inside => (),
            _ => {
                out.push_str(line);
                out.push('\n');
            }
        }
    }
    if !placed {
        out.push_str(block);
    }
    out
}

/// Whether a text holds Proxmox's block.
pub(super) fn has_block(text: &str) -> bool {
    text.lines().any(|line| line == BEGIN)
}

/// Lines as Proxmox's block.
pub(super) fn block(lines: &str) -> String {
    format!("{BEGIN}\n{lines}{END}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_block_is_put_in_place_and_the_rest_stays() {
        let old = "127.0.0.1\tlocalhost\n::1\tlocalhost\n# --- BEGIN PVE ---\n10.0.0.1 golden\n# --- END PVE ---\n10.9.9.9 other\n";
        let new = with_block(old, "web.example.test", None, None);
        assert_eq!(
            new,
            "127.0.0.1\tlocalhost\n::1\tlocalhost\n# --- BEGIN PVE ---\n127.0.1.1 web.example.test web\n# --- END PVE ---\n10.9.9.9 other\n"
        );
        assert_eq!(with_block(&new, "web.example.test", None, None), new);
    }

    #[test]
    fn a_static_address_and_search_domains_are_used() {
        let net: Net = "name=eth0,ip=10.213.0.110/24".parse().unwrap();
        let new = with_block("", "web", Some("a.test b.test"), Some(&net));
        assert!(new.contains("10.213.0.110 web.a.test web.b.test web\n"), "{new}");
        assert!(new.contains("127.0.0.1 localhost"), "{new}");
    }
}
