//! The client against a small HTTPS server: whom it trusts, what it reads, what it never repeats.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that panics has failed")]

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::Response;
use axum_server::tls_rustls::RustlsConfig;
use pve_client::{Class, Client, Endpoint, Failure, Fingerprint, Meaning, Trust};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

struct Server {
    address: SocketAddr,
    fingerprint: Fingerprint,
    requests: Arc<AtomicUsize>,
    handle: axum_server::Handle<SocketAddr>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.handle.shutdown();
    }
}

/// Answers every request with `status`, `reason` and `body`.
async fn server(status: u16, reason: &'static [u8], body: &'static str) -> Server {
    let key = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let certificate: CertificateDer<'static> = key.cert.der().clone();
    let private = PrivateKeyDer::try_from(key.signing_key.serialize_der()).unwrap();
    let fingerprint = Fingerprint::of(&certificate);
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let tls = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], private)
        .unwrap();
    let requests = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&requests);
    let app = Router::new().fallback(move |request: Request| {
        counted.fetch_add(1, Ordering::SeqCst);
        async move {
            assert_eq!(request.headers()["authorization"], "PVEAPIToken=mint@pve!agent=secret");
            let mut response = Response::new(Body::from(body));
            *response.status_mut() = StatusCode::from_u16(status).unwrap();
            response.extensions_mut().insert(hyper::ext::ReasonPhrase::from_static(reason));
            response
        }
    });
    let handle = axum_server::Handle::new();
    let serving =
        axum_server::bind_rustls(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), RustlsConfig::from_config(Arc::new(tls)))
            .handle(handle.clone())
            .serve(app.into_make_service());
    tokio::spawn(serving);
    let address = handle.listening().await.unwrap();
    Server { address, fingerprint, requests, handle }
}

fn client(server: &Server, trust: Trust) -> Client {
    let url = format!("https://{}", server.address);
    Client::new(Endpoint::new(&url, "pve".parse().unwrap(), trust, "mint@pve!agent=secret").unwrap()).unwrap()
}

fn pinned(server: &Server) -> Client {
    client(server, Trust::Pins(vec![Fingerprint::of(b"an older certificate"), server.fingerprint]))
}

#[tokio::test]
async fn a_pinned_certificate_is_believed() {
    let server = server(200, b"OK", r#"{"data":{"version":"9.2.11","release":"9.2","repoid":"x"}}"#).await;
    assert_eq!(pinned(&server).version().await.unwrap().version, "9.2.11");
}

#[tokio::test]
async fn another_certificate_is_not_and_the_error_shows_it() {
    let server = server(200, b"OK", r#"{"data":{}}"#).await;
    let error = client(&server, Trust::Pins(vec![Fingerprint::of(b"other")])).version().await.unwrap_err();
    assert!(matches!(error.failure, Failure::Untrusted { presented } if presented == server.fingerprint), "{error:?}");
    assert_eq!(error.class(), Class::Authority);
    assert_eq!(server.requests.load(Ordering::SeqCst), 0, "the token was sent to a stranger");
}

#[tokio::test]
async fn the_reason_phrase_is_read_where_there_is_no_body() {
    let server = server(500, b"CT is locked (backup)", "").await;
    let error = pinned(&server).config("100".parse().unwrap()).await.unwrap_err();
    assert_eq!(error.refusal().unwrap().meaning(), Meaning::Locked("backup".into()));
}

#[tokio::test]
async fn reads_are_tried_three_times_and_changes_once() {
    let server = server(596, b"Connection timed out", "").await;
    let client = pinned(&server);
    assert_eq!(client.version().await.unwrap_err().class(), Class::Ambiguous);
    assert_eq!(server.requests.swap(0, Ordering::SeqCst), 3);
    assert_eq!(client.start("100".parse().unwrap()).await.unwrap_err().class(), Class::Ambiguous);
    assert_eq!(server.requests.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn what_is_not_understood_is_ambiguous() {
    for body in ["", "<html>", r#"{"data":null}"#, r#"{"data":"UPID:cut"}"#] {
        let server = server(200, b"OK", body).await;
        let error = pinned(&server).start("100".parse().unwrap()).await.unwrap_err();
        assert!(matches!(error.failure, Failure::Unreadable { .. }), "{body}: {error:?}");
        assert_eq!(error.class(), Class::Ambiguous);
    }
}

#[tokio::test]
async fn nobody_there_means_never_sent() {
    let url = "https://127.0.0.1:1";
    let trust = Trust::Pins(vec![Fingerprint::of(b"any")]);
    let endpoint = Endpoint::new(url, "pve".parse().unwrap(), trust, "mint@pve!agent=secret").unwrap();
    let error = Client::new(endpoint).unwrap().start("100".parse().unwrap()).await.unwrap_err();
    assert!(matches!(error.failure, Failure::NeverSent(_)), "{error:?}");
    assert_eq!(error.class(), Class::Transient);
}
