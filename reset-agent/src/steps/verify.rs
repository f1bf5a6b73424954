//! Everything that must be the guest's own, judged. What could not be looked at is said to be so; what is not the
//! guest's own takes it off the wire.

use pve_client::config_nets;
use pve_client::wire::GuestConfig;
use saga::{Recorder, Step, StepError, output};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use spec::identity::{
    Catalog, Expected, Finding, GuestRule, Identity, Observation, Verdict, item, judge_guest, overall,
};
use spec::ids::RunId;

use super::attest::{Started, judge};
use super::await_guest::Reached;
use super::machine_id;
use super::present::{Looked, Present, may_be_journaled};
use super::proof::ProvenReset;
use super::reserve::{Names, run_id};
use super::reset::write;
use super::resolve::Golden;
use super::restore::Restored;
use crate::context::Context;
use crate::evidence::{Column, Comparison};
use crate::ledger::GuestState;

/// Judges the guest.
pub struct Verify {
    /// Whether what must not come back in a new guest may be there: a recovered one has lived.
    has_lived: bool,
}

impl Verify {
    /// A guest out of a golden.
    pub const NEW: Self = Self { has_lived: false };
    /// A guest out of a customer's own backup.
    pub const RECOVERED: Self = Self { has_lived: true };
}

/// What the judgement says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verified {
    /// The worst of the findings.
    pub verdict: Verdict,
    /// Who looked into the guest's tree.
    pub looked: Looked,
    /// Every place that was judged.
    pub findings: Vec<Finding>,
    /// As restored, after reset, after boot.
    pub comparison: Comparison,
    /// What the guest is known by, without what must not be journaled.
    pub identities: Vec<Identity>,
}

impl Step<Context> for Verify {
    fn name(&self) -> &'static str {
        "verify"
    }

    async fn run(&self, ctx: &mut Context, rec: &mut Recorder<'_>) -> Result<Value, StepError> {
        let golden: Golden = rec.output("resolve")?;
        let names: Names = rec.output("reserve")?;
        let restored: Restored = rec.output("restore")?;
        let proven: ProvenReset = rec.output("reset")?;
        let reached: Reached = rec.output("await")?;
        let present = Present::look(ctx, &proven, &reached, rec.run_id()).await?;
        let identities = present.identities(&reached);
        let taken = ctx.ledger.taken(&identities, names.guest).await.map_err(|error| StepError::from_error(&error))?;
        let expected =
            Expected { hostname: names.hostname.clone(), forbidden: golden.forbidden.iter().cloned().collect(), taken };
        let mut findings = judge_guest(Catalog::builtin(), &present.observations, &expected);
        if self.has_lived {
            for finding in &mut findings {
                grant(finding, &present.observations);
            }
        }
        findings.push(configuration(&proven, &present.config));
        findings.push(link(&present.config));
        findings.extend(machine_id::finding(&present.config, &identities));
        // A plan that starts no guest asks it nothing.
        if rec.output::<Started>("start").is_ok_and(|started| started.asked) {
            findings.extend(judge(&run_id(rec)?, &golden, &proven, &reached, present.tree.as_ref()));
        }
        findings.extend(identities.iter().filter_map(|identity| foreign(identity, &expected)));
        let booted = Column::of(Some(&present.config), &present.addresses, &present.observations);
        let comparison = Comparison::of(&restored.column, proven.column(), &booted);
        let verdict = overall(&findings);
        if verdict == Verdict::Fail {
            return Err(quarantine(ctx, &run_id(rec)?, &names, &proven, &findings).await?);
        }
        let identities = identities.into_iter().filter(may_be_journaled).collect();
        output(&Verified { verdict, looked: present.looked, findings, comparison, identities })
    }

    async fn undo(&self, _ctx: &mut Context, _rec: &mut Recorder<'_>) -> Result<(), StepError> {
        // It only looked, or took the guest off the wire; the guest goes with the restore.
        Ok(())
    }
}

fn configuration(proven: &ProvenReset, config: &GuestConfig) -> Finding {
    let holds = proven.holds(config);
    let why = if holds { "addresses and hostname are the issued ones" } else { "it was changed after its reset" };
    finding("nic-mac", if holds { Verdict::Pass } else { Verdict::Fail }, why.to_owned())
}

/// A golden's residue would be a fault of the golden; in a guest that has lived it is the customer's own. Whose an
/// identity is, is judged all the same.
fn grant(finding: &mut Finding, observations: &[Observation]) {
    let residue = item(&finding.item).is_some_and(|item| item.in_guest == GuestRule::Absent);
    let identity = observations
        .iter()
        .any(|seen| seen.item == finding.item && seen.place == finding.place && seen.seen.identity().is_some());
    if finding.verdict == Verdict::Fail && residue && !identity {
        finding.verdict = Verdict::Skipped;
        finding.why = format!("the customer's own, not judged: {}", finding.why);
    }
}

/// A quarantined guest that is verified again must not pass for one that can be reached.
fn link(config: &GuestConfig) -> Finding {
    let nets = match config_nets(config) {
        Ok(nets) => nets,
        Err(error) => return finding("link", Verdict::Fail, error.to_string()),
    };
    let down: Vec<&str> = nets.iter().filter(|(_, net)| net.link_down()).map(|(key, _)| key.as_str()).collect();
    match down.as_slice() {
        [] => finding("link", Verdict::Pass, "every interface's link is up".to_owned()),
        down => finding("link", Verdict::Fail, format!("the link of {} is down (quarantine)", down.join(", "))),
    }
}

/// Identities from outside the tree (MAC, IP, host keys as shown) against the golden's and other guests'.
fn foreign(identity: &Identity, expected: &Expected) -> Option<Finding> {
    let shown = format!("{} {}", identity.kind.title(), identity.shown());
    if expected.forbidden.contains(identity) {
        return Some(finding("golden", Verdict::Fail, format!("{shown} is the golden's")));
    }
    let holder = expected.taken.get(identity)?;
    Some(finding("ledger", Verdict::Fail, format!("{shown} is {holder}'s")))
}

fn finding(item: &str, verdict: Verdict, why: String) -> Finding {
    Finding { item: item.to_owned(), place: "guest".to_owned(), verdict, why }
}

/// Takes the guest off the wire and keeps it: what went wrong can be looked at, and nobody is reached under a false
/// identity.
async fn quarantine(
    ctx: &Context,
    run: &RunId,
    names: &Names,
    proven: &ProvenReset,
    findings: &[Finding],
) -> Result<StepError, StepError> {
    let vmid = proven.vmid();
    write(ctx, run, vmid, names, true).await?;
    ctx.ledger.mark(names.guest, GuestState::Quarantined).await.map_err(|error| StepError::from_error(&error))?;
    let failed = findings.iter().filter(|finding| finding.verdict == Verdict::Fail);
    let reasons: Vec<String> = failed.map(|f| format!("{} at {}: {}", f.item, f.place, f.why)).collect();
    Ok(StepError::park(
        format!("guest {vmid} is not its own and was taken off the wire: {}", reasons.join("; ")),
        format!("look at it, then: reset-agent destroy {vmid}"),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guest_off_the_wire_is_not_verified() {
        let config = |net0: &str| GuestConfig {
            values: [("net0".to_owned(), net0.to_owned())].into(),
            ..GuestConfig::default()
        };
        let up = "name=eth0,bridge=vmbr0,hwaddr=BC:24:11:00:00:01,ip=dhcp";
        assert_eq!(link(&config(up)).verdict, Verdict::Pass);
        let down = link(&config(&format!("{up},link_down=1")));
        assert_eq!(down.verdict, Verdict::Fail);
        assert!(down.why.contains("net0"), "{}", down.why);
    }
}
