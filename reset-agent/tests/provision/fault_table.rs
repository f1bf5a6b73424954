//! Each call that changes something × each way in which it may go wrong: what comes of the run. The table here is what
//! `docs/reference/faults.md` shows; `BLESS=1` writes that page anew.

use std::fmt::Write;

use saga::inject::{Faults, Strike};
use saga::{Executor, MemoryJournal, RunEnd};

use crate::bench::{Bench, input, plan};
use crate::trouble::{Kind, Trouble};
use crate::world::Token;

/// How a run ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// With a guest, by itself.
    Done,
    /// With nothing left, by itself.
    Undone,
    /// It rests with a command; mended and resumed, it ends with a guest.
    ParkedDone,
    /// It rests with a command; mended and resumed, nothing is left.
    ParkedUndone,
    /// The call has no such trouble: it has no task.
    Never,
}

use End::{Done, Never, ParkedDone, ParkedUndone, Undone};

/// A call, and what comes of it in the order of [`Kind::ALL`].
struct Row {
    call: &'static str,
    at: &'static str,
    /// Whether the run is on its way back when the call is made.
    undo: bool,
    ends: [End; 12],
}

const TABLE: [Row; 6] = [
    Row {
        call: "restore: POST lxc",
        at: "POST /nodes/pve/lxc",
        undo: false,
        ends: [Done, Done, Done, ParkedDone, Undone, Done, Done, Done, Done, Undone, Undone, Done],
    },
    Row {
        call: "reset: PUT config",
        at: "PUT /nodes/pve/lxc/200/config",
        undo: false,
        ends: [Done, Done, Done, ParkedDone, ParkedDone, Done, Done, Done, Done, Never, Never, Never],
    },
    Row {
        call: "resize: PUT resize",
        at: "PUT /nodes/pve/lxc/200/resize",
        undo: false,
        ends: [Done, Done, Done, ParkedDone, ParkedDone, Done, Done, Done, Done, Undone, Undone, Done],
    },
    Row {
        call: "start: POST start",
        at: "POST /nodes/pve/lxc/200/status/start",
        undo: false,
        ends: [Done, Done, Done, ParkedDone, ParkedDone, Done, Done, Done, Done, Undone, Undone, Done],
    },
    Row {
        call: "undo of start: POST stop",
        at: "POST /nodes/pve/lxc/200/status/stop",
        undo: true,
        ends: [
            Undone,
            Undone,
            Undone,
            ParkedUndone,
            ParkedUndone,
            Undone,
            Undone,
            Undone,
            Undone,
            ParkedUndone,
            Undone,
            Undone,
        ],
    },
    Row {
        call: "undo of restore: DELETE",
        at: "DELETE /nodes/pve/lxc/200",
        undo: true,
        ends: [
            Undone,
            Undone,
            Undone,
            ParkedUndone,
            ParkedUndone,
            Undone,
            Undone,
            Undone,
            Undone,
            ParkedUndone,
            Undone,
            Undone,
        ],
    },
];

/// Plays a cell. That there is one guest or none, and never a second restore, is asserted on the way.
async fn play(row: &Row, kind: Kind) -> End {
    let place = format!("{}, {}", row.call, kind.title());
    let bench = Bench::new().await;
    {
        let mut world = bench.node.world();
        world.small_disks = row.at.ends_with("resize");
        world.trouble = Some(Trouble { at: row.at, kind, struck: false });
    }
    let last = plan().step_names().count() - 1;
    let fail = row.undo.then_some((last, Strike::AfterActing));
    let plan = Faults { fail, ..Faults::default() }.into_plan(plan());
    let journal = MemoryJournal::new();
    let executor = Executor::new(&journal, &plan);
    let mut end = executor.start(&bench.run, input(), &mut bench.context.clone()).await.unwrap().end;
    assert!(bench.node.world().trouble.unwrap().struck, "{place}: the call was never made");
    let mut parked = false;
    if let RunEnd::Parked(rest) = &end {
        assert!(!rest.reason.is_empty(), "{place}: it does not say why: {rest:?}");
        parked = true;
        bench.node.world().trouble = None;
        bench.node.world().token = Token::Good;
        end = executor.resume(&bench.run, &mut bench.context.clone()).await.unwrap().end;
    }
    match end {
        RunEnd::Done => {
            bench.expect_one_guest(&place);
            if parked { ParkedDone } else { Done }
        }
        RunEnd::RolledBack(why) => {
            assert!(!why.to_string().is_empty(), "{place}: it does not say why");
            bench.expect_clean_slate(&place).await;
            if parked { ParkedUndone } else { Undone }
        }
        RunEnd::Parked(rest) => panic!("{place}: mended, and it rests again: {rest:?}"),
    }
}

fn applies(row: &Row, kind: Kind) -> bool {
    let has_task = !row.at.starts_with("PUT /nodes/pve/lxc/200/config");
    has_task || !matches!(kind, Kind::TaskError | Kind::TaskWarnings | Kind::TaskVanished)
}

/// Reliability faults 15, 23, 26 to 30, 34 to 36; requirement: one guest or none, whatever a call meets.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn i2_i4_every_call_in_every_trouble_ends_as_documented() {
    let cells =
        TABLE.iter().flat_map(|row| Kind::ALL.into_iter().zip(row.ends).map(move |(kind, end)| (row, kind, end)));
    let mut played = Vec::new();
    for (row, kind, documented) in cells {
        if applies(row, kind) {
            played.push((row, kind, documented, tokio::spawn(play(row, kind))));
        } else {
            assert_eq!(documented, Never, "{}, {}", row.call, kind.title());
        }
    }
    let (count, mut wrong) = (played.len(), Vec::new());
    for (row, kind, documented, cell) in played {
        match cell.await {
            Ok(end) if end == documented => {}
            ended => wrong.push(format!("{}, {}: {ended:?}, not {documented:?}", row.call, kind.title())),
        }
    }
    println!("fault table: {count} cells");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

const PAGE: &str = "../docs/reference/faults.md";

fn page() -> String {
    let mut page = String::from(
        "# What comes of a call that goes wrong\n\n\
         Made from the table in `reset-agent/tests/provision/fault_table.rs`, every cell of which is played in `make test`; `BLESS=1 cargo test -p reset-agent \
         --test provision` writes this page anew.\n\n\
         Each call of a provision that changes something on the node, and each way in which it may go wrong. Whatever happens there is one guest or none, \
         never a second restore, and nothing is left that nobody knows of.\n\n\
         **done**: the run ends with its guest, by itself. **undone**: it fails, says why, and nothing is left. **parked**: it rests and says what to do; once that \
         is done, `reset-agent resume` ends it, with its guest or with nothing left. A lock that is busy, and answers that were lost, happen once here; 401 and \
         403 last until they are mended.\n\n",
    );
    let heads: Vec<&str> = TABLE.iter().map(|row| row.call).collect();
    let _ = writeln!(page, "| | {} |\n|---|{}", heads.join(" | "), "---|".repeat(heads.len()));
    for (index, kind) in Kind::ALL.iter().enumerate() {
        let ends: Vec<&str> = TABLE.iter().map(|row| shown(row.ends[index])).collect();
        let _ = writeln!(page, "| {} | {} |", kind.title(), ends.join(" | "));
    }
    page
}

fn shown(end: End) -> &'static str {
    match end {
        Done => "done",
        Undone => "undone",
        ParkedDone => "parked, then done",
        ParkedUndone => "parked, then undone",
        Never => "–",
    }
}

#[test]
fn the_page_of_faults_is_the_table() {
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(PAGE, page()).unwrap();
    }
    let written = std::fs::read_to_string(PAGE).unwrap_or_default();
    assert!(written == page(), "docs/reference/faults.md is not the table: BLESS=1 writes it anew");
}
