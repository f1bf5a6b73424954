//! Whatever a plan does, and wherever its process dies, again and again: recovery brings it to a lawful end.

use proptest::prelude::*;
use saga::inject::{Cut, Dying};
use saga::{Event, Executor, Failure, Log, MemoryJournal, Move, Outcome, Record, RunEnd, next_move};
use serde_json::json;

use crate::toy::{NAMES, Way, World, all_things, plan};

const RUN: &str = "r1";

fn any_ways() -> impl Strategy<Value = Vec<Way>> {
    let way = prop_oneof![
        4 => Just(Way::Works),
        1 => Just(Way::Fails),
        1 => Just(Way::Parks),
        1 => Just(Way::UndoFails),
        1 => Just(Way::FailsAndUndoFails),
    ];
    prop::collection::vec(way, 1..=NAMES.len())
}

fn any_cut() -> impl Strategy<Value = Cut> {
    (0..12_u64, any::<bool>()).prop_map(|(n, after)| if after { Cut::After(n) } else { Cut::Before(n) })
}

fn block_on(future: impl Future<Output = Result<(), TestCaseError>>) -> Result<(), TestCaseError> {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

/// A run of these ways on a fresh world, undisturbed, as far as it gets without a person.
async fn run(ways: &[Way], world: &World, journal: &MemoryJournal) {
    let plan = plan(ways);
    Executor::new(journal, &plan).start(RUN, json!("x"), &mut world.clone()).await.unwrap();
}

/// Recovers, with a person mending whatever rests, until the run is over.
async fn carry_to_the_end(ways: &[Way], world: &World, journal: &MemoryJournal) -> RunEnd {
    let plan = plan(ways);
    let executor = Executor::new(journal, &plan);
    let finished = executor.recover(RUN, &mut world.clone()).await.unwrap();
    if !matches!(finished.end, RunEnd::Parked(_)) {
        return finished.end;
    }
    world.mend();
    executor.resume(RUN, &mut world.clone()).await.unwrap().end
}

fn assert_lawful_end(end: &RunEnd, ways: &[Way], world: &World) -> Result<(), TestCaseError> {
    let fails = ways.iter().any(|way| matches!(way, Way::Fails | Way::FailsAndUndoFails));
    match end {
        RunEnd::Done => {
            prop_assert!(!fails);
            prop_assert_eq!(world.things(), all_things(ways.len()));
        }
        RunEnd::RolledBack(_) => {
            prop_assert!(fails);
            prop_assert!(world.things().is_empty(), "left behind: {:?}", world.things());
        }
        RunEnd::Parked(rest) => return Err(TestCaseError::fail(format!("still parked: {rest:?}"))),
    }
    Ok(())
}

proptest! {
    /// The world as the whole run left it, the journal cut anywhere: the worst a lost write could do.
    #[test]
    fn every_prefix_of_every_log_recovers(ways in any_ways()) {
        block_on(async {
            let whole = MemoryJournal::new();
            run(&ways, &World::default(), &whole).await;
            let records = whole.records(RUN);
            for length in 1..=records.len() {
                let (world, journal) = (World::default(), MemoryJournal::new());
                run(&ways, &world, &MemoryJournal::new()).await;
                journal.plant(RUN, records[..length].to_vec());
                let end = carry_to_the_end(&ways, &world, &journal).await;
                assert_lawful_end(&end, &ways, &world)?;
            }
            Ok(())
        })?;
    }

    /// Deaths on the way, then deaths while recovering from them.
    #[test]
    fn any_number_of_deaths_ends_lawfully(ways in any_ways(), first in any_cut(), more in prop::collection::vec(any_cut(), 0..4)) {
        block_on(async {
            let (world, journal, plan) = (World::default(), MemoryJournal::new(), plan(&ways));
            // A death before the first record leaves no run, nor anything else.
            let dying = Dying::new(&journal, first);
            let _ = Executor::new(&dying, &plan).start(RUN, json!("x"), &mut world.clone()).await;
            if journal.records(RUN).is_empty() {
                prop_assert!(world.things().is_empty());
                return Ok(());
            }
            for cut in more {
                let dying = Dying::new(&journal, cut);
                let _ = Executor::new(&dying, &plan).recover(RUN, &mut world.clone()).await;
            }
            let end = carry_to_the_end(&ways, &world, &journal).await;
            assert_lawful_end(&end, &ways, &world)
        })?;
    }

    /// Records in any order are either refused as an error value or leave a log that knows its next move.
    #[test]
    fn no_order_of_records_is_a_panic(events in prop::collection::vec(any_event(), 0..40)) {
        let mut log = Log::open(header());
        for event in events {
            let before = log.clone();
            if let Ok(record) = log.next_record(event) {
                log.push(record).unwrap();
            } else {
                prop_assert_eq!(&log, &before);
            }
            check_move(&log)?;
        }
        let text: Vec<String> = log.records().iter().map(|record| serde_json::to_string(record).unwrap()).collect();
        let records = text.iter().map(|line| serde_json::from_str::<Record>(line).unwrap());
        prop_assert_eq!(Log::fold(records).unwrap(), log, "a log survives its text");
    }
}

/// A move that the log itself would refuse would stop every executor for ever.
fn check_move(log: &Log) -> Result<(), TestCaseError> {
    let name = |i: usize| log.steps()[i].name.clone();
    let event = match next_move(log) {
        Move::Run(i) | Move::Resume(i) => Event::Started { step: name(i) },
        Move::Undo(i) => Event::UndoStarted { step: name(i) },
        Move::Done if log.outcome().is_none() => Event::Closed { outcome: Outcome::Done },
        Move::RolledBack if log.outcome().is_none() => Event::Closed { outcome: Outcome::RolledBack },
        Move::Parked(_) => Event::Resumed,
        Move::Done | Move::RolledBack => return Ok(()),
    };
    let legal = log.next_record(event);
    prop_assert!(legal.is_ok(), "{legal:?}");
    Ok(())
}

fn header() -> saga::Header {
    let steps = NAMES.map(ToOwned::to_owned).to_vec();
    saga::Header { run: RUN.into(), plan: "toy".into(), version: 1, steps, input: json!(null) }
}

fn any_event() -> impl Strategy<Value = Event> {
    let step = prop::sample::select(vec!["draw", "draw", "make", "start", "record", "stranger"]).prop_map(String::from);
    (0..12_u8, step).prop_map(|(kind, step)| match kind {
        0 => Event::Opened(header()),
        1 => Event::Started { step },
        2 => Event::Note { step, key: "k".into(), value: json!(1) },
        3 | 4 => Event::Succeeded { step, output: json!({ "n": 1 }) },
        5 => Event::Failed { step, error: Failure::new("no") },
        6 => Event::Parked { step, reason: "wait".into(), command: None },
        7 => Event::Resumed,
        8 => Event::Abandoned { reason: "enough".into() },
        9 => Event::UndoStarted { step },
        10 => Event::UndoFinished { step },
        _ => Event::UndoFailed { step, error: Failure::new("stuck"), command: Some("mend".into()) },
    })
}
