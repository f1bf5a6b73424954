//! Host certificates: which of them must not be believed any more.

use reset_agent::ledger::{GuestState, HostCertificate, Ledger};

use crate::fixture::{Fixture, machine_id, on_both, reserve};

const CA: &str = "SHA256:ca";
const NOW: u64 = 1_000;

fn certificate(serial: u64) -> HostCertificate {
    HostCertificate {
        serial,
        ca: CA.into(),
        key_id: "guest-101".into(),
        host_key: format!("SHA256:key{serial}"),
        valid_before: 2_000,
    }
}

async fn revoked(ledger: &Ledger, moment: u64) -> Vec<u64> {
    let mut serials: Vec<u64> =
        ledger.revoked_host_certificates(CA, moment).await.unwrap().iter().map(|row| row.serial).collect();
    serials.sort_unstable();
    serials
}

on_both! {
    async fn a_certificate_dies_with_its_guest_and_never_comes_back(fixture: Fixture) {
        let ledger = fixture.ledger();
        let guest = reserve(&ledger, 1).await;
        let largest = certificate(u64::MAX);
        ledger.enter_host_certificates(guest.id, "run-1", &[certificate(1), largest.clone()]).await.unwrap();
        ledger.record(guest.id, &[machine_id(1)]).await.unwrap();
        assert!(revoked(&ledger, NOW).await.is_empty(), "its guest lives");
        ledger.mark(guest.id, GuestState::Destroyed).await.unwrap();
        let rows = ledger.revoked_host_certificates(CA, NOW).await.unwrap();
        assert!(rows.len() == 2 && rows.contains(&largest), "{rows:?}");
        assert!(ledger.revoked_host_certificates("SHA256:another", NOW).await.unwrap().is_empty());
        assert!(revoked(&ledger, 2_000).await.is_empty(), "what has ended by itself needs no list");
    }
}

on_both! {
    async fn a_quarantined_guests_certificate_counts_again_when_the_guest_does(fixture: Fixture) {
        let ledger = fixture.ledger();
        let guest = reserve(&ledger, 1).await;
        ledger.enter_host_certificates(guest.id, "run-1", &[certificate(1)]).await.unwrap();
        ledger.record(guest.id, &[machine_id(1)]).await.unwrap();
        ledger.mark(guest.id, GuestState::Quarantined).await.unwrap();
        assert_eq!(revoked(&ledger, NOW).await, [1]);
        ledger.record(guest.id, &[machine_id(1)]).await.unwrap();
        assert!(revoked(&ledger, NOW).await.is_empty());
    }
}

on_both! {
    async fn the_last_certificates_of_a_guest_count_and_those_of_an_undone_run_do_not(fixture: Fixture) {
        let ledger = fixture.ledger();
        let (one, other) = (reserve(&ledger, 1).await, reserve(&ledger, 2).await);
        ledger.enter_host_certificates(one.id, "run-1", &[certificate(1)]).await.unwrap();
        ledger.enter_host_certificates(other.id, "run-2", &[certificate(2)]).await.unwrap();
        ledger.enter_host_certificates(one.id, "run-3", &[certificate(3)]).await.unwrap();
        assert_eq!(revoked(&ledger, NOW).await, [1]);
        for time in ["once", "twice"] {
            ledger.withdraw_host_certificates("run-3").await.unwrap();
            assert_eq!(revoked(&ledger, NOW).await, [1, 3], "{time}");
        }
        let twice = ledger.enter_host_certificates(one.id, "run-4", &[certificate(2)]).await;
        assert!(twice.is_err(), "a serial is used once");
        assert_eq!(revoked(&ledger, NOW).await, [1, 3], "what failed changed nothing");
    }
}
