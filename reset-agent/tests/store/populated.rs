//! A ledger with something in every table.

use std::collections::BTreeSet;

use reset_agent::ledger::{
    Asked, Binding, Claim, Claimed, Entry, Guest, GuestState, HostCertificate, Ledger, Registration, TokenRow,
    WarmGolden, WarmState, Witnessed,
};
use saga::{Event, Header, Journal, Log, Outcome};
use serde_json::json;
use spec::identity::{ForbiddenSet, Identity, IdentityKind};

use crate::fixture::{Fixture, ask, host_key, machine_id, reserve, run};

/// Journals a whole run.
pub(crate) async fn journaled(fixture: &Fixture, n: u32, outcome: Outcome) {
    let run = run(n).to_string();
    let header = Header {
        run,
        plan: "provision".into(),
        version: 1,
        steps: vec!["restore".into()],
        input: json!({"customer": format!("customer-{n}")}),
    };
    let journal = fixture.store.journal();
    let claim = journal.open(&header).await.unwrap();
    let mut log = Log::open(header);
    let step = || "restore".to_owned();
    let events = match outcome {
        Outcome::Done => vec![Event::Started { step: step() }, Event::Succeeded { step: step(), output: json!({}) }],
        Outcome::RolledBack => vec![
            Event::Started { step: step() },
            Event::Failed { step: step(), error: saga::Failure::new("it did not work") },
            Event::UndoStarted { step: step() },
            Event::UndoFinished { step: step() },
        ],
    };
    for event in events {
        let record = log.next_record(event).unwrap();
        journal.append(&claim, &record).await.unwrap();
        log.push(record).unwrap();
    }
    let closed = log.next_record(Event::Closed { outcome }).unwrap();
    journal.close(&claim, &closed, outcome).await.unwrap();
}

/// Customer `n`'s guest, verified.
pub(crate) async fn made(fixture: &Fixture, n: u32) -> Guest {
    let ledger = fixture.ledger();
    let guest = reserve(&ledger, n).await;
    journaled(fixture, n, Outcome::Done).await;
    ledger.record(guest.id, &[machine_id(n), host_key(n)]).await.unwrap()
}

/// Something in every table, and nothing amiss.
pub(crate) async fn populate(fixture: &Fixture) {
    let ledger = fixture.ledger();
    let first = made(fixture, 1).await;
    let gone = made(fixture, 2).await;
    ledger.mark(gone.id, GuestState::Destroyed).await.unwrap();
    let undone = reserve(&ledger, 3).await;
    journaled(fixture, 3, Outcome::RolledBack).await;
    ledger.release(undone.id, &undone.run).await.unwrap();
    secrets(&ledger, &first).await;
    pool(fixture).await;
    let template = made(fixture, 6).await;
    ledger.enter_warm(&warm(&template)).await.unwrap();
    goldens(&ledger).await;
    let signed = HostCertificate {
        serial: u64::MAX,
        ca: "SHA256:ca".to_owned(),
        key_id: "guest-201".to_owned(),
        host_key: "SHA256:host".to_owned(),
        valid_before: 1_800_000_000,
    };
    ledger.enter_host_certificates(first.id, first.run.as_str(), &[signed]).await.unwrap();
    api(&ledger).await;
}

async fn secrets(ledger: &Ledger, guest: &Guest) {
    let registration = Registration {
        customer: guest.customer.clone(),
        hostname: guest.hostname.clone(),
        secrets: "age:one".parse().unwrap(),
    };
    ledger.register_customer(&registration).await.unwrap();
    let rootfs = format!("local:{0}/vm-{0}-disk-0.raw", guest.vmid);
    let binding = Binding { guest: guest.id, vmid: guest.vmid, node: guest.node.clone(), rootfs };
    ledger.bind_customer(&guest.customer, &binding).await.unwrap();
    ledger.activate_customer(&guest.customer, 2).await.unwrap();
    let other = Registration {
        customer: "not-yet".parse().unwrap(),
        hostname: "not-yet".parse().unwrap(),
        secrets: "age:two".parse().unwrap(),
    };
    ledger.register_customer(&other).await.unwrap();
}

/// One that waits, one that a customer has.
async fn pool(fixture: &Fixture) {
    let ledger = fixture.ledger();
    for n in [4, 5] {
        let guest = made(fixture, n).await;
        ledger.enter_pool(&guest, "debian13", &json!({"title": "debian13 1"})).await.unwrap();
    }
    let claim = Claim {
        customer: "wants".parse().unwrap(),
        golden: "debian13".into(),
        hostname: "wants".parse().unwrap(),
        run: run(7),
    };
    let claimed = ledger.claim(&claim).await.unwrap();
    assert!(matches!(claimed, Claimed::Guest(..)));
    journaled(fixture, 7, Outcome::Done).await;
}

fn warm(template: &Guest) -> WarmGolden {
    WarmGolden {
        guest: template.id,
        vmid: template.vmid,
        run: template.run.clone(),
        manifest: "ab".repeat(32).parse().unwrap(),
        golden: "debian13".parse().unwrap(),
        title: "debian13 1".into(),
        node: template.node.clone(),
        storage: "local".parse().unwrap(),
        size: "8G".parse().unwrap(),
        fingerprint: "f".into(),
        state: WarmState::Ready,
    }
}

async fn goldens(ledger: &Ledger) {
    let mac = Identity::new(IdentityKind::Mac, "BC:24:11:FF:00:01");
    let set = ForbiddenSet { golden: "debian13 1".into(), identities: BTreeSet::from([mac, machine_id(99)]) };
    ledger.forbid(&"cd".repeat(32).parse().unwrap(), &set).await.unwrap();
    let witnessed = Witnessed {
        golden: "debian13".parse().unwrap(),
        channels: [("stable".parse().unwrap(), (3, "ef".repeat(32).parse().unwrap()))].into(),
        log: Some((7, "01".repeat(32).parse().unwrap())),
    };
    ledger.witness(&witnessed).await.unwrap();
}

async fn api(ledger: &Ledger) {
    let token = TokenRow {
        id: "t1".into(),
        name: "portal".into(),
        tenant: None,
        digest: "d1".into(),
        scopes: "guests:read".into(),
        created_at: "2026-11-20T10:00:00Z".into(),
        expires_at: "2026-12-20T10:00:00Z".into(),
        revoked_at: None,
    };
    ledger.add_token(&token).await.unwrap();
    let asked = Asked {
        tenant: "acme".into(),
        key: "k1".into(),
        body: "b1".into(),
        customer: ask(1).customer,
        run: run(1).to_string(),
        plan: "provision".into(),
        input: "{\"text\":\"ä 'quoted' \\\"twice\\\"\\n\"}".into(),
    };
    ledger.accept_guest(&asked).await.unwrap();
    for id in ["a1", "a2"] {
        ledger.begin_audit(id).await.unwrap();
    }
    ledger.end_audit("a1", "done", Some("{}".into())).await.unwrap();
    for action in ["guest.create", "token.add", "guest.delete"] {
        let entry = Entry { who: "uid 0".into(), action: action.into(), object: "acme".into(), ..Entry::default() };
        ledger.log_action(&entry).await.unwrap();
    }
}
