//! One pass over a whole archive, and what it says.

use std::collections::BTreeMap;
use std::io::{self, Read};

use serde::Serialize;
use spec::identity::reading::digest::hex;
use spec::identity::{Catalog, Observation};
use spec::ids::Sha256Hex;
use spec::pct::{ConfigFinding, PctConf, check_golden};

use crate::conf::read_text;
use crate::digests::{Digester, Sum};
use crate::error::ArchiveError;
use crate::feed::{self, Others, Totals};
use crate::kept::Kept;
use crate::limits::Limits;
use crate::member::{Member, MemberKind, shown};
use crate::members::Members;
use crate::packages::{self, packages};
use crate::piece::Piece;
use crate::readings::observations;
use crate::rules::Rules;
use crate::second::Second;
use crate::secrets::{Secret, secret};
use crate::sightings::Sightings;
use crate::stream::{Compression, Pieces};
use crate::terms::{Deadline, Progress, Terms};
use crate::tree::{Content, Nodes, Order};
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
    /// Members.
    pub members: u64,
    /// SHA-256 of the members as they stand in the archive: names, types, modes, owners, sizes, times, targets.
    pub members_sha256: Sha256Hex,
    /// SHA-256 of the tree that the archive unpacks to, in its normal form: no order, no times, no configuration.
    pub tree_sha256: Sha256Hex,
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

/// Reads a whole archive once.
///
/// # Errors
/// The archive breaks a rule: see [`ArchiveError`].
pub fn inspect(
    file: impl Read + Send + 'static,
    catalog: &Catalog,
    terms: Terms<'_>,
) -> Result<Inspection, ArchiveError> {
    let Terms { limits, second, clock, mut progress } = terms;
    let deadline = Deadline::new(clock, limits.wall);
    let digester = Digester::start()?;
    let mut second = second.map(Second::start).transpose()?;
    let others = Others { digests: digester.sender(), second: second.as_mut().and_then(Second::take_pieces) };
    let mut members = Members::new(feed::start(file, limits, &deadline, others)?, limits);
    let mut notes = Notes::new(limits, catalog, &digester);
    let mut rules = Rules::new(limits);
    while let Some(member) = members.next()? {
        rules.check(&member)?;
        if second.as_ref().is_some_and(|second| !second.show(&member)) {
            break;
        }
        notes.take(&member, &mut members)?;
        if member.number.is_multiple_of(256) {
            deadline.check()?;
            progress(Progress { file_bytes: members.input().file_bytes(), members: member.number });
        }
    }
    let count = members.count();
    let totals = members.into_inner().totals();
    // After the stream's end, or after the second reader has hung up: it says why.
    second.map_or(Ok(()), Second::finish)?;
    let totals = totals.ok_or_else(|| ArchiveError::Thread(io::Error::other("the second reader hung up")))?;
    notes.finish(count, totals, digester)
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
    order: Order,
    nodes: Nodes,
    content: Content,
}

impl<'a> Notes<'a> {
    fn new(limits: Limits, catalog: &'a Catalog, digester: &Digester) -> Self {
        Self {
            limits,
            catalog,
            conf: None,
            firewall: None,
            sightings: Sightings::new(catalog),
            secrets: Vec::new(),
            packages: BTreeMap::new(),
            sizes: BTreeMap::new(),
            order: Order::new(),
            nodes: Nodes::new(limits),
            content: Content::new(digester.sender()),
        }
    }

    fn take<P: Pieces>(&mut self, member: &Member, members: &mut Members<P>) -> Result<(), ArchiveError> {
        self.order.note(member);
        if member.name == CONF_NAME.as_bytes() {
            self.conf = Some((member.number, read_text(members)?));
            return Ok(());
        }
        if member.name == FIREWALL_NAME.as_bytes() && member.kind == MemberKind::File {
            self.firewall = Some(read_text(members)?);
            return Ok(());
        }
        let path = member.path();
        self.nodes.note(member, &path)?;
        let stored = if member.kind == MemberKind::File { self.read(member, &path, members)? } else { None };
        // Of a sparse file these are the parts between its holes: enough to find a secret in, not to read it by.
        let content = stored.as_deref().filter(|_| member.sparse.is_none());
        self.sightings.note(member, &path, content)?;
        if member.kind == MemberKind::File {
            if path == packages::STATUS {
                self.packages = content.map(packages).transpose()?.unwrap_or_default();
            }
            let found = secret(&path, member.size, stored.as_deref());
            self.add_secret(found)?;
            self.add_size(&path, member.size);
        }
        Ok(())
    }

    /// Reads a file's content; a small one is given back for a closer look.
    fn read<P: Pieces>(
        &mut self,
        member: &Member,
        path: &[u8],
        members: &mut Members<P>,
    ) -> Result<Option<Piece>, ArchiveError> {
        let most = if path == packages::STATUS { packages::MOST_STATUS_BYTES } else { self.limits.kept_bytes };
        let mut kept = Kept::new(member.stored, most);
        self.content.begin(member);
        loop {
            let piece = members.content()?;
            if piece.is_empty() {
                self.content.end();
                return Ok(kept.whole());
            }
            self.content.add(&piece);
            kept.add(piece);
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

    fn finish(self, members: u64, totals: Totals, digester: Digester) -> Result<Inspection, ArchiveError> {
        let (conf_position, conf) = self.conf.ok_or(ArchiveError::NoConfiguration)?;
        self.content.finish();
        let sums = digester.finish()?;
        let parsed = PctConf::parse(&conf);
        Ok(Inspection {
            compression: totals.compression,
            file_bytes: totals.file_bytes,
            file_sha256: text(&sums.file)?,
            tar_bytes: totals.tar_bytes,
            members,
            members_sha256: text(&self.order.finish())?,
            tree_sha256: text(&self.nodes.digest(&sums.contents))?,
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

fn text(sum: &Sum) -> Result<Sha256Hex, ArchiveError> {
    hex(sum).parse().map_err(|error| ArchiveError::Thread(io::Error::other(error)))
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
