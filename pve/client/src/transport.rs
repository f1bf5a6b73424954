//! One HTTP exchange with the node.

use std::time::Duration;

use hyper::ext::ReasonPhrase;
use reqwest::header::AUTHORIZATION;
use reqwest::{Method, RequestBuilder, Response, Url};
use serde::de::DeserializeOwned;

use crate::answer::{Class, Refusal};
use crate::endpoint::Endpoint;
use crate::error::{CallError, Failure};
use crate::params::Params;
use crate::tls::{LastSeen, TlsSetupError, client_config};

/// No answer that is read here is larger; a task's whole log is asked for in pages.
const BODY_CAP: usize = 4 << 20;
/// pveproxy closes idle connections after 5 s: ours are dropped before.
const POOL_IDLE: Duration = Duration::from_secs(3);
const CONNECT_DEADLINE: Duration = Duration::from_secs(10);
const READ_DEADLINE: Duration = Duration::from_secs(30);
/// A change may wait 10 s for the guest's lock, and pveproxy gives up on the daemon after 30 s.
const CHANGE_DEADLINE: Duration = Duration::from_secs(45);
const READ_TRIES: u32 = 3;
const READ_PAUSE: Duration = Duration::from_millis(200);

/// How a client could not be made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SetupError {
    #[error("the trust in the node cannot be set up")]
    Tls(#[from] TlsSetupError),
    #[error("the HTTP client cannot be set up")]
    Http(#[from] reqwest::Error),
}

/// Two connection pools: reads may reuse a connection, changes never do, since a connection that died unnoticed
/// would leave it open whether the node acted.
#[derive(Debug, Clone)]
pub(crate) struct Transport {
    endpoint: Endpoint,
    reads: reqwest::Client,
    changes: reqwest::Client,
    refused: LastSeen,
}

/// A request before it is sent.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) params: Params,
}

impl Call {
    pub(crate) fn new(method: Method, path: impl Into<String>, params: Params) -> Self {
        Self { method, path: path.into(), params }
    }

    fn changes_something(&self) -> bool {
        self.method != Method::GET
    }

    fn deadline(&self) -> Duration {
        if self.changes_something() { CHANGE_DEADLINE } else { READ_DEADLINE }
    }

    fn failed(&self, failure: Failure) -> CallError {
        let method = match self.method {
            Method::GET => "GET",
            Method::POST => "POST",
            Method::PUT => "PUT",
            _ => "DELETE",
        };
        CallError { method, path: self.path.clone(), failure }
    }
}

impl Transport {
    pub(crate) fn new(endpoint: Endpoint) -> Result<Self, SetupError> {
        let refused = LastSeen::default();
        let tls = client_config(&endpoint.trust, refused.clone())?;
        let builder = || {
            reqwest::Client::builder()
                .tls_backend_preconfigured(tls.clone())
                .https_only(true)
                .no_proxy()
                .redirect(reqwest::redirect::Policy::none())
                .retry(reqwest::retry::never())
                .connect_timeout(CONNECT_DEADLINE)
                .tcp_nodelay(true)
        };
        let reads = builder().pool_idle_timeout(POOL_IDLE).build()?;
        let changes = builder().pool_max_idle_per_host(0).build()?;
        Ok(Self { endpoint, reads, changes, refused })
    }

    pub(crate) fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// Sends a call and reads `data` of its answer. Only reads are tried again, and only while nothing is decided.
    pub(crate) async fn send<T: DeserializeOwned>(&self, call: Call) -> Result<T, CallError> {
        let mut tries = 1;
        loop {
            let answer = self.exchange(&call).await.map_err(|failure| call.failed(failure));
            match answer {
                Err(error) if !call.changes_something() && tries < READ_TRIES && may_pass(&error) => {
                    tracing::debug!(path = call.path, tries, "read failed, trying again");
                    tokio::time::sleep(READ_PAUSE * tries).await;
                    tries += 1;
                }
                answer => return answer.and_then(|body| data(&body).map_err(|failure| call.failed(failure))),
            }
        }
    }

    async fn exchange(&self, call: &Call) -> Result<Vec<u8>, Failure> {
        let after = call.deadline();
        let whole = async {
            let response = self.request(call).send().await.map_err(|error| self.not_answered(error))?;
            let status = response.status().as_u16();
            let reason = reason(&response);
            let body = body(response).await?;
            tracing::debug!(method = %call.method, path = call.path, status, reason, "answered");
            if status < 400 { Ok(body) } else { Err(Failure::Refused(Refusal::read(status, &reason, &body))) }
        };
        tokio::time::timeout(after, whole).await.unwrap_or(Err(Failure::TimedOut { after }))
    }

    fn request(&self, call: &Call) -> RequestBuilder {
        let url = url(&self.endpoint.url, &call.path);
        let client = if call.changes_something() { &self.changes } else { &self.reads };
        let request =
            client.request(call.method.clone(), url).header(AUTHORIZATION, self.endpoint.authorization.clone());
        match call.method {
            // Proxmox refuses a body on GET and DELETE.
            Method::GET | Method::DELETE if call.params.is_empty() => request,
            Method::GET | Method::DELETE => request.query(call.params.as_slice()),
            _ => request.form(call.params.as_slice()),
        }
    }

    fn not_answered(&self, error: reqwest::Error) -> Failure {
        match (error.is_connect() || error.is_builder(), self.refused.take()) {
            (true, Some(presented)) => Failure::Untrusted { presented },
            (true, None) => Failure::NeverSent(error.without_url()),
            (false, _) => Failure::Broken(error.without_url()),
        }
    }
}

fn may_pass(error: &CallError) -> bool {
    matches!(error.class(), Class::Transient | Class::Ambiguous)
}

fn url(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    url.set_path(&format!("/api2/json{path}"));
    url
}

/// Proxmox puts its error text here; the canonical phrase of the status would hide it.
fn reason(response: &Response) -> String {
    match response.extensions().get::<ReasonPhrase>() {
        Some(phrase) => String::from_utf8_lossy(phrase.as_bytes()).into_owned(),
        None => response.status().canonical_reason().unwrap_or_default().to_owned(),
    }
}

async fn body(mut response: Response) -> Result<Vec<u8>, Failure> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| Failure::Broken(error.without_url()))? {
        if body.len() + chunk.len() > BODY_CAP {
            return Err(Failure::Unreadable { why: format!("it is longer than {} MiB", BODY_CAP >> 20) });
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn data<T: DeserializeOwned>(body: &[u8]) -> Result<T, Failure> {
    #[derive(serde::Deserialize)]
    struct Envelope<T> {
        data: T,
    }
    let envelope: Envelope<T> =
        serde_json::from_slice(body).map_err(|error| Failure::Unreadable { why: error.to_string() })?;
    Ok(envelope.data)
}
