//! One pass over a whole archive, and what it says.

use std::collections::BTreeMap;
use std::io::Read;

use serde::Serialize;
use spec::identity::{Catalog, Observation};
use spec::ids::Sha256Hex;
use spec::pct::{ConfigFinding, PctConf, check_golden};

use crate::conf::read_text;
use crate::digests::{DigestedFile, Digester};
use crate::error::ArchiveError;
use crate::limits::Limits;
use crate::member::{Member, MemberKind, shown};
use crate::members::Members;
use crate::packages::{self, packages};
use crate::readings::observations;
use crate::rules::Rules;
use crate::secrets::{Secret, secret};
use crate::sightings::Sightings;
use crate::stream::{Compression, Stream};
use crate::tee::Tee;
use crate::witness::Witness;
use crate::{CONF_NAME, FIREWALL_NAME};

/// Directories that are counted one by one; what comes later is counted under `/`.
const MOST_DIRECTORIES: usize = 4096;

/// Secrets that are listed; an image with more is not to be mended file by file.
const MOST_SECRETS: usize = 10_000;

/// What an archive is and holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Inspection {
    /// How the file is compressed.
    pub compression: Compression,
    /// Bytes of the file.
    pub file_bytes: u64,
    /// SHA-256 of the file.
    pub file_sha256: Sha256Hex,
    /// Bytes of the tar stream.
    pub tar_bytes: u64,
    /// SHA-256 of the tar stream.
    pub tar_sha256: Sha256Hex,
    /// Members.
    pub members: u64,
    /// The number of the configuration's member, from 1. vzdump writes it first.
    pub conf_position: u64,
    /// The configuration's text.
    pub conf: String,
    /// What in the configuration a golden must not bring.
    pub config_findings: Vec<ConfigFinding>,
    /// The identity catalog's items as they lie in the tree; at least one observation for each.
    pub observations: Vec<Observation>,
    /// Files that hold secrets.
    pub secrets: Vec<Secret>,
    /// Installed Debian packages, name to version.
    pub packages: BTreeMap<String, String>,
    /// Bytes of files by their first two directories.
    pub sizes: BTreeMap<String, u64>,
}

/// How far an inspection is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Bytes of the file that were read.
    pub file_bytes: u64,
    /// Members seen.
    pub members: u64,
}

/// Reads a whole archive once. `progress` is called now and then.
///
/// # Errors
/// The archive breaks a rule: see [`ArchiveError`].
pub fn inspect(
    file: impl Read,
    limits: Limits,
    catalog: &Catalog,
    mut progress: impl FnMut(Progress),
) -> Result<Inspection, ArchiveError> {
    let digester = Digester::start()?;
    let mut witness = Witness::start()?;
    let stream = Stream::open(DigestedFile { inner: file, sender: digester.sender() }, limits)?;
    let mut members = Members::new(Tee::new(stream, witness.sender(), digester.sender()), limits);
    let mut notes = Notes::new(limits, catalog);
    let mut rules = Rules::new();
    while let Some(member) = members.next()? {
        witness.show(&member)?;
        rules.check(&member)?;
        notes.take(&member, &mut members)?;
        if member.number.is_multiple_of(256) {
            progress(Progress { file_bytes: members.get_ref().get_ref().file_bytes(), members: member.number });
        }
    }
    notes.finish(members, witness, digester)
}

/// What has been noted so far.
struct Notes<'a> {
    limits: Limits,
    catalog: &'a Catalog,
    conf: Option<(u64, String)>,
    firewall: Option<String>,
    sightings: Sightings<'a>,
    secrets: Vec<Secret>,
    packages: BTreeMap<String, String>,
    sizes: BTreeMap<String, u64>,
    content: Vec<u8>,
}

impl<'a> Notes<'a> {
    fn new(limits: Limits, catalog: &'a Catalog) -> Self {
        Self {
            limits,
            catalog,
            conf: None,
            firewall: None,
            sightings: Sightings::new(catalog),
            secrets: Vec::new(),
            packages: BTreeMap::new(),
            sizes: BTreeMap::new(),
            content: Vec::new(),
        }
    }

    fn take<R: Read>(&mut self, member: &Member, members: &mut Members<R>) -> Result<(), ArchiveError> {
        if member.name == CONF_NAME.as_bytes() {
            self.conf = Some((member.number, read_text(members)?));
            return Ok(());
        }
        if member.name == FIREWALL_NAME.as_bytes() && member.kind == MemberKind::File {
            self.firewall = Some(read_text(members)?);
            return Ok(());
        }
        let path = member.path();
        let stored = self.keep_stored(member, &path, members)?.then_some(self.content.as_slice());
        // Of a sparse file these are the parts between its holes: enough to find a secret in, not to read it by.
        let content = stored.filter(|_| !member.sparse);
        self.sightings.note(member, &path, content)?;
        if member.kind == MemberKind::File {
            if path == packages::STATUS {
                self.packages = content.map(packages).transpose()?.unwrap_or_default();
            }
            let found = secret(&path, member.size, stored);
            self.add_secret(found)?;
            self.add_size(&path, member.size);
        }
        Ok(())
    }

    /// Reads what is stored of a small file; false where there is nothing to look at.
    fn keep_stored<R: Read>(
        &mut self,
        member: &Member,
        path: &[u8],
        members: &mut Members<R>,
    ) -> Result<bool, ArchiveError> {
        let most = if path == packages::STATUS { packages::MOST_STATUS_BYTES } else { self.limits.kept_bytes };
        self.content.clear();
        if member.kind != MemberKind::File || member.stored > most {
            return Ok(false);
        }
        loop {
            let piece = members.content()?;
            if piece.is_empty() {
                return Ok(true);
            }
            self.content.extend_from_slice(piece);
        }
    }

    fn add_secret(&mut self, found: Option<Secret>) -> Result<(), ArchiveError> {
        self.secrets.extend(found);
        if self.secrets.len() > MOST_SECRETS {
            return Err(ArchiveError::TooMuch { what: "secrets", limit: MOST_SECRETS as u64 });
        }
        Ok(())
    }

    fn add_size(&mut self, path: &[u8], size: u64) {
        let mut parts: Vec<&[u8]> = path.split(|byte| *byte == b'/').collect();
        parts.pop();
        parts.truncate(if self.sizes.len() < MOST_DIRECTORIES { 2 } else { 0 });
        let directory = format!("/{}", shown(&parts.join(&b'/')));
        let sum = self.sizes.entry(directory).or_default();
        *sum = sum.saturating_add(size);
    }

    fn finish<R: Read>(
        self,
        members: Members<Tee<Stream<R>>>,
        witness: Witness,
        digester: Digester,
    ) -> Result<Inspection, ArchiveError> {
        let (conf_position, conf) = self.conf.ok_or(ArchiveError::NoConfiguration)?;
        let count = members.count();
        let stream = members.into_inner().into_inner();
        let (compression, file_bytes, tar_bytes) = (stream.compression(), stream.file_bytes(), stream.tar_bytes());
        drop(stream);
        witness.finish()?;
        let (file_sha256, tar_sha256) = digester.finish()?.texts()?;
        let parsed = PctConf::parse(&conf);
        Ok(Inspection {
            compression,
            file_bytes,
            file_sha256,
            tar_bytes,
            tar_sha256,
            members: count,
            conf_position,
            config_findings: config_findings(&parsed, self.firewall.as_deref()),
            observations: observations(self.catalog, &self.sightings.into_vec(), parsed.get("hostname")),
            conf,
            secrets: self.secrets,
            packages: self.packages,
            sizes: self.sizes,
        })
    }
}

/// The configuration's findings, and one more where a firewall's rules would come along.
fn config_findings(conf: &PctConf, firewall: Option<&str>) -> Vec<ConfigFinding> {
    let mut findings = check_golden(conf);
    if let Some(rules) = firewall.filter(|rules| !rules.trim().is_empty()) {
        findings.push(ConfigFinding {
            key: "pct.fw".to_owned(),
            value: format!("{} lines", rules.lines().count()),
            why: "firewall rules of one guest would reach every guest; remove them and take another backup".to_owned(),
        });
    }
    findings
}
