//! `image-builder pack`.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::thread;

use anyhow::{Context, ensure};
use clap::Args;
use pve_archive::pack::{PackError, PackOptions, Packed, pack};
use serde_json::json;
use spec::exit::Exit;
use spec::pct::{PctConf, check_golden};
use uuid::Uuid;

use super::bad_input::BadInput;
use super::print;

/// The node's id of an unprivileged guest's root, as Proxmox maps it.
const UNPRIVILEGED_ROOT: u32 = 100_000;

#[derive(Debug, Args)]
pub(super) struct PackArguments {
    /// The tree: a directory that nothing writes to
    #[arg(value_name = "TREE")]
    pub tree: PathBuf,
    /// The archive to be
    #[arg(value_name = "OUT.tar.zst")]
    pub out: PathBuf,
    /// The guest's configuration; without it the tree's own etc/vzdump/pct.conf is taken
    #[arg(long, value_name = "FILE")]
    pub conf: Option<PathBuf>,
    /// No member is newer than this, in seconds since 1970; without it times stay as they are
    #[arg(long, value_name = "SECONDS", env = "SOURCE_DATE_EPOCH")]
    pub mtime: Option<u64>,
    /// The tree is an unprivileged guest's as its node sees it: owners begin at 100000
    #[arg(long)]
    pub unprivileged: bool,
    /// Print the result as one JSON object
    #[arg(long)]
    pub json: bool,
}

pub(super) fn run(arguments: &PackArguments) -> anyhow::Result<Exit> {
    let conf = checked(arguments).map_err(BadInput::of)?;
    let threads = thread::available_parallelism().map_or(1, |count| u32::try_from(count.get()).unwrap_or(1));
    let id_base = if arguments.unprivileged { UNPRIVILEGED_ROOT } else { 0 };
    let options = PackOptions { newest: arguments.mtime, id_base, threads };
    let name = arguments.out.file_name().unwrap_or_default().to_string_lossy();
    let unfinished = arguments.out.with_file_name(format!(".{name}.{}", Uuid::new_v4()));
    let written = write(arguments, conf.as_deref(), options, &unfinished);
    if written.is_err() {
        // It may not be there at all; the error that counts is the one before.
        let _ = fs::remove_file(&unfinished);
    }
    tell(arguments, &written?)?;
    Ok(Exit::Done)
}

/// Looks at what is given before anything is written.
fn checked(arguments: &PackArguments) -> anyhow::Result<Option<Vec<u8>>> {
    let tree = arguments.tree.canonicalize().with_context(|| format!("no tree in {}", arguments.tree.display()))?;
    ensure!(tree.is_dir(), "{} is no directory", tree.display());
    ensure!(arguments.out.file_name().is_some(), "{} is no file's name", arguments.out.display());
    let folder =
        folder(&arguments.out).canonicalize().with_context(|| format!("no folder for {}", arguments.out.display()))?;
    ensure!(
        !folder.starts_with(&tree),
        "{} lies in the tree that is packed; write it elsewhere",
        arguments.out.display()
    );
    let own = tree.join("etc/vzdump/pct.conf");
    let conf = arguments.conf.as_ref().unwrap_or(&own);
    let text = match fs::read(conf) {
        Ok(text) => text,
        Err(_) if arguments.conf.is_none() => return Err(PackError::NoConfiguration).context("name one with --conf"),
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", conf.display())),
    };
    for finding in check_golden(&PctConf::parse(&String::from_utf8_lossy(&text))) {
        print::hint(&format!("warning: {}: {} {}: {}", conf.display(), finding.key, finding.value, finding.why));
    }
    Ok(arguments.conf.is_some().then_some(text))
}

fn folder(out: &Path) -> &Path {
    out.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Writes the archive under another name, then gives it its own: nothing half-made looks whole.
fn write(
    arguments: &PackArguments,
    conf: Option<&[u8]>,
    options: PackOptions,
    unfinished: &Path,
) -> anyhow::Result<Packed> {
    let mut file = File::create_new(unfinished).with_context(|| format!("cannot write {}", unfinished.display()))?;
    let packed = pack(&arguments.tree, conf, options, &mut file)
        .with_context(|| format!("cannot pack {}", arguments.tree.display()))?;
    file.sync_all()
        .and_then(|()| fs::rename(unfinished, &arguments.out))
        .and_then(|()| File::open(folder(&arguments.out))?.sync_all())
        .with_context(|| format!("cannot write {}", arguments.out.display()))?;
    Ok(packed)
}

fn tell(arguments: &PackArguments, packed: &Packed) -> anyhow::Result<()> {
    if packed.sockets > 0 {
        print::hint(&format!("warning: {} sockets were left out: who listens makes them", packed.sockets));
    }
    if arguments.json {
        return print::json(&json!({ "version": 1, "archive": arguments.out, "packed": packed }));
    }
    print::pairs([
        ("archive", arguments.out.display().to_string()),
        ("size", print::mebibytes(packed.file_bytes)),
        ("unpacked", print::mebibytes(packed.tar_bytes)),
        ("members", packed.members.to_string()),
        ("sha256", packed.file_sha256.to_string()),
    ])
}
