//! A lost guest comes back over the API: once, for its own tenant, out of its own backup.

use reset_agent::ledger::{GuestState, Scope as Which};
use reset_agent::sagas::provision;
use reset_agent::serve::Scope;
use serde_json::{Value, json};

use super::bench::{ALL, Service, bearer, create, token, wanted};
use super::http::Ask;
use crate::bench::Bench;
use crate::plans::BACKUP;
use crate::world::VOLID;

const OLDER: &str = "local:backup/vzdump-lxc-200-2026_11_19-20_00_00.tar.zst";

fn recover(token: &str, guest: &str, key: &str, body: &Value) -> Ask {
    let ask = Ask::new("POST", format!("/v1/guests/{guest}/recover")).with("authorization", bearer(token));
    ask.with("idempotency-key", key).json(body)
}

/// The service, with the guest `acme` of tenant `a` made by it.
async fn served() -> (Bench, Service, String) {
    let bench = Bench::whole().await;
    let service = Service::of_plan(&bench, provision(), "requests_per_second = 100\n").await;
    let (_, a) = token(&bench, Some("a"), &ALL).await;
    let made = service.ask(create(&a, "order-1", &wanted("acme")).with("prefer", "wait=60")).await;
    assert_eq!(made.status, 201, "{made:?}");
    (bench, service, a.as_str().to_owned())
}

fn lose(bench: &Bench) {
    let mut world = bench.node.world();
    world.guests.clear();
    world.volumes.clear();
    world.restores = 0;
}

#[tokio::test(flavor = "multi_thread")]
async fn s4_38_a_tenants_lost_guest_comes_back_once_for_one_key() {
    let (bench, service, a) = served().await;
    {
        let mut world = bench.node.world();
        world.back_up("200", OLDER);
        world.back_up("200", BACKUP);
        // A newer one of the same number, of whom the ledger knows nothing.
        let stranger = ("hostname: theirs\nrootfs: local:x,size=8G\n".to_owned(), String::new());
        world.backups.insert("local:backup/vzdump-lxc-200-2026_11_21-20_00_00.tar.zst".into(), stranger);
    }
    lose(&bench);
    let first = service.ask(recover(&a, "acme", "lost-1", &json!({}))).await;
    assert_eq!(first.status, 202, "{first:?}");
    let run = first.value()["run"].as_str().unwrap().to_owned();
    assert_eq!(service.ended(&a, &run).await["end"], "done");
    let log = bench.store.journal().log(&run).await.unwrap();
    assert_eq!(log.header().input["archive"], BACKUP, "the latest that is the guest's own");
    let again = service.ask(recover(&a, "acme", "lost-1", &json!({"archive": null, "checks": []}))).await;
    assert_eq!((again.status, &again.body), (202, &first.body), "one key, one answer");
    let other = service.ask(recover(&a, "acme", "lost-1", &json!({"on_collision": "reset"}))).await;
    assert_eq!((other.status, other.problem().as_str()), (409, "idempotency-mismatch"));
    let there = service.ask(recover(&a, "acme", "lost-2", &json!({}))).await;
    assert_eq!((there.status, there.problem().as_str()), (409, "guest-there"));
    assert_eq!(bench.node.world().restores, 1);
    let guests = bench.context.ledger.list(Which::All).await.unwrap();
    assert_eq!(guests.iter().map(|guest| guest.state).collect::<Vec<_>>(), [GuestState::Active]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_key_meets_the_recovery_that_is_under_way_and_no_destruction_does() {
    let (bench, service, a) = served().await;
    bench.node.world().back_up("200", BACKUP);
    lose(&bench);
    // It may be on a node that this one cannot look into: the run parks.
    bench.node.world().elsewhere.insert("200".into());
    let parked = service.ask(recover(&a, "acme", "lost-1", &json!({})).with("prefer", "wait=60")).await;
    assert_eq!(parked.problem(), "parked", "{parked:?}");
    let run = parked.value()["run"].as_str().unwrap().to_owned();
    for key in ["lost-2", "lost-2"] {
        let second = service.ask(recover(&a, "acme", key, &json!({}))).await;
        let told = second.value();
        assert_eq!((second.status, &told["run"], &told["existing"]), (200, &json!(run), &json!(true)), "{second:?}");
    }
    let runs = bench.store.journal().runs(10).await.unwrap();
    assert_eq!(runs.iter().filter(|found| found.header.plan == "recover").count(), 1);
    assert_eq!(bench.node.world().restores, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_the_callers_to_recover_is_refused_and_nothing_touched() {
    let (bench, service, a) = served().await;
    let (_, b) = token(&bench, Some("b"), &ALL).await;
    let (_, operator) = token(&bench, None, &ALL).await;
    let (_, maker) = token(&bench, Some("a"), &[Scope::Read, Scope::Provision, Scope::Destroy]).await;
    let there = service.ask(recover(&a, "acme", "k-0", &json!({}))).await;
    assert_eq!((there.status, there.problem().as_str()), (409, "guest-there"));
    lose(&bench);
    let no_backup = service.ask(recover(&a, "acme", "k-1", &json!({}))).await;
    assert_eq!((no_backup.status, no_backup.problem().as_str()), (404, "not-found"), "{no_backup:?}");
    let marked = format!(
        "#mintmark%3Arun={}\nhostname: theirs\nrootfs: local:200/vm-200-disk-0.raw,size=8G\n",
        uuid::Uuid::now_v7()
    );
    bench.node.world().backups.insert(BACKUP.to_owned(), (marked, String::new()));
    let archive = |archive: &str| json!({"archive": archive});
    let adopted = |archive: &str| json!({"archive": archive, "adopt": true, "hostname": "acme"});
    let cases: [(&str, &str, Value, u16, &str); 14] = [
        (&b, "acme", json!({}), 404, "no guest"),
        (&b, "a.acme", json!({}), 404, "no guest"),
        (&a, "..", json!({}), 404, "no"),
        (&maker, "acme", json!({}), 403, "scope recover"),
        (&a, "acme", archive(BACKUP), 403, "operator"),
        (&a, "acme", json!({"adopt": true}), 403, "operator"),
        (&a, "acme", json!({}), 404, "bears this guest's mark"),
        (&operator, "a.acme", archive("local:backup/../../../etc/shadow"), 422, "lists no backup"),
        (&operator, "a.acme", archive("/etc/shadow"), 422, "archive"),
        (&operator, "a.acme", archive(BACKUP), 422, "bears no mark"),
        (&operator, "a.acme", adopted(VOLID), 422, "is a golden"),
        (&operator, "a.acme", json!({"on_collision": "ignore"}), 422, "on_collision"),
        (&operator, "a.acme", json!({"archiv": BACKUP}), 400, "archiv"),
        (&operator, "a.acme", json!({"size": "much"}), 422, "size"),
    ];
    for (token, guest, body, status, word) in cases {
        let answer = service.ask(recover(token, guest, "k-2", &body)).await;
        assert_eq!(answer.status, status, "{guest} {body}: {answer:?}");
        assert!(answer.body.contains(word), "{guest} {body}: {answer:?}");
    }
    let keyless = Ask::new("POST", "/v1/guests/acme/recover").with("authorization", bearer(&a)).json(&json!({}));
    assert_eq!(service.ask(keyless).await.status, 400);
    assert_eq!(bench.node.world().restores, 0);
    assert_eq!(bench.store.journal().runs(10).await.unwrap().len(), 1, "the one that made the guest");
}
