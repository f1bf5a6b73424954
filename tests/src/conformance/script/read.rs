//! A whole scenario from its text.

use super::common::Common;
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
pub(crate) fn read(name: &str, text: &str, common: &Common) -> Result<Scenario, BadScenario> {
    let blocks = split(name, text)?;
    let (first, rest) = blocks.split_first().ok_or_else(|| bad(name, 1, "it is empty"))?;
    let title = first.head.strip_prefix("= ").ok_or_else(|| bad(name, 1, "a scenario begins with `= TITLE`"))?;
    let mut scenario = Scenario { name: name.to_owned(), title: title.to_owned(), sections: Vec::new() };
    sections(name, rest, common, &mut scenario.sections)?;
    Ok(scenario)
}

fn bad(name: &str, line: usize, why: &str) -> BadScenario {
    BadScenario { name: name.to_owned(), line, why: why.to_owned() }
}

fn split<'a>(name: &str, text: &'a str) -> Result<Vec<Block<'a>>, BadScenario> {
    blocks(text).map_err(|line| bad(name, line, "indent by four blanks below a statement"))
}

fn sections(name: &str, blocks: &[Block<'_>], common: &Common, all: &mut Vec<Section>) -> Result<(), BadScenario> {
    let mut rest = blocks.iter();
    while let Some(block) = rest.next() {
        let because = |why: String| bad(name, block.line, &why);
        if let Some(title) = block.head.strip_prefix("== ") {
            all.push(Section { title: title.to_owned(), needs: Vec::new(), steps: Vec::new() });
            continue;
        }
        if let Some(part) = block.head.strip_prefix("include ") {
            let text = common.part(part).map_err(because)?;
            sections(part, &split(part, &text)?, common, all)?;
            continue;
        }
        let section = all.last_mut().ok_or_else(|| because("a section begins with `== TITLE`".to_owned()))?;
        if let Some(word) = block.head.strip_prefix("needs ") {
            section.needs.push(statement::need(word).map_err(because)?);
            continue;
        }
        let call = statement::is_call(block.head);
        let action = if call { calls(block, rest.next(), common) } else { statement::action(block, common) };
        let place = format!("{}:{}", short(name), block.line);
        section.steps.push(Step { place, action: action.map_err(because)? });
    }
    Ok(())
}

/// A scenario's number, or a part's whole name.
fn short(name: &str) -> &str {
    match name.split_once('-') {
        Some((number, _)) if number.starts_with(|first: char| first.is_ascii_digit()) => number,
        _ => name,
    }
}

fn calls(block: &Block<'_>, next: Option<&Block<'_>>, common: &Common) -> Result<Action, String> {
    let call = statement::call(block)?;
    let answered = statement::answered(next.ok_or("a call is followed by `=> …`")?, common)?;
    let until = block.head.starts_with("until ");
    Ok(if until { Action::Until { call, answered } } else { Action::Call { call, answered } })
}

#[cfg(test)]
mod tests {
    use super::super::scenario::{Answered, Base, Need};
    use super::*;

    #[test]
    fn a_scenario_is_read_with_all_its_statements() {
        let text = "= Title\n== First\nneeds shell\nnow as ci\nas nobody POST /x\n    a=b=c\\nd\n=> task vzstart {vm1} as start\n\
                    ends @start OK\nlog @start\n    one\nuntil GET /y\n=> 400 Parameter verification failed.\n    {\"a\": \"b\"}\n\
                    config {vm1} changed\n    memory: 5\n    -net0\n";
        let scenario = read("00-x", text, &Common::default()).unwrap();
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
        let Action::Config { base, keys, .. } = &section.steps[5].action else { panic!() };
        assert_eq!((base, keys.len(), keys[1].1.is_none()), (&Base::Before, 2, true));
    }

    #[test]
    fn what_does_not_fit_is_told_with_its_line() {
        let line = |text: &str| read("00-x", text, &Common::default()).unwrap_err().line;
        assert_eq!(line("== First\n"), 1);
        assert_eq!(line("= T\nGET /x\n=> 200\n"), 2);
        assert_eq!(line("= T\n== S\nGET /x\n"), 3);
        assert_eq!(line("= T\n== S\nwait\n"), 3);
        assert_eq!(line("= T\n== S\nneeds luck\n"), 3);
    }
}
