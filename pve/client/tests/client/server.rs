//! A small HTTPS server: what it was asked, and what it answers.

use std::collections::BTreeMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use axum::Router;
use axum::body::{Body, Bytes, HttpBody, to_bytes};
use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::Response;
use axum_server::tls_rustls::RustlsConfig;
use hyper::body::Frame;
use hyper::ext::ReasonPhrase;
use pve_client::wire::api::{Given, Parameters};
use pve_client::{Client, Endpoint, Fingerprint, Trust};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

pub(crate) const TOKEN: &str = "mint@pve!agent=0f0e-secret";

/// A request as it arrived.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) verb: String,
    /// Below `/api2/json`, as sent.
    pub(crate) path: String,
    /// Of query and form.
    pub(crate) params: Parameters,
}

impl Asked {
    pub(crate) fn line(&self) -> String {
        format!("{} {}", self.verb, self.path)
    }

    pub(crate) fn get(&self, key: &str) -> Option<&str> {
        match self.params.get(key)? {
            Given::One(text) => Some(text),
            Given::Many(list) => list.first().map(String::as_str),
        }
    }
}

/// What is answered.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) reason: String,
    pub(crate) body: Vec<u8>,
    /// Whether the connection breaks before the body's end.
    pub(crate) breaks: bool,
    pub(crate) headers: Vec<(&'static str, String)>,
}

impl Reply {
    pub(crate) fn ok(body: impl Into<Vec<u8>>) -> Self {
        Self { status: 200, reason: "OK".into(), body: body.into(), breaks: false, headers: Vec::new() }
    }

    pub(crate) fn refused(status: u16, reason: &str, body: &str) -> Self {
        Self { status, reason: reason.into(), body: body.into(), breaks: false, headers: Vec::new() }
    }

    pub(crate) fn broken() -> Self {
        Self { breaks: true, ..Self::ok("{\"data\":") }
    }
}

pub(crate) struct Server {
    address: SocketAddr,
    pub(crate) fingerprint: Fingerprint,
    /// The certificate as PEM.
    pub(crate) pem: String,
    asked: Arc<Mutex<Vec<Asked>>>,
    handle: axum_server::Handle<SocketAddr>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.handle.shutdown();
    }
}

impl Server {
    /// A server that answers every request the same.
    pub(crate) async fn saying(reply: Reply) -> Self {
        Self::answering(move |_| reply.clone()).await
    }

    /// A server that answers what `answer` says.
    pub(crate) async fn answering(answer: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        let key = rcgen::generate_simple_self_signed(vec!["localhost".to_owned(), "127.0.0.1".to_owned()]).unwrap();
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
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (seen, answer) = (Arc::clone(&asked), Arc::new(answer));
        let app = Router::new().fallback(move |request: Request| {
            let (seen, answer) = (Arc::clone(&seen), Arc::clone(&answer));
            async move {
                let asked = read(request).await;
                seen.lock().unwrap().push(asked.clone());
                // A test may hold an answer: it must not hold the others.
                write(tokio::task::spawn_blocking(move || answer(&asked)).await.unwrap())
            }
        });
        let handle = axum_server::Handle::new();
        let at = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let tls = RustlsConfig::from_config(Arc::new(tls));
        tokio::spawn(axum_server::bind_rustls(at, tls).handle(handle.clone()).serve(app.into_make_service()));
        let address = handle.listening().await.unwrap();
        Self { address, fingerprint, pem: key.cert.pem(), asked, handle }
    }

    pub(crate) fn url(&self) -> String {
        format!("https://{}", self.address)
    }

    pub(crate) fn client(&self, trust: Trust) -> Client {
        Client::new(Endpoint::new(&self.url(), "pve".parse().unwrap(), trust, TOKEN).unwrap()).unwrap()
    }

    /// A client that knows this certificate, and an older one.
    pub(crate) fn pinned(&self) -> Client {
        self.client(Trust::Pins(vec![Fingerprint::of(b"an older certificate"), self.fingerprint]))
    }

    /// What was asked so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// The same, and forgets it.
    pub(crate) fn take(&self) -> Vec<Asked> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }
}

async fn read(request: Request) -> Asked {
    assert_eq!(request.headers()["authorization"], format!("PVEAPIToken={TOKEN}"));
    let (head, body) = request.into_parts();
    let body = to_bytes(body, 1 << 20).await.unwrap();
    let mut params = Parameters::new();
    for text in [head.uri.query().unwrap_or_default(), std::str::from_utf8(&body).unwrap()] {
        let parsed = reqwest::Url::parse(&format!("https://x/?{text}")).unwrap();
        for (key, value) in parsed.query_pairs() {
            let value = value.into_owned();
            let known = params.entry(key.into_owned());
            known
                .and_modify(|given| {
                    let mut all = match given {
                        Given::One(first) => vec![first.clone()],
                        Given::Many(list) => list.clone(),
                    };
                    all.push(value.clone());
                    *given = Given::Many(all);
                })
                .or_insert(Given::One(value));
        }
    }
    let path = head.uri.path().strip_prefix("/api2/json").unwrap_or_else(|| panic!("{}", head.uri)).to_owned();
    Asked { verb: head.method.to_string(), path, params }
}

fn write(reply: Reply) -> Response {
    let promised = reply.body.len() + 100;
    let body = if reply.breaks { Body::new(Breaking(Some(reply.body.into()))) } else { Body::from(reply.body) };
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(reply.status).unwrap();
    response.extensions_mut().insert(ReasonPhrase::try_from(reply.reason.into_bytes()).unwrap());
    if reply.breaks {
        response.headers_mut().insert("content-length", promised.into());
    }
    for (name, value) in reply.headers {
        response.headers_mut().insert(name, value.parse().unwrap());
    }
    response
}

struct Breaking(Option<Bytes>);

impl HttpBody for Breaking {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let end = || Err(io::Error::from(io::ErrorKind::ConnectionAborted));
        Poll::Ready(Some(self.0.take().map_or_else(end, |bytes| Ok(Frame::data(bytes)))))
    }
}

/// Every map of parameters as `key=value` lines.
pub(crate) fn shown(params: &Parameters) -> BTreeMap<&str, String> {
    let text = |given: &Given| match given {
        Given::One(text) => text.clone(),
        Given::Many(list) => list.join("|"),
    };
    params.iter().map(|(key, value)| (key.as_str(), text(value))).collect()
}
