//! One HTTP exchange, with everything that is asserted of an answer: status, raw reason phrase, headers, body.

use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use hyper::ext::ReasonPhrase;
use pve_client::Fingerprint;
use reqwest::header::{AUTHORIZATION, CONNECTION, CONTENT_ENCODING, CONTENT_TYPE, COOKIE};
use reqwest::{Method, RequestBuilder, Response, Url};
use tokio::runtime::Runtime;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::tls;

/// Proxmox's proxy gives up on its daemon after 30 s; what waits for a lock takes 10.
const DEADLINE: Duration = Duration::from_mins(1);

/// Who calls, as the headers tell it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Caller {
    pub(crate) authorization: Option<String>,
    pub(crate) ticket: Option<String>,
    pub(crate) csrf: Option<String>,
}

/// What is sent.
#[derive(Debug, Clone, Default)]
pub(crate) struct Request {
    pub(crate) caller: Caller,
    pub(crate) method: String,
    /// Below `/api2/json`, with a query where it has one; escaped.
    pub(crate) path: String,
    pub(crate) params: Vec<(String, String)>,
    /// Content type and text of a body that is no form.
    pub(crate) body: Option<(String, String)>,
}

/// What came back.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) reason: String,
    pub(crate) content_type: Option<String>,
    pub(crate) connection: Option<String>,
    pub(crate) body: String,
}

/// Speaks HTTP/1.1 with one node.
#[derive(Debug)]
pub(crate) struct Client {
    runtime: Runtime,
    http: reqwest::Client,
    base: Url,
    interrupted: Arc<AtomicBool>,
}

impl Client {
    /// A client for `https://HOST:8006` that accepts the certificate with that pin, or any.
    pub(crate) fn new(base: Url, pin: Option<Fingerprint>) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(tls::config(pin)?)
            .https_only(true)
            .http1_only()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            // A connection carries a hundred requests, and the last one's answer closes it: each request gets its own.
            .pool_max_idle_per_host(0)
            .timeout(DEADLINE)
            .build()?;
        let interrupted = Arc::new(AtomicBool::new(false));
        for kind in [SignalKind::interrupt(), SignalKind::terminate()] {
            let _within = runtime.enter();
            runtime.spawn(told(signal(kind)?, interrupted.clone()));
        }
        Ok(Self { runtime, http, base, interrupted })
    }

    /// Whether somebody pressed Ctrl-C or asked us to end.
    pub(crate) fn interrupted(&self) -> bool {
        self.interrupted.load(Ordering::SeqCst)
    }

    /// Sends and waits for the whole answer.
    pub(crate) fn send(&self, request: &Request) -> Result<Answer> {
        let url = format!("{}api2/json{}", self.base, request.path);
        let method = Method::from_bytes(request.method.as_bytes())?;
        let builder = with_caller(self.http.request(method, url), request);
        self.runtime.block_on(async {
            let response = with_body(builder, request).send().await.context("no answer")?;
            read(response).await
        })
    }
}

/// From the first signal on, nothing more is begun; the cleaning up is not interrupted.
async fn told(mut signal: Signal, interrupted: Arc<AtomicBool>) {
    while signal.recv().await.is_some() {
        interrupted.store(true, Ordering::SeqCst);
        eprintln!("\ninterrupted: cleaning up");
    }
}

fn with_caller(builder: RequestBuilder, request: &Request) -> RequestBuilder {
    let Caller { authorization, ticket, csrf } = &request.caller;
    let builder = match authorization {
        Some(text) => builder.header(AUTHORIZATION, text),
        None => builder,
    };
    let builder = match ticket {
        Some(ticket) => builder.header(COOKIE, format!("PVEAuthCookie={}", super::found::escaped(ticket))),
        None => builder,
    };
    match csrf {
        Some(csrf) => builder.header("CSRFPreventionToken", csrf),
        None => builder,
    }
}

fn with_body(builder: RequestBuilder, request: &Request) -> RequestBuilder {
    match (&request.body, request.method.as_str()) {
        (Some((kind, text)), _) => builder.header(CONTENT_TYPE, kind).body(text.clone()),
        _ if request.params.is_empty() => builder,
        (None, "GET" | "DELETE") => builder.query(&request.params),
        (None, _) => builder.form(&request.params),
    }
}

async fn read(response: Response) -> Result<Answer> {
    let reason = match response.extensions().get::<ReasonPhrase>() {
        Some(phrase) => String::from_utf8_lossy(phrase.as_bytes()).into_owned(),
        None => response.status().canonical_reason().unwrap_or_default().to_owned(),
    };
    let header =
        |name| response.headers().get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    let (content_type, connection) = (header(CONTENT_TYPE), header(CONNECTION));
    let status = response.status().as_u16();
    let packed = header(CONTENT_ENCODING).is_some_and(|encoding| encoding == "gzip");
    let body = response.bytes().await.context("the body broke off")?.to_vec();
    let body = if packed { unpacked(body)? } else { body };
    Ok(Answer { status, reason, content_type, connection, body: String::from_utf8_lossy(&body).into_owned() })
}

/// A task's log as a download comes packed, whoever asks.
fn unpacked(body: Vec<u8>) -> Result<Vec<u8>> {
    let mut child = Command::new("gzip").arg("-dc").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    let mut input = child.stdin.take().context("gzip takes no input")?;
    let writer = thread::spawn(move || input.write_all(&body));
    let output = child.wait_with_output().context("unpacking the body")?;
    let written = writer.join().is_ok_and(|written| written.is_ok());
    ensure!(written && output.status.success(), "the body is no gzip");
    Ok(output.stdout)
}
