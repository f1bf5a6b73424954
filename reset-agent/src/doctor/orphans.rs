//! Whether runs left guests behind.

use super::examine::Check;
use crate::orphans::{Found, Standing};
use crate::stop::Stop;

/// The check, of what was found.
pub fn orphans(found: &Result<Vec<Found>, Stop>) -> Check {
    let (what, blocks) = ("guests of undone runs", "their numbers and their disks: nobody uses them");
    let all = match found {
        Ok(all) => all,
        Err(stop) => return Check::unverified(what, format!("{:#}", stop.error), blocks),
    };
    let is_orphan = |found: &&Found| matches!(found.standing, Standing::Orphan { .. });
    let orphans: Vec<String> = all.iter().filter(is_orphan).map(|found| found.vmid.to_string()).collect();
    if orphans.is_empty() {
        return Check::pass(what, "none");
    }
    Check::fail(what, format!("{}: `reset-agent orphans` tells more and removes them", orphans.join(", ")), blocks)
}

#[cfg(test)]
mod tests {
    use spec::identity::Verdict;

    use super::*;

    fn found(standing: Standing) -> Vec<Found> {
        let run = "0193f2a4-0000-7000-8000-000000000001".parse().unwrap();
        vec![Found { vmid: "200".parse().unwrap(), run, customer: None, standing }]
    }

    #[test]
    fn what_runs_left_behind_is_named_and_strangers_are_not_blamed() {
        let orphan = orphans(&Ok(found(Standing::Orphan { hindrances: vec!["it runs".into()] })));
        assert_eq!(orphan.verdict, Verdict::Fail);
        assert!(orphan.why.starts_with("200: "), "{orphan:?}");
        assert_eq!(orphans(&Ok(found(Standing::Theirs))).verdict, Verdict::Pass);
        assert_eq!(orphans(&Ok(Vec::new())).verdict, Verdict::Pass);
        assert_eq!(orphans(&Err(Stop::bad_input("no node"))).verdict, Verdict::Unverified);
    }
}
