//! Ledgers on a PostgreSQL server of this program's own; the process's end is the server's.

use std::sync::LazyLock;

/// Seconds after which a server's lease ends by itself: the shortest that is accepted.
const LEASE: u64 = 2;

fn server() -> &'static postgres_lab::Server {
    static SERVER: LazyLock<postgres_lab::Server> = LazyLock::new(|| postgres_lab::Server::start().unwrap());
    &SERVER
}

/// The `[ledger]` of a configuration, on an empty database.
pub(crate) async fn new_ledger() -> String {
    let url = tokio::task::spawn_blocking(|| server().new_database().unwrap()).await.unwrap();
    format!("url = {url:?}\nlease = {LEASE}")
}
