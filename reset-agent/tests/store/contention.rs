//! Many writers at once.

use reset_agent::ledger::{LedgerError, Reservation, Scope};
use reset_agent::store::Store;
use tokio::task::JoinSet;

use crate::fixture::{Fixture, ask, machine_id, on_both, reserve};

on_both! {
    /// Deferred transactions lost 326 of 400 here (crates.md §5); immediate ones lose none.
    async fn eight_tasks_of_fifty_reservations_lose_none(fixture: Fixture) {
        let mut tasks = JoinSet::new();
        for task in 0..8 {
            // Half of the tasks open the file for themselves, as another process would.
            let store = if task % 2 == 0 { fixture.store.clone() } else { fixture.opened_again().await };
            tasks.spawn(async move {
                for n in 0..50 {
                    store.ledger().reserve(&ask(1 + task * 50 + n)).await.unwrap();
                }
            });
        }
        tasks.join_all().await;
        assert_eq!(fixture.ledger().list(Scope::Live).await.unwrap().len(), 400);
    }
}

on_both! {
    /// A new ledger has no tables yet: of openers that meet, one makes them and all see the same fleet key.
    async fn of_many_who_open_a_new_ledger_at_once_none_fails(fixture: Fixture) {
        for round in 0..5 {
            let fresh = fixture.unopened().await;
            let mut tasks = JoinSet::new();
            for _ in 0..8 {
                let place = fresh.0.clone();
                tasks.spawn(async move { Store::at(&place).await });
            }
            let stores: Vec<Store> = tasks.join_all().await.into_iter().map(|opened| opened.unwrap()).collect();
            let id = machine_id(round);
            let guest = reserve(&stores[0].ledger(), 1).await;
            stores[0].ledger().record(guest.id, std::slice::from_ref(&id)).await.unwrap();
            for store in stores {
                assert!(store.ledger().owner(&id).await.unwrap().is_some(), "another key, or another file");
                store.close().await;
            }
        }
    }
}

on_both! {
    /// Reliability fault 19: two runs race for one VMID; exactly one gets it, the other learns whose it is.
    async fn of_many_who_want_one_vmid_one_gets_it(fixture: Fixture) {
        let mut tasks = JoinSet::new();
        for n in 1..=8 {
            let ledger = fixture.ledger();
            tasks.spawn(async move { ledger.reserve(&Reservation { vmid: ask(1).vmid, ..ask(n) }).await });
        }
        let results = tasks.join_all().await;
        assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
        let conflicts = results.iter().filter(|result| matches!(result, Err(LedgerError::Conflict(_)))).count();
        assert_eq!(conflicts, 7, "{results:?}");
    }
}

on_both! {
    /// Invariant I4: one guest for one customer, however many ask at once.
    async fn of_many_for_one_customer_one_makes_the_guest(fixture: Fixture) {
        let mut tasks = JoinSet::new();
        for n in 1..=8 {
            let ledger = fixture.ledger();
            tasks.spawn(async move { ledger.reserve(&Reservation { customer: ask(1).customer, ..ask(n) }).await.unwrap() });
        }
        let reserved = tasks.join_all().await;
        assert_eq!(reserved.iter().filter(|reserved| reserved.ours).count(), 1);
        assert!(reserved.iter().all(|each| each.guest == reserved[0].guest));
    }
}
