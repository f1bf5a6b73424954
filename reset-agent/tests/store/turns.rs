//! The queue of a node: no more at once than its budgets, nobody overtaken, nothing waiting for an agent that is gone.

use std::time::{Duration, Instant};

use reset_agent::config::Budgets;
use reset_agent::ledger::{Burden, Ledger, Turn};
use reset_agent::store::Store;
use saga::{Claim, Header, Journal};
use serde_json::json;

use crate::fixture::{Fixture, LEASE, on_both, run};

const ONE: Budgets = Budgets { per_node: Some(1), per_storage: None };

fn burden(node: &str, storage: &str) -> Burden {
    Burden { node: node.parse().unwrap(), storage: storage.parse().unwrap() }
}

/// A run that this store holds, and the ledger in its name.
async fn held(store: &Store, n: u32) -> (Claim, Ledger) {
    let run = run(n).to_string();
    let header = Header { run: run.clone(), plan: "p".into(), version: 1, steps: vec!["s".into()], input: json!(null) };
    let claim = store.journal().open(&header).await.unwrap();
    (claim, store.ledger().of_run(&run))
}

on_both! {
    async fn a_node_takes_so_many_at_once_in_the_order_in_which_they_came(fixture: Fixture) {
        let another = fixture.opened_again().await;
        let two = Budgets { per_node: Some(2), per_storage: None };
        let (_a, first) = held(&fixture.store, 1).await;
        let (_b, second) = held(&another, 2).await;
        let (_c, third) = held(&fixture.store, 3).await;
        let (_d, fourth) = held(&another, 4).await;
        let pve = burden("pve", "local");
        assert_eq!(first.turn(&pve, two).await.unwrap(), Turn::Now);
        assert_eq!(second.turn(&pve, two).await.unwrap(), Turn::Now);
        assert_eq!(third.turn(&pve, two).await.unwrap(), Turn::After(2));
        assert_eq!(fourth.turn(&pve, two).await.unwrap(), Turn::After(3));
        // Asking again changes no place, and another node is another queue.
        assert_eq!(first.turn(&pve, two).await.unwrap(), Turn::Now);
        let (_e, elsewhere) = held(&fixture.store, 5).await;
        assert_eq!(elsewhere.turn(&burden("pve2", "local"), two).await.unwrap(), Turn::Now);
        second.end_turn().await.unwrap();
        assert_eq!(fourth.turn(&pve, two).await.unwrap(), Turn::After(2), "the third came before");
        assert_eq!(third.turn(&pve, two).await.unwrap(), Turn::Now);
        first.end_turn().await.unwrap();
        first.end_turn().await.unwrap();
        assert_eq!(fourth.turn(&pve, two).await.unwrap(), Turn::Now);
    }
}

on_both! {
    async fn a_storage_has_a_budget_of_its_own(fixture: Fixture) {
        let budgets = Budgets { per_node: Some(3), per_storage: Some(1) };
        let (_a, first) = held(&fixture.store, 1).await;
        let (_b, second) = held(&fixture.store, 2).await;
        let (_c, third) = held(&fixture.store, 3).await;
        assert_eq!(first.turn(&burden("pve", "local"), budgets).await.unwrap(), Turn::Now);
        assert!(matches!(second.turn(&burden("pve", "local"), budgets).await.unwrap(), Turn::After(_)));
        assert_eq!(third.turn(&burden("pve", "tank"), budgets).await.unwrap(), Turn::Now);
        first.end_turn().await.unwrap();
        assert_eq!(second.turn(&burden("pve", "local"), budgets).await.unwrap(), Turn::Now);
    }
}

on_both! {
    /// Its claim ends as with its process: a file's at once, a server's with the lease.
    async fn nobody_waits_for_a_run_whose_agent_is_gone(fixture: Fixture) {
        let (claim, gone) = held(&fixture.store, 1).await;
        let (_b, waits) = held(&fixture.store, 2).await;
        let pve = burden("pve", "local");
        assert_eq!(gone.turn(&pve, ONE).await.unwrap(), Turn::Now);
        assert_eq!(waits.turn(&pve, ONE).await.unwrap(), Turn::After(1), "it is held");
        drop(claim);
        let began = Instant::now();
        while waits.turn(&pve, ONE).await.unwrap() != Turn::Now {
            assert!(began.elapsed() < Duration::from_secs(LEASE * 5), "it waits for nobody");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

on_both! {
    async fn a_run_that_is_taken_up_keeps_its_place(fixture: Fixture) {
        let (claim, first) = held(&fixture.store, 1).await;
        let (_b, second) = held(&fixture.store, 2).await;
        let pve = burden("pve", "local");
        assert_eq!(first.turn(&pve, ONE).await.unwrap(), Turn::Now);
        drop(claim);
        let another = fixture.opened_again().await;
        let began = Instant::now();
        let name = run(1).to_string();
        let _again = loop {
            match another.journal().claim(&name).await {
                Ok((claim, _)) => break claim,
                Err(error) => assert!(began.elapsed() < Duration::from_secs(LEASE * 5), "{error}"),
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        };
        let first = another.ledger().of_run(&name);
        assert_eq!(first.turn(&pve, ONE).await.unwrap(), Turn::Now);
        assert_eq!(second.turn(&pve, ONE).await.unwrap(), Turn::After(1));
    }
}
