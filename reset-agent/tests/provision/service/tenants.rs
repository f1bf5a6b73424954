//! Whose token sees what.

use reset_agent::serve::Scope;
use serde_json::json;

use super::bench::{ALL, Service, bearer, create, get, token, wanted};
use super::http::Ask;
use crate::bench::Bench;

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_neither_sees_nor_learns_of_anothers_guests() {
    let bench = Bench::new().await;
    let service = Service::start(&bench).await;
    let (_, a) = token(&bench, Some("a"), &ALL).await;
    let (_, b) = token(&bench, Some("b"), &ALL).await;
    let (_, operator) = token(&bench, None, &ALL).await;
    let made = service.ask(create(&a, "order-1", &wanted("acme"))).await.value();
    let run = made["run"].as_str().unwrap();
    assert_eq!(service.ended(&a, run).await["end"], "done");

    // The same as for what never was, to the last byte but the request's id.
    for (theirs, never) in [
        ("/v1/guests/acme".to_owned(), "/v1/guests/nobody".to_owned()),
        (format!("/v1/runs/{run}"), "/v1/runs/0193f2a4-0000-7000-8000-000000000009".to_owned()),
        (format!("/v1/runs/{run}/events"), "/v1/runs/0193f2a4-0000-7000-8000-000000000009/events".to_owned()),
        ("/v1/guests/a.acme".to_owned(), "/v1/guests/a.nobody".to_owned()),
    ] {
        let (theirs, never) = (service.ask(get(&b, theirs)).await, service.ask(get(&b, never)).await);
        assert_eq!((theirs.status, &theirs.body), (404, &never.body));
    }
    assert_eq!(service.ask(get(&b, "/v1/guests?all=true")).await.value()["guests"], json!([]));
    let listed = service.ask(get(&a, "/v1/guests")).await.value();
    assert_eq!(listed["guests"][0]["guest"], "acme");
    assert_eq!(service.ask(get(&operator, "/v1/guests/a.acme")).await.status, 200);

    // One customer's name with two tenants is two customers; one key is two keys.
    let mut body = wanted("acme");
    body["hostname"] = json!("acme-b");
    let other = service.ask(create(&b, "order-1", &body)).await;
    assert_eq!(other.status, 202, "{other:?}");
    let other = other.value()["run"].as_str().unwrap().to_owned();
    assert_ne!(other, run);
    assert_eq!(service.ended(&b, &other).await["end"], "done");
    let all = service.ask(get(&operator, "/v1/guests")).await.value();
    let page = service.ask(get(&operator, "/v1/guests?limit=1")).await.value();
    let rest =
        service.ask(get(&operator, format!("/v1/guests?after={}", page["next"].as_str().unwrap()))).await.value();
    assert_eq!((&page["guests"][0]["guest"], &rest["guests"][0]["guest"]), (&json!("a.acme"), &json!("b.acme")));
    assert_eq!(
        (&rest["next"], service.ask(get(&b, format!("/v1/guests?after={run}"))).await.status),
        (&json!(null), 422)
    );
    let names: Vec<_> = all["guests"].as_array().unwrap().iter().map(|guest| guest["guest"].clone()).collect();
    assert_eq!(names, [json!("a.acme"), json!("b.acme")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_token_does_not_name_it_may_not() {
    let bench = Bench::new().await;
    let service = Service::start(&bench).await;
    let (_, reader) = token(&bench, None, &[Scope::Read]).await;
    let (_, tenant) = token(&bench, Some("a"), &ALL).await;
    let (revoked, gone) = token(&bench, None, &ALL).await;
    assert!(bench.context.ledger.revoke_token(&revoked.id).await.unwrap());
    let audit = |token: &str| Ask::new("POST", "/v1/audits").with("authorization", bearer(token));
    for (ask, status) in [
        (create(&reader, "order-1", &wanted("acme")), 403),
        (audit(&reader), 403),
        (audit(&tenant), 403),
        (get(&tenant, "/metrics"), 403),
        (get(&gone, "/v1/guests"), 401),
        (get("mint_000000000000_0000000000000000000000000000000000000000000", "/v1/guests"), 401),
        (Ask::new("GET", "/v1/guests"), 401),
        (Ask::new("GET", "/v1/guests").with("cookie", format!("mintmark={}", reader.as_str())), 200),
        (create("x", "order-1", &wanted("acme")).with("cookie", format!("mintmark={}", tenant.as_str())), 401),
        (Ask::new("GET", "/healthz"), 200),
        (Ask::new("GET", "/readyz"), 200),
    ] {
        let shown = format!("{ask:?}");
        let answer = service.ask(ask).await;
        assert_eq!(answer.status, status, "{shown}: {answer:?}");
        assert!(!answer.body.contains(gone.as_str()) && !answer.head.contains(gone.as_str()));
    }
    assert_eq!(bench.node.world().restores, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_115_too_many_and_too_long_requests_are_refused() {
    let bench = Bench::new().await;
    let service = Service::of_plan(&bench, crate::bench::plan(), "requests_per_second = 2\n").await;
    let (_, token) = token(&bench, None, &ALL).await;
    let mut statuses = Vec::new();
    for _ in 0..6 {
        statuses.push(service.ask(get(&token, "/v1/guests")).await);
    }
    assert_eq!(statuses[0].status, 200);
    let refused = statuses.iter().find(|answer| answer.status == 429).unwrap();
    assert!(refused.head.contains("retry-after: "), "{refused:?}");
    // A second token of the same tenant is no second allowance: at once there are two seconds' worth for both.
    let tokens =
        [super::bench::token(&bench, Some("a"), &ALL).await.1, super::bench::token(&bench, Some("a"), &ALL).await.1];
    let (start, mut answered) = (std::time::Instant::now(), 0);
    for index in 0..12 {
        answered += u64::from(service.ask(get(&tokens[index % 2], "/v1/guests")).await.status == 200);
    }
    assert!(answered <= 4 + 2 * (start.elapsed().as_secs() + 1), "{answered} in {:?}", start.elapsed());
    let (_, other) = super::bench::token(&bench, None, &ALL).await;
    let long = json!({"customer": "a".repeat(70_000), "golden": "debian13"});
    assert_eq!(service.ask(create(&other, "order-1", &long)).await.status, 413);
}
