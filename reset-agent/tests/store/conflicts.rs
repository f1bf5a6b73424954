//! What two guests may not share, and how the ledger says so.

use std::collections::BTreeSet;

use reset_agent::ledger::{Conflict, GuestState, LedgerError, Reservation};
use spec::identity::{ForbiddenSet, Identity, IdentityKind};

use crate::fixture::{Fixture, ask, host_key, mac, machine_id, on_both, reserve, run};

/// The refusal of a reservation, as the user reads it.
async fn refusal(fixture: &Fixture, ask: &Reservation) -> String {
    fixture.ledger().reserve(ask).await.unwrap_err().to_string()
}

on_both! {
    async fn each_conflict_names_what_and_whose(fixture: Fixture) {
        reserve(&fixture.ledger(), 1).await;
        let first = ask(1);

        let same_vmid = Reservation { vmid: first.vmid, ..ask(2) };
        assert_eq!(
            refusal(&fixture, &same_vmid).await,
            "VMID 101 belongs to guest 101 of customer `customer-1` (reserved): choose another"
        );
        let same_hostname = Reservation { hostname: "WEB-1".parse().unwrap(), ..ask(2) };
        assert_eq!(
            refusal(&fixture, &same_hostname).await,
            "hostname `web-1` belongs to guest 101 of customer `customer-1` (reserved): choose another"
        );
        let same_mac = Reservation { macs: vec![first.macs[1]], ..ask(2) };
        assert_eq!(
            refusal(&fixture, &same_mac).await,
            "MAC address `BC:24:11:00:00:03` belongs to guest 101 of customer `customer-1` (reserved): \
             it is never given to another guest, take a fresh one"
        );
        let twice = Reservation { macs: vec![ask(2).macs[0]; 2], ..ask(2) };
        assert_eq!(
            fixture.ledger().reserve(&twice).await.unwrap_err().to_string(),
            "MAC address `BC:24:11:00:00:04` is asked for twice: give each NIC its own"
        );
    }
}

on_both! {
    async fn a_refused_reservation_leaves_nothing_behind(fixture: Fixture) {
        reserve(&fixture.ledger(), 1).await;
        // The last value is the one that clashes: what was written before it must go, too.
        let clash = Reservation { macs: vec![ask(2).macs[0], ask(1).macs[0]], ..ask(2) };
        refusal(&fixture, &clash).await;
        assert!(fixture.ledger().by_customer(&clash.customer).await.unwrap().is_none());
        let free = Identity::new(IdentityKind::Mac, &clash.macs[0].to_string());
        assert_eq!(fixture.ledger().owner(&free).await.unwrap(), None);
        reserve(&fixture.ledger(), 2).await;
    }
}

on_both! {
    /// Invariant I1: MACs, machine-ids and host keys of guests that are gone are never seen again.
    async fn identities_of_the_dead_stay_taken_for_ever(fixture: Fixture) {
        let ledger = fixture.ledger();
        let (released, destroyed) = (reserve(&ledger, 1).await, reserve(&ledger, 2).await);
        ledger.release(released.id, &run(1)).await.unwrap();
        ledger.record(destroyed.id, &[machine_id(2), host_key(2)]).await.unwrap();
        ledger.mark(destroyed.id, GuestState::Destroyed).await.unwrap();

        let fixture = fixture.reopened().await;
        let ledger = fixture.ledger();
        let unused_mac = Reservation { macs: vec![ask(1).macs[0]], ..ask(3) };
        assert_eq!(
            refusal(&fixture, &unused_mac).await,
            "MAC address `BC:24:11:00:00:02` belonged to guest 101 of customer `customer-1` (released): \
             it is never given to another guest, take a fresh one"
        );
        let guest = reserve(&ledger, 3).await;
        for value in [machine_id(2), host_key(2)] {
            let refused = ledger.record(guest.id, std::slice::from_ref(&value)).await;
            assert!(
                matches!(&refused, Err(LedgerError::Conflict(Conflict { for_ever: true, .. }))),
                "{value:?}: {refused:?}"
            );
        }
        assert_eq!(ledger.guest(guest.id).await.unwrap().state, GuestState::Reserved, "nothing of a refused record holds");
        let taken = ledger.taken(&[machine_id(2), machine_id(3)], guest.id).await.unwrap();
        assert_eq!(
            taken.into_iter().collect::<Vec<_>>(),
            [(machine_id(2), "guest 102 of customer `customer-2` (destroyed)".to_owned())]
        );
    }
}

on_both! {
    async fn names_of_the_dead_are_free_again(fixture: Fixture) {
        let ledger = fixture.ledger();
        let first = reserve(&ledger, 1).await;
        ledger.release(first.id, &run(1)).await.unwrap();
        let again = Reservation { run: run(9), macs: vec![mac(99).parse().unwrap()], ..ask(1) };
        let second = ledger.reserve(&again).await.unwrap();
        assert!(second.ours);
        assert_ne!(second.guest.id, first.id);
        assert_eq!((second.guest.vmid, second.guest.hostname), (first.vmid, first.hostname));
    }
}

on_both! {
    /// DESIGN §2, *forbidden identity*: no guest may hold a golden's value.
    async fn a_goldens_values_are_refused(fixture: Fixture) {
        let ledger = fixture.ledger();
        let golden_mac = Identity::new(IdentityKind::Mac, &mac(7));
        let set = ForbiddenSet { golden: "debian13 v1".into(), identities: BTreeSet::from([golden_mac, host_key(7)]) };
        let digest = "ab".repeat(32).parse().unwrap();
        ledger.forbid(&digest, &set).await.unwrap();
        ledger.forbid(&digest, &set).await.unwrap();
        assert_eq!(ledger.forbidden().await.unwrap(), std::slice::from_ref(&set));

        let as_golden = Reservation { macs: vec![mac(7).parse().unwrap()], ..ask(1) };
        assert_eq!(
            refusal(&fixture, &as_golden).await,
            "MAC address `BC:24:11:00:00:07` belongs to golden debian13 v1: no guest may hold it"
        );
        let guest = reserve(&ledger, 1).await;
        let refused = ledger.record(guest.id, &[host_key(7)]).await;
        assert!(matches!(refused, Err(LedgerError::Forbidden { .. })), "{refused:?}");
    }
}

on_both! {
    /// Unique for ever, whatever became of the holder: what a DHCP server, a swarm or a neighbour remembers of a guest.
    async fn a_second_guest_with_the_same_client_or_engine_id_is_refused(fixture: Fixture) {
        let ledger = fixture.ledger();
        let (first, second) = (reserve(&ledger, 1).await, reserve(&ledger, 2).await);
        let shared = [
            Identity::new(IdentityKind::DhcpDuid, "00:01:00:01:2E:5F:AA:01:BC:24:11:00:00:02"),
            Identity::new(IdentityKind::DockerEngineId, "9d0a7c3e-0000-4000-8000-000000000001"),
            Identity::new(IdentityKind::ContentOf("random-seed".into()), &"ab".repeat(32)),
        ];
        ledger.record(first.id, &shared).await.unwrap();
        for life in ["lives", "is gone"] {
            for value in &shared {
                let refused = ledger.record(second.id, std::slice::from_ref(value)).await;
                let Err(LedgerError::Conflict(conflict)) = refused else { unreachable!("{life}: {value:?}") };
                assert!(conflict.for_ever && conflict.holder.guest == first.id, "{life}: {conflict}");
            }
            if life == "lives" {
                ledger.mark(first.id, GuestState::Destroyed).await.unwrap();
            }
        }
    }
}
