//! From a caller's words to a request that the agent accepts: everything that can be refused is refused here, before
//! anything is touched.

use axum::http::{HeaderMap, StatusCode, header};
use serde::de::DeserializeOwned;
use spec::identity::{Identity, IdentityKind};
use spec::ids::{CustomerId, Hostname, Volid};
use spec::pct::DiskSize;

use crate::agent::Agent;
use crate::golden::GoldenRef;
use crate::request::{OnCollision, ProvisionRequest, hostname_of};
use crate::serve::caller::Caller;
use crate::serve::problem::Problem;
use crate::serve::wire::{GuestRequest, RecoveryRequest, VolumeRequest};
use crate::volume::{Volumes, Written};

/// More checks, or longer ones, are no checks.
const MOST_CHECKS: usize = 16;
const LONGEST_CHECK: usize = 1024;

/// The body of a request.
pub(super) fn body<T: DeserializeOwned>(headers: &HeaderMap, body: &[u8]) -> Result<T, Problem> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if kind.split(';').next().is_none_or(|kind| !kind.trim().eq_ignore_ascii_case("application/json")) {
        return Err(Problem::bad_request(format!("Content-Type {kind:?}: send application/json")));
    }
    serde_json::from_slice(body).map_err(|error| Problem::bad_request(format!("the body: {error}")))
}

/// The request as the agent takes it.
pub(super) fn accepted(agent: &Agent, caller: &Caller, asked: GuestRequest) -> Result<ProvisionRequest, Problem> {
    let settings = &agent.context.settings;
    let own: CustomerId = field("customer", &asked.customer)?;
    let hostname = match &asked.hostname {
        Some(hostname) => field("hostname", hostname)?,
        None => hostname_of(&own)
            .map_err(|_| Problem::unacceptable(format!("customer {own} is no hostname: give one with `hostname`")))?,
    };
    let size = match &asked.size {
        Some(size) => field("size", size)?,
        None => settings.guests.rootfs,
    };
    checks(agent, &asked.checks)?;
    let volumes = volumes(asked.volumes)?;
    Ok(ProvisionRequest {
        customer: caller.customer(&own)?,
        golden: golden(&asked.golden)?,
        hostname,
        size,
        volumes,
        checks: asked.checks,
        cold: false,
        hold_after: None,
    })
}

/// A recovery as a caller wants it; of which backup, where it does not say, is found out later.
pub(super) struct Recovery {
    /// Whose guest.
    pub(super) customer: CustomerId,
    /// The backup that an operator names.
    pub(super) archive: Option<Volid>,
    /// Whether the operator vouches for it.
    pub(super) adopt: bool,
    /// Another hostname than the backup's.
    pub(super) hostname: Option<Hostname>,
    /// A larger root disk than the backup's.
    pub(super) size: Option<DiskSize>,
    /// What to do about addresses that are somebody else's by now.
    pub(super) on_collision: OnCollision,
    /// Commands that must succeed inside it.
    pub(super) checks: Vec<String>,
}

/// A recovery as the agent takes it.
pub(super) fn recovery(agent: &Agent, caller: &Caller, own: &str, asked: RecoveryRequest) -> Result<Recovery, Problem> {
    // A name that nobody can have is nobody's.
    let own: CustomerId = own.parse().map_err(|_| Problem::not_found("guest of this name"))?;
    checks(agent, &asked.checks)?;
    let on_collision = match asked.on_collision.as_deref() {
        None | Some("refuse") => OnCollision::Refuse,
        Some("reset") => OnCollision::Reset,
        Some(other) => {
            return Err(Problem::unacceptable(format!("on_collision {other:?}: write refuse or reset")));
        }
    };
    Ok(Recovery {
        customer: caller.customer(&own)?,
        archive: asked.archive.as_deref().map(|text| field("archive", text)).transpose()?,
        adopt: asked.adopt,
        hostname: asked.hostname.as_deref().map(|text| field("hostname", text)).transpose()?,
        size: asked.size.as_deref().map(|text| field("size", text)).transpose()?,
        on_collision,
        checks: asked.checks,
    })
}

/// Callers name releases; files and volumes are the operator's own.
fn golden(text: &str) -> Result<GoldenRef, Problem> {
    match field("golden", text)? {
        named @ (GoldenRef::Channel { .. } | GoldenRef::Release { .. }) => Ok(named),
        GoldenRef::Manifest(_) | GoldenRef::Archive(_) => {
            Err(Problem::unacceptable(format!("golden {text:?}: write NAME, NAME/CHANNEL or NAME@RELEASE")))
        }
    }
}

/// On which storage they lie is the operator's to say.
fn volumes(asked: Vec<VolumeRequest>) -> Result<Volumes, Problem> {
    let written = |VolumeRequest { path, size, backup }| Written { path, size, storage: None, backup };
    let written: Vec<Written> = asked.into_iter().map(written).collect();
    Volumes::try_from(written).map_err(|error| Problem::unacceptable(format!("volumes: {error}")))
}

fn checks(agent: &Agent, checks: &[String]) -> Result<(), Problem> {
    if !checks.is_empty() && !agent.context.settings.ssh.logs_in() {
        return Err(Problem::unacceptable("checks need a login, and this agent has none (`ssh.user_ca`, `ssh.agent`)"));
    }
    if checks.len() > MOST_CHECKS || checks.iter().any(|check| check.len() > LONGEST_CHECK) {
        let detail = format!("checks: at most {MOST_CHECKS} of at most {LONGEST_CHECK} bytes each");
        return Err(Problem::unacceptable(detail));
    }
    Ok(())
}

fn field<T: std::str::FromStr<Err: std::fmt::Display>>(name: &str, text: &str) -> Result<T, Problem> {
    text.parse().map_err(|error: T::Err| Problem::unacceptable(format!("{name}: {error}")))
}

/// A hostname that another customer's guest has is refused before any side effect. Whose it is, is not told.
pub(super) async fn hostname_is_free(agent: &Agent, request: &ProvisionRequest) -> Result<(), Problem> {
    let identity = Identity::new(IdentityKind::Hostname, request.hostname.as_ref());
    let holder = agent.context.ledger.owner(&identity).await.map_err(|error| Problem::broken(&error))?;
    if holder.is_none_or(|holder| holder.customer == request.customer) {
        return Ok(());
    }
    let detail = format!("the hostname {} is taken", request.hostname);
    Err(Problem::new(StatusCode::CONFLICT, "hostname-taken", "The hostname is taken", detail)
        .next("choose another `hostname`"))
}
