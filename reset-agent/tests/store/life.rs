//! A guest's way through the ledger.

use reset_agent::ledger::{GuestState, LedgerError, Scope};

use crate::fixture::{Fixture, ask, host_key, ip, machine_id, on_both, reserve, run};

on_both! {
    async fn from_reservation_to_destruction(fixture: Fixture) {
        let ledger = fixture.ledger();
        let guest = reserve(&ledger, 1).await;
        assert_eq!(guest.state, GuestState::Reserved);
        ledger.mark(guest.id, GuestState::Provisioned).await.unwrap();
        let active = ledger.record(guest.id, &[machine_id(1), host_key(1), ip("10.0.0.7")]).await.unwrap();
        assert_eq!(active.state, GuestState::Active);
        assert_eq!(ledger.by_customer(&guest.customer).await.unwrap().unwrap(), active);
        assert_eq!(ledger.by_vmid(guest.vmid).await.unwrap().unwrap(), active);

        ledger.mark(guest.id, GuestState::Destroyed).await.unwrap();
        ledger.mark(guest.id, GuestState::Destroyed).await.unwrap();
        assert_eq!(ledger.by_customer(&guest.customer).await.unwrap(), None);
        assert_eq!(ledger.list(Scope::Live).await.unwrap(), []);
        let all = ledger.list(Scope::All).await.unwrap();
        assert_eq!(
            all.iter().map(|gone| (&gone.customer, gone.state)).collect::<Vec<_>>(),
            [(&guest.customer, GuestState::Destroyed)]
        );
        let left = ledger.identities(guest.id).await.unwrap();
        assert_eq!(left.len(), 6, "hostname, two MACs, three recorded: rows stay");
        assert!(left.iter().all(|owned| owned.retired_at.is_some()));
    }
}

on_both! {
    async fn a_second_reservation_of_a_live_customer_returns_the_same_guest(fixture: Fixture) {
        let ledger = fixture.ledger();
        let first = ledger.reserve(&ask(1)).await.unwrap();
        let resumed = ledger.reserve(&ask(1)).await.unwrap();
        assert_eq!(resumed, first, "the same run finds its own");

        let mut other = ask(2);
        other.customer = first.guest.customer.clone();
        let again = ledger.reserve(&other).await.unwrap();
        assert!(!again.ours);
        assert_eq!((again.guest, again.macs), (first.guest, ask(1).macs));
        assert!(ledger.by_vmid(other.vmid).await.unwrap().is_none(), "nothing of the second request was taken");
    }
}

on_both! {
    async fn only_the_run_that_reserved_gives_back(fixture: Fixture) {
        let ledger = fixture.ledger();
        let guest = reserve(&ledger, 1).await;
        let refused = ledger.release(guest.id, &run(2)).await;
        assert!(matches!(refused, Err(LedgerError::NotOurs { .. })), "{refused:?}");
        ledger.release(guest.id, &run(1)).await.unwrap();
        ledger.release(guest.id, &run(1)).await.unwrap();
        assert_eq!(ledger.reserved_by(&run(1)).await.unwrap().unwrap().state, GuestState::Released);
    }
}

on_both! {
    async fn a_guest_that_was_handed_over_is_never_released(fixture: Fixture) {
        let ledger = fixture.ledger();
        let guest = reserve(&ledger, 1).await;
        ledger.record(guest.id, &[machine_id(1)]).await.unwrap();
        let refused = ledger.release(guest.id, &run(1)).await.unwrap_err();
        assert_eq!(refused.to_string(), "guest 1 is active and cannot become released");
        assert_eq!(ledger.guest(guest.id).await.unwrap().state, GuestState::Active);
    }
}

on_both! {
    async fn a_reservation_moves_to_another_vmid_only_while_nothing_exists(fixture: Fixture) {
        let ledger = fixture.ledger();
        let guest = reserve(&ledger, 1).await;
        reserve(&ledger, 2).await;
        let taken = ledger.rebook(guest.id, &run(1), ask(2).vmid).await;
        assert!(matches!(taken, Err(LedgerError::Conflict(_))), "{taken:?}");
        let moved = ledger.rebook(guest.id, &run(1), ask(3).vmid).await.unwrap();
        assert_eq!(moved.vmid, ask(3).vmid);
        ledger.mark(guest.id, GuestState::Provisioned).await.unwrap();
        let late = ledger.rebook(guest.id, &run(1), ask(4).vmid).await;
        assert!(matches!(late, Err(LedgerError::IllegalMove { .. })), "{late:?}");
    }
}

on_both! {
    async fn recording_twice_is_harmless_and_retires_what_was_replaced(fixture: Fixture) {
        let ledger = fixture.ledger();
        let guest = reserve(&ledger, 1).await;
        ledger.record(guest.id, &[machine_id(1), host_key(1)]).await.unwrap();
        ledger.record(guest.id, &[machine_id(1), host_key(1)]).await.unwrap();
        ledger.record(guest.id, &[machine_id(1), host_key(2)]).await.unwrap();
        let held: Vec<_> = ledger.identities(guest.id).await.unwrap();
        let live = |value: &str| held.iter().any(|owned| owned.identity.value == value && owned.retired_at.is_none());
        assert!(live("SHA256:key2") && !live("SHA256:key1"));
        assert!(live("web-1"), "kinds that were not recorded stay as they are");

        ledger.record(guest.id, &[host_key(1)]).await.unwrap();
        let back = ledger.identities(guest.id).await.unwrap();
        let of_key = |value: &str| back.iter().find(|owned| owned.identity.value == value).unwrap().retired_at.clone();
        assert_eq!(of_key("SHA256:key1"), None, "its own old key may come back, out of a backup");
        assert!(of_key("SHA256:key2").is_some());
        let taken = ledger.taken(&[machine_id(1), host_key(1)], guest.id).await.unwrap();
        assert!(taken.is_empty(), "nobody is in its own way: {taken:?}");
    }
}

on_both! {
    async fn a_lease_that_moved_on_wrongs_nobody(fixture: Fixture) {
        let ledger = fixture.ledger();
        let (first, second) = (reserve(&ledger, 1).await, reserve(&ledger, 2).await);
        ledger.record(first.id, &[ip("10.0.0.7")]).await.unwrap();
        ledger.record(second.id, &[ip("10.0.0.7")]).await.unwrap();
        assert_eq!(ledger.owner(&ip("10.0.0.7")).await.unwrap().unwrap().guest, second.id);
        let taken = ledger.taken(&[ip("10.0.0.7"), machine_id(9)], first.id).await.unwrap();
        assert!(taken.is_empty(), "{taken:?}");
    }
}
