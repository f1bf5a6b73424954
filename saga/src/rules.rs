//! The rules of order: which event may follow which log. The state diagram of the crate's page, as code.

use crate::event::{Event, Outcome};
use crate::log::{Direction, Log, StepLog, StepState};

/// `Err` is the rule that the event would break. `index` is the step it names, if it names one.
pub(crate) fn allow(log: &Log, event: &Event, index: Option<usize>) -> Result<(), String> {
    if let Some(outcome) = log.outcome() {
        return Err(format!("the run is closed ({outcome})"));
    }
    match (event, index) {
        (Event::Opened(_), _) => Err("the run is open already".into()),
        (Event::Resumed, _) => Ok(()),
        (Event::Abandoned { .. }, _) => may_be_abandoned(log),
        (Event::Closed { outcome }, _) => may_close(log, *outcome),
        _ if log.rest().is_some() => Err("the run is parked: it must be resumed first".into()),
        (Event::Started { .. }, Some(i)) => may_start(log, i),
        (Event::Note { .. }, Some(i)) => must_be(log, i, &[StepState::Running, StepState::Undoing]),
        (Event::UndoStarted { .. }, Some(i)) => may_undo(log, i),
        (Event::UndoFinished { .. } | Event::UndoFailed { .. }, Some(i)) => must_be(log, i, &[StepState::Undoing]),
        // A step that was cut off and then abandoned has no end any more: its undo is due.
        _ if is_unwinding(log) => Err("the run is unwinding".into()),
        (_, Some(i)) => must_be(log, i, &[StepState::Running]),
        (_, None) => Ok(()),
    }
}

fn is_unwinding(log: &Log) -> bool {
    *log.direction() != Direction::Forward
}

fn all_succeeded(log: &Log) -> bool {
    log.steps().iter().all(|step| step.state == StepState::Succeeded)
}

fn must_be(log: &Log, i: usize, allowed: &[StepState]) -> Result<(), String> {
    let step = &log.steps()[i];
    if allowed.contains(&step.state) { Ok(()) } else { Err(format!("step `{}` is {:?}", step.name, step.state)) }
}

fn may_start(log: &Log, i: usize) -> Result<(), String> {
    if is_unwinding(log) {
        return Err("the run is unwinding".into());
    }
    if let Some(before) = log.steps()[..i].iter().find(|step| step.state != StepState::Succeeded) {
        return Err(format!("step `{}` comes first", before.name));
    }
    must_be(log, i, &[StepState::NotStarted, StepState::Running])
}

fn may_undo(log: &Log, i: usize) -> Result<(), String> {
    if !is_unwinding(log) {
        return Err("the run goes forward".into());
    }
    if let Some(later) = log.steps()[i + 1..].iter().find(|step| !step.is_absent()) {
        return Err(format!("step `{}` must be undone first", later.name));
    }
    if log.steps()[i].is_absent() {
        return Err(format!("step `{}` left nothing to undo", log.steps()[i].name));
    }
    Ok(())
}

fn may_be_abandoned(log: &Log) -> Result<(), String> {
    if is_unwinding(log) {
        return Err("the run is unwinding already".into());
    }
    if all_succeeded(log) {
        return Err("every step succeeded: the run's work is handed over".into());
    }
    Ok(())
}

fn may_close(log: &Log, outcome: Outcome) -> Result<(), String> {
    let fits = match outcome {
        Outcome::Done => !is_unwinding(log) && all_succeeded(log),
        Outcome::RolledBack => is_unwinding(log) && log.steps().iter().all(StepLog::is_absent),
    };
    // A resting run has a step that is neither done nor absent, so it fits neither.
    if fits { Ok(()) } else { Err(format!("the run is not {outcome}")) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::event::{Failure, Header};

    fn log_of(events: Vec<Event>) -> Log {
        let steps = vec!["a".to_owned(), "b".to_owned()];
        let mut log = Log::open(Header { run: "r".into(), plan: "p".into(), version: 1, steps, input: json!(null) });
        for event in events {
            let record = log.next_record(event).unwrap();
            log.push(record).unwrap();
        }
        log
    }

    fn refusal(log: &Log, event: Event) -> String {
        log.next_record(event).unwrap_err().to_string()
    }

    fn started(step: &str) -> Event {
        Event::Started { step: step.into() }
    }

    fn succeeded(step: &str) -> Event {
        Event::Succeeded { step: step.into(), output: json!(null) }
    }

    fn failed(step: &str) -> Event {
        Event::Failed { step: step.into(), error: Failure::new("no") }
    }

    #[test]
    fn steps_run_in_order_and_are_undone_in_reverse() {
        let fresh = log_of(vec![]);
        assert_eq!(refusal(&fresh, started("b")), "record 1 (`started`) cannot follow: step `a` comes first");
        let unwinding = log_of(vec![started("a"), succeeded("a"), started("b"), failed("b")]);
        assert_eq!(
            refusal(&unwinding, Event::UndoStarted { step: "a".into() }),
            "record 5 (`undo_started`) cannot follow: step `b` must be undone first"
        );
        assert!(refusal(&unwinding, started("b")).ends_with("the run is unwinding"));
    }

    #[test]
    fn a_run_is_closed_only_when_it_is_over() {
        let half = log_of(vec![started("a"), succeeded("a")]);
        for outcome in [Outcome::Done, Outcome::RolledBack] {
            assert!(refusal(&half, Event::Closed { outcome }).ends_with(&format!("the run is not {outcome}")));
        }
        let done = [started("a"), succeeded("a"), started("b"), succeeded("b")];
        let closed = log_of([&done[..], &[Event::Closed { outcome: Outcome::Done }]].concat());
        assert!(refusal(&closed, Event::Resumed).ends_with("the run is closed (done)"));
    }

    /// Reliability invariant I3: what was handed over is never destroyed.
    #[test]
    fn a_run_whose_steps_all_succeeded_cannot_be_abandoned() {
        let done = log_of(vec![started("a"), succeeded("a"), started("b"), succeeded("b")]);
        assert!(refusal(&done, Event::Abandoned { reason: "late".into() }).ends_with("work is handed over"));
    }

    #[test]
    fn a_parked_run_does_nothing_before_it_is_resumed() {
        let parked =
            log_of(vec![started("a"), Event::Parked { step: "a".into(), reason: "full".into(), command: None }]);
        assert!(refusal(&parked, started("a")).ends_with("it must be resumed first"));
        assert!(refusal(&parked, succeeded("a")).ends_with("it must be resumed first"));
        assert!(parked.next_record(Event::Resumed).is_ok());
    }

    #[test]
    fn strangers_are_refused_by_name() {
        let log = log_of(vec![]);
        assert_eq!(refusal(&log, started("x")), "record 1 (`started`) names step `x`, which the run does not have");
    }
}
