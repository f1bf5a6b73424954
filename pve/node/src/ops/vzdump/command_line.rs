//! A backup job's parameters as a person would type them. Pure.

use pve_wire::api::Params;

use crate::exec::quoted;

/// `vzdump 100 --mode stop --storage local`.
pub(super) fn command_line(params: &Params, all: bool, by_hand: bool) -> String {
    let vmids = params.get("vmid").unwrap_or_default();
    let mut words: Vec<String> = vec!["vzdump".to_owned()];
    words.extend(vmids.split([',', ';', ' ', '\0']).filter(|one| !one.is_empty()).map(str::to_owned));
    let implied = all && !params.has("all");
    let hidden: &[&str] = if by_hand { &["vmid", "stdout", "node"] } else { &["vmid", "stdout"] };
    for key in params.keys().filter(|key| !hidden.contains(key)) {
        for value in params.list(key).into_iter().flat_map(|value| value.split('\0')).filter(|value| !value.is_empty())
        {
            words.push(format!("--{key} {}", quoted(value)));
        }
    }
    if implied {
        words.push("--all 1".to_owned());
    }
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::super::request::tests::params;
    use super::*;

    #[test]
    fn values_are_quoted_where_a_shell_would_need_it() {
        let given = params(&[
            ("vmid", "110,100"),
            ("storage", "local"),
            ("notes-template", "stop mode\\nsecond line"),
            ("exclude-path", "*.pyc"),
            ("remove", "0"),
        ]);
        assert_eq!(
            command_line(&given, false, false),
            "vzdump 110 100 --exclude-path '*.pyc' --notes-template 'stop mode\\nsecond line' --remove 0 --storage local"
        );
        assert_eq!(
            command_line(&params(&[("exclude", "100"), ("node", "pve")]), true, true),
            "vzdump --exclude 100 --all 1"
        );
    }
}
