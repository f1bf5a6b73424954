//! A drill from one end to the other.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::PathBuf;
use std::time::Instant;

use pve_host::process::Interrupt;
use spec::identity::{Observation, catalog};
use spec::ids::{Sha256Hex, Volid};

use super::compare::{Explanations, Ownership, Shared, TreeReading, shared, unstable};
use super::order::Drill;
use super::report::{Check, Compared, DrillReport};
use super::room::{Inventory, Residue, RoomError, residue};
use super::table::{Columns, rows};
use super::twin::{Twin, TwinError, node_values};
use super::{acceptance, suspects};
use crate::digest;
use crate::guest::{RecordError, sweep};
use crate::pipeline::tell_leftovers;
use crate::progress::Phase;

/// Why a drill has no report. The twins are gone when this is returned; where that could not be done, their records are
/// still there.
#[derive(Debug, thiserror::Error)]
pub enum DrillError {
    /// Something of an earlier drill is there.
    #[error("the room is not clean:\n{}", list(.0))]
    Residue(Vec<Residue>),
    /// The archive is not the release's.
    #[error("{volid} has SHA-256 {found}, its manifest says {expected}")]
    OtherArchive {
        /// The archive.
        volid: String,
        /// The file's digest.
        found: Sha256Hex,
        /// The manifest's.
        expected: Sha256Hex,
    },
    /// The archive could not be read.
    #[error("cannot read the archive {volid}")]
    Archive {
        /// The archive.
        volid: String,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// The room could not be looked at.
    #[error("cannot look at the room")]
    Room(#[from] RoomError),
    /// What a killed drill left could not be looked for.
    #[error("cannot look for what earlier drills left")]
    Records(#[from] RecordError),
    /// A twin could not be made, or not be looked at.
    #[error("{} failed", phase.as_str())]
    Twin {
        /// The phase.
        phase: Phase,
        /// Why.
        #[source]
        source: TwinError,
    },
    /// A signal ended the drill.
    #[error("interrupted before {}", before.as_str())]
    Interrupted {
        /// The phase that was not begun.
        before: Phase,
    },
}

fn list(residue: &[Residue]) -> String {
    residue.iter().map(|residue| format!("  {residue}")).collect::<Vec<_>>().join("\n")
}

/// The two of them.
type Pair<'d> = [Twin<'d>; 2];

/// Drills a release.
pub fn drill(drill: &Drill<'_>) -> Result<DrillReport, DrillError> {
    let mut clock = Clock::new(drill);
    clock.begin(Phase::Room)?;
    let before = enter(drill)?;
    hold_to_the_manifest(drill)?;
    clock.begin(Phase::Restore)?;
    let restored = restore(drill).map_err(clock.failed())?;
    clock.begin(Phase::Boot)?;
    let (twins, booted) = boot(restored.twins).map_err(clock.failed())?;
    clock.begin(Phase::Accept)?;
    let mut checks = acceptance::accept(drill, &twins[0], &twins[1], &booted[0]);
    checks.extend(acceptance::accept(drill, &twins[1], &twins[0], &booted[1]));
    let facts = [twins[0].facts(), twins[1].facts()];
    let nics = [twins[0].nics.clone(), twins[1].nics.clone()];
    clock.begin(Phase::Reboot)?;
    let (twins, first) = stop_and_read(drill, twins, &restored.ownership).map_err(clock.failed())?;
    let (twins, rebooted) = boot(twins).map_err(clock.failed())?;
    clock.begin(Phase::Compare)?;
    let (twins, compared) = compare(drill, twins, &restored.ownership, &first).map_err(clock.failed())?;
    let columns = Columns { restored: &restored.seen, booted: &booted, rebooted: &rebooted, nics: &nics };
    let items = rows(drill, &facts, &columns);
    clock.begin(Phase::Remove)?;
    drop(twins);
    checks.push(nothing_left(drill, &before));
    let mut report = DrillReport {
        version: 1,
        verdict: spec::identity::Verdict::Fail,
        golden: drill.manifest.golden.clone(),
        release: drill.manifest.release.clone(),
        archive: drill.manifest.archive.sha256.clone(),
        catalog: catalog::VERSION,
        bridge: drill.bridge.to_string(),
        clean_room: drill.clean_room,
        twins: facts.into(),
        checks,
        items,
        shared: suspects::shared(&compared.shared),
        unstable: suspects::unstable(&compared.unstable, &compared.last),
        compared: compared.in_numbers(),
        durations: clock.durations(),
    };
    report.verdict = report.judge();
    Ok(report)
}

/// What is said of the twins is said of these bytes.
fn hold_to_the_manifest(drill: &Drill<'_>) -> Result<(), DrillError> {
    let archive = &drill.manifest.archive;
    let volid = &archive.volid;
    let unreadable = |source| DrillError::Archive { volid: volid.clone(), source };
    let parsed: Volid = volid.parse().map_err(|error| unreadable(io::Error::other(error)))?;
    let path = drill.site.host.pvesm().path(&parsed).map_err(RoomError::Node)?;
    let found = digest::of_file(&path).map_err(unreadable)?;
    if found == archive.sha256 {
        return Ok(());
    }
    Err(DrillError::OtherArchive { volid: volid.clone(), found, expected: archive.sha256.clone() })
}

/// Looks at the room, clears it unless it must be clean already, and takes stock.
fn enter(drill: &Drill<'_>) -> Result<Inventory, DrillError> {
    let site = drill.site;
    if drill.clean_room {
        let residue = residue(site.host, site.records, &drill.places, &drill.vmids)?;
        if !residue.is_empty() {
            return Err(DrillError::Residue(residue));
        }
    } else {
        tell_leftovers(site.progress, sweep(site.host, site.records)?);
    }
    Ok(Inventory::take(site.host)?)
}

/// Twins that have never run.
struct Restored<'d> {
    twins: Pair<'d>,
    /// What the catalog finds in both: they come from one archive.
    seen: Vec<Observation>,
    /// Whose the files are.
    ownership: Ownership,
}

fn restore<'d>(drill: &'d Drill<'d>) -> Result<Restored<'d>, TwinError> {
    let first = Twin::restore(drill, "a")?;
    let second = Twin::restore(drill, "b")?;
    let (first, (seen, ownership)) = first.with_tree(|root| {
        (firstboot_unit::observe::observe(root, drill.catalog), Ownership::of(root, drill.catalog))
    })?;
    Ok(Restored { twins: [first, second], seen, ownership: ownership? })
}

/// Boots both side by side, so that they meet on the wire, and reads the catalog's items in them.
fn boot(mut twins: Pair<'_>) -> Result<(Pair<'_>, [Vec<Observation>; 2]), TwinError> {
    for twin in &twins {
        twin.boot()?;
    }
    for twin in &mut twins {
        twin.settle()?;
    }
    let seen = [twins[0].observe()?, twins[1].observe()?];
    Ok((twins, seen))
}

/// Stops both and reads their trees.
fn stop_and_read<'d>(
    drill: &Drill<'_>,
    twins: Pair<'d>,
    ownership: &Ownership,
) -> Result<(Pair<'d>, [TreeReading; 2]), TwinError> {
    Twin::shut_down(&twins)?;
    let [first, second] = twins;
    let (first, of_first) = first.with_tree(|root| TreeReading::of(root, drill.catalog, ownership))?;
    let (second, of_second) = second.with_tree(|root| TreeReading::of(root, drill.catalog, ownership))?;
    Ok(([first, second], [of_first?, of_second?]))
}

/// What the comparison found.
struct Comparison {
    shared: Shared,
    /// Paths that changed at the second boot of both.
    unstable: BTreeSet<PathBuf>,
    /// The first twin's tree after its second boot.
    last: TreeReading,
}

fn compare<'d>(
    drill: &Drill<'_>,
    twins: Pair<'d>,
    ownership: &Ownership,
    before: &[TreeReading; 2],
) -> Result<(Pair<'d>, Comparison), TwinError> {
    let ([first, second], [of_first, of_second]) = stop_and_read(drill, twins, ownership)?;
    let changed = unstable(&before[0], &of_first);
    let unstable = changed.intersection(&unstable(&before[1], &of_second)).cloned().collect();
    let (first, shared) = first.with_tree(|root| {
        let explanations = Explanations::new(root, ownership, &drill.manifest.access, &node_values());
        shared(&of_first, &of_second, &explanations)
    })?;
    Ok(([first, second], Comparison { shared, unstable, last: of_first }))
}

impl Comparison {
    fn in_numbers(&self) -> Compared {
        let unread = self.last.unread.iter().map(|(path, why)| (path.to_string_lossy().into_owned(), why.clone()));
        Compared {
            files: self.last.files,
            bytes: self.last.bytes,
            tokens: self.last.distinct(),
            own: self.shared.own,
            explained: self.shared.explained.clone(),
            unread: unread.collect(),
        }
    }
}

/// The end's inventory is the beginning's.
fn nothing_left(drill: &Drill<'_>, before: &Inventory) -> Check {
    use spec::identity::Verdict;
    const NAME: &str = "nothing-left";
    match Inventory::take(drill.site.host) {
        Ok(after) => {
            let added = after.added_since(before, &drill.vmids);
            let why = if added.is_empty() { "the node has what it had before".to_owned() } else { added.join(", ") };
            Check::that(NAME, added.is_empty(), why)
        }
        Err(error) => Check::new(NAME, Verdict::Unverified, error.to_string()),
    }
}

/// Tells phases and measures them.
struct Clock<'d> {
    drill: &'d Drill<'d>,
    phase: Phase,
    begun: Instant,
    durations: BTreeMap<String, u64>,
}

impl<'d> Clock<'d> {
    fn new(drill: &'d Drill<'d>) -> Self {
        Self { drill, phase: Phase::Room, begun: Instant::now(), durations: BTreeMap::new() }
    }

    /// Begins a phase, unless somebody wished that the drill ends.
    fn begin(&mut self, phase: Phase) -> Result<(), DrillError> {
        if self.drill.site.host.interrupt().is_some_and(Interrupt::is_raised) {
            return Err(DrillError::Interrupted { before: phase });
        }
        self.note();
        (self.phase, self.begun) = (phase, Instant::now());
        self.drill.site.progress.begin(phase);
        Ok(())
    }

    fn note(&mut self) {
        let milliseconds = u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        *self.durations.entry(self.phase.as_str().to_owned()).or_default() += milliseconds;
    }

    fn failed(&self) -> impl Fn(TwinError) -> DrillError + use<> {
        let phase = self.phase;
        move |source| DrillError::Twin { phase, source }
    }

    fn durations(mut self) -> BTreeMap<String, u64> {
        self.note();
        self.durations
    }
}
