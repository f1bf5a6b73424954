//! Listening, until a signal.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use hyper_util::server::graceful::GracefulShutdown;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_rustls::TlsAcceptor;

use super::connection::{self, Door};
use super::dialect::{self, Shared};
use super::tls::{TlsError, fingerprint, server_config};
use crate::error::Die;
use crate::faults;
use crate::statd;
use crate::state::Node;

/// How long requests under way may take to end once the server was told to.
const LAST_ANSWERS: Duration = Duration::from_secs(2);

/// Why the API cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The address is taken, or not ours.
    #[error("unable to listen on {address}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The server broke down.
    #[error("the API server stopped")]
    Broken(#[source] std::io::Error),
    /// There is no certificate.
    #[error(transparent)]
    Tls(#[from] TlsError),
}

/// Serves the API until SIGTERM or SIGINT. Prints `listening on ADDRESS` and the certificate's fingerprint first.
pub fn serve(node: Node, address: SocketAddr) -> Result<(), ServeError> {
    let listening = |source| ServeError::Listen { address, source };
    let listener = TcpListener::bind(address).map_err(listening)?;
    listener.set_nonblocking(true).map_err(listening)?;
    let bound = listener.local_addr().map_err(listening)?;
    let tls = TlsAcceptor::from(Arc::new(server_config(&node.layout, node.name())?));
    let print = fingerprint(&node.layout, node.name())?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(ServeError::Broken)?;
    runtime.block_on(async {
        let ends = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()));
        let (term, int) = (ends.0.map_err(ServeError::Broken)?, ends.1.map_err(ServeError::Broken)?);
        let listener = tokio::net::TcpListener::from_std(listener).map_err(ServeError::Broken)?;
        announce(bound, &print).map_err(|error| ServeError::Broken(std::io::Error::other(error.to_string())))?;
        statd::keep_looking(node.clone());
        let node = Arc::new(node);
        let mut router = dialect::router(Arc::new(Shared { node: Arc::clone(&node) }));
        if node.faults.is_on() {
            router = faults::around(router, node);
        }
        let door = Door { tls, router };
        accept(&listener, door, term, int).await;
        Ok(())
    })
}

/// Takes connections until told to end, then lets those under way finish.
async fn accept(listener: &tokio::net::TcpListener, door: Door, mut term: Signal, mut int: Signal) {
    let graceful = GracefulShutdown::new();
    loop {
        let taken = tokio::select! {
            taken = listener.accept() => taken,
            _ = term.recv() => break,
            _ = int.recv() => break,
        };
        match taken {
            Ok((stream, peer)) => drop(tokio::spawn(connection::serve(door.clone(), stream, peer, graceful.watcher()))),
            // The client is gone again, or there are too many open files: the next may come.
            Err(error) => tracing::warn!(%error, "failed to accept connection"),
        }
    }
    let _ = tokio::time::timeout(LAST_ANSWERS, graceful.shutdown()).await;
}

fn announce(bound: SocketAddr, fingerprint: &str) -> Result<(), Die> {
    use std::io::Write;
    let mut out = std::io::stdout();
    let text = format!("listening on https://{bound}\nfingerprint {fingerprint}\n");
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(Die::io("write", "standard output"))
}
