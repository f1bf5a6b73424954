//! Registrations in the ledger.

use reset_agent::ledger::{Binding, Customer, CustomerStatus, Guest, GuestState, Ledger, LedgerError, Registration};

use crate::fixture::{Fixture, machine_id, on_both, reserve};

fn ask(customer: &str, hostname: &str, secrets: &str) -> Registration {
    Registration {
        customer: customer.parse().unwrap(),
        hostname: hostname.parse().unwrap(),
        secrets: secrets.parse().unwrap(),
    }
}

fn binding(guest: &Guest) -> Binding {
    let rootfs = format!("local:{0}/vm-{0}-disk-0.raw", guest.vmid);
    Binding { guest: guest.id, vmid: guest.vmid, node: guest.node.clone(), rootfs }
}

/// Customer 1, registered, with a verified guest that it is bound to.
async fn bound(ledger: &Ledger) -> (Guest, Customer) {
    let guest = reserve(ledger, 1).await;
    let guest = ledger.record(guest.id, &[machine_id(1)]).await.unwrap();
    ledger.register_customer(&ask("customer-1", "web-1", "age:one")).await.unwrap();
    let customer = ledger.bind_customer(&guest.customer, &binding(&guest)).await.unwrap();
    (guest, customer)
}

on_both! {
    async fn s3_01_the_same_again_changes_nothing_and_other_data_is_a_conflict(fixture: Fixture) {
        let ledger = fixture.ledger();
        let first = ledger.register_customer(&ask("acme", "acme", "age:acme")).await.unwrap();
        assert_eq!((first.status, &first.binding), (CustomerStatus::Provisioned, &None));
        assert_eq!(ledger.register_customer(&ask("acme", "acme", "age:acme")).await.unwrap(), first);
        for other in [ask("acme", "other", "age:acme"), ask("acme", "acme", "age:other")] {
            let error = ledger.register_customer(&other).await.unwrap_err();
            assert!(matches!(error, LedgerError::CustomerDiffers { .. }), "{error}");
        }
        assert_eq!(ledger.customers().await.unwrap(), [first]);
    }
}

on_both! {
    async fn s3_08_neither_hostname_nor_collection_is_anothers(fixture: Fixture) {
        let ledger = fixture.ledger();
        ledger.register_customer(&ask("acme", "acme", "age:acme")).await.unwrap();
        for other in [ask("globex", "acme", "age:globex"), ask("globex", "globex", "age:acme")] {
            let error = ledger.register_customer(&other).await.unwrap_err();
            assert!(matches!(&error, LedgerError::CustomerClash { holder, .. } if holder == "acme"), "{error}");
        }
        assert_eq!(ledger.customers().await.unwrap().len(), 1);
    }
}

on_both! {
    async fn s3_12_only_an_active_guest_makes_a_customer_active(fixture: Fixture) {
        let ledger = fixture.ledger();
        let (guest, customer) = bound(&ledger).await;
        assert_eq!(customer.status, CustomerStatus::Provisioned);
        ledger.mark(guest.id, GuestState::Quarantined).await.unwrap();
        let refused = ledger.activate_customer(&guest.customer, 2).await.unwrap_err();
        assert!(matches!(refused, LedgerError::GuestNotActive { state: Some(GuestState::Quarantined), .. }), "{refused}");
        assert_eq!(ledger.customer(&guest.customer).await.unwrap().unwrap(), customer);
        ledger.mark(guest.id, GuestState::Active).await.unwrap();
        let active = ledger.activate_customer(&guest.customer, 2).await.unwrap();
        assert_eq!((active.status, active.delivered.unwrap().secrets), (CustomerStatus::Active, 2));
        // A new delivery begins: until it ends, nothing is claimed.
        let again = ledger.bind_customer(&guest.customer, &binding(&guest)).await.unwrap();
        assert_eq!(again.status, CustomerStatus::Provisioned);
    }
}

on_both! {
    async fn s3_12_a_guest_that_goes_takes_the_status_along(fixture: Fixture) {
        let ledger = fixture.ledger();
        let (guest, _) = bound(&ledger).await;
        ledger.activate_customer(&guest.customer, 2).await.unwrap();
        ledger.mark(guest.id, GuestState::Destroyed).await.unwrap();
        let left = ledger.customer(&guest.customer).await.unwrap().unwrap();
        assert_eq!((left.status, left.binding, left.delivered), (CustomerStatus::Provisioned, None, None));
    }
}

on_both! {
    async fn s3_04_a_registration_is_bound_to_one_guest_and_kept_while_it_is(fixture: Fixture) {
        let ledger = fixture.ledger();
        let (guest, _) = bound(&ledger).await;
        let other = Binding { rootfs: "local:101/vm-101-disk-9.raw".into(), ..binding(&guest) };
        let refused = ledger.bind_customer(&guest.customer, &other).await.unwrap_err();
        assert!(matches!(refused, LedgerError::CustomerBound { .. }), "{refused}");
        let refused = ledger.forget_customer(&guest.customer).await.unwrap_err();
        assert!(matches!(refused, LedgerError::CustomerBound { .. }), "{refused}");
        ledger.unbind_customer(guest.id).await.unwrap();
        for _ in ["once", "twice"] {
            ledger.forget_customer(&guest.customer).await.unwrap();
            assert_eq!(ledger.customer(&guest.customer).await.unwrap(), None);
        }
    }
}
