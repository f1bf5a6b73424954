//! What systemd says of a guest's enabled services.

use std::collections::BTreeMap;

use spec::identity::Verdict;

/// The properties that [`judge`] reads, for `systemctl show --property`.
pub(super) const PROPERTIES: &str =
    "Id,Type,ActiveState,Result,ConditionResult,AssertResult,ConditionTimestampMonotonic,RemainAfterExit";

/// The names in `systemctl list-unit-files --no-legend`; templates are no services themselves.
pub(super) fn names(listing: &str) -> Vec<&str> {
    let names = listing.lines().filter_map(|line| line.split_whitespace().next());
    names.filter(|name| !name.contains("@.")).collect()
}

/// Judges blocks of `KEY=VALUE` lines, one a service: its name, the verdict, and what was seen.
pub(super) fn judge(shown: &str) -> Vec<(String, Verdict, String)> {
    shown.split("\n\n").filter_map(judge_one).collect()
}

fn judge_one(block: &str) -> Option<(String, Verdict, String)> {
    let values: BTreeMap<&str, &str> = block.lines().filter_map(|line| line.split_once('=')).collect();
    let value = |key| values.get(key).copied().unwrap_or_default();
    let name = values.get("Id")?.to_string();
    let (state, result) = (value("ActiveState"), value("Result"));
    let asked = value("ConditionTimestampMonotonic") != "0";
    let seen = |why: &str| format!("{state}, {why}");
    Some(match state {
        "active" | "reloading" => (name, Verdict::Pass, seen(result)),
        "failed" => (name, Verdict::Fail, seen(result)),
        _ if !asked => (name, Verdict::Skipped, seen("nothing asked for it at this boot")),
        _ if value("ConditionResult") == "no" => (name, Verdict::Skipped, seen("its conditions do not hold here")),
        _ if value("AssertResult") == "no" => (name, Verdict::Fail, seen("its assertions do not hold here")),
        "inactive" if value("Type") == "oneshot" && result == "success" => (name, Verdict::Pass, seen("it ran once")),
        _ => (name, Verdict::Fail, seen(&format!("enabled, yet it does not run ({result})"))),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_enabled_service_runs_or_says_why_not() {
        let block = |name: &str, more: &str| format!("Id={name}\nResult=success\nAssertResult=yes\n{more}");
        let shown = [
            block("ssh.service", "Type=notify\nActiveState=active\nConditionResult=yes\nConditionTimestampMonotonic=9"),
            block("a.service", "Type=oneshot\nActiveState=inactive\nConditionResult=no\nConditionTimestampMonotonic=9"),
            block(
                "b.service",
                "Type=oneshot\nActiveState=inactive\nConditionResult=yes\nConditionTimestampMonotonic=9",
            ),
            block("c.service", "Type=simple\nActiveState=inactive\nConditionResult=yes\nConditionTimestampMonotonic=9"),
            block("d.service", "Type=simple\nActiveState=failed\nConditionResult=yes\nConditionTimestampMonotonic=9"),
            block("e.service", "Type=simple\nActiveState=inactive\nConditionResult=no\nConditionTimestampMonotonic=0"),
        ];
        let judged = judge(&shown.join("\n\n"));
        let verdicts: Vec<(&str, Verdict)> =
            judged.iter().map(|(name, verdict, _)| (name.as_str(), *verdict)).collect();
        let expected = [
            ("ssh.service", Verdict::Pass),
            ("a.service", Verdict::Skipped),
            ("b.service", Verdict::Pass),
            ("c.service", Verdict::Fail),
            ("d.service", Verdict::Fail),
            ("e.service", Verdict::Skipped),
        ];
        assert_eq!(verdicts, expected);
    }

    #[test]
    fn templates_are_left_out() {
        assert_eq!(names("ssh.service enabled enabled\ngetty@.service enabled enabled\n"), ["ssh.service"]);
    }
}
