//! Journals that older programs wrote, kept for ever: what is over is shown, what is not over is taken up by the version
//! that began it, and by no other.

use std::path::{Path, PathBuf};
use std::{env, fs};

use reset_agent::agent::{Agent, Tells};
use reset_agent::sagas::{PROVISION, Plans};
use reset_agent::store::RunJournal;
use saga::laws::Trial;
use saga::{Event, Executor, Finished, Header, Journal, Plan, PlanError, Record, RunError};
use serde_json::Value;
use spec::exit::Exit;

use crate::bench::{Bench, expect_done};
use crate::commands::exit_of;
use crate::guest;
use crate::plans::OnTrial;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/journals")
}

/// A bench with what stands before a run of this plan, and what the run is asked.
pub(crate) async fn before(plan: &'static str) -> (Bench, Value) {
    let trial = OnTrial::new(plan).await;
    let input = trial.input();
    (trial.bench, input)
}

pub(crate) async fn carried_out(bench: &Bench, plan: &str, run: &str, input: Value) -> Finished {
    let (plans, journal) = (Plans::all(), bench.store.journal());
    let plan = plans.named(plan).unwrap();
    Executor::new(&journal, plan).start(run, input, &mut bench.context.of_run(run)).await.unwrap()
}

/// The files of a plan's present version: a whole run, and the same as its agent's death in its second step, or its only
/// one, would have left it.
async fn write_missing(plan: &'static str, version: u32) {
    let file = |end: &str| folder().join(format!("{plan}-v{version}-{end}.jsonl"));
    if file("done").exists() {
        return;
    }
    let (bench, input) = before(plan).await;
    let finished = carried_out(&bench, plan, &bench.run, input).await;
    expect_done(&finished.end, plan);
    let records = finished.log.records();
    let steps = &finished.log.header().steps;
    let second = steps.get(1).unwrap_or(&steps[0]);
    let begun = |record: &Record| matches!(&record.event, Event::Started { step } if step == second);
    let cut = records.iter().position(begun).unwrap();
    let of_this_machine = bench.config.parent().unwrap().display().to_string();
    let text = |records: &[Record]| {
        let lines = records.iter().map(|record| serde_json::to_string(record).unwrap() + "\n");
        let text = lines.collect::<String>().replace(&of_this_machine, "/var/lib/mintmark");
        text.replace(&guest::own_address().to_string(), "192.0.2.7")
    };
    fs::write(file("done"), text(records)).unwrap();
    fs::write(file("cut"), text(&records[..=cut])).unwrap();
}

/// A journal that was kept.
struct Kept {
    file: String,
    records: Vec<Record>,
}

impl Kept {
    fn all() -> Vec<Self> {
        let files = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
        let mut kept: Vec<Self> = files
            .filter(|path| path.extension().is_some_and(|it| it == "jsonl"))
            .map(|path| Self::read(&path))
            .collect();
        kept.sort_by(|one, other| one.file.cmp(&other.file));
        kept
    }

    fn read(path: &Path) -> Self {
        let text = fs::read_to_string(path).unwrap();
        let records = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        Self { file: path.file_stem().unwrap().to_string_lossy().into_owned(), records }
    }

    fn header(&self) -> &Header {
        let Event::Opened(header) = &self.records[0].event else { panic!("{}: no header", self.file) };
        header
    }

    fn is_over(&self) -> bool {
        matches!(self.records.last().unwrap().event, Event::Closed { .. })
    }

    /// As its program left it in the ledger.
    async fn enter(&self, journal: &RunJournal) {
        let claim = journal.open(self.header()).await.unwrap();
        for record in &self.records[1..] {
            match &record.event {
                Event::Closed { outcome } => journal.close(&claim, record, *outcome).await.unwrap(),
                _ => journal.append(&claim, record).await.unwrap(),
            }
        }
    }
}

fn agent(bench: &Bench) -> Agent {
    Agent::assembled(bench.context.clone(), &bench.store, Plans::all(), Tells::Nobody)
}

#[tokio::test]
async fn every_plan_has_its_journals_of_the_present_version() {
    let plans = Plans::all();
    for plan in plans.iter() {
        if env::var_os("WRITE_JOURNALS").is_some() {
            write_missing(plan.name(), plan.version()).await;
        }
        let is_present = |kept: &&Kept| kept.header().plan == plan.name() && kept.header().version == plan.version();
        let mut over: Vec<bool> = Kept::all().iter().filter(is_present).map(Kept::is_over).collect();
        over.sort_unstable();
        let missing = "has no kept journals: run with WRITE_JOURNALS=1, and never change the files again";
        assert_eq!(over, [false, true], "{} v{} {missing}", plan.name(), plan.version());
    }
}

#[tokio::test]
async fn every_kept_run_that_is_over_is_shown() {
    let bench = Bench::new().await;
    let over: Vec<Kept> = Kept::all().into_iter().filter(Kept::is_over).collect();
    assert!(over.len() >= 6);
    for kept in over {
        kept.enter(&bench.store.journal()).await;
        assert_eq!(exit_of(&bench, &["runs", &kept.header().run]).await, Exit::Done, "{}", kept.file);
        let log = bench.store.journal().log(&kept.header().run).await.unwrap();
        assert_eq!(log.records(), kept.records, "{}", kept.file);
    }
    assert_eq!(exit_of(&bench, &["runs"]).await, Exit::Done);
}

/// A run of the present version goes on in a world as its agent left it, to an end or to a rest with its reason.
#[tokio::test]
async fn every_kept_run_of_the_present_version_is_taken_up() {
    let plans = Plans::all();
    let present = |kept: &Kept| plans.of(kept.header()).is_ok();
    let cut: Vec<Kept> = Kept::all().into_iter().filter(|kept| !kept.is_over() && present(kept)).collect();
    assert_eq!(cut.len(), plans.iter().count());
    for kept in cut {
        let plan = plans.named(&kept.header().plan).map(Plan::name).unwrap();
        let (bench, _) = before(plan).await;
        kept.enter(&bench.store.journal()).await;
        let taken_up = agent(&bench).recover(&kept.header().run).await;
        let finished = taken_up.unwrap_or_else(|error| panic!("{}: {error}", kept.file));
        assert!(finished.log.records().len() > kept.records.len(), "{}", kept.file);
        if plan == PROVISION {
            expect_done(&finished.end, &kept.file);
        }
    }
}

/// Neither an older run, nor one of a program to come, is guessed at: nothing is written, and the text says what to do.
#[tokio::test]
async fn runs_of_other_versions_are_left_to_the_program_that_began_them() {
    let (bench, plans) = (Bench::new().await, Plans::all());
    let mut others = Vec::new();
    for mut kept in Kept::all().into_iter().filter(|kept| !kept.is_over()) {
        if plans.of(kept.header()).is_ok() {
            // As the next program will see it, and as the last one would have left it.
            for version in [kept.header().version + 1, kept.header().version - 1] {
                let mut header = kept.header().clone();
                (header.run, header.version) = (uuid::Uuid::now_v7().to_string(), version);
                kept.records[0].event = Event::Opened(header);
                others.push(Kept { file: kept.file.clone(), records: kept.records.clone() });
            }
        } else {
            others.push(kept);
        }
    }
    for kept in others {
        kept.enter(&bench.store.journal()).await;
        let refused = agent(&bench).recover(&kept.header().run).await.unwrap_err();
        let told = refused.to_string();
        assert!(matches!(refused, RunError::Plan(PlanError::Mismatch { .. })), "{}: {told}", kept.file);
        assert!(told.ends_with("finish it with the program that began it"), "{told}");
        let log = bench.store.journal().log(&kept.header().run).await.unwrap();
        assert_eq!(log.records(), kept.records, "{}", kept.file);
    }
    assert!(bench.node.world().changes.is_empty());
}
