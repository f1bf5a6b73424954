//! A node that pretends: Proxmox's wire over a [`World`].

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum_server::tls_rustls::RustlsConfig;
use pve_client::Fingerprint;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::{Value, json};

use crate::world::{Token, World};

pub(crate) type Shared = Arc<Mutex<World>>;

/// The running node.
pub(crate) struct Node {
    pub(crate) address: SocketAddr,
    pub(crate) fingerprint: Fingerprint,
    pub(crate) world: Shared,
    handle: axum_server::Handle<SocketAddr>,
}

impl Drop for Node {
    fn drop(&mut self) {
        self.handle.shutdown();
    }
}

impl Node {
    pub(crate) async fn start(world: Shared) -> Self {
        let key = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        let certificate: CertificateDer<'static> = key.cert.der().clone();
        let fingerprint = Fingerprint::of(&certificate);
        let private = PrivateKeyDer::try_from(key.signing_key.serialize_der()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let tls = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate], private)
            .unwrap();
        world.lock().unwrap().sees_volumes = true;
        let app = Router::new().fallback(answer).with_state(Arc::clone(&world));
        let handle = axum_server::Handle::new();
        let config = RustlsConfig::from_config(Arc::new(tls));
        let server = axum_server::bind_rustls(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), config);
        tokio::spawn(server.handle(handle.clone()).serve(app.into_make_service()));
        let address = handle.listening().await.unwrap();
        Self { address, fingerprint, world, handle }
    }

    pub(crate) fn world(&self) -> std::sync::MutexGuard<'_, World> {
        self.world.lock().unwrap()
    }
}

async fn answer(State(world): State<Shared>, request: Request) -> Response {
    let line = format!("{} {}", request.method(), path_of(&request));
    let answered = answered(Arc::clone(&world), request).await;
    let stop = world.lock().unwrap().stop.take_if(|stop| line.ends_with(stop.at));
    if let Some(stop) = stop {
        stop.now().await;
    }
    match answered {
        Some(response) => response,
        None => std::future::pending().await,
    }
}

fn path_of(request: &Request) -> String {
    decoded(request.uri().path()).replace("/api2/json", "")
}

async fn answered(world: Shared, request: Request) -> Option<Response> {
    let path = path_of(&request);
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, 1 << 20).await.unwrap();
    let query = parts.uri.query().unwrap_or_default();
    let params: BTreeMap<String, String> = [query.as_bytes(), &body].iter().flat_map(|text| form(text)).collect();
    let mut world = world.lock().unwrap();
    let meets = |end: &str| format!("{} {path}", parts.method).ends_with(end);
    match world.token {
        Token::Good => {}
        Token::RevokedAt(at) if !meets(at) => {}
        Token::RevokedAt(_) | Token::Revoked => {
            world.token = Token::Revoked;
            return Some(refusal(401, "no such token"));
        }
    }
    world.migrate(&path);
    if world.is_down(&path) {
        return Some(refusal(595, "No route to host"));
    }
    if world.hold.take_if(|hold| meets(hold)).is_some() {
        world.held = Some(params);
        return None;
    }
    if let Some(kind) = world.trouble.as_mut().and_then(|trouble| trouble.strike(meets)) {
        let answer = kind.answer(&mut world, (&parts.method, &path), &params);
        world.watch();
        return answer;
    }
    let answer = world.call(&parts.method, &path, &params);
    world.watch();
    if world.lose.is_some_and(meets) {
        world.lose = None;
        return Some(refusal(596, "Connection timed out"));
    }
    Some(told(answer))
}

pub(crate) fn told(answer: Result<Value, String>) -> Response {
    match answer {
        Ok(data) => Response::new(Body::from(json!({ "data": data }).to_string())),
        Err(text) => refusal(500, &text),
    }
}

pub(crate) fn refusal(status: u16, text: &str) -> Response {
    let mut response = Response::new(Body::from(json!({ "data": null, "message": text }).to_string()));
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    response
}

fn form(text: &[u8]) -> Vec<(String, String)> {
    let text = std::str::from_utf8(text).unwrap();
    let pairs = text.split('&').filter_map(|pair| pair.split_once('='));
    pairs.map(|(key, value)| (decoded(key), decoded(&value.replace('+', " ")))).collect()
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let (after, byte) = match (first, tail) {
            (b'%', [high, low, after @ ..]) => {
                let hex = String::from_utf8(vec![*high, *low]).unwrap();
                (after, u8::from_str_radix(&hex, 16).unwrap())
            }
            _ => (tail, *first),
        };
        bytes.push(byte);
        rest = after;
    }
    String::from_utf8(bytes).unwrap()
}
