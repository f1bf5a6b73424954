//! `image-builder verify`: a second principal looks for himself.

use anyhow::bail;
use jiff::Timestamp;
use serde_json::json;
use spec::exit::Exit;
use spec::identity::Verdict;
use spec::ids::Principal;
use spec::release::{Gate, Namespace, Passed, VERIFY_WITHIN};

use super::bad_input::BadInput;
use super::trust::SignedRelease;
use super::{node, print};
use crate::archive_lint::lint;
use crate::registry::{Signed, testify};
use crate::releases::find;

pub(super) fn run(arguments: &SignedRelease) -> anyhow::Result<Exit> {
    let now = Timestamp::now();
    let prepared = (|| {
        let release = find(&node::host(&arguments.node)?, &arguments.reference)?;
        let signatory = arguments.signer.signatory()?;
        let principal = signatory.principal(Namespace::Evidence, now)?;
        signatory.principal(Namespace::Log, now)?;
        let signed = Signed::of(&release.archive(), signatory.signers(), now)?;
        let drill = second_look(&signed, &principal, now)?.clone();
        anyhow::Ok((release, signatory, principal, signed, drill, arguments.catalog.load()?))
    })();
    let (release, signatory, principal, signed, drill, catalog) = prepared.map_err(BadInput::of)?;
    let linted = lint(&release, &signed.verdict.document, &catalog)?;
    let details = json!({
        "lint": linted.details,
        "drill": { "evidence": drill.evidence, "by": drill.principal, "at": drill.at, "own": drill.principal == principal },
    });
    let recorded = testify(&release, Gate::Verified, linted.result, details, &signatory, now)?;
    if arguments.json {
        print::json(&json!({
            "version": 1,
            "golden": release.manifest.golden,
            "release": release.manifest.release,
            "principal": principal,
            "result": linted.result,
            "complaints": linted.complaints,
            "evidence": recorded.sha256,
            "path": recorded.path,
        }))?;
    } else {
        let title = format!("{}@{}", release.manifest.golden, release.manifest.release);
        let result = if linted.result == Verdict::Pass { "clean" } else { "not clean" };
        print::pairs([
            ("release", title),
            ("verified by", principal.to_string()),
            ("result", result.to_owned()),
            ("drill", format!("{} by {}", drill.at, drill.principal)),
            ("recorded", recorded.sha256.to_string()),
        ])?;
        linted.complaints.iter().for_each(|complaint| print::hint(complaint));
    }
    Ok(match linted.result {
        Verdict::Pass => Exit::Done,
        Verdict::Unverified => Exit::Unverified,
        _ => Exit::Failed,
    })
}

/// S2-15: another than the builder, within a day of a drill that passed.
fn second_look<'a>(signed: &'a Signed, principal: &Principal, now: Timestamp) -> anyhow::Result<&'a Passed> {
    let missing = signed.standing.missing(&[Gate::Built, Gate::Linted, Gate::Drilled]);
    if !missing.is_empty() {
        let missing: Vec<String> = missing.iter().map(ToString::to_string).collect();
        bail!("there is nothing yet that a second look could confirm: {}", missing.join("; "));
    }
    let passed = |gate| signed.standing.passed(gate);
    let (Some(built), Some(drilled)) = (passed(Gate::Built), passed(Gate::Drilled)) else {
        bail!("a gate counts and has no record");
    };
    if built.principal == *principal {
        bail!("{principal} built it: another principal must verify it, with another key");
    }
    if now.duration_since(drilled.at) > VERIFY_WITHIN {
        bail!("its drill of {} is older than 24 hours: drill it again, then verify it", drilled.at);
    }
    Ok(drilled)
}
