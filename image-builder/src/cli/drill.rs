//! `image-builder drill`.

use std::ops::RangeInclusive;
use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use jiff::Timestamp;
use spec::exit::Exit;
use spec::identity::Verdict;
use spec::ids::{BridgeName, StorageId};
use spec::pct::PctConf;
use spec::release::{Gate, Manifest, Namespace};

use super::bad_input::BadInput;
use super::catalog_dir::CatalogArguments;
use super::construct::{ProgressForm, progress};
use super::node::{NodeArguments, vmid_range};
use super::trust::SignersArguments;
use super::{left, node, print};
use crate::drill::{Check, Drill, DrillReport, Places, Suspect, drill};
use crate::guest::Site;
use crate::progress::{Phase, Progress};
use crate::registry::testify;
use crate::releases::{Release, find};
use crate::signals;
use crate::signing::{KeySource, Signatory};

/// Files that remember host keys on a node.
const KNOWN_HOSTS: [&str; 3] = ["/root/.ssh/known_hosts", "/etc/ssh/ssh_known_hosts", "/etc/pve/priv/known_hosts"];

#[derive(Debug, Args)]
pub(super) struct DrillArguments {
    /// NAME, NAME@RELEASE, a volume id, or the path of a manifest
    #[arg(value_name = "REF")]
    pub reference: String,
    #[command(flatten)]
    pub node: NodeArguments,
    #[command(flatten)]
    pub catalog: CatalogArguments,
    /// The bridge that the twins hang on: one with DHCP that leads nowhere
    #[arg(long, value_name = "BRIDGE", env = "MINTMARK_DRILL_BRIDGE")]
    pub bridge: Option<BridgeName>,
    /// VMIDs that the twins may have
    #[arg(long, value_name = "FIRST-LAST", default_value = "9100-9199", value_parser = vmid_range)]
    pub vmids: RangeInclusive<u32>,
    /// The storage for the twins' disks; the archived guest's own unless named
    #[arg(long, value_name = "STORAGE")]
    pub storage: Option<StorageId>,
    /// Refuse where a guest, volume, firewall file, record or known host of an earlier drill is there
    #[arg(long)]
    pub clean_room: bool,
    /// A file of SSH's known hosts that a clean room is looked for in; may be given again
    #[arg(long, value_name = "FILE", default_values = KNOWN_HOSTS)]
    pub known_hosts: Vec<PathBuf>,
    /// The key that signs the report as evidence of the gate `drilled`: a private key's path, agent:…, credential:NAME
    #[arg(long, value_name = "KEY", env = "MINTMARK_KEY")]
    pub key: Option<KeySource>,
    #[command(flatten)]
    pub signers: SignersArguments,
    /// Print the report as one JSON object
    #[arg(long)]
    pub json: bool,
    /// How progress is told on stderr
    #[arg(long, value_enum, default_value = "auto")]
    pub progress: ProgressForm,
}

pub(super) fn run(arguments: DrillArguments) -> anyhow::Result<Exit> {
    // Up to here and no further bad input can be the reason: nothing has been touched.
    let prepared = (|| {
        let bridge = arguments.bridge.clone().context(
            "no bridge for the twins: name one with DHCP that leads nowhere with --bridge (on an embedded node: \
             `pve-node init --isolated-bridge`)",
        )?;
        let host = node::host(&arguments.node)?;
        let places = Places { firewall: node::firewall(&arguments.node)?, known_hosts: arguments.known_hosts.clone() };
        let release = find(&host, &arguments.reference)?;
        anyhow::Ok((
            host,
            node::records(&arguments.node)?,
            release,
            bridge,
            places,
            signatory(&arguments)?,
            arguments.catalog.load()?,
        ))
    })();
    let (host, records, release, bridge, places, signatory, catalog) = prepared.map_err(BadInput::of)?;
    let host = host.interrupted_by(signals::as_interrupt().context("cannot listen for signals")?);
    let progress = progress(arguments.progress, &Phase::DRILL);
    warn_of_company(&*progress, &release.manifest, &bridge);
    let order = Drill {
        site: Site { host: &host, records: &records, progress: &*progress },
        catalog: &catalog,
        manifest: &release.manifest,
        bridge,
        vmids: arguments.vmids,
        storage: arguments.storage.as_ref(),
        places,
        clean_room: arguments.clean_room,
    };
    let drilled = drill(&order);
    progress.end(drilled.is_ok());
    let left = left::by_this_process(&records);
    let exit = match drilled {
        Ok(report) => tell(&report, &release, signatory.as_ref(), arguments.json)?,
        Err(error) => {
            print::report(&error.into());
            Exit::Failed
        }
    };
    Ok(if left { Exit::Parked } else { exit })
}

/// The key's holder, where the report is to be signed; whether he may is known before anything begins.
fn signatory(arguments: &DrillArguments) -> anyhow::Result<Option<Signatory>> {
    let Some(key) = &arguments.key else { return Ok(None) };
    let (signatory, now) = (Signatory::new(key, arguments.signers.read()?)?, Timestamp::now());
    for namespace in [Namespace::Evidence, Namespace::Log] {
        signatory.principal(namespace, now)?;
    }
    Ok(Some(signatory))
}

/// Prints the report, and signs it whatever it says: a drill that failed is evidence too.
fn tell(report: &DrillReport, release: &Release, signatory: Option<&Signatory>, as_json: bool) -> anyhow::Result<Exit> {
    if as_json {
        print::json(report)?;
    } else {
        print(report)?;
    }
    if let Some(signatory) = signatory {
        let details = serde_json::to_value(report)?;
        let recorded = testify(release, Gate::Drilled, report.verdict, details, signatory, Timestamp::now())
            .context("the drill is done, and not recorded: drill again")?;
        print::hint(&format!("recorded in {}", recorded.path.display()));
    }
    Ok(report.exit())
}

/// On the release's own bridge twins meet its guests: that is told, and done only because somebody named it.
fn warn_of_company(progress: &dyn Progress, manifest: &Manifest, bridge: &BridgeName) {
    let nets = PctConf::parse(&manifest.config).nets().unwrap_or_default();
    if nets.iter().any(|(_, net)| net.bridge() == Some(bridge.as_str())) {
        progress.warn(&format!("{bridge} is the release's own bridge: the twins meet whoever is on it"));
    }
}

fn print(report: &DrillReport) -> anyhow::Result<()> {
    let seconds = report.durations.values().sum::<u64>() / 1000;
    let explained: usize = report.compared.explained.values().sum();
    let compared = &report.compared;
    print::pairs([
        ("golden", format!("{}@{}", report.golden, report.release)),
        ("verdict", in_words(report.verdict).to_owned()),
        ("twins", report.twins.iter().map(|twin| twin.vmid.to_string()).collect::<Vec<_>>().join(", ")),
        ("bridge", report.bridge.clone()),
        ("clean room", if report.clean_room { "yes" } else { "not asked for" }.to_owned()),
        ("took", format!("{seconds} s")),
        ("compared", format!("{} files, {} drawn values, {explained} explained", compared.files, compared.tokens)),
        ("shared identities", report.shared.len().to_string()),
        ("unstable identities", report.unstable.len().to_string()),
    ])?;
    print::table(["VERDICT", "TWIN", "CHECK", "SEEN"], report.checks.iter().map(check))?;
    let items = report.items.iter().map(|row| {
        let verdict = in_words(row.verdict).to_owned();
        let why = if row.verdict == Verdict::Pass { String::new() } else { row.why.clone() };
        let item = format!("{}\n{}", row.item, row.place);
        [verdict, item, row.as_restored.clone(), row.after_reset.clone(), row.after_boot.join("\n"), why]
    });
    print::table(["VERDICT", "ITEM", "AS RESTORED", "AFTER RESET", "AFTER BOOT", ""], items)?;
    suspects("SHARED IDENTITY", &report.shared)?;
    suspects("UNSTABLE IDENTITY", &report.unstable)?;
    for (path, why) in &compared.unread {
        print::hint(&format!("not looked at: {path}: {why}"));
    }
    Ok(())
}

fn check(check: &Check) -> [String; 4] {
    let twin = check.twin.clone().unwrap_or_default();
    [in_words(check.verdict).to_owned(), twin, check.check.clone(), check.why.clone()]
}

/// What nobody listed, and below it the rows to add.
fn suspects(title: &str, suspects: &[Suspect]) -> anyhow::Result<()> {
    if suspects.is_empty() {
        return Ok(());
    }
    let rows = suspects.iter().map(|suspect| {
        let looks = format!("{} ({} in all)", suspect.looks_like.in_words(), suspect.values);
        [suspect.path.clone(), looks, suspect.begins.clone(), suspect.why.clone()]
    });
    print::table([title, "LOOKS LIKE", "BEGINS", "WHY"], rows)?;
    let rows: Vec<String> = suspects.iter().map(|suspect| suspect.row.clone()).collect();
    print::lines(&format!(
        "\n# for /etc/mintmark/catalog.d/, once it is clear who makes them anew:\n\n{}",
        rows.join("\n")
    ))
}

fn in_words(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "pass",
        Verdict::Skipped => "skipped",
        Verdict::Unverified => "unverified",
        Verdict::Fail => "FAIL",
    }
}
