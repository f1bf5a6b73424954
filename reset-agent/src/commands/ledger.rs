//! `ledger`: exported, imported, verified, held against the cluster.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use serde_json::json;
use spec::exit::Exit;
use spec::ids::Vmid;

use super::output::Output;
use crate::agent::Agent;
use crate::cli::LedgerAlone;
use crate::config::{LedgerPlace, SecretRef};
use crate::ledger::{Document, ImportError, Verification};
use crate::render;
use crate::stop::Stop;
use crate::store::{FleetKey, OpenError, Store};
use crate::verbs;

/// What needs the ledger alone: no node is asked, and none has to be reached.
pub(super) async fn run(place: &LedgerPlace, output: Output, command: LedgerAlone) -> Result<Exit, Stop> {
    let store = match Store::at(place).await {
        Ok(store) => store,
        // That is what `verify` is asked about.
        Err(error @ OpenError::Corrupt { .. }) if matches!(command, LedgerAlone::Verify) => {
            return Err(Stop::failed(error));
        }
        Err(error) => return Err(Stop::usage(error)),
    };
    let ended = match command {
        LedgerAlone::Export { to, key_to } => export(&store, output, &to, key_to.as_deref()).await,
        LedgerAlone::Import { file, key_from } => import(&store, output, &file, key_from).await,
        LedgerAlone::Verify => verify(&store, output).await,
    };
    store.close().await;
    ended
}

async fn export(store: &Store, output: Output, to: &Path, key_to: Option<&Path>) -> Result<Exit, Stop> {
    let document = store.ledger().export().await.map_err(Stop::failed)?;
    let text = document.to_text().map_err(Stop::failed)?;
    if let Some(file) = key_to {
        write_new(file, (store.fleet_key().to_hex() + "\n").as_bytes())?;
    }
    if to == Path::new("-") {
        return match io::stdout().lock().write_all(text.as_bytes()) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Stop::failed(error)),
            _ => Ok(Exit::Done),
        };
    }
    write_new(to, text.as_bytes()).inspect_err(|_| {
        // A key without its document is a secret that nobody looks after.
        drop(key_to.map(fs::remove_file));
    })?;
    let told = json!({"file": to, "rows": document.len(), "audit_log": document.head});
    output.print(&told, || format!("{} rows in {}", document.len(), to.display()))?;
    Ok(Exit::Done)
}

/// A file of our own, never over another. What is not whole does not stay.
fn write_new(path: &Path, bytes: &[u8]) -> Result<(), Stop> {
    let refused = |error: io::Error| {
        let why =
            if error.kind() == io::ErrorKind::AlreadyExists { "it is there already".into() } else { error.to_string() };
        Stop::bad_input(format!("cannot make `{}`: {why}: name another file", path.display()))
    };
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(refused)?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(|error| {
        drop(fs::remove_file(path));
        Stop::failed(error)
    })
}

async fn import(store: &Store, output: Output, file: &Path, key_from: Option<PathBuf>) -> Result<Exit, Stop> {
    let unusable = |why: String| Stop::bad_input(format!("`{}`: {why}", file.display()));
    let text = fs::read_to_string(file).map_err(|error| unusable(error.to_string()))?;
    let document = Document::read(&text).map_err(|error| unusable(error.to_string()))?;
    let key = key_from.as_deref().map(read_key).transpose()?;
    match store.ledger().import(&document, key.as_ref()).await {
        Ok(imported) => {
            output.print(&imported, || {
                let key = if imported.key_taken_over { "; the fleet key is the document's" } else { "" };
                format!("{} rows added, {} were there already{key}", imported.added, imported.same)
            })?;
            Ok(Exit::Done)
        }
        Err(ImportError::Differs(differences)) => {
            output.print(&json!({ "differences": differences }), || {
                let lines: Vec<String> = differences.iter().map(ToString::to_string).collect();
                format!("{}\nnothing was imported", lines.join("\n"))
            })?;
            Ok(Exit::Usage)
        }
        Err(ImportError::Unsound(verification)) => {
            output.print(&verification, || format!("{}\nnothing was imported", shown(&verification)))?;
            Ok(Exit::Usage)
        }
        Err(error @ ImportError::OtherKey { .. }) => Err(Stop::usage(error)),
        Err(ImportError::Ledger(error)) => Err(Stop::failed(error)),
    }
}

fn read_key(path: &Path) -> Result<FleetKey, Stop> {
    let absolute = std::path::absolute(path).map_err(Stop::usage)?;
    let file: SecretRef = format!("file:{}", absolute.display()).parse().map_err(Stop::usage)?;
    let text = file.read().map_err(Stop::usage)?;
    FleetKey::from_hex(text.trim())
        .ok_or_else(|| Stop::bad_input(format!("`{}` holds no fleet key: 64 hex digits", path.display())))
}

async fn verify(store: &Store, output: Output) -> Result<Exit, Stop> {
    let verification = store.ledger().verify().await.map_err(Stop::failed)?;
    output.print(&verification, || shown(&verification))?;
    Ok(verification.exit())
}

fn shown(verification: &Verification) -> String {
    let mut table = render::table(["check", "looked at", "broken"]);
    for checked in &verification.checks {
        table.add_row([checked.check.to_owned(), checked.looked.to_string(), checked.broken.len().to_string()]);
    }
    let broken = verification.checks.iter().flat_map(|checked| &checked.broken);
    broken.fold(table.to_string(), |text, line| text + "\n" + line)
}

pub(super) async fn rebuild(agent: &Agent, output: Output, accept: &[Vmid]) -> Result<Exit, Stop> {
    let rebuilt = verbs::ledger::rebuild(agent, accept).await?;
    output.print(&rebuilt, || render::rebuilt(&rebuilt))?;
    Ok(rebuilt.exit())
}
