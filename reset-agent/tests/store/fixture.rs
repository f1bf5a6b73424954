//! A store in a temporary folder, and short ways to name things.

use std::path::PathBuf;

use reset_agent::ledger::{Guest, Ledger, Reservation, Reserved};
use reset_agent::store::Store;
use spec::identity::{Identity, IdentityKind};
use spec::ids::RunId;
use tempfile::TempDir;

/// A store that lives as long as this value.
pub(crate) struct Fixture {
    pub(crate) store: Store,
    pub(crate) path: PathBuf,
    _dir: TempDir,
}

impl Fixture {
    pub(crate) async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("state/ledger.db");
        Self { store: Store::open(&path).await.unwrap(), path, _dir: dir }
    }

    pub(crate) fn ledger(&self) -> Ledger {
        self.store.ledger()
    }

    /// The same file, opened as a restarted process would.
    pub(crate) async fn reopened(self) -> Self {
        self.store.close().await;
        Self { store: Store::open(&self.path).await.unwrap(), ..self }
    }
}

/// The run number `n`.
pub(crate) fn run(n: u32) -> RunId {
    format!("00000000-0000-7000-8000-{n:012}").parse().unwrap()
}

/// The MAC number `n`.
pub(crate) fn mac(n: u32) -> String {
    let [_, a, b, c] = n.to_be_bytes();
    format!("BC:24:11:{a:02X}:{b:02X}:{c:02X}")
}

/// What customer `n` asks for: everything different from everybody else's.
pub(crate) fn ask(n: u32) -> Reservation {
    Reservation {
        customer: format!("customer-{n}").parse().unwrap(),
        vmid: (100 + n).try_into().unwrap(),
        node: "pve".parse().unwrap(),
        hostname: format!("web-{n}").parse().unwrap(),
        golden: "debian13-docker".into(),
        run: run(n),
        macs: vec![mac(2 * n).parse().unwrap(), mac(2 * n + 1).parse().unwrap()],
    }
}

pub(crate) async fn reserve(ledger: &Ledger, n: u32) -> Guest {
    let Reserved { guest, ours, .. } = ledger.reserve(&ask(n)).await.unwrap();
    assert!(ours);
    guest
}

pub(crate) fn machine_id(n: u32) -> Identity {
    Identity::new(IdentityKind::MachineId, &format!("{n:032x}"))
}

pub(crate) fn host_key(n: u32) -> Identity {
    Identity::new(IdentityKind::SshHostKey("ssh-ed25519".into()), &format!("SHA256:key{n}"))
}

pub(crate) fn ip(text: &str) -> Identity {
    Identity::new(IdentityKind::Ip, text)
}
