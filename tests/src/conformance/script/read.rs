//! A whole scenario from its text.

use super::lines::{Block, blocks};
use super::scenario::{Action, Scenario, Section, Step};
use super::statement;

/// A scenario that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name}:{line}: {why}")]
pub(crate) struct BadScenario {
    name: String,
    line: usize,
    why: String,
}

/// Reads the scenario `name`.
pub(crate) fn read(name: &str, text: &str) -> Result<Scenario, BadScenario> {
    let bad = |line: usize, why: &str| BadScenario { name: name.to_owned(), line, why: why.to_owned() };
    let blocks = blocks(text).map_err(|line| bad(line, "indent by four blanks below a statement"))?;
    let mut rest = blocks.iter();
    let title = rest.next().and_then(|block| block.head.strip_prefix("= "));
    let title = title.ok_or_else(|| bad(1, "a scenario begins with `= TITLE`"))?.to_owned();
    let mut scenario = Scenario { name: name.to_owned(), title, sections: Vec::new() };
    while let Some(block) = rest.next() {
        let because = |why: String| bad(block.line, &why);
        if let Some(title) = block.head.strip_prefix("== ") {
            scenario.sections.push(Section { title: title.to_owned(), needs: Vec::new(), steps: Vec::new() });
            continue;
        }
        let section =
            scenario.sections.last_mut().ok_or_else(|| bad(block.line, "a section begins with `== TITLE`"))?;
        if let Some(word) = block.head.strip_prefix("needs ") {
            section.needs.push(statement::need(word).map_err(because)?);
            continue;
        }
        let action = if statement::is_call(block.head) { call(block, rest.next()) } else { statement::action(block) };
        section.steps.push(Step { line: block.line, action: action.map_err(because)? });
    }
    Ok(scenario)
}

fn call(block: &Block<'_>, next: Option<&Block<'_>>) -> Result<Action, String> {
    let call = statement::call(block)?;
    let answered = statement::answered(next.ok_or("a call is followed by `=> …`")?)?;
    let until = block.head.starts_with("until ");
    Ok(if until { Action::Until { call, answered } } else { Action::Call { call, answered } })
}

#[cfg(test)]
mod tests {
    use super::super::scenario::{Answered, Need};
    use super::*;

    #[test]
    fn a_scenario_is_read_with_all_its_statements() {
        let text = "= Title\n== First\nneeds shell\nnow as ci\nas nobody POST /x\n    a=b=c\\nd\n=> task vzstart {vm1} as start\n\
                    ends @start OK\nlog @start\n    one\nuntil GET /y\n=> 400 Parameter verification failed.\n    {\"a\": \"b\"}\n\
                    config {vm1} changed\n    memory: 5\n    -net0\n";
        let scenario = read("00-x", text).unwrap();
        let section = &scenario.sections[0];
        assert_eq!((scenario.title.as_str(), section.needs.as_slice()), ("Title", &[Need::Shell][..]));
        let Action::Call { call, answered: Answered::Task(task) } = &section.steps[1].action else { panic!() };
        assert_eq!(
            (call.who.as_deref(), call.params[0].1.as_str(), task.keep.as_str()),
            (Some("nobody"), "b=c\nd", "start")
        );
        let Action::Ends { task, status } = &section.steps[2].action else { panic!() };
        assert_eq!((task.as_str(), status.as_str()), ("start", "OK"));
        let Action::Until { answered: Answered::Json { status, reason, .. }, .. } = &section.steps[4].action else {
            panic!()
        };
        assert_eq!((*status, reason.as_str()), (400, "Parameter verification failed."));
        let Action::Config { changes, keys, .. } = &section.steps[5].action else { panic!() };
        assert_eq!((*changes, keys.len(), keys[1].1.is_none()), (true, 2, true));
    }

    #[test]
    fn what_does_not_fit_is_told_with_its_line() {
        let line = |text: &str| read("00-x", text).unwrap_err().line;
        assert_eq!(line("== First\n"), 1);
        assert_eq!(line("= T\nGET /x\n=> 200\n"), 2);
        assert_eq!(line("= T\n== S\nGET /x\n"), 3);
        assert_eq!(line("= T\n== S\nwait\n"), 3);
        assert_eq!(line("= T\n== S\nneeds luck\n"), 3);
    }
}
