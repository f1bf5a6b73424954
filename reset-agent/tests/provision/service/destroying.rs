//! Guests go as they came: once, however often they are asked to.

use std::sync::Arc;

use reset_agent::ledger::{GuestState, Scope as Which};
use reset_agent::serve::Scope;
use tokio::sync::Notify;

use super::bench::{ALL, Service, bearer, create, get, token, wanted};
use super::http::Ask;
use super::stops::{Held, held_in_the_middle};
use crate::bench::Bench;

fn delete(token: &str, guest: &str) -> Ask {
    Ask::new("DELETE", format!("/v1/guests/{guest}")).with("authorization", bearer(token))
}

#[tokio::test(flavor = "multi_thread")]
async fn s1_14_destroying_twice_and_at_once_is_one_destruction() {
    let bench = Bench::new().await;
    let service = Service::start(&bench).await;
    let (_, token) = token(&bench, None, &ALL).await;
    let made = service.ask(create(&token, "order-1", &wanted("acme")).with("prefer", "wait=60")).await;
    assert_eq!(made.status, 201, "{made:?}");
    let (one, two) = tokio::join!(service.ask(delete(&token, "acme")), service.ask(delete(&token, "acme")));
    assert_eq!((one.status, &one.body), (202, &two.body), "{two:?}");
    let run = one.value()["run"].as_str().unwrap().to_owned();
    assert_eq!(service.ended(&token, &run).await["end"], "done");
    bench.expect_clean_slate("destroyed").await;
    let gone = service.ask(delete(&token, "acme")).await;
    assert_eq!((gone.status, &gone.value()["state"]), (200, &"destroyed".into()));
    assert_eq!(service.ask(delete(&token, "nobody")).await.status, 404);
    let old = service.ask(create(&token, "order-1", &wanted("acme"))).await;
    assert_eq!(old.value()["run"], made.value()["run"], "the old key still means the old guest");
    let again = service.ask(create(&token, "order-2", &wanted("acme")).with("prefer", "wait=60")).await;
    assert_eq!(again.status, 201, "{again:?}");
    assert_eq!(bench.context.ledger.list(Which::All).await.unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_destroys_its_own_guests_only_and_a_destruction_that_parks_is_taken_up_by_the_next() {
    let bench = Bench::new().await;
    let service = Service::start(&bench).await;
    let (_, a) = token(&bench, Some("a"), &ALL).await;
    let (_, b) = token(&bench, Some("b"), &ALL).await;
    let (_, reader) = token(&bench, Some("a"), &[Scope::Read]).await;
    assert_eq!(service.ask(create(&a, "order-1", &wanted("acme")).with("prefer", "wait=60")).await.status, 201);
    assert_eq!(service.ask(delete(&b, "acme")).await.status, 404);
    assert_eq!(service.ask(delete(&reader, "acme")).await.status, 403);
    bench.node.world().leak_volumes = true;
    let parked = service.ask(delete(&a, "acme").with("prefer", "wait=60")).await;
    assert_eq!(parked.problem(), "parked", "{parked:?}");
    bench.node.world().volumes.clear();
    let gone = service.ask(delete(&a, "acme").with("prefer", "wait=60")).await;
    assert_eq!((gone.status, &gone.value()["state"]), (200, &"destroyed".into()), "{gone:?}");
    assert_eq!(bench.context.ledger.list(Which::All).await.unwrap()[0].state, GuestState::Destroyed);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_that_is_being_made_is_not_pulled_from_under_its_run() {
    let bench = Bench::new().await;
    let (entered, let_go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let held = Held { entered: Arc::clone(&entered), let_go: Arc::clone(&let_go) };
    let service = Service::of_plan(&bench, held_in_the_middle(held), "").await;
    let (_, token) = token(&bench, None, &ALL).await;
    let run = service.ask(create(&token, "order-1", &wanted("acme"))).await.value()["run"].as_str().unwrap().to_owned();
    entered.notified().await;
    let busy = service.ask(delete(&token, "acme")).await;
    assert_eq!((busy.status, busy.problem().as_str()), (409, "busy"));
    let_go.notify_one();
    assert_eq!(service.ended(&token, &run).await["end"], "done");
    assert_eq!(service.ask(get(&token, "/v1/guests/acme")).await.status, 200);
}
