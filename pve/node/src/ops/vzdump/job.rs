//! A job: one guest after the other. A failed one fails the job, not the others.

use spec::ids::Vmid;

use super::guest::back_up;
use super::settings::{Settings, Target};
use super::{Defaults, VzdumpRequest, global_lock, hook};
use crate::error::{Die, chain};
use crate::exec::Program;
use crate::ops::Op;

/// What every step of a job has at hand.
pub(super) struct Job<'a> {
    /// The operation.
    pub(super) op: &'a Op<'a>,
    /// What holds for it.
    pub(super) settings: &'a Settings,
    /// Where its archives go.
    pub(super) target: &'a Target,
}

/// The work.
pub(in crate::ops) fn run(op: &Op<'_>, request: &VzdumpRequest) -> Result<(), Die> {
    let settings = Settings::merge(request, &Defaults::read(op.node))?;
    let target = hook::at_init(op, &settings).and_then(|()| Target::find(op.node, &settings));
    let target = target.inspect_err(|_| notify(op, &settings))?;
    let Some(_lock) = global_lock::acquire(op, settings.number("lockwait"))? else {
        notify(op, &settings);
        // Proxmox's task ends here without a last word, and reads `unexpected status` from then on.
        std::process::exit(255);
    };
    be_nice(settings.number("ionice"))?;
    back_all_up(&Job { op, settings: &settings, target: &target }, request)
}

/// Reading and writing gives way to the guests' own.
fn be_nice(level: u64) -> Result<(), Die> {
    let class = if level > 7 { vec!["-c3".to_owned()] } else { vec!["-c2".to_owned(), format!("-n{level}")] };
    Program::new("ionice").args(class).args(["-p", &std::process::id().to_string()]).read().map(drop)
}

fn back_all_up(job: &Job<'_>, request: &VzdumpRequest) -> Result<(), Die> {
    let op = job.op;
    op.info(&format!("starting new backup job: {}", request.shown));
    if !request.elsewhere.is_empty() {
        let skipped: Vec<String> = request.elsewhere.iter().map(ToString::to_string).collect();
        op.info(&format!("skip external VMs: {}", skipped.join(", ")));
    }
    let guests = permitted(op, request)?;
    let done = one_by_one(job, &guests);
    match &done {
        Ok(0) => op.info("Backup job finished successfully"),
        Ok(_) => op.info("Backup job finished with errors"),
        Err(error) => {
            // What the script says about an end that was bad already changes nothing.
            let _ = hook::around_job(job, "job-abort");
            op.line(&format!("ERROR: Backup job failed - {}", chain(error)));
        }
    }
    notify(op, job.settings);
    if done? > 0 { Err(Die::text("job errors")) } else { Ok(()) }
}

/// How many failed.
fn one_by_one(job: &Job<'_>, guests: &[Vmid]) -> Result<usize, Die> {
    hook::around_job(job, "job-start")?;
    let failed = guests.iter().filter(|vmid| !back_up(job, **vmid)).count();
    hook::around_job(job, "job-end")?;
    Ok(failed)
}

/// Who may not back a guest up is refused before anything is done; asked for all, only what may be is done.
fn permitted(op: &Op<'_>, request: &VzdumpRequest) -> Result<Vec<Vmid>, Die> {
    let who = op.principal()?;
    let mut guests = Vec::new();
    for vmid in &request.vmids {
        let may =
            if op.node.guests().exists(*vmid) { who.require(&format!("/vms/{vmid}"), "VM.Backup") } else { Ok(()) };
        match may {
            Ok(()) => guests.push(*vmid),
            Err(_) if request.all => (),
            Err(error) => return Err(Die::text(format!("403 {}", error.text))),
        }
    }
    Ok(guests)
}

/// The outcome would be mailed to root, who has no address on this node: Proxmox says so in these words.
fn notify(op: &Op<'_>, settings: &Settings) {
    if settings.notifies() {
        op.line(
            "WARN: 'root@pam' does not have a configured email address in the user configuration - not sending an email to this user",
        );
        op.line(
            "ERROR: could not notify via target `mail-to-root`: could not notify via endpoint(s): mail-to-root: no recipients provided for the mail, cannot send it.",
        );
    }
}
