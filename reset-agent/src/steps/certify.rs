//! A guest's host keys, known through the hypervisor, get certificates of the fleet's host CA: whoever knows the CA
//! needs no known_hosts line for each guest.
//!
//! The keys are born at the first boot, before sshd: the certificates come after both. sshd reads them when it is
//! reloaded, which takes a login; without one they lie there for its next start, and the record says so.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use saga::{Recorder, Step, StepError, output};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use ssh_key::{Certificate, PublicKey};

use super::await_guest::Reached;
use super::login::credential;
use super::pins::believe;
use super::poll::{Look, poll};
use super::proof::ProvenReset;
use super::reserve::Names;
use crate::config::HostCaSettings;
use crate::context::Context;
use crate::guest::ssh::certified::{Expected, look};
use crate::guest::ssh::command::quote;
use crate::guest::ssh::host_ca::{HostCa, Subject, file_of};
use crate::guest::ssh::host_key::{PinnedKey, Trust};
use crate::guest::ssh::session::HostKeyCheck;
use crate::guest::visit::enter;
use crate::guest::{Helper, Place, PlacedFile};
use crate::ledger::HostCertificate;
use crate::node::failure::chain;

/// Has the guest's host keys certified.
pub struct Certify;

/// What became of the certificates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "certificates", rename_all = "kebab-case")]
pub enum Certified {
    /// The guest's sshd was seen to show one that is valid for its name and its address.
    Shown {
        /// What was signed.
        #[serde(flatten)]
        issued: Issued,
    },
    /// They lie in the guest; its sshd reads them at its next start, and nobody has seen them shown.
    AtNextBoot {
        /// What was signed.
        #[serde(flatten)]
        issued: Issued,
        /// Why sshd was not told.
        why: String,
    },
    /// There are none.
    Skipped {
        /// Why.
        why: String,
    },
}

/// The certificates that a guest got.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issued {
    /// `SHA256:…` of the CA.
    pub ca: String,
    /// Their serials, decimal: as text, since JSON's readers round such numbers.
    pub serials: Vec<String>,
    /// When they end, seconds since 1970.
    pub valid_before: u64,
}

/// The file in which the helper tells sshd of the certificates: an older one does not, and nobody would show them.
const DROP_IN: &str = "20-mintmark-host-certificates.conf";
const COMMAND_DEADLINE: Duration = Duration::from_mins(1);
/// Its configuration is tried before sshd reads it: one that does not start again is a guest lost.
const RELOAD: [&[&str]; 2] = [&["/usr/sbin/sshd", "-t"], &["systemctl", "reload", "ssh"]];

impl Step<Context> for Certify {
    fn name(&self) -> &'static str {
        "certify"
    }

    async fn run(&self, ctx: &mut Context, rec: &mut Recorder<'_>) -> Result<Value, StepError> {
        let reached: Reached = rec.output("await")?;
        let skipped = |why: &str| output(&Certified::Skipped { why: why.to_owned() });
        let Some(settings) = &ctx.settings.ssh.host_ca else {
            return skipped("`ssh.host_ca` is not set");
        };
        let Some(helper) = ctx.helper.as_ref().filter(|_| reached.trust == Trust::Hypervisor) else {
            return skipped("without a helper nobody vouches for the host keys, and nobody could bring certificates");
        };
        let keys = certifiable(&reached.host_keys);
        if keys.is_empty() {
            return skipped("the guest has no host key at a place of sshd's own");
        }
        output(&certified(ctx, rec, settings, helper, &reached, &keys).await?)
    }

    async fn undo(&self, ctx: &mut Context, rec: &mut Recorder<'_>) -> Result<(), StepError> {
        // The files go with the guest's disk; who copied them has certificates that are on the list of revoked ones.
        let withdrawn = ctx.ledger.withdraw_host_certificates(rec.run_id()).await;
        withdrawn.map_err(|error| StepError::from_error(&error))
    }
}

/// The keys by the names of their certificates. Of two keys of one type nobody says which lies at sshd's own place.
fn certifiable(pins: &[PinnedKey]) -> BTreeMap<&'static str, &PinnedKey> {
    let named = || pins.iter().filter_map(|pin| file_of(pin).map(|name| (name, pin)));
    named().filter(|(name, _)| named().filter(|(other, _)| other == name).count() == 1).collect()
}

async fn certified(
    ctx: &Context,
    rec: &Recorder<'_>,
    settings: &HostCaSettings,
    helper: &Helper,
    reached: &Reached,
    keys: &BTreeMap<&'static str, &PinnedKey>,
) -> Result<Certified, StepError> {
    let names: Names = rec.output("reserve")?;
    let proven: ProvenReset = rec.output("reset")?;
    let subject = Subject { vmid: proven.vmid(), hostname: proven.hostname().clone(), address: reached.address };
    let ca = authority(settings)?;
    let certificates = signed(&ca, keys, &subject, settings.valid_for)?;
    let rows: Vec<HostCertificate> = certificates.values().map(|certificate| row(certificate, &ca)).collect();
    // Before any of them leaves: none is out there that the ledger does not know.
    let entered = ctx.ledger.enter_host_certificates(names.guest, rec.run_id(), &rows).await;
    entered.map_err(|error| StepError::from_error(&error))?;
    deliver(helper, &subject, &certificates).await?;
    believe(ctx, ca.public().map_err(|error| StepError::from_error(&error))?).await?;
    let issued = Issued {
        ca: ca.fingerprint(),
        serials: rows.iter().map(|row| row.serial.to_string()).collect(),
        valid_before: rows.iter().map(|row| row.valid_before).min().unwrap_or_default(),
    };
    if let Err(why) = reload(ctx, rec, &subject, reached).await? {
        return Ok(Certified::AtNextBoot { issued, why });
    }
    shown(ctx, &subject, reached, &issued).await?;
    Ok(Certified::Shown { issued })
}

fn authority(settings: &HostCaSettings) -> Result<HostCa, StepError> {
    let text = settings.key.read().map_err(|error| StepError::from_error(&error))?;
    HostCa::read(&text).map_err(|error| StepError::from_error(&error))
}

fn signed(
    ca: &HostCa,
    keys: &BTreeMap<&'static str, &PinnedKey>,
    subject: &Subject,
    valid_for: Duration,
) -> Result<BTreeMap<&'static str, Certificate>, StepError> {
    let mut certificates = BTreeMap::new();
    for (name, pin) in keys {
        let line = pin.public_key.as_deref().unwrap_or_default();
        let key = PublicKey::from_openssh(line).map_err(|error| StepError::from_error(&error))?;
        let certificate = ca.certify(&key, subject, valid_for).map_err(|error| StepError::from_error(&error))?;
        certificates.insert(*name, certificate);
    }
    Ok(certificates)
}

fn row(certificate: &Certificate, ca: &HostCa) -> HostCertificate {
    HostCertificate {
        serial: certificate.serial(),
        ca: ca.fingerprint(),
        key_id: certificate.key_id().to_owned(),
        host_key: PinnedKey::of(&PublicKey::new(certificate.public_key().clone(), "")).fingerprint,
        valid_before: certificate.valid_before(),
    }
}

async fn deliver(
    helper: &Helper,
    subject: &Subject,
    certificates: &BTreeMap<&'static str, Certificate>,
) -> Result<(), StepError> {
    let mut lines = Vec::new();
    for (name, certificate) in certificates {
        let line = certificate.to_openssh().map_err(|error| StepError::from_error(&error))?;
        lines.push((*name, format!("{}\n", line.trim())));
    }
    let files: Vec<PlacedFile<'_>> =
        lines.iter().map(|(name, line)| PlacedFile { name, content: line.as_bytes() }).collect();
    let done = helper.deliver(subject.vmid, Place::HostCertificates, &files).await;
    let done = done.map_err(|error| StepError::from_error(&error))?;
    let missing = certificates.keys().copied().chain([DROP_IN]).find(|name| !done.delivered.iter().any(|d| d == name));
    match missing {
        Some(missing) => Err(StepError::failed(format!(
            "the helper did not write {missing} into guest {}: is it older than this agent?",
            subject.vmid
        ))),
        None => Ok(()),
    }
}

/// Has sshd read its configuration anew. The inner error says why nobody could ask it to.
async fn reload(
    ctx: &Context,
    rec: &Recorder<'_>,
    subject: &Subject,
    reached: &Reached,
) -> Result<Result<(), String>, StepError> {
    let user = &ctx.settings.ssh.user;
    let Some(credential) = credential(ctx, rec.run_id())? else {
        return Ok(Err("the agent does not log in to guests".to_owned()));
    };
    if user != "root" {
        return Ok(Err(format!("the agent logs in as {user}, who cannot reload sshd")));
    }
    let socket = SocketAddr::new(reached.address, ctx.settings.ssh.port);
    let check = HostKeyCheck::Pinned { guest: subject.vmid, keys: reached.host_keys.clone() };
    let entered = enter(socket, check, user, Some(&credential)).await;
    let mut session = entered.map_err(|error| StepError::from_error(&error))?;
    for command in RELOAD.map(quote) {
        let done = session.run(&command, COMMAND_DEADLINE).await.map_err(|error| StepError::from_error(&error))?;
        if !done.success() {
            return Err(StepError::failed(format!("`{command}` failed in the guest: {}", done.in_words())));
        }
    }
    session.close().await;
    Ok(Ok(()))
}

/// Waits until sshd shows one of them: a reload takes a moment, and before it an earlier certificate may be shown.
async fn shown(ctx: &Context, subject: &Subject, reached: &Reached, issued: &Issued) -> Result<(), StepError> {
    let socket = SocketAddr::new(reached.address, ctx.settings.ssh.port);
    let keys = reached.host_keys.clone();
    let expected = Expected { keys, ca: issued.ca.clone(), names: subject.principals().to_vec() };
    let (expected, serials) = (&expected, &issued.serials);
    poll(ctx.settings.patience.guest, || async move {
        match look(socket, expected).await {
            Ok(serial) if serials.contains(&serial.to_string()) => Ok(()),
            Ok(serial) => Err(Look::NotYet(format!("its sshd still shows an earlier host certificate ({serial})"))),
            Err(error) => Err(Look::NotYet(chain(&error))),
        }
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_two_keys_of_one_type_none_is_certified() {
        let pin = |algorithm: &str, key: &str| PinnedKey {
            algorithm: algorithm.into(),
            fingerprint: format!("SHA256:{key}"),
            public_key: Some(format!("{algorithm} {key}")),
        };
        let pins = [pin("ssh-ed25519", "a"), pin("ecdsa-sha2-nistp256", "b"), pin("ecdsa-sha2-nistp384", "c")];
        let keys: Vec<&str> = certifiable(&pins).into_keys().collect();
        assert_eq!(keys, ["ssh_host_ed25519_key-cert.pub"]);
        let unknown = PinnedKey { public_key: None, ..pins[0].clone() };
        assert!(certifiable(&[unknown]).is_empty(), "a fingerprint cannot be certified");
    }
}
