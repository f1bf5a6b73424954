//! Pool guests: never one to two customers, never two to one; and machine-ids that are issued.

use reset_agent::ledger::{Claim, Claimed, GuestState, Ledger, LedgerError, PoolState, Pooled};
use serde_json::json;
use tokio::task::JoinSet;

use crate::fixture::{Fixture, ask, machine_id, on_both, reserve, run};

async fn stock(ledger: &Ledger, n: u32) {
    let guest = reserve(ledger, n).await;
    let guest = ledger.record(guest.id, &[machine_id(n)]).await.unwrap();
    ledger.enter_pool(&guest, "debian13", &json!({ "title": "debian13 1" })).await.unwrap();
}

fn wants(n: u32, by: u32) -> Claim {
    Claim {
        customer: format!("wants-{n}").parse().unwrap(),
        golden: "debian13".into(),
        hostname: format!("wanted-{n}-{by}").parse().unwrap(),
        run: run(1000 + 100 * n + by),
    }
}

fn got(claimed: Claimed) -> Option<Pooled> {
    if let Claimed::Guest(pooled, _) = claimed { Some(pooled) } else { None }
}

on_both! {
    /// Five guests, eight customers, each asking three times at once from files opened apart.
    async fn i4_of_many_who_claim_each_gets_one_guest_or_none(fixture: Fixture) {
        for n in 1..=5 {
            stock(&fixture.ledger(), n).await;
        }
        let mut tasks = JoinSet::new();
        for (n, by) in (0..8).flat_map(|n| (0..3).map(move |by| (n, by))) {
            let store = if by == 0 { fixture.store.clone() } else { fixture.opened_again().await };
            tasks.spawn(async move { (n, store.ledger().claim(&wants(n, by)).await.unwrap()) });
        }
        let mut got = Vec::new();
        for (n, claimed) in tasks.join_all().await {
            if let Claimed::Guest(pooled, macs) = claimed {
                assert_eq!((pooled.state, macs.len()), (PoolState::Claimed, 2));
                assert_eq!(pooled.guest.customer.as_str(), format!("wants-{n}"));
                got.push((n, pooled.guest.id));
            }
        }
        assert_eq!(got.len(), 5, "{got:?}");
        let (mut customers, mut guests): (Vec<u32>, Vec<_>) = got.into_iter().unzip();
        customers.sort_unstable();
        customers.dedup();
        guests.sort_unstable();
        guests.dedup();
        assert_eq!((customers.len(), guests.len()), (5, 5));
        assert!(fixture.ledger().pool().await.unwrap().is_empty());
    }
}

on_both! {
    /// A release that was withdrawn: its guest has waited longest, and nobody gets it.
    async fn one_that_nobody_may_have_is_passed_over(fixture: Fixture) {
        let ledger = fixture.ledger();
        stock(&ledger, 1).await;
        stock(&ledger, 2).await;
        let waiting = ledger.pool().await.unwrap();
        let (first, second) = (&waiting[0], &waiting[1]);
        assert!(ledger.spoil_waiting(first.guest.id).await.unwrap());
        assert!(!ledger.spoil_waiting(first.guest.id).await.unwrap(), "it waits no more");
        assert_eq!(got(ledger.claim(&wants(1, 0)).await.unwrap()).unwrap().guest.id, second.guest.id);
        assert!(!ledger.spoil_waiting(second.guest.id).await.unwrap(), "a customer has it");
        assert_eq!(ledger.claim(&wants(2, 0)).await.unwrap(), Claimed::Empty);
        let left: Vec<_> = ledger.pool().await.unwrap().into_iter().map(|pooled| (pooled.guest.id, pooled.state)).collect();
        assert_eq!(left, [(first.guest.id, PoolState::Spoiled)]);
    }
}

on_both! {
    async fn a_claim_told_twice_gives_the_same_guest_and_a_spoiled_one_goes_to_nobody(fixture: Fixture) {
        let ledger = fixture.ledger();
        stock(&ledger, 1).await;
        stock(&ledger, 2).await;
        let first = got(ledger.claim(&wants(1, 0)).await.unwrap()).unwrap();
        let again = got(ledger.claim(&wants(1, 0)).await.unwrap()).unwrap();
        assert_eq!(first.guest.id, again.guest.id);
        assert!(matches!(ledger.claim(&wants(1, 1)).await.unwrap(), Claimed::HasOne(guest) if guest.id == first.guest.id));
        assert_eq!(ledger.claimed_by(&wants(1, 0).run).await.unwrap().unwrap().made_by, run(1));
        ledger.spoil(&wants(1, 0).run).await.unwrap();
        ledger.spoil(&wants(1, 0).run).await.unwrap();
        assert_eq!(ledger.guest(first.guest.id).await.unwrap().state, GuestState::Destroyed);
        // The customer may ask again, and gets the other one.
        let second = got(ledger.claim(&wants(1, 2)).await.unwrap()).unwrap();
        assert_ne!(second.guest.id, first.guest.id);
        assert_eq!(ledger.claim(&wants(2, 0)).await.unwrap(), Claimed::Empty);
    }
}

on_both! {
    async fn a_claim_whose_name_is_taken_claims_nothing(fixture: Fixture) {
        let ledger = fixture.ledger();
        stock(&ledger, 1).await;
        reserve(&ledger, 7).await;
        let taken = Claim { hostname: ask(7).hostname, ..wants(1, 0) };
        assert!(matches!(ledger.claim(&taken).await, Err(LedgerError::Conflict(_))));
        assert_eq!(ledger.pool().await.unwrap()[0].state, PoolState::Ready);
    }
}

on_both! {
    async fn an_issued_machine_id_is_never_issued_to_another(fixture: Fixture) {
        let ledger = fixture.ledger();
        let (one, other) = (reserve(&ledger, 1).await, reserve(&ledger, 2).await);
        ledger.issue(one.id, &machine_id(1)).await.unwrap();
        ledger.issue(one.id, &machine_id(1)).await.unwrap();
        assert!(matches!(ledger.issue(other.id, &machine_id(1)).await, Err(LedgerError::Conflict(_))));
    }
}
