//! `ledger verify`: each check, with the one thing broken that it is there for, by statements that no code of ours sends.

use reset_agent::ledger::{Checked, GuestState};
use reset_agent::store::Kind;
use saga::Outcome;

use crate::fixture::{Fixture, on_both, reserve, run};
use crate::populated::{journaled, populate};

/// The checks that found something, with what they found.
async fn broken(fixture: &Fixture) -> Vec<(&'static str, Vec<String>)> {
    let verification = fixture.ledger().verify().await.unwrap();
    let found = verification.checks.into_iter().filter(|checked| !checked.broken.is_empty());
    found.map(|Checked { check, broken, .. }| (check, broken)).collect()
}

/// Exactly this check finds something, and one of its sentences says this.
#[track_caller]
fn expect_told(found: &[(&'static str, Vec<String>)], check: &str, told: &str) {
    let said = found.iter().any(|(of, sentences)| *of == check && sentences.iter().any(|said| said.contains(told)));
    assert!(said, "{check} does not say {told:?}: {found:?}");
}

on_both! {
    async fn a_whole_ledger_is_sound(fixture: Fixture) {
        assert_eq!(broken(&fixture).await, [], "an empty one");
        populate(&fixture).await;
        assert_eq!(broken(&fixture).await, []);
        let verification = fixture.ledger().verify().await.unwrap();
        assert!(verification.is_sound());
        let idle: Vec<_> = verification.checks.iter().filter(|checked| checked.looked == 0).collect();
        assert!(idle.is_empty(), "a check that looked at nothing proves nothing: {idle:?}");
    }
}

/// A damaged file is refused when it is opened; what the database finds later is told here.
#[tokio::test]
async fn what_the_database_itself_finds_is_told() {
    let file = Fixture::sqlite().await;
    populate(&file).await;
    file.raw("PRAGMA ignore_check_constraints = ON; UPDATE identities SET for_ever = 2 WHERE id = 1").await;
    expect_told(&broken(&file).await, "the database itself", "CHECK constraint failed in identities");
    let server = Fixture::postgres().await;
    populate(&server).await;
    server.raw("UPDATE pg_index SET indisvalid = false WHERE indexrelid = CAST('guests_live_vmid' AS regclass)").await;
    let found = broken(&server).await;
    expect_told(&found, "the database itself", "index guests_live_vmid is not valid");
    expect_told(&found, "indexes that keep holders apart", "guests_live_vmid");
}

on_both! {
    async fn a_lost_index_and_the_holders_it_let_in_are_told(fixture: Fixture) {
        populate(&fixture).await;
        let indexes = [
            "guests_live_customer", "guests_live_vmid", "identities_for_ever", "identities_live", "pool_claim",
            "warm_ready",
        ];
        fixture.raw("DROP INDEX guests_live_customer; DROP INDEX guests_live_vmid; DROP INDEX identities_for_ever;
                     DROP INDEX identities_live; DROP INDEX pool_claim; DROP INDEX warm_ready").await;
        let found = broken(&fixture).await;
        for index in indexes {
            expect_told(&found, "indexes that keep holders apart", index);
        }
        fixture.raw(
            "INSERT INTO guests (customer, vmid, node, hostname, golden, run, state, created_at, updated_at)
                 SELECT customer, vmid, node, hostname, golden, run, state, created_at, updated_at FROM guests
                 WHERE id = 1;
             INSERT INTO identities (kind, value, guest, for_ever, recorded_at, retired_at)
                 SELECT kind, value, 4, for_ever, recorded_at, retired_at FROM identities
                 WHERE guest = 1 AND kind IN ('mac', 'hostname');
             UPDATE pool SET state = 'claimed', claim = (SELECT claim FROM pool WHERE claim IS NOT NULL);
             INSERT INTO warm (guest, manifest, golden, title, node, storage, size, fingerprint, state, updated_at)
                 SELECT 1, manifest, golden, title, node, storage, size, fingerprint, state, updated_at FROM warm",
        )
        .await;
        let found = broken(&fixture).await;
        let (one, each) = ("one live guest for each customer and VMID", "one holder for each value");
        expect_told(&found, one, "customer customer-1 has 2 live guests");
        expect_told(&found, one, "VMID 101 is that of 2 live guests");
        expect_told(&found, each, "a mac that is unique for ever has 2 holders: guests 1 and 4");
        expect_told(&found, each, "a hostname is held by 2 guests at once: 1 and 4");
        expect_told(&found, "pool and warm goldens", "claimed 2 guests of the pool");
        expect_told(&found, "pool and warm goldens", "release debian13 1 has 2 warm goldens on pve, local");
    }
}

on_both! {
    async fn rows_that_point_to_nothing_are_told(fixture: Fixture) {
        populate(&fixture).await;
        let unguarded = match fixture.store.kind() {
            Kind::Sqlite => "PRAGMA foreign_keys = OFF; DELETE FROM guests WHERE id IN (5, 6); DELETE FROM runs
                             WHERE run LIKE '%1'; INSERT INTO rebuilt (guest, why, rebuilt_at) VALUES (77, '', '')",
            Kind::Postgres => "ALTER TABLE identities DROP CONSTRAINT identities_guest_fkey;
                               ALTER TABLE pool DROP CONSTRAINT pool_guest_fkey;
                               ALTER TABLE warm DROP CONSTRAINT warm_guest_fkey;
                               ALTER TABLE rebuilt DROP CONSTRAINT rebuilt_guest_fkey;
                               ALTER TABLE events DROP CONSTRAINT events_run_fkey;
                               DELETE FROM guests WHERE id IN (5, 6); DELETE FROM runs WHERE run LIKE '%1';
                               INSERT INTO rebuilt (guest, why, rebuilt_at) VALUES (77, '', '')",
        };
        fixture.raw(unguarded).await;
        let (found, check) = (broken(&fixture).await, "rows that point to rows");
        expect_told(&found, check, "is that of guest 5, which is not there");
        expect_told(&found, check, "the pool holds guest 5, which is not there");
        expect_told(&found, check, "a warm golden is guest 6, which is not there");
        expect_told(&found, check, "guest 77 was rebuilt and is not there");
        expect_told(&found, check, &format!("run {} has records and no row", run(1)));
        let lost = format!("guest 1 is active, and its run {} is not in the journal", run(1));
        expect_told(&found, "runs and their records", &lost);
    }
}

on_both! {
    async fn states_that_no_run_leads_to_are_told(fixture: Fixture) {
        populate(&fixture).await;
        let ledger = fixture.ledger();
        let (undone, done) = (reserve(&ledger, 11).await, reserve(&ledger, 12).await);
        ledger.mark(undone.id, GuestState::Provisioned).await.unwrap();
        journaled(&fixture, 11, Outcome::RolledBack).await;
        journaled(&fixture, 12, Outcome::Done).await;
        fixture.raw("UPDATE identities SET retired_at = NULL WHERE guest = 2 AND kind = 'mac';
                     UPDATE guests SET hostname = 'renamed' WHERE id = 1").await;
        let (found, check) = (broken(&fixture).await, "states that a run leads to");
        expect_told(&found, check, "guest 2 is destroyed and holds a mac");
        expect_told(&found, check, &format!("guest {} is provisioned, and its run {} was undone", undone.id, run(11)));
        expect_told(&found, check, &format!("guest {} is reserved, and its run {} is done", done.id, run(12)));
        expect_told(&found, check, "guest 1 does not hold its hostname renamed");
        assert_eq!(found.len(), 1, "{found:?}");
    }
}

on_both! {
    async fn customers_without_their_guests_are_told(fixture: Fixture) {
        populate(&fixture).await;
        fixture.raw("UPDATE customers SET guest = 2 WHERE customer = 'customer-1';
                     UPDATE customers SET status = 'active' WHERE customer = 'not-yet';
                     UPDATE pool SET state = 'claimed', claim = NULL WHERE state = 'ready'").await;
        let (found, check) = (broken(&fixture).await, "customers and their guests");
        expect_told(&found, check, "customer customer-1 is bound to guest 2, which is destroyed");
        expect_told(&found, check, "customer customer-1 is bound to guest 2 of customer customer-2");
        expect_told(&found, check, "customer not-yet is active and bound to no guest");
        expect_told(&found, "pool and warm goldens", "is claimed by no run");
    }
}

on_both! {
    async fn rows_that_nobody_understands_are_told(fixture: Fixture) {
        populate(&fixture).await;
        fixture.raw("UPDATE guests SET vmid = 7 WHERE id = 1;
                     UPDATE identities SET kind = 'shoe-size' WHERE id = 1;
                     UPDATE identities SET value = '0123456789abcdef0123456789abcdef' WHERE kind = 'machine-id' AND guest = 1;
                     UPDATE identities SET for_ever = 0 WHERE kind = 'ssh-host-key:ssh-ed25519' AND guest = 2").await;
        let (found, check) = (broken(&fixture).await, "rows that are understood");
        expect_told(&found, check, "vmid");
        expect_told(&found, check, "\"shoe-size\" is no kind of identity");
        expect_told(&found, check, "a machine-id is not kept as a keyed digest");
        expect_told(&found, check, "a ssh-host-key:ssh-ed25519 belongs to its holder not for ever");
    }
}

on_both! {
    async fn a_guest_with_a_goldens_value_is_told(fixture: Fixture) {
        populate(&fixture).await;
        // Machine-ids of goldens are told in their manifests, those of guests are kept as digests.
        fixture.raw("INSERT INTO forbidden (golden, name, kind, value) VALUES
                     ('x', 'leaky 1', 'machine-id', '00000000000000000000000000000001'),
                     ('x', 'leaky 1', 'mac', 'BC:24:11:00:00:02')").await;
        let (found, check) = (broken(&fixture).await, "values of goldens that nobody holds");
        expect_told(&found, check, "guest 1 holds MAC address `BC:24:11:00:00:02` of golden leaky 1");
        expect_told(&found, check, "guest 1 holds machine-id `00000000…` of golden leaky 1");
    }
}

on_both! {
    async fn records_that_make_no_run_are_told(fixture: Fixture) {
        populate(&fixture).await;
        fixture.raw("UPDATE runs SET outcome = 'rolled_back' WHERE run LIKE '%2';
                     UPDATE runs SET version = 9 WHERE run LIKE '%4';
                     DELETE FROM events WHERE run LIKE '%5' AND seq = 1;
                     UPDATE events SET record = '{' WHERE run LIKE '%6' AND seq = 2").await;
        let (found, check) = (broken(&fixture).await, "runs and their records");
        expect_told(&found, check, &format!("run {}: its row says rolled back, its records done", run(2)));
        expect_told(&found, check, &format!("run {}: its row says provision v9", run(4)));
        expect_told(&found, check, &format!("run {}: ", run(5)));
        expect_told(&found, check, &format!("run {}: a record is not understood", run(6)));
        assert_eq!(found.len(), 1, "{found:?}");
    }
}

on_both! {
    async fn a_broken_chain_is_told(fixture: Fixture) {
        populate(&fixture).await;
        fixture.raw("UPDATE audit_log SET entry = REPLACE(entry, 'token.add', 'token.nil') WHERE seq = 2").await;
        expect_told(&broken(&fixture).await, "the audit log's chain", "entry 2 was changed after it was written");
        fixture.raw("DELETE FROM audit_log WHERE seq = 2").await;
        expect_told(&broken(&fixture).await, "the audit log's chain", "entry 3 stands where entry 2 should be");
    }
}
