//! One key, one guest, one answer.

use std::sync::Arc;

use reset_agent::ledger::Scope as Which;
use serde_json::json;
use tokio::task::JoinSet;

use super::bench::{ALL, Service, create, get, token, wanted};
use super::http::Answer;
use crate::bench::Bench;

#[tokio::test(flavor = "multi_thread")]
async fn s0_05_the_same_key_fifty_times_at_once_is_one_guest_and_fifty_equal_answers() {
    let bench = Bench::new().await;
    let service = Arc::new(Service::start(&bench).await);
    let (_, token) = token(&bench, None, &ALL).await;
    let mut asking = JoinSet::new();
    for _ in 0..50 {
        let (service, token) = (Arc::clone(&service), token.clone());
        let ask = create(&token, "order-1", &wanted("acme"));
        asking.spawn(async move { service.ask(ask).await });
    }
    let answers: Vec<Answer> = asking.join_all().await;
    let first = &answers[0];
    assert_eq!((answers.len(), first.status), (50, 202), "{first:?}");
    for answer in &answers {
        assert_eq!((answer.status, &answer.body), (first.status, &first.body));
    }
    let run = first.value()["run"].as_str().unwrap().to_owned();
    assert_eq!(service.ended(&token, &run).await["end"], "done");
    bench.expect_one_guest("fifty at once");
    assert_eq!(bench.context.ledger.list(Which::All).await.unwrap().len(), 1);
    let again = service.ask(create(&token, "order-1", &wanted("acme"))).await;
    assert_eq!((again.status, &again.body), (first.status, &first.body), "the answer stays after the run's end");
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_90_a_key_with_another_body_is_refused_and_touches_nothing() {
    let bench = Bench::new().await;
    let service = Service::start(&bench).await;
    let (_, token) = token(&bench, None, &ALL).await;
    let first = service.ask(create(&token, "order-1", &wanted("acme"))).await;
    let other = service.ask(create(&token, "order-1", &wanted("globex"))).await;
    assert_eq!((other.status, other.problem().as_str()), (409, "idempotency-mismatch"));
    let spelt = json!({"size": "10G", "golden": "debian13", "customer": "acme", "hostname": null});
    let same = service.ask(create(&token, "order-1", &spelt)).await;
    assert_eq!(same.body, first.body, "the order of the keys does not matter");
    service.ended(&token, first.value()["run"].as_str().unwrap()).await;
    bench.expect_one_guest("another body");
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_89_two_keys_for_one_customer_are_one_guest() {
    let bench = Bench::new().await;
    let service = Service::start(&bench).await;
    let (_, token) = token(&bench, None, &ALL).await;
    let (one, two) = tokio::join!(
        service.ask(create(&token, "order-1", &wanted("acme"))),
        service.ask(create(&token, "order-2", &wanted("acme"))),
    );
    let (one, two) = (one.value(), two.value());
    assert_eq!(one["run"], two["run"]);
    assert_ne!(one["existing"], two["existing"]);
    assert_eq!(service.ended(&token, one["run"].as_str().unwrap()).await["end"], "done");
    bench.expect_one_guest("two keys");
    let later = service.ask(create(&token, "order-3", &wanted("acme"))).await;
    assert_eq!((later.status, &later.value()["run"]), (200, &one["run"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_waited_for_answer_is_the_guest() {
    let bench = Bench::new().await;
    let service = Service::start(&bench).await;
    let (_, token) = token(&bench, None, &ALL).await;
    let guest = service.ask(create(&token, "order-1", &wanted("acme")).with("prefer", "wait=60")).await;
    assert_eq!(guest.status, 201, "{guest:?}");
    let shown = service.ask(get(&token, "/v1/guests/acme")).await;
    assert_eq!(guest.value(), shown.value());
    let identities = shown.value()["identities"].as_array().unwrap().len();
    assert!(identities >= 2, "hostname and MAC: {}", shown.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_accepted_is_refused_before_anything_is_touched() {
    let bench = Bench::new().await;
    let service = Service::start(&bench).await;
    let (_, token) = token(&bench, None, &ALL).await;
    let with = |field: &str, value: serde_json::Value| {
        let mut body = wanted("acme");
        body[field] = value;
        body
    };
    let cases = [
        (with("customer", json!("a b")), 422, "customer"),
        (with("customer", json!("no_hostname")), 422, "hostname"),
        (with("golden", json!("debian12")), 422, "debian12"),
        (with("golden", json!("/etc/passwd.json")), 422, "golden"),
        (with("golden", json!("local:backup/x.tar.zst")), 422, "golden"),
        (with("size", json!("much")), 422, "size"),
        (with("hostname", json!("-x")), 422, "hostname"),
        (with("checks", json!(["true"])), 422, "ssh.user_ca"),
        (with("sise", json!("8G")), 400, "sise"),
        (json!([]), 400, "body"),
    ];
    for (body, status, word) in cases {
        let answer = service.ask(create(&token, "order-1", &body)).await;
        assert_eq!(answer.status, status, "{body}: {answer:?}");
        answer.problem();
        assert!(answer.body.contains(word), "{body}: {answer:?}");
    }
    let keyless =
        super::http::Ask::new("POST", "/v1/guests").with("authorization", format!("Bearer {}", token.as_str()));
    assert_eq!(service.ask(keyless.json(&wanted("acme"))).await.status, 400);
    assert_eq!(service.ask(create(&token, &"k".repeat(65), &wanted("acme"))).await.status, 400);
    assert!(bench.context.ledger.list(Which::All).await.unwrap().is_empty());
    assert!(bench.store.journal().runs(10).await.unwrap().is_empty());
    assert_eq!(bench.node.world().restores, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_91_a_hostname_of_another_customer_is_refused_without_naming_them() {
    let bench = Bench::new().await;
    let service = Service::start(&bench).await;
    let (_, token) = token(&bench, None, &ALL).await;
    let first = service.ask(create(&token, "order-1", &wanted("acme"))).await;
    service.ended(&token, first.value()["run"].as_str().unwrap()).await;
    let mut body = wanted("globex");
    body["hostname"] = json!("acme");
    let refused = service.ask(create(&token, "order-2", &body)).await;
    assert_eq!((refused.status, refused.problem().as_str()), (409, "hostname-taken"));
    bench.expect_one_guest("a taken hostname");
}
