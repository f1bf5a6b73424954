//! The ledger as a document: out of one database, into another, and nothing of it lost.

use reset_agent::ledger::{
    Conflict, Difference, Document, ImportError, Imported, LedgerError, exported_tables, left_out_tables,
};
use reset_agent::store::Kind;
use saga::{Header, Journal};
use serde_json::json;

use crate::fixture::{Fixture, machine_id, on_both, reserve};
use crate::populated::{made, populate};

async fn exported(fixture: &Fixture) -> String {
    fixture.ledger().export().await.unwrap().to_text().unwrap()
}

/// Imports with the key of the ledger that the document is from, as an operator would.
async fn moved(from: &Fixture, to: Fixture) -> Fixture {
    let document = Document::read(&exported(from).await).unwrap();
    let Imported { added, same, key_taken_over } =
        to.ledger().import(&document, Some(from.store.fleet_key())).await.unwrap();
    assert_eq!((added, same, key_taken_over), (document.len(), 0, true));
    to.reopened().await
}

/// From one kind of database to the other and back: byte for byte, and the new ledger goes on where the old one ended.
async fn there_and_back(first: Fixture, second: Fixture, third: Fixture) {
    populate(&first).await;
    let text = exported(&first).await;
    let second = moved(&first, second).await;
    assert_eq!(exported(&second).await, text);
    let third = moved(&second, third).await;
    assert_eq!(exported(&third).await, text);
    assert!(third.ledger().verify().await.unwrap().is_sound());

    for fixture in [second, third] {
        let ledger = fixture.ledger();
        let guest = reserve(&ledger, 50).await;
        assert!(guest.id.0 > 6, "a number of its own: {guest:?}");
        let refused = ledger.record(guest.id, &[machine_id(2)]).await;
        let known = matches!(&refused, Err(LedgerError::Conflict(Conflict { for_ever: true, .. })));
        assert!(known, "the machine-id of a guest that is long gone: {refused:?}");
        let golden = ledger.record(guest.id, &[machine_id(99)]).await;
        assert!(matches!(golden, Err(LedgerError::Forbidden { .. })), "{golden:?}");
    }
}

#[tokio::test]
async fn from_a_file_to_a_server_and_back() {
    there_and_back(Fixture::sqlite().await, Fixture::postgres().await, Fixture::sqlite().await).await;
}

#[tokio::test]
async fn from_a_server_to_a_file_and_back() {
    there_and_back(Fixture::postgres().await, Fixture::sqlite().await, Fixture::postgres().await).await;
}

on_both! {
    async fn a_document_tells_no_machine_id_and_no_key(fixture: Fixture) {
        populate(&fixture).await;
        let text = exported(&fixture).await;
        assert!(!text.contains(&fixture.store.fleet_key().to_hex()));
        for n in [1, 2, 4, 5, 6] {
            assert!(!text.contains(&machine_id(n).value), "machine-id {n}");
        }
        assert!(text.contains("BC:24:11:00:00:02") && text.contains("age:one"));
    }
}

on_both! {
    /// Every table of the database is carried, or left out by name: a new one cannot be forgotten.
    async fn no_table_is_forgotten(fixture: Fixture) {
        let mut there = fixture.column(match fixture.store.kind() {
            Kind::Sqlite => "SELECT name FROM sqlite_schema WHERE type = 'table'",
            Kind::Postgres => "SELECT CAST(tablename AS TEXT) FROM pg_tables WHERE schemaname = current_schema()",
        }).await;
        there.retain(|table| !left_out_tables().any(|left_out| left_out == table));
        there.sort();
        let mut carried: Vec<&str> = exported_tables().collect();
        carried.sort_unstable();
        assert_eq!(there, carried, "name the table in src/ledger/document/tables.rs, or leave it out there");
    }
}

on_both! {
    /// And no column of it.
    async fn no_column_is_forgotten(fixture: Fixture) {
        populate(&fixture).await;
        let document = fixture.ledger().export().await.unwrap().to_text().unwrap();
        for table in exported_tables() {
            let line = document.lines().find(|line| line.contains(&format!("{{\"table\":\"{table}\"")));
            if table == "rebuilt" {
                continue;
            }
            let line: serde_json::Value = serde_json::from_str(line.unwrap_or_else(|| unreachable!("{table}"))).unwrap();
            let mut carried: Vec<&str> = line["row"].as_object().unwrap().keys().map(String::as_str).collect();
            carried.sort_unstable();
            let mut there = fixture.columns_of(table).await;
            there.retain(|column| table != "runs" || !["fence", "holder", "lease_until"].contains(&column.as_str()));
            there.sort();
            assert_eq!(there, carried, "{table}");
        }
    }
}

on_both! {
    async fn the_same_again_changes_nothing_and_what_is_new_is_added(fixture: Fixture) {
        populate(&fixture).await;
        let copy = moved(&fixture, fixture.fresh().await).await;
        let before = exported(&fixture).await;
        let again = fixture.ledger().import(&Document::read(&before).unwrap(), None).await.unwrap();
        assert_eq!((again.added, again.key_taken_over), (0, false));
        assert_eq!(exported(&fixture).await, before);
        // The copy lived on; its rows come back into the ledger it is from.
        made(&copy, 20).await;
        let lived_on = exported(&copy).await;
        let merged = fixture.ledger().import(&Document::read(&lived_on).unwrap(), None).await.unwrap();
        assert!(merged.added > 5 && merged.same == again.same, "{merged:?}");
        assert_eq!(exported(&fixture).await, lived_on);
    }
}

on_both! {
    async fn rows_that_differ_are_told_one_by_one_and_nothing_is_written(fixture: Fixture) {
        populate(&fixture).await;
        let copy = moved(&fixture, fixture.fresh().await).await;
        made(&copy, 20).await;
        copy.raw("UPDATE guests SET node = 'elsewhere' WHERE id = 1; UPDATE forbidden SET name = 'other' WHERE kind = 'mac'")
            .await;
        // Another guest got the number meanwhile, and its names with it.
        let taken = reserve(&fixture.ledger(), 30).await;
        let before = exported(&fixture).await;
        let document = Document::read(&exported(&copy).await).unwrap();
        let Err(ImportError::Differs(differences)) = fixture.ledger().import(&document, None).await else {
            unreachable!("it was imported")
        };
        let told: Vec<String> = differences.iter().map(ToString::to_string).collect();
        let says = |text: &str| told.iter().any(|line| line == text);
        assert!(says(r#"guests 1: node is "pve" in the ledger and "elsewhere" in the document"#), "{told:#?}");
        assert!(told.iter().any(|line| line.starts_with("forbidden ") && line.contains("\"other\"")), "{told:#?}");
        let number = format!("guests {}: customer is \"customer-30\" in the ledger and \"customer-20\" in the document", taken.id);
        assert!(says(&number), "{told:#?}");
        assert_eq!(exported(&fixture).await, before);
    }
}

on_both! {
    async fn a_ledger_under_another_key_takes_nothing(fixture: Fixture) {
        populate(&fixture).await;
        let document = Document::read(&exported(&fixture).await).unwrap();
        let other = fixture.fresh().await;
        let before = exported(&other).await;
        let refused = async |key| other.ledger().import(&document, key).await.unwrap_err().to_string();
        assert!(refused(None).await.ends_with("and give it with `--key-from`"));
        assert!(refused(Some(other.store.fleet_key())).await.ends_with("the key that was given is not the document's"));
        assert_eq!(exported(&other).await, before);
        reserve(&other.ledger(), 1).await;
        assert!(refused(Some(fixture.store.fleet_key())).await.ends_with("import it into an empty ledger"));
    }
}

on_both! {
    /// A run has one journal: in two, two agents would carry it out.
    async fn a_run_that_is_not_over_stays_where_it_is(fixture: Fixture) {
        let header =
            Header { run: "r1".into(), plan: "provision".into(), version: 1, steps: vec!["s".into()], input: json!({}) };
        drop(fixture.store.journal().open(&header).await.unwrap());
        let document = Document::read(&exported(&fixture).await).unwrap();
        let other = fixture.fresh().await;
        let Err(ImportError::Differs(differences)) =
            other.ledger().import(&document, Some(fixture.store.fleet_key())).await
        else {
            unreachable!("it was imported")
        };
        assert_eq!(differences, [Difference::Unfinished { run: "r1".into() }]);
        assert!(matches!(other.store.journal().claim("r1").await, Err(saga::JournalError::Unknown { .. })));
    }
}

on_both! {
    async fn a_document_that_would_not_be_whole_is_refused(fixture: Fixture) {
        populate(&fixture).await;
        fixture.raw("DELETE FROM audit_log WHERE seq = 2").await;
        let document = Document::read(&exported(&fixture).await).unwrap();
        let other = fixture.fresh().await;
        let refused = other.ledger().import(&document, Some(fixture.store.fleet_key())).await;
        let Err(ImportError::Unsound(verification)) = refused else { unreachable!("{refused:?}") };
        assert!(verification.checks.iter().any(|checked| checked.check == "the audit log's chain" && !checked.broken.is_empty()));
        assert!(other.ledger().export().await.unwrap().is_empty());
    }
}
