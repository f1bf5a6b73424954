//! An agent that fell silent, asked for each kind of change one by one: the node's gate, the ledger and the journal
//! each refuse on their own.

use std::time::Duration;

use reset_agent::context::Context;
use reset_agent::ledger::{GuestState, LedgerError, Reservation};
use reset_agent::store::Store;
use saga::{Claim, Event, Header, Journal, JournalError, Log};
use tokio::runtime::{Builder, Runtime};

use crate::bench::{Bench, input};
use crate::world::Guest;

fn ask(run: &str, vmid: u32) -> Reservation {
    Reservation {
        customer: "acme".parse().unwrap(),
        vmid: vmid.try_into().unwrap(),
        node: "pve".parse().unwrap(),
        hostname: "acme".parse().unwrap(),
        golden: "debian13".to_owned(),
        run: run.parse().unwrap(),
        macs: vec!["BC:24:11:00:00:42".parse().unwrap()],
    }
}

/// An agent in the middle of a run; its lease is renewed while its runtime is driven, and no longer.
struct Silent {
    runtime: Runtime,
    store: Store,
    context: Context,
    claim: Claim,
    log: Log,
}

impl Silent {
    fn holding(bench: &Bench) -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let header = Header {
            run: bench.run.clone(),
            plan: "provision".into(),
            version: 1,
            steps: vec!["reserve".into()],
            input: input(),
        };
        let (store, context, claim) = runtime.block_on(async {
            let agent = bench.another_agent().await;
            let store = Store::at(&bench.context.settings.ledger).await.unwrap();
            let claim = store.journal().open(&header).await.unwrap();
            let context = Context { ledger: store.ledger(), ..agent.context };
            (store, context.of_run(&bench.run), claim)
        });
        Self { runtime, store, context, claim, log: Log::open(header) }
    }
}

async fn claimed(bench: &Bench) -> Claim {
    loop {
        match bench.store.journal().claim(&bench.run).await {
            Err(JournalError::Held { .. }) => tokio::time::sleep(Duration::from_millis(50)).await,
            claimed => return claimed.unwrap().0,
        }
    }
}

#[test]
fn i1_i2_gate_ledger_and_journal_each_refuse_an_agent_whose_run_is_anothers() {
    let world = Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let bench = world.block_on(Bench::on_a_server("vmids = \"200-299\""));
    let config = [("hostname".to_owned(), "acme".to_owned())].into();
    bench.node.world().guests.insert("200".into(), Guest { config, running: false });
    let silent = Silent::holding(&bench);
    let guest = silent.runtime.block_on(async {
        // While the run is its own, all three let it.
        let reserved = silent.context.ledger.reserve(&ask(&bench.run, 200)).await.unwrap();
        silent.context.pve.start(200.try_into().unwrap()).await.unwrap();
        reserved.guest
    });
    assert_eq!(bench.node.world().changes.len(), 1);

    let _other = world.block_on(claimed(&bench));
    silent.runtime.block_on(async {
        let refused = silent.context.pve.stop(200.try_into().unwrap()).await.unwrap_err();
        assert!(format!("{refused:?}").contains("fence"), "{refused:?}");
        let ledger = &silent.context.ledger;
        let moved = ledger.mark(guest.id, GuestState::Provisioned).await.map(|_| ());
        let rebooked = ledger.rebook(guest.id, &guest.run, 201.try_into().unwrap()).await.map(|_| ());
        let given_back = ledger.release(guest.id, &guest.run).await;
        let again = ledger.reserve(&ask(&bench.run, 200)).await.map(|_| ());
        for refused in [moved, rebooked, given_back, again] {
            assert!(matches!(refused, Err(LedgerError::TakenOver { fence: 1, .. })), "{refused:?}");
        }
        let record = silent.log.next_record(Event::Started { step: "reserve".into() }).unwrap();
        let refused = silent.store.journal().append(&silent.claim, &record).await;
        assert!(matches!(refused, Err(JournalError::Fenced { fence: 1, .. })), "{refused:?}");
        assert!(silent.context.pve.status(200.try_into().unwrap()).await.is_ok(), "looking harms nobody");
    });
    assert_eq!(bench.node.world().changes.len(), 1, "the gate lets nothing through");
    let row = world.block_on(bench.context.ledger.list(reset_agent::ledger::Scope::Live)).unwrap();
    assert_eq!(row, [guest]);
    assert_eq!(world.block_on(bench.store.journal().log(&bench.run)).unwrap().records().len(), 1);
}
