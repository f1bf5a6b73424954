//! `image-builder sign`: whoever built a golden stands to it.

use std::path::PathBuf;

use anyhow::Context;
use jiff::Timestamp;
use serde_json::json;
use spec::exit::Exit;
use spec::identity::Verdict;
use spec::ids::{Principal, Sha256Hex};
use spec::release::{Gate, Namespace, Statement, provenance, read};

use super::bad_input::BadInput;
use super::trust::SignedRelease;
use super::{node, print};
use crate::archive_lint::{Linted, lint};
use crate::dump;
use crate::phases::{VERDICT, pretty};
use crate::registry::{Recorded, seal_bytes, testify, unsigned, write_sealed};
use crate::releases::{Release, find, manifest_path};
use crate::signing::Signatory;

pub(super) fn run(arguments: &SignedRelease) -> anyhow::Result<Exit> {
    let now = Timestamp::now();
    let prepared = (|| {
        let release = find(&node::host(&arguments.node)?, &arguments.reference)?;
        let signatory = arguments.signer.signatory()?;
        // All that is going to be signed, so that nothing is half signed.
        for namespace in [Namespace::Verdict, Namespace::Provenance, Namespace::Evidence, Namespace::Log] {
            signatory.principal(namespace, now)?;
        }
        let principal = signatory.principal(Namespace::Manifest, now)?;
        let texts = unsigned(&release.archive())?;
        anyhow::Ok((release, signatory, principal, texts, arguments.catalog.load()?))
    })();
    let (release, signatory, principal, texts, catalog) = prepared.map_err(BadInput::of)?;
    let linted = lint(&release, &read::<Statement>(&texts.1)?, &catalog)?;
    if linted.result != Verdict::Pass {
        print::hint("nothing was signed: the archive is not what its documents say");
        linted.complaints.iter().for_each(|complaint| print::hint(complaint));
        return Ok(if linted.result == Verdict::Unverified { Exit::Unverified } else { Exit::Failed });
    }
    let signed = sign(&release, texts, linted, &signatory, now)?;
    tell(arguments.json, &release, &principal, &signed)?;
    Ok(Exit::Done)
}

/// What was signed: documents, and the records of the gates.
struct SignedNow {
    documents: Vec<PathBuf>,
    records: Vec<Recorded>,
}

fn sign(
    release: &Release,
    (manifest, verdict): (Vec<u8>, Vec<u8>),
    linted: Linted,
    signatory: &Signatory,
    now: Timestamp,
) -> anyhow::Result<SignedNow> {
    let archive = release.archive();
    let how = dump::beside(&archive, "provenance.json");
    let statement = pretty(&provenance(&release.manifest, &Sha256Hex::of(&manifest)))?;
    write_sealed(&how, &statement, Namespace::Provenance, signatory, now)?;
    let documents = [dump::beside(&archive, VERDICT), manifest_path(&archive)];
    seal_bytes(&documents[0], &verdict, Namespace::Verdict, signatory, now)?;
    seal_bytes(&documents[1], &manifest, Namespace::Manifest, signatory, now)?;
    let built = json!({ "archive": release.manifest.archive.sha256, "recipe": release.manifest.recipe });
    let built = testify(release, Gate::Built, Verdict::Pass, built, signatory, now)?;
    let linted = testify(release, Gate::Linted, linted.result, linted.details, signatory, now)
        .context("the documents are signed, the lint is not recorded: sign again")?;
    Ok(SignedNow { documents: documents.into_iter().chain([how]).collect(), records: vec![built, linted] })
}

fn tell(as_json: bool, release: &Release, principal: &Principal, signed: &SignedNow) -> anyhow::Result<()> {
    let manifest = &release.manifest;
    if as_json {
        let records = signed.records.iter();
        let records =
            records.map(|record| json!({ "gate": record.evidence.gate, "sha256": record.sha256, "path": record.path }));
        return print::json(&json!({
            "version": 1,
            "golden": manifest.golden,
            "release": manifest.release,
            "manifest": release.sha256,
            "principal": principal,
            "documents": signed.documents,
            "evidence": records.collect::<Vec<_>>(),
        }));
    }
    let mut rows = vec![
        ("release", format!("{}@{}", manifest.golden, manifest.release)),
        ("signed by", principal.to_string()),
        ("manifest", release.sha256.to_string()),
    ];
    rows.extend(signed.documents.iter().map(|path| ("signed", path.display().to_string())));
    rows.extend(
        signed.records.iter().map(|record| ("recorded", format!("{} {}", record.evidence.gate, record.sha256))),
    );
    print::pairs(rows)
}
