//! Every table of the service on both databases: what is written is read back, and of writers that meet none is lost.

use reset_agent::ledger::{
    Acceptance, Asked, Before, Entry, GuestState, Ledger, LedgerError, Reservation, TokenRow, Walk, WarmGolden,
    WarmState,
};
use spec::identity::{Identity, IdentityKind};
use tokio::task::JoinSet;

use crate::fixture::{Fixture, ask, host_key, machine_id, on_both, reserve, run};

fn token(id: &str) -> TokenRow {
    TokenRow {
        id: id.into(),
        name: "portal".into(),
        tenant: Some("acme".into()),
        digest: "d1".into(),
        scopes: "guests:read guests:write".into(),
        created_at: "2026-11-20T10:00:00Z".into(),
        expires_at: "2026-12-20T10:00:00Z".into(),
        revoked_at: None,
    }
}

on_both! {
    async fn a_token_is_kept_and_revoked_once(fixture: Fixture) {
        let ledger = fixture.ledger();
        let operators = TokenRow { tenant: None, ..token("t2") };
        for each in [token("t1"), operators.clone()] {
            ledger.add_token(&each).await.unwrap();
        }
        assert_eq!(ledger.tokens().await.unwrap(), [token("t1"), operators]);
        assert!(matches!(ledger.add_token(&token("t1")).await, Err(LedgerError::Storage { .. })), "an id is given once");
        assert!(ledger.revoke_token("t1").await.unwrap());
        assert!(!ledger.revoke_token("t1").await.unwrap());
        assert!(!ledger.revoke_token("t3").await.unwrap());
        let revoked = ledger.token("t1").await.unwrap().unwrap();
        assert_eq!(TokenRow { revoked_at: None, ..revoked.clone() }, token("t1"));
        assert!(revoked.revoked_at.is_some());
        assert_eq!(ledger.token("t3").await.unwrap(), None);
    }
}

fn asked(n: u32, key: &str, body: &str) -> Asked {
    Asked {
        tenant: "acme".into(),
        key: key.into(),
        body: body.into(),
        customer: ask(1).customer,
        run: run(n).to_string(),
        plan: "provision".into(),
        input: "{}".into(),
    }
}

on_both! {
    /// Two agents, one key: one run, and everybody is told of it.
    async fn i4_one_key_is_one_run_however_many_ask_at_once(fixture: Fixture) {
        let stores = [fixture.store.clone(), fixture.opened_again().await];
        let mut tasks = JoinSet::new();
        for n in 1..=20 {
            let ledger = stores[n as usize % 2].ledger();
            tasks.spawn(async move { ledger.accept_guest(&asked(n, "k1", "b1")).await.unwrap() });
        }
        let answers = tasks.join_all().await;
        let new: Vec<_> = answers.iter().filter_map(|answer| match answer {
            Acceptance::New(accepted) => Some(accepted),
            _ => None,
        }).collect();
        let [accepted] = new[..] else { unreachable!("{} runs for one key", new.len()) };
        assert_eq!(answers.iter().filter(|answer| **answer == Acceptance::Known(accepted.clone())).count(), 19);

        let ledger = fixture.ledger();
        assert_eq!(ledger.accept_guest(&asked(30, "k1", "b2")).await.unwrap(), Acceptance::Mismatch);
        assert_eq!(ledger.accepted("acme", "k1").await.unwrap().as_ref(), Some(accepted));
        assert_eq!(ledger.accepted("globex", "k1").await.unwrap(), None);
        assert_eq!(ledger.accepted_not_begun().await.unwrap(), std::slice::from_ref(accepted));
        let Acceptance::Known(other) = ledger.accept_guest(&asked(31, "k2", "b2")).await.unwrap() else {
            unreachable!("a second guest for one customer")
        };
        assert_eq!((&other.run, other.existing), (&accepted.run, 1));
        assert_eq!(ledger.accepted_run(&accepted.run).await.unwrap().as_ref(), Some(accepted));
        assert!(matches!(ledger.accept_run(&asked(32, "k3", "b3")).await.unwrap(), Acceptance::New(_)));
    }
}

on_both! {
    async fn an_audit_has_an_end_and_the_last_one_is_found(fixture: Fixture) {
        let ledger = fixture.ledger();
        assert_eq!(ledger.last_audit().await.unwrap(), None);
        for id in ["a1", "a2"] {
            ledger.begin_audit(id).await.unwrap();
        }
        assert_eq!(ledger.last_audit().await.unwrap(), None, "none has ended");
        ledger.end_audit("a1", "collisions", Some("{\"version\":1}".into())).await.unwrap();
        let ended = ledger.audit("a1").await.unwrap().unwrap();
        assert_eq!((ended.exit.as_deref(), ended.report.as_deref()), (Some("collisions"), Some("{\"version\":1}")));
        assert_eq!(ledger.last_audit().await.unwrap(), Some(ended));
        assert_eq!(ledger.audit("a2").await.unwrap().unwrap().ended_at, None);
    }
}

on_both! {
    /// Two writers at once draw no same place: the chain holds, without gaps, with every entry in it.
    async fn of_many_who_write_the_audit_log_at_once_none_breaks_the_chain(fixture: Fixture) {
        let stores = [fixture.store.clone(), fixture.opened_again().await];
        let mut tasks = JoinSet::new();
        for n in 0..40 {
            let ledger = stores[n % 2].ledger();
            let entry = Entry { who: "uid 0".into(), action: "guest.create".into(), object: format!("c{n}"), ..Entry::default() };
            tasks.spawn(async move { ledger.log_action(&entry).await.unwrap() });
        }
        tasks.join_all().await;
        let log = fixture.ledger().audit_log(0, 100).await.unwrap();
        let mut walk = Walk::begin(None);
        log.iter().try_for_each(|next| walk.take(next)).unwrap();
        assert_eq!(walk.end().unwrap().seq, 40);
        let mut objects: Vec<String> =
            log.iter().map(|row| serde_json::from_str::<Entry>(&row.entry).unwrap().object).collect();
        objects.sort();
        objects.dedup();
        assert_eq!(objects.len(), 40);
        assert_eq!(fixture.ledger().audit_log(38, 100).await.unwrap(), log[38..]);
    }
}

async fn template(ledger: &Ledger, n: u32) -> WarmGolden {
    let guest = reserve(ledger, n).await;
    WarmGolden {
        guest: guest.id,
        vmid: guest.vmid,
        run: guest.run,
        manifest: "ab".repeat(32).parse().unwrap(),
        golden: "debian13".parse().unwrap(),
        title: "debian13 20261120T100000Z".into(),
        node: "pve".parse().unwrap(),
        storage: "local".parse().unwrap(),
        size: "8G".parse().unwrap(),
        fingerprint: "f".into(),
        state: WarmState::Ready,
    }
}

on_both! {
    async fn a_newer_template_retires_the_one_before(fixture: Fixture) {
        let ledger = fixture.ledger();
        let (first, second) = (template(&ledger, 1).await, template(&ledger, 2).await);
        let ready = async || ledger.warm_for(&first.manifest, &first.node, &first.storage).await.unwrap();
        for warm in [&first, &first, &second] {
            ledger.enter_warm(warm).await.unwrap();
            assert_eq!(ready().await.as_ref(), Some(warm));
        }
        let retired = WarmGolden { state: WarmState::Retired, ..first.clone() };
        assert_eq!(ledger.warm().await.unwrap(), [retired, second.clone()]);
        ledger.mark_warm(second.guest, WarmState::Removed).await.unwrap();
        ledger.mark_warm(second.guest, WarmState::Ready).await.unwrap();
        assert_eq!(ready().await, None, "what is gone does not come back");
    }
}

on_both! {
    async fn an_issued_address_is_the_guests_for_ever(fixture: Fixture) {
        let ledger = fixture.ledger();
        let (first, second) = (reserve(&ledger, 1).await, reserve(&ledger, 2).await);
        let mac = Identity::new(IdentityKind::Mac, "BC:24:11:77:00:01");
        for _ in ["once", "twice"] {
            ledger.issue(first.id, &mac).await.unwrap();
        }
        for _ in ["while it lives", "when it is gone"] {
            let refused = ledger.issue(second.id, &mac).await;
            assert!(matches!(refused, Err(LedgerError::Conflict(_))), "{refused:?}");
            if ledger.by_vmid(first.vmid).await.unwrap().is_some() {
                ledger.release(first.id, &first.run).await.unwrap();
            }
        }
    }
}

on_both! {
    /// A lost guest's row goes to one recovery, and back as it was.
    async fn a_row_is_regained_by_one_run_and_given_back_as_it_was(fixture: Fixture) {
        let ledger = fixture.ledger();
        let guest = reserve(&ledger, 1).await;
        let lost = ledger.record(guest.id, &[machine_id(1), host_key(1)]).await.unwrap();
        assert_eq!(ledger.lost_guest(&lost.customer).await.unwrap().as_ref(), Some(&lost));
        let before = Before(lost.clone());
        let mut tasks = JoinSet::new();
        for n in 11..=14 {
            let (ledger, before) = (ledger.clone(), before.clone());
            let again = Reservation { run: run(n), vmid: ask(n).vmid, ..ask(1) };
            tasks.spawn(async move { ledger.regain(&before, &again).await });
        }
        let regained = tasks.join_all().await;
        let ours: Vec<_> = regained.iter().filter_map(|each| each.as_ref().ok()).collect();
        let [ours] = ours[..] else { unreachable!("one recovery gets the row: {regained:?}") };
        assert_eq!((ours.id, ours.state), (lost.id, GuestState::Reserved));
        assert_eq!(regained.iter().filter(|each| matches!(each, Err(LedgerError::NotOurs { .. }))).count(), 3);
        ledger.give_back(&before, &run(99)).await.unwrap();
        assert_eq!(ledger.by_vmid(ours.vmid).await.unwrap().as_ref(), Some(ours), "it is another run's");
        ledger.give_back(&before, &ours.run).await.unwrap();
        let back = ledger.lost_guest(&lost.customer).await.unwrap().unwrap();
        assert_eq!((back.vmid, back.state, back.run), (lost.vmid, lost.state, lost.run));
    }
}
