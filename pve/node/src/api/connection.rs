//! One connection: TLS or a hint to use it, so many requests, so much idleness.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use axum::http::HeaderMap;
use axum::http::header::CONNECTION;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::Watcher;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;

use super::response;

/// How long a connection may be idle, and a request's header or body stand still.
pub(super) const IDLE: Duration = Duration::from_secs(5);
/// How many requests one connection carries.
const MOST_REQUESTS: u32 = 100;
/// How many header lines are too many, the empty one counted.
const TOO_MANY_LINES: usize = 64;
/// How many bytes of header lines are too many.
const TOO_MANY_BYTES: usize = 8 * 1024;

/// What a new connection needs.
#[derive(Clone)]
pub(super) struct Door {
    /// Speaks TLS.
    pub(super) tls: TlsAcceptor,
    /// Answers requests.
    pub(super) router: Router,
}

/// The first byte of a TLS handshake; no request begins with it.
const HANDSHAKE: u8 = 0x16;

/// Serves a connection to its end.
pub(super) async fn serve(door: Door, stream: TcpStream, peer: SocketAddr, watcher: Watcher) {
    let mut first = [0];
    match tokio::time::timeout(IDLE, stream.peek(&mut first)).await {
        Ok(Ok(1)) if first[0] == HANDSHAKE => (),
        Ok(Ok(1)) => return plain(stream, watcher).await,
        // Nobody spoke, or somebody hung up.
        _ => return,
    }
    let Ok(Ok(stream)) = tokio::time::timeout(IDLE, door.tls.accept(stream)).await else { return };
    let (served, router) = (AtomicU32::new(0), TowerToHyperService::new(door.router));
    let answer = |mut request: Request<Incoming>| {
        let last = served.fetch_add(1, Ordering::Relaxed) + 1 >= MOST_REQUESTS || wants_close(request.headers());
        let router = router.clone();
        async move {
            if is_too_large(request.headers()) {
                // Proxmox says nothing to such a request: the connection ends when it has been idle long enough.
                tokio::time::sleep(IDLE).await;
                return Err(TooLarge);
            }
            request.extensions_mut().insert(ConnectInfo(peer));
            let Ok(mut response) = router.call(request).await;
            response::seal(&mut response, last);
            Ok(response)
        }
    };
    let connection = builder().serve_connection(TokioIo::new(stream), service_fn(answer));
    report(watcher.watch(connection).await);
}

/// Plain HTTP is sent to HTTPS, and cut off.
async fn plain(stream: TcpStream, watcher: Watcher) {
    let answer = |request: Request<Incoming>| async move {
        let mut response = response::moved(&request);
        response::seal(&mut response, true);
        Ok::<_, Infallible>(response)
    };
    report(watcher.watch(builder().serve_connection(TokioIo::new(stream), service_fn(answer))).await);
}

fn builder() -> http1::Builder {
    let mut builder = http1::Builder::new();
    // The time to read a header begins when the connection falls idle.
    builder.timer(TokioTimer::new()).header_read_timeout(IDLE).title_case_headers(true).max_headers(1024);
    builder
}

fn report(ended: Result<(), hyper::Error>) {
    if let Err(error) = ended {
        tracing::debug!(%error, "connection ended");
    }
}

#[derive(Debug, thiserror::Error)]
#[error("too many http header lines, or too long ones")]
struct TooLarge;

fn is_too_large(headers: &HeaderMap) -> bool {
    let bytes: usize = headers.iter().map(|(name, value)| name.as_str().len() + ": ".len() + value.len()).sum();
    headers.len() + 1 >= TOO_MANY_LINES || bytes >= TOO_MANY_BYTES
}

fn wants_close(headers: &HeaderMap) -> bool {
    let connection = headers.get(CONNECTION).and_then(|value| value.to_str().ok());
    connection.is_some_and(|value| value.to_ascii_lowercase().contains("close"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{HeaderName, HeaderValue};

    fn headers(count: usize, length: usize) -> HeaderMap {
        let name = |index: usize| HeaderName::try_from(format!("x-{index}")).unwrap();
        (0..count).map(|index| (name(index), HeaderValue::try_from("v".repeat(length)).unwrap())).collect()
    }

    #[test]
    fn sixty_two_header_lines_of_less_than_8_kib_pass() {
        assert!(!is_too_large(&headers(62, 1)) && is_too_large(&headers(63, 1)));
        assert!(!is_too_large(&headers(1, 8000)) && is_too_large(&headers(1, 8190)));
    }
}
