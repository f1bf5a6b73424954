//! Listening.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use axum_server::tls_rustls::RustlsConfig;
use tokio::signal::unix::{SignalKind, signal};

use super::dialect::{self, Shared};
use super::tls::{TlsError, fingerprint, server_config};
use crate::error::Die;
use crate::faults;
use crate::state::Node;

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
    let tls = RustlsConfig::from_config(Arc::new(server_config(&node.layout, node.name())?));
    let print = fingerprint(&node.layout, node.name())?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(ServeError::Broken)?;
    runtime.block_on(async {
        let handle = axum_server::Handle::new();
        tokio::spawn(end_on_signal(handle.clone()));
        let node = Arc::new(node);
        let mut router = dialect::router(Arc::new(Shared { node: Arc::clone(&node) }));
        if node.faults.is_on() {
            router = faults::around(router, node);
        }
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        let server = axum_server::from_tcp_rustls(listener, tls).map_err(ServeError::Broken)?;
        announce(bound, &print).map_err(|error| ServeError::Broken(std::io::Error::other(error.to_string())))?;
        server.handle(handle).serve(service).await.map_err(ServeError::Broken)
    })
}

fn announce(bound: SocketAddr, fingerprint: &str) -> Result<(), Die> {
    use std::io::Write;
    let mut out = std::io::stdout();
    let text = format!("listening on https://{bound}\nfingerprint {fingerprint}\n");
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(Die::io("write", "standard output"))
}

async fn end_on_signal(handle: axum_server::Handle<SocketAddr>) {
    if let (Ok(mut term), Ok(mut int)) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt())) {
        tokio::select! { _ = term.recv() => (), _ = int.recv() => () }
        handle.graceful_shutdown(Some(Duration::from_secs(2)));
    }
}
