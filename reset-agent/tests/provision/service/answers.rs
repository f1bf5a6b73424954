//! Streams, metrics, audits, the audit log and the document.

use clap::Parser;
use reset_agent::cli::Cli;
use reset_agent::commands;
use reset_agent::ledger::Entry;
use spec::exit::Exit;

use super::bench::{ALL, Service, bearer, create, get, token, wanted};
use super::http::Ask;
use crate::bench::Bench;

#[tokio::test(flavor = "multi_thread")]
async fn events_tell_each_record_once_and_are_taken_up_where_they_were_cut_off() {
    let bench = Bench::new().await;
    let service = Service::start(&bench).await;
    let (_, token) = token(&bench, None, &ALL).await;
    let run = service.ask(create(&token, "order-1", &wanted("acme"))).await.value()["run"].as_str().unwrap().to_owned();
    let path = format!("/v1/runs/{run}/events");
    let whole = service.ask(get(&token, path.clone())).await;
    assert!(whole.head.contains("text/event-stream"), "{}", whole.head);
    let ids = |body: &str| -> Vec<u64> {
        body.lines().filter_map(|line| line.strip_prefix("id: ")).map(|id| id.parse().unwrap()).collect()
    };
    let records = bench.store.journal().log(&run).await.unwrap().records().len() as u64;
    assert_eq!(ids(&whole.body), (0..records).collect::<Vec<_>>());
    let rest = service.ask(get(&token, path).with("last-event-id", "7")).await;
    assert_eq!(ids(&rest.body), (8..records).collect::<Vec<_>>());
    assert!(!whole.body.contains("BC:24"), "what a step found is no progress: {}", whole.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_audits_and_problems_have_their_forms() {
    let bench = Bench::new().await;
    let service = Service::start(&bench).await;
    let (_, token) = token(&bench, None, &ALL).await;
    let guest = service.ask(create(&token, "order-1", &wanted("acme")).with("prefer", "wait=60")).await;
    assert_eq!(guest.status, 201, "{guest:?}");
    let metrics = service.ask(get(&token, "/metrics")).await;
    assert!(metrics.head.contains("application/openmetrics-text"), "{}", metrics.head);
    assert!(metrics.body.contains("mintmark_runs{plan=\"provision\",outcome=\"done\"} 1\n"), "{}", metrics.body);
    assert!(metrics.body.ends_with("# EOF\n"));

    let audit = service.ask(Ask::new("POST", "/v1/audits").with("authorization", bearer(&token))).await;
    assert_eq!(audit.status, 202, "{audit:?}");
    let path = format!("/v1/audits/{}", audit.value()["audit"].as_str().unwrap());
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(30);
    let ended = loop {
        let shown = service.ask(get(&token, path.clone())).await.value();
        if !shown["ended_at"].is_null() {
            break shown;
        }
        assert!(std::time::Instant::now() < deadline, "{shown}");
        tokio::task::yield_now().await;
    };
    assert_eq!((&ended["exit"], &ended["report"]["guests"]), (&"unverified".into(), &1.into()), "{ended}");

    for (ask, status, word) in [
        (get(&token, "/v1/nothing"), 404, "not-found"),
        (Ask::new("DELETE", "/v1/audits").with("authorization", bearer(&token)), 405, "method"),
        (get(&token, "/v1/guests/nobody"), 404, "not-found"),
    ] {
        let answer = service.ask(ask).await;
        assert_eq!((answer.status, answer.problem().as_str()), (status, word));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_fails_is_a_problem_with_the_exit_codes_word() {
    let bench = Bench::new().await;
    let service = Service::start(&bench).await;
    let (_, operator) = token(&bench, None, &ALL).await;
    let (_, tenant) = token(&bench, Some("a"), &ALL).await;
    bench.node.world().kill_restores = true;
    for (customer, token, tells) in [("acme", operator, true), ("globex", tenant, false)] {
        let answer = service.ask(create(&token, customer, &wanted(customer)).with("prefer", "wait=60")).await;
        let value = answer.value();
        assert!(matches!(answer.problem().as_str(), "failed" | "parked"), "{value}");
        assert_eq!(value["detail"].as_str().unwrap().contains("the operator sees why"), !tells, "{value}");
        assert!(value["run"].is_string() && value["next"].is_string(), "{value}");
        assert!(value["exit"] == "failed" || value["exit"] == "parked", "{value}");
    }
}

async fn exit_of(bench: &Bench, words: &[&str]) -> Exit {
    let config = bench.config.to_str().unwrap();
    let arguments = ["reset-agent", "--config", config, "--json"].into_iter().chain(words.iter().copied());
    commands::run(Cli::parse_from(arguments)).await.unwrap_or_else(|stop| stop.exit)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_audit_log_names_who_did_what_and_its_chain_is_checked() {
    let bench = Bench::new().await;
    let service = Service::start(&bench).await;
    let (row, token) = token(&bench, Some("a"), &ALL).await;
    let run = service.ask(create(&token, "order-1", &wanted("acme"))).await.value()["run"].as_str().unwrap().to_owned();
    service.ended(&token, &run).await;
    service.ask(create(&token, "order-1", &wanted("globex"))).await;
    service.stop().await;
    let log = bench.context.ledger.audit_log(0, 100).await.unwrap();
    let entries: Vec<Entry> = log.iter().map(|chained| serde_json::from_str(&chained.entry).unwrap()).collect();
    let told: Vec<_> = entries.iter().map(|entry| (entry.action.as_str(), entry.object.as_str())).collect();
    assert_eq!(told, [("guest.create", "a.acme"), ("run.provision", "a.acme"), ("guest.create", "a.globex")]);
    assert_eq!((&entries[0].who, entries[0].tenant.as_deref()), (&format!("token {}", row.id), Some("a")));
    assert_eq!(entries[0].run.as_deref(), Some(run.as_str()));
    assert!(entries[2].outcome.starts_with("refused"), "{:?}", entries[2]);
    assert!(log.iter().all(|chained| !chained.entry.contains(token.as_str())));

    let head = format!("{}:{}", log[2].seq, log[2].hash);
    assert_eq!(exit_of(&bench, &["audit-log", "verify", "--head", &head]).await, Exit::Done);
    let other = format!("2:{}", log[2].hash);
    assert_eq!(exit_of(&bench, &["audit-log", "verify", "--head", &other]).await, Exit::Failed);
    assert_eq!(exit_of(&bench, &["audit-log", "verify", "--head", "x"]).await, Exit::Usage);
    assert_eq!(exit_of(&bench, &["tokens", "add", "--name", "x", "--scope", "read,audit"]).await, Exit::Done);
    assert_eq!(exit_of(&bench, &["tokens", "revoke", &row.id]).await, Exit::Done);
    assert_eq!(exit_of(&bench, &["tokens", "revoke", "nobody"]).await, Exit::Usage);
    assert_eq!(exit_of(&bench, &["serve"]).await, Exit::Usage, "no [serve] in the configuration");
}

/// `UPDATE_GOLDEN=1 cargo test` writes it anew.
#[tokio::test(flavor = "multi_thread")]
async fn the_document_is_the_one_in_the_reference_and_the_one_that_is_served() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/reference/openapi.json");
    let document = format!("{}\n", reset_agent::serve::document());
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(path, &document).unwrap();
    }
    assert_eq!(document, std::fs::read_to_string(path).unwrap_or_default(), "run with UPDATE_GOLDEN=1 and look");
    let bench = Bench::new().await;
    let service = Service::start(&bench).await;
    let served = service.ask(Ask::new("GET", "/openapi.json")).await.value();
    assert_eq!(served, serde_json::from_str::<serde_json::Value>(&document).unwrap());
    for (path, methods) in served["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys().filter(|key| *key != "parameters") {
            let method = match method.as_str() {
                "get" => "GET",
                "post" => "POST",
                "delete" => "DELETE",
                other => panic!("{other}"),
            };
            let path = path.replace("{guest}", "x").replace("{run}", "x").replace("{audit}", "x");
            let answer = service.ask(Ask::new(method, path.clone())).await;
            let open = ["/healthz", "/readyz"].contains(&path.as_str());
            assert_eq!(answer.status, if open { 200 } else { 401 }, "{method} {path}");
        }
    }
}
