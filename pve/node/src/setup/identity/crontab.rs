//! Root's cron jobs: guests made from one template must not all work in the same minute.

use rand::RngExt;

use crate::error::Die;
use crate::setup::rooted::Root;

/// Draws the minute of every job of root's that has a fixed one.
pub(in crate::setup) fn randomise(tree: &Root) -> Result<(), Die> {
    let is_job = |name: &String| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    let jobs = tree.names("/etc/cron.d").into_iter().filter(is_job).map(|name| format!("/etc/cron.d/{name}"));
    let files: Vec<String> = std::iter::once("/etc/crontab".to_owned()).chain(jobs).collect();
    for file in files {
        if let Some(old) = tree.read(&file)? {
            tree.write(&file, &with_minutes(&old, || rand::rng().random_range(0..59)))?;
        }
    }
    Ok(())
}

fn with_minutes(text: &str, mut draw: impl FnMut() -> u8) -> String {
    let text = text.trim_end_matches('\n');
    if text.is_empty() {
        return String::new();
    }
    let mut line = |line: &str| match job(line) {
        Some(rest) => format!("{}{rest}\n", draw()),
        None => format!("{line}\n"),
    };
    text.split('\n').map(&mut line).collect()
}

/// What follows the minute in a job of root's.
fn job(line: &str) -> Option<&str> {
    let end = line.find(|c: char| !c.is_ascii_digit())?;
    let rest = line.get(end..).filter(|rest| end > 0 && rest.starts_with(char::is_whitespace))?;
    let mut words = rest.split_ascii_whitespace();
    (words.nth(4) == Some("root") && words.next().is_some()).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::with_minutes;

    #[test]
    fn only_roots_fixed_minutes_change() {
        let text = "SHELL=/bin/sh\n17 *\t* * *\troot\tcd / && run\n*/5 * * * * root x\n17 * * * * www x\n# 17 * * * * root x\n\n";
        let mut next = 40;
        let drawn = with_minutes(text, || {
            next += 1;
            next
        });
        assert_eq!(drawn, text.trim_end().replacen("\n17 *\t", "\n41 *\t", 1) + "\n");
        assert_eq!(with_minutes("", || 1), "");
    }
}
