//! One pass over a whole archive, and what it says.

use std::collections::BTreeMap;
use std::io;

use serde::Serialize;
use spec::identity::reading::digest::hex;
use spec::identity::{Catalog, Observation};
use spec::ids::Sha256Hex;
use spec::pct::{ConfigFinding, PctConf, check_golden};

use crate::conf::read_text;
use crate::digests::{Digester, Sum};
use crate::dpkg::Dpkg;
use crate::error::ArchiveError;
use crate::feed::{self, Others, Totals};
use crate::kept::Kept;
use crate::limits::Limits;
use crate::md5;
use crate::member::{Member, MemberKind, shown};
use crate::members::Members;
use crate::packages::{self, packages};
use crate::piece::Piece;
use crate::privileged::{Privileged, PrivilegedFiles, check_attributes, is_privileged};
use crate::readings::observations;
use crate::rules::Rules;
use crate::second::Second;
use crate::secrets::{Report, Scanner, Secret, Shipped};
use crate::sightings::Sightings;
use crate::stream::{Compression, Pieces};
use crate::terms::{Deadline, Progress, Terms};
use crate::tree::{Content, Nodes, Order};
use crate::{CONF_NAME, FIREWALL_NAME};

/// Directories that are counted one by one; what comes later is counted under `/`.
const MOST_DIRECTORIES: usize = 4096;

/// The largest file that is summed again where something is found in it.
const MOST_SUMMED: u64 = 8 << 20;

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
    /// Files that look so, but are what a package ships to everybody.
    pub shipped: Vec<Shipped>,
    /// Files with set-id bits or capabilities.
    pub privileged: Vec<Privileged>,
    /// Whether dpkg's database tells which package brought which file.
    pub owners_known: bool,
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
    file: impl io::Read + Send + 'static,
    catalog: &Catalog,
    terms: Terms<'_>,
) -> Result<Inspection, ArchiveError> {
    let Terms { limits, second, clock, mut progress } = terms;
    let deadline = Deadline::new(clock, limits.wall);
    let digester = Digester::start()?;
    let mut second = second.map(Second::start).transpose()?;
    let others = Others { digests: digester.sender(), second: second.as_mut().and_then(Second::take_pieces) };
    let mut members = Members::new(feed::start(file, limits, &deadline, others)?, limits);
    let mut notes = Notes::new(limits, catalog, &digester)?;
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

/// What was read of a file.
struct Read {
    /// Its content, where it is small.
    kept: Option<Piece>,
    /// Its content in pieces, where it is not too large to be summed.
    whole: Option<Vec<Piece>>,
    /// What secrets it holds.
    secrets: Vec<&'static str>,
}

/// What has been noted so far.
struct Notes<'a> {
    limits: Limits,
    catalog: &'a Catalog,
    conf: Option<(u64, String)>,
    firewall: Option<String>,
    sightings: Sightings<'a>,
    scanner: Scanner,
    report: Report,
    privileged: PrivilegedFiles,
    dpkg: Dpkg,
    packages: BTreeMap<String, String>,
    sizes: BTreeMap<String, u64>,
    order: Order,
    nodes: Nodes,
    content: Content,
}

impl<'a> Notes<'a> {
    fn new(limits: Limits, catalog: &'a Catalog, digester: &Digester) -> Result<Self, ArchiveError> {
        Ok(Self {
            limits,
            catalog,
            conf: None,
            firewall: None,
            sightings: Sightings::new(catalog),
            scanner: Scanner::new()?,
            report: Report::new(),
            privileged: PrivilegedFiles::new(),
            dpkg: Dpkg::new(),
            packages: BTreeMap::new(),
            sizes: BTreeMap::new(),
            order: Order::new(),
            nodes: Nodes::new(limits),
            content: Content::new(digester.sender()),
        })
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
        check_attributes(member)?;
        if member.kind == MemberKind::File {
            self.take_file(member, &path, members)
        } else {
            self.sightings.note(member, &path, None)
        }
    }

    fn take_file<P: Pieces>(
        &mut self,
        member: &Member,
        path: &[u8],
        members: &mut Members<P>,
    ) -> Result<(), ArchiveError> {
        let Read { kept, whole, secrets } = self.read(member, path, members)?;
        // Of a sparse file these are the parts between its holes: enough to find a secret in, not to read it by.
        let content = kept.as_deref().filter(|_| member.sparse.is_none());
        self.sightings.note(member, path, content.filter(|content| content.len() as u64 <= self.limits.kept_bytes))?;
        if let Some(content) = content {
            self.dpkg.note(path, content)?;
        }
        if path == packages::STATUS {
            self.packages = content.map(packages).transpose()?.unwrap_or_default();
        }
        let sum = || whole.as_deref().filter(|_| member.sparse.is_none()).map(md5::sum);
        if is_privileged(member) {
            self.privileged.note(member, path, sum())?;
        }
        if member.size > 0 {
            self.report.note(path, secrets, sum)?;
        }
        self.add_size(path, member.size);
        Ok(())
    }

    /// Reads a file's content; a small one is given back for a closer look.
    fn read<P: Pieces>(
        &mut self,
        member: &Member,
        path: &[u8],
        members: &mut Members<P>,
    ) -> Result<Read, ArchiveError> {
        let most = if path == packages::STATUS { packages::MOST_STATUS_BYTES } else { self.limits.kept_bytes };
        let mut kept = Kept::new(member.stored, Dpkg::wants(path).unwrap_or(most));
        let mut whole = (member.stored <= MOST_SUMMED).then(Vec::new);
        self.content.begin(member);
        loop {
            let piece = members.content()?;
            if piece.is_empty() {
                self.content.end();
                return Ok(Read { kept: kept.whole(), whole, secrets: self.scanner.end() });
            }
            self.content.add(&piece);
            self.scanner.feed(&piece);
            if let Some(pieces) = &mut whole {
                pieces.push(piece.clone());
            }
            kept.add(piece);
        }
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
        let (secrets, shipped) = self.report.finish(&self.dpkg);
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
            secrets,
            shipped,
            privileged: self.privileged.finish(&self.dpkg),
            owners_known: self.dpkg.is_there(),
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
