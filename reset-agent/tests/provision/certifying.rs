//! Host certificates and SSHFP records of whole runs: shown, written down, revoked; or why not.

use std::fs;

use reset_agent::guest::ssh::host_ca::HostCa;
use reset_agent::outcome::{End, Outcome};
use reset_agent::sagas::provision;
use reset_agent::steps::Certified;
use russh::keys::ssh_key::{Certificate, Fingerprint};
use spec::exit::Exit;

use crate::bench::{Bench, input};
use crate::commands::exit_of;
use crate::plans::{self, with_guest};

async fn outcome(bench: &Bench) -> Outcome {
    Outcome::of(&plans::run(bench, &bench.run, &provision(), input()).await.log, false)
}

fn written(bench: &Bench, name: &str) -> String {
    fs::read_to_string(bench.config.with_file_name(name)).unwrap_or_default()
}

fn authorities(bench: &Bench) -> usize {
    written(bench, "known_hosts").lines().filter(|line| line.starts_with("@cert-authority * ssh-ed25519 ")).count()
}

async fn revoked(bench: &Bench, ca: &str) -> Vec<String> {
    let rows = bench.context.ledger.revoked_host_certificates(ca, 0).await.unwrap();
    rows.iter().map(|row| row.serial.to_string()).collect()
}

#[tokio::test]
async fn a_guest_shows_its_certificate_and_leaves_a_revoked_one_behind() {
    let bench = Bench::certifying(true).await;
    let guest = with_guest(&bench).await;
    let first = Outcome::of(&bench.store.journal().log(guest.run.as_str()).await.unwrap(), false);
    let Some(Certified::Shown { issued }) = &first.certified else { panic!("{:?}", first.certified) };
    let world_shows = bench.node.world().shown_certificates.len();
    assert_eq!((issued.serials.len(), world_shows, authorities(&bench)), (1, 1, 1));
    assert!(revoked(&bench, &issued.ca).await.is_empty());
    let key = first.host_keys[0].fingerprint.parse::<Fingerprint>().unwrap();
    let hex: Vec<String> = key.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    let record = format!("acme IN SSHFP 4 2 {} ; mintmark:run={}\n", hex.concat(), guest.run);
    assert_eq!(written(&bench, "sshfp.zone"), record);
    assert_eq!(exit_of(&bench, &["destroy", "acme"]).await, Exit::Done);
    assert_eq!(revoked(&bench, &issued.ca).await, issued.serials);
    assert_eq!((written(&bench, "sshfp.zone").as_str(), authorities(&bench)), ("", 1), "the fleet's line stays");
    assert_eq!(exit_of(&bench, &["ssh", "revoked"]).await, Exit::Done);
}

/// The name that is certified and published is the customer's, and the pool's leaves no record.
#[tokio::test]
async fn a_pool_guest_is_certified_when_it_is_claimed() {
    let bench = Bench::certifying(true).await;
    assert_eq!(exit_of(&bench, &["pool", "fill", "--golden", "debian13", "--size", "1"]).await, Exit::Done);
    assert_eq!((bench.node.world().certificates.len(), written(&bench, "sshfp.zone").lines().count()), (0, 1));
    assert!(!written(&bench, "sshfp.zone").starts_with("acme "));
    assert_eq!(exit_of(&bench, &["claim", "--customer", "acme", "--golden", "debian13"]).await, Exit::Done);
    let shown: Certificate = bench.node.world().shown_certificates[0].parse().unwrap();
    assert_eq!(shown.valid_principals()[0], "acme");
    let records = written(&bench, "sshfp.zone");
    assert!(records.starts_with("acme ") && records.lines().count() == 1, "{records}");
}

#[tokio::test]
async fn without_a_login_certificates_lie_there_for_the_next_boot_and_the_record_says_so() {
    let bench = Bench::certifying(false).await;
    let whole = outcome(&bench).await;
    let Some(Certified::AtNextBoot { issued, why }) = &whole.certified else { panic!("{:?}", whole.certified) };
    assert_eq!((why.as_str(), issued.serials.len()), ("the agent does not log in to guests", 1));
    let world = bench.node.world();
    assert_eq!((world.certificates.len(), world.shown_certificates.len()), (1, 0));
}

#[tokio::test]
async fn a_guest_that_does_not_show_its_certificate_is_undone_and_the_serial_revoked() {
    let bench = Bench::certifying(true).await;
    bench.node.world().deaf = true;
    let failed = outcome(&bench).await;
    let End::RolledBack { reason } = failed.end else { panic!("{:?}", failed.end) };
    assert!(reason.contains("shows its key without a certificate"), "{reason}");
    bench.expect_clean_slate("a deaf sshd").await;
    let text = bench.context.settings.ssh.host_ca.as_ref().unwrap().key.read().unwrap();
    let ca = HostCa::read(&text).unwrap().fingerprint();
    assert_eq!(revoked(&bench, &ca).await.len(), 1);
    assert_eq!(written(&bench, "sshfp.zone"), "");
}

#[tokio::test]
async fn without_a_host_ca_or_a_helper_the_step_is_skipped_and_says_why() {
    let bench = Bench::with_login().await;
    let whole = outcome(&bench).await;
    let skipped = |why: &str| Some(Certified::Skipped { why: why.into() });
    assert_eq!((&whole.end, &whole.certified), (&End::Done, &skipped("`ssh.host_ca` is not set")));
    assert_eq!(exit_of(&bench, &["ssh", "revoked"]).await, Exit::Usage);
    let mut bench = Bench::certifying(true).await;
    bench.context.helper = None;
    let tofu = outcome(&bench).await;
    let Some(Certified::Skipped { why }) = &tofu.certified else { panic!("{:?} {:?}", tofu.certified, tofu.end) };
    assert!(why.starts_with("without a helper"), "{why}");
    assert_eq!((written(&bench, "sshfp.zone").as_str(), authorities(&bench)), ("", 0), "nobody vouches for these keys");
}
