//! The audit: silent over a clean fleet, loud over a hurried admin's.

use anyhow::{Result, ensure};
use spec::identity::IdentityKind;
use spec::report::{AuditReport, Class};

use crate::Story;
use crate::stage::Stage;

pub(crate) const STORIES: &[Story] = &[("audit::s4_22_raw_restores_are_found_and_explained", raw_restores)];

fn raw_restores(stage: &Stage) -> Result<()> {
    let customers = ["north", "south"];
    for customer in customers {
        stage.provision(customer)?;
    }
    let clean: AuditReport = stage.lab.agent(&["audit", "--json"])?.ok()?.json()?;
    ensure!(clean.guests == 2 && clean.findings.is_empty(), "{clean:?}");

    // The hurried admin: restore, start, go home. Twice.
    let hurried = ["151", "152"];
    for vmid in hurried {
        stage
            .lab
            .pct(&["restore", vmid, &stage.golden.archive.volid, "--storage", "local", "--unprivileged", "1"])?
            .ok()?;
        stage.lab.pct(&["start", vmid])?.ok()?;
    }
    let report: AuditReport = stage.lab.agent(&["audit", "--json"])?.exited(5)?.json()?;
    for kind in [IdentityKind::Mac, IdentityKind::Hostname] {
        shared(&report, Class::Collision, &kind, &[151, 152])?;
        shared(&report, Class::GoldenLeak, &kind, &[151, 152])?;
    }
    let named: Vec<u32> = report.findings.iter().flat_map(|f| &f.guests).map(|guest| guest.vmid.get()).collect();
    ensure!(named.iter().all(|vmid| [151, 152].contains(vmid)), "a customer's guest was blamed: {report:?}");

    stage.lab.pct(&["stop", "152"])?.ok()?;
    let sleeping: AuditReport = stage.lab.agent(&["audit", "--json"])?.exited(5)?.json()?;
    shared(&sleeping, Class::Dormant, &IdentityKind::Mac, &[151, 152])?;

    for vmid in hurried {
        stage.lab.pct(&["destroy", vmid, "--force"])?.ok()?;
    }
    stage.lab.agent(&["audit", "--json"])?.ok()?;
    customers.iter().try_for_each(|customer| stage.destroy(customer))
}

fn shared(report: &AuditReport, class: Class, kind: &IdentityKind, holders: &[u32]) -> Result<()> {
    let found = report.findings.iter().find(|f| f.class == class && f.kind == kind.to_string());
    let Some(found) = found else { anyhow::bail!("no {} of {kind}: {report:?}", class.as_str()) };
    let vmids: Vec<u32> = found.guests.iter().map(|guest| guest.vmid.get()).collect();
    ensure!(vmids == holders, "{} of {kind} names {vmids:?}", class.as_str());
    ensure!(class != Class::GoldenLeak || found.golden.is_some(), "the golden is not named: {found:?}");
    Ok(())
}
