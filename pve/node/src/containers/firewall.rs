//! A bridge's way out, or its lack of one: masquerading and forwarding rules, each marked with a comment that names the
//! bridge.

use crate::error::Die;
use crate::exec::Program;

/// A rule: its table, its chain, and what it says.
struct Rule {
    table: &'static str,
    chain: &'static str,
    /// Whether it must stand before the rules of others (a host with Docker drops what it does not know).
    first: bool,
    says: Vec<String>,
}

/// What every mark begins with, whatever the bridge.
const OURS: &str = "pve-node:";

fn mark(bridge: &str) -> String {
    format!("{OURS}{bridge}")
}

fn rule(bridge: &str, table: &'static str, chain: &'static str, first: bool, says: &str) -> Rule {
    let says = format!("{says} -m comment --comment {}", mark(bridge));
    Rule { table, chain, first, says: says.split(' ').map(str::to_owned).collect() }
}

fn open_rules(bridge: &str, network: &str) -> Vec<Rule> {
    let rule = |table, chain, first, says: &str| rule(bridge, table, chain, first, says);
    vec![
        rule("nat", "POSTROUTING", false, &format!("-s {network} ! -d {network} -j MASQUERADE")),
        rule("filter", "FORWARD", true, &format!("-i {bridge} -j ACCEPT")),
        rule("filter", "FORWARD", true, &format!("-o {bridge} -j ACCEPT")),
    ]
}

/// Lets a network out: adds the rules that are missing.
pub(super) fn open(bridge: &str, network: &str) -> Result<(), Die> {
    add_missing(open_rules(bridge, network))
}

/// Lets nothing out of a bridge and nothing in, whatever the machine forwards for others; the machine itself is reached.
/// The mangle table is asked before the filter table, so no rule that accepts comes first.
pub(super) fn isolate(bridge: &str) -> Result<(), Die> {
    // Where the kernel filters bridges too, what passes from guest to guest goes in and out by the same one.
    let drop = |says: String| rule(bridge, "mangle", "FORWARD", false, &says);
    let out = drop(format!("-i {bridge} ! -o {bridge} -j DROP"));
    add_missing(vec![out, drop(format!("! -i {bridge} -o {bridge} -j DROP"))])
}

fn add_missing(rules: Vec<Rule>) -> Result<(), Die> {
    for rule in rules {
        let there = iptables(&["-t", rule.table, "-C", rule.chain]).args(&rule.says).output()?.status.success();
        if !there {
            let add = if rule.first { "-I" } else { "-A" };
            iptables(&["-t", rule.table, add, rule.chain]).args(&rule.says).read()?;
        }
    }
    Ok(())
}

/// Removes every rule that bears the bridge's mark, whatever it says.
pub(super) fn close(bridge: &str) -> Result<(), Die> {
    for (table, chain) in [("nat", "POSTROUTING"), ("filter", "FORWARD"), ("mangle", "FORWARD")] {
        let listed = iptables(&["-t", table, "-S", chain]).read()?;
        for says in marked(&listed, &mark(bridge)) {
            iptables(&["-t", table, "-D"]).args(says).read()?;
        }
    }
    Ok(())
}

/// Whether another node on this machine still has its way out.
pub(super) fn others_are_open() -> Result<bool, Die> {
    let listed = iptables(&["-t", "nat", "-S", "POSTROUTING"]).read()?;
    Ok(listed.split([' ', '"']).any(|word| word.starts_with(OURS)))
}

/// The marked rules of a listing, as the words that follow `-A`.
fn marked<'a>(listed: &'a str, mark: &str) -> Vec<Vec<&'a str>> {
    let words = |line: &'a str| -> Option<Vec<&'a str>> {
        let words: Vec<&str> = line.strip_prefix("-A ")?.split(' ').map(|word| word.trim_matches('"')).collect();
        words.contains(&mark).then_some(words)
    };
    listed.lines().filter_map(words).collect()
}

fn iptables(args: &[&str]) -> Program {
    Program::new("iptables").arg("--wait").args(args)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_rules_are_found_again() {
        let listed = "-P FORWARD DROP\n-A FORWARD -i docker0 -j ACCEPT\n\
                      -A FORWARD -i vmlab0 -m comment --comment \"pve-node:vmlab0\" -j ACCEPT\n\
                      -A FORWARD -i vmlab01 -m comment --comment pve-node:vmlab01 -j ACCEPT\n";
        let found = marked(listed, &mark("vmlab0"));
        assert_eq!(found.len(), 1);
        assert_eq!(found[0][..3], ["FORWARD", "-i", "vmlab0"]);
    }
}
