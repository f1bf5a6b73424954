//! A store of its own for each test, on either database, and short ways to name things.

use std::path::PathBuf;
use std::sync::LazyLock;

use reset_agent::config::LedgerPlace;
use reset_agent::ledger::{Guest, Ledger, Reservation, Reserved};
use reset_agent::store::{Kind, Store};
use spec::identity::{Identity, IdentityKind};
use spec::ids::RunId;
use sqlx::Connection;
use tempfile::TempDir;

/// One law, tried on both databases.
macro_rules! on_both {
    ($(#[$about:meta])* async fn $name:ident($fixture:ident: Fixture) $body:block) => {
        mod $name {
            #[allow(unused_imports, reason = "not every law needs all that its file does")]
            use super::*;

            $(#[$about])*
            async fn law($fixture: Fixture) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn sqlite() {
                law(Fixture::sqlite().await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn postgres() {
                law(Fixture::postgres().await).await;
            }
        }
    };
}
pub(crate) use on_both;

/// A store that lives as long as this value.
pub(crate) struct Fixture {
    pub(crate) store: Store,
    pub(crate) place: LedgerPlace,
    /// Where a file lies.
    pub(crate) path: PathBuf,
    /// The database, for whoever goes past the store.
    url: String,
    _dir: TempDir,
}

/// Seconds after which a server's lease ends by itself.
pub(crate) const LEASE: u64 = 2;

/// This program's own server; the process's end is its end.
fn server() -> &'static postgres_lab::Server {
    static SERVER: LazyLock<postgres_lab::Server> = LazyLock::new(|| postgres_lab::Server::start().unwrap());
    &SERVER
}

const FILE: &str = "state/ledger.db";

fn in_a_file() -> (LedgerPlace, TempDir) {
    let dir = tempfile::tempdir().unwrap();
    (LedgerPlace::File(dir.path().join(FILE)), dir)
}

async fn on_the_server() -> (LedgerPlace, String) {
    let url = tokio::task::spawn_blocking(|| server().new_database().unwrap()).await.unwrap();
    let written = format!("url = {url:?}\nlease = {LEASE}");
    (LedgerPlace::of(toml::from_str(&written).unwrap()).unwrap(), url)
}

impl Fixture {
    /// In a file.
    pub(crate) async fn sqlite() -> Self {
        let (place, dir) = in_a_file();
        let url = format!("sqlite://{}", dir.path().join(FILE).display());
        Self::at(place, url, dir).await
    }

    /// On a server.
    pub(crate) async fn postgres() -> Self {
        let (place, url) = on_the_server().await;
        Self::at(place, url, tempfile::tempdir().unwrap()).await
    }

    /// Where another ledger of the same kind would be.
    pub(crate) async fn unopened(&self) -> (LedgerPlace, TempDir) {
        match self.store.kind() {
            Kind::Sqlite => in_a_file(),
            Kind::Postgres => (on_the_server().await.0, tempfile::tempdir().unwrap()),
        }
    }

    async fn at(place: LedgerPlace, url: String, dir: TempDir) -> Self {
        let path = dir.path().join(FILE);
        Self { store: Store::at(&place).await.unwrap(), place, path, url, _dir: dir }
    }

    /// Statements that no code of ours would send.
    pub(crate) async fn raw(&self, statements: &'static str) {
        let mut connection = sqlx::AnyConnection::connect(&self.url).await.unwrap();
        sqlx::raw_sql(statements).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
    }

    /// The names of a table's columns.
    pub(crate) async fn columns_of(&self, table: &str) -> Vec<String> {
        let statement = match self.store.kind() {
            Kind::Sqlite => "SELECT name FROM pragma_table_info($1)",
            Kind::Postgres => {
                "SELECT CAST(column_name AS TEXT) FROM information_schema.columns
                 WHERE table_schema = current_schema() AND table_name = $1"
            }
        };
        let mut connection = sqlx::AnyConnection::connect(&self.url).await.unwrap();
        let found = sqlx::query_scalar(statement).bind(table).fetch_all(&mut connection).await.unwrap();
        connection.close().await.unwrap();
        found
    }

    /// The first column of what a statement finds.
    pub(crate) async fn column(&self, statement: &'static str) -> Vec<String> {
        let mut connection = sqlx::AnyConnection::connect(&self.url).await.unwrap();
        let found = sqlx::query_scalar(statement).fetch_all(&mut connection).await.unwrap();
        connection.close().await.unwrap();
        found
    }

    /// Another store on the same kind of database.
    pub(crate) async fn fresh(&self) -> Self {
        match self.store.kind() {
            Kind::Sqlite => Self::sqlite().await,
            Kind::Postgres => Self::postgres().await,
        }
    }

    /// The same ledger, opened as another process would.
    pub(crate) async fn opened_again(&self) -> Store {
        Store::at(&self.place).await.unwrap()
    }

    pub(crate) fn ledger(&self) -> Ledger {
        self.store.ledger()
    }

    /// The same ledger, opened as a restarted process would.
    pub(crate) async fn reopened(self) -> Self {
        self.store.close().await;
        Self { store: Store::at(&self.place).await.unwrap(), ..self }
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
