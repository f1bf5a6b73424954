//! Sending a call and hearing the answer.

use std::time::Duration;

use pve_wire::api::Verb;
use reqwest::header::AUTHORIZATION;
use reqwest::{Method, RequestBuilder, Url};
use serde::de::DeserializeOwned;
use spec::ids::RunId;

use super::answer::{Page, body, page, reason};
use super::pools::{Pools, SetupError};
use super::trace::Trace;
use crate::answer::Refusal;
use crate::endpoint::Endpoint;
use crate::error::{CallError, Failure};
use crate::law::{Next, Twice};
use crate::request::Ready;

const READ_DEADLINE: Duration = Duration::from_secs(30);
/// A change may wait 10 s for the guest's lock, and pveproxy gives up on the daemon after 30 s.
const CHANGE_DEADLINE: Duration = Duration::from_secs(45);
const READ_TRIES: u32 = 3;
const READ_PAUSE: Duration = Duration::from_millis(200);
/// What every supported version takes; later ones take eight times as much.
const LONGEST_REQUEST: usize = 64 << 10;

/// The way to one node.
#[derive(Debug, Clone)]
pub(crate) struct Transport {
    endpoint: Endpoint,
    pools: Pools,
}

impl Transport {
    pub(crate) fn new(endpoint: Endpoint) -> Result<Self, SetupError> {
        let pools = Pools::new(&endpoint.trust)?;
        Ok(Self { endpoint, pools })
    }

    pub(crate) fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// Sends a call and reads its answer. Only reads are tried again, and only while nothing is decided.
    pub(crate) async fn send<T: DeserializeOwned>(
        &self,
        call: &Ready,
        run: Option<&RunId>,
    ) -> Result<Page<T>, CallError> {
        let failed =
            |failure| CallError { method: call.verb.as_str(), path: call.path.clone(), rule: call.rule, failure };
        let mut tries = 1;
        loop {
            match self.exchange(call, run).await.map_err(failed) {
                Err(error) if call.rule.twice == Twice::Reads && tries < READ_TRIES && error.next() == Next::Again => {
                    tokio::time::sleep(READ_PAUSE * tries).await;
                    tries += 1;
                }
                answer => return page(&answer?).map_err(failed),
            }
        }
    }

    async fn exchange(&self, call: &Ready, run: Option<&RunId>) -> Result<Vec<u8>, Failure> {
        let trace = Trace::begin(call, run);
        let after = if call.changes_something() { CHANGE_DEADLINE } else { READ_DEADLINE };
        let mut answered = None;
        let whole = async {
            let request = self.request(call).build().map_err(Failure::NeverSent)?;
            let length = request.body().and_then(reqwest::Body::as_bytes).map_or(0, <[u8]>::len);
            if length > LONGEST_REQUEST {
                return Err(Failure::TooLong { length, most: LONGEST_REQUEST });
            }
            let response = self.pool(call).execute(request).await.map_err(|error| self.not_answered(error))?;
            let status = response.status().as_u16();
            answered = Some(status);
            let reason = reason(&response);
            let body = body(response).await?;
            if status < 300 { Ok(body) } else { Err(Failure::Refused(Refusal::read(status, &reason, &body))) }
        };
        let result = tokio::time::timeout(after, whole).await.unwrap_or(Err(Failure::TimedOut { after }));
        trace.end(answered, &result);
        result
    }

    fn pool(&self, call: &Ready) -> &reqwest::Client {
        if call.changes_something() { &self.pools.changes } else { &self.pools.reads }
    }

    fn request(&self, call: &Ready) -> RequestBuilder {
        let url = url(&self.endpoint.url, &call.path);
        let request =
            self.pool(call).request(method(call.verb), url).header(AUTHORIZATION, self.endpoint.authorization.clone());
        match call.verb {
            // Proxmox refuses a body on GET and DELETE.
            Verb::Get | Verb::Delete if call.params.is_empty() => request,
            Verb::Get | Verb::Delete => request.query(&call.params),
            Verb::Post | Verb::Put => request.form(&call.params),
        }
    }

    fn not_answered(&self, error: reqwest::Error) -> Failure {
        match (error.is_connect() || error.is_builder(), self.pools.refused.take()) {
            (true, Some(presented)) => Failure::Untrusted { presented },
            (true, None) => Failure::NeverSent(error.without_url()),
            (false, _) => Failure::Broken(error.without_url()),
        }
    }
}

fn method(verb: Verb) -> Method {
    match verb {
        Verb::Get => Method::GET,
        Verb::Post => Method::POST,
        Verb::Put => Method::PUT,
        Verb::Delete => Method::DELETE,
    }
}

fn url(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    url.set_path(&format!("/api2/json{path}"));
    url
}
