//! What must hold before a guest counts, taken away one by one: each time the run fails naming it, and nothing is left.

use std::collections::BTreeSet;
use std::fs;

use reset_agent::ledger::{GuestState, Scope};
use reset_agent::outcome::{End, Outcome};
use reset_agent::sagas::provision;
use reset_agent::steps::SshProof;
use serde_json::{Value, json};
use spec::exit::Exit;
use spec::identity::{IdentityKind, Verdict};

use crate::bench::{Bench, input};
use crate::commands::exit_of;
use crate::plans;
use crate::world::World;

const ASK: &[&str] = &["provision", "--customer", "acme", "--golden", "debian13"];

/// Takes something away from the pretending node.
type TakeAway = fn(&mut World);

/// A whole run.
async fn outcome(bench: &Bench) -> Outcome {
    Outcome::of(&plans::run(bench, &bench.run, &provision(), input()).await.log, false)
}

/// Why the run failed; nothing is left of it, not even a line of known hosts.
async fn reason(bench: &Bench) -> String {
    let outcome = outcome(bench).await;
    assert_eq!((outcome.exit(), outcome.verdict, outcome.state), (Exit::Failed, None, None), "{outcome:?}");
    let End::RolledBack { reason } = outcome.end else { panic!("{:?}", outcome.end) };
    bench.expect_clean_slate(&reason).await;
    assert_eq!(known_hosts(bench), "", "{reason}");
    reason
}

fn known_hosts(bench: &Bench) -> String {
    fs::read_to_string(&bench.context.settings.ssh.known_hosts).unwrap_or_default()
}

#[tokio::test]
async fn s0_18_each_closing_check_that_is_taken_away_fails_the_run_by_name() {
    let taken: [(TakeAway, &str); 5] = [
        (|world| world.address = None, "guest 200 has no usable address"),
        (|world| world.firstboot = Some("never"), "the first-boot unit of guest 200 has left no record"),
        (|world| world.firstboot = Some("error"), "first boot ended `error`: as the test wants it"),
        (|world| world.commands_fail = true, "`systemctl is-active ssh` failed in the guest"),
        (|world| world.no_host_keys = true, "the guest has no SSH host key"),
    ];
    for (take_away, named) in taken {
        let bench = Bench::with_login().await;
        take_away(&mut bench.node.world());
        let reason = reason(&bench).await;
        assert!(reason.contains(named), "{reason}, not {named}");
    }
    let bench = Bench::with_login().await;
    let whole = outcome(&bench).await;
    assert_eq!((&whole.end, whole.verdict, whole.state), (&End::Done, Some(Verdict::Pass), Some(GuestState::Active)));
    let Some(SshProof::Login { commands }) = whole.ssh else { panic!("{:?}", whole.ssh) };
    assert!(whole.address.is_some() && commands.iter().any(|command| command.run == "hostname"), "{commands:?}");
}

/// The key exchange and the login succeed; only that a command returns makes a guest ready.
#[tokio::test]
async fn s1_11_a_guest_that_lets_in_and_runs_nothing_is_not_ready() {
    let bench = Bench::with_login().await;
    bench.node.world().commands_fail = true;
    let finished = plans::run(&bench, &bench.run, &provision(), input()).await;
    assert!(bench.node.world().logins > 0, "nobody was let in");
    let waited = finished.log.step("await").unwrap();
    assert!(waited.output.is_none() && finished.log.step("verify").is_none_or(|step| step.output.is_none()));
    bench.expect_clean_slate("not ready").await;
}

#[tokio::test]
async fn s0_14_a_refused_login_takes_the_guest_away_and_says_so() {
    let bench = Bench::with_login().await;
    bench.node.world().refuses_login = true;
    let reason = reason(&bench).await;
    assert!(reason.contains("the guest refuses the login as root"), "{reason}");
    let world = bench.node.world();
    assert_eq!((world.restores, world.logins), (1, 0));
    // Not patched in place: after its start the guest is stopped and destroyed, and nothing else is asked for.
    let changes: Vec<_> = world.changes.iter().map(|(method, path, _)| format!("{method} {path}")).collect();
    let start = changes.iter().position(|change| change.ends_with("status/start")).unwrap();
    assert_eq!(changes[start + 1..], ["POST /nodes/pve/lxc/200/status/stop", "DELETE /nodes/pve/lxc/200"]);
}

/// A run without the guest's host key in store is never verified; one that is has it in the ledger, in the record and in
/// known hosts.
#[tokio::test]
async fn s0_09_without_a_stored_host_key_no_run_is_verified() {
    let bench = Bench::whole().await;
    bench.node.world().no_host_keys = true;
    reason(&bench).await;
    let bench = Bench::whole().await;
    let whole = outcome(&bench).await;
    assert_eq!(whole.verdict, Some(Verdict::Pass));
    let [key] = &whole.host_keys[..] else { panic!("{:?}", whole.host_keys) };
    let text = known_hosts(&bench);
    assert!(text.contains(key.public_key.as_ref().unwrap().as_str()), "{text}");
    let guest = bench.context.ledger.list(Scope::Live).await.unwrap().remove(0);
    let owned = bench.context.ledger.identities(guest.id).await.unwrap();
    let kept = |kind: &IdentityKind| matches!(kind, IdentityKind::SshHostKey(algorithm) if *algorithm == key.algorithm);
    assert!(owned.iter().any(|owned| kept(&owned.identity.kind)), "{owned:?}");
}

#[tokio::test]
async fn s0_21_after_a_failed_first_boot_the_next_run_restores_anew() {
    let bench = Bench::whole().await;
    bench.node.world().firstboot = Some("error");
    assert_eq!(exit_of(&bench, ASK).await, Exit::Failed);
    bench.expect_clean_slate("a failed first boot").await;
    bench.node.world().firstboot = None;
    assert_eq!(exit_of(&bench, ASK).await, Exit::Done);
    let world = bench.node.world();
    assert_eq!((world.restores, world.guests.len()), (2, 1), "{:?}", world.guests);
    let restores = world.changes.iter().filter(|(method, path, _)| method == "POST" && path.ends_with("/lxc"));
    let macs: Vec<String> = restores
        .map(|(_, _, body)| body["net0"].parse::<spec::pct::Net>().unwrap().hwaddr().unwrap().to_string())
        .collect();
    assert_eq!(macs.iter().collect::<BTreeSet<_>>().len(), 2, "one address twice: {macs:?}");
}

/// What the run's record keeps of a guest that did not come to answer.
async fn post_mortem(bench: &Bench) -> Value {
    let finished = plans::run(bench, &bench.run, &provision(), input()).await;
    assert_eq!(Outcome::of(&finished.log, false).exit(), Exit::Failed);
    bench.expect_clean_slate("a guest that did not answer").await;
    let notes = &finished.log.step("await").unwrap().notes;
    notes.iter().find(|note| note.key == "post-mortem").unwrap().value.clone()
}

#[tokio::test]
async fn s0_12_a_guest_that_never_answers_leaves_its_logs_in_the_record() {
    let started = json!({"tail": ["TASK"]});
    let bench = Bench::with_login().await;
    bench.node.world().firstboot = Some("never");
    let kept = post_mortem(&bench).await;
    let journal = json!({"tail": ["the unit says this"]});
    assert_eq!(kept, json!({"class": "first-boot", "task_log": started, "unit_journal": journal}));
    // Without a way in, it is said why there is no journal.
    let bench = Bench::with_login().await;
    bench.node.world().address = None;
    let kept = post_mortem(&bench).await;
    let unread = json!({"unread": "the guest has no address"});
    assert_eq!(kept, json!({"class": "address", "task_log": started, "unit_journal": unread}));
    let bench = Bench::whole().await;
    bench.node.world().firstboot = Some("error");
    let kept = post_mortem(&bench).await;
    assert!(kept["unit_journal"]["unread"].as_str().unwrap().contains("ssh.user_ca"), "{kept}");
    let bench = Bench::with_login().await;
    bench.node.world().refuses_login = true;
    let kept = post_mortem(&bench).await;
    assert_eq!((&kept["class"], &kept["task_log"]), (&json!("ssh"), &started));
}
