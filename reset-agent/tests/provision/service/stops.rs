//! The service stops, or dies, and comes back.

use std::sync::Arc;

use reset_agent::context::Context;
use reset_agent::ledger::{Acceptance, Asked};
use reset_agent::steps::{Reserve, Reset, Resize, Resolve, Restore, Start};
use saga::{Plan, Recorder, Step, StepError};
use serde_json::Value;
use tokio::sync::Notify;

use super::bench::{ALL, Service, create, token, wanted};
use crate::bench::{Bench, input, plan};

/// A step that is in the middle of its work until it is let go.
pub(crate) struct Held {
    pub(crate) entered: Arc<Notify>,
    pub(crate) let_go: Arc<Notify>,
}

impl Step<Context> for Held {
    fn name(&self) -> &'static str {
        "held"
    }

    async fn run(&self, _: &mut Context, _: &mut Recorder<'_>) -> Result<Value, StepError> {
        self.entered.notify_one();
        self.let_go.notified().await;
        Ok(Value::Null)
    }

    async fn undo(&self, _: &mut Context, _: &mut Recorder<'_>) -> Result<(), StepError> {
        Ok(())
    }
}

pub(crate) fn held_in_the_middle(held: Held) -> Plan<Context> {
    Plan::new("provision", 1).then(Resolve).then(Reserve).then(Restore).then(held).then(Reset).then(Resize).then(Start)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_told_service_ends_the_step_begins_nothing_new_and_the_next_one_goes_on() {
    let bench = Bench::new().await;
    let (entered, let_go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let held = || Held { entered: Arc::clone(&entered), let_go: Arc::clone(&let_go) };
    let mut service = Service::of_plan(&bench, held_in_the_middle(held()), "").await;
    let (_, token) = token(&bench, None, &ALL).await;
    let run = service.ask(create(&token, "order-1", &wanted("acme"))).await.value()["run"].as_str().unwrap().to_owned();
    entered.notified().await;
    service.tell_to_stop();
    let_go.notify_one();
    service.stop().await;

    let log = bench.store.journal().log(&run).await.unwrap();
    let last = log.records().last().unwrap();
    assert_eq!((last.event.kind(), last.event.step()), ("succeeded", Some("held")), "stopped between two steps");
    let_go.notify_one();
    let service = Service::of_plan(&bench, held_in_the_middle(held()), "").await;
    assert_eq!(service.ended(&token, &run).await["end"], "done");
    bench.expect_one_guest("stopped and started again");
}

#[tokio::test(flavor = "multi_thread")]
async fn i2_a_run_that_was_accepted_and_never_begun_is_begun_at_the_next_start() {
    let bench = Bench::new().await;
    let asked = Asked {
        tenant: String::new(),
        key: "order-1".into(),
        body: "digest".into(),
        customer: "acme".parse().unwrap(),
        run: bench.run.clone(),
        plan: "provision".into(),
        input: input().to_string(),
    };
    let accepted = bench.context.ledger.accept_guest(&asked).await.unwrap();
    assert!(matches!(accepted, Acceptance::New(_)));
    let service = Service::of_plan(&bench, plan(), "").await;
    let (_, token) = token(&bench, None, &ALL).await;
    assert_eq!(service.ended(&token, &bench.run).await["end"], "done");
    bench.expect_one_guest("accepted before a crash");
}
