//! One scenario, from its first step to the removal of what it made.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context, Result};

use super::cleanup::{self, Leftovers};
use super::config::{self, Known};
use super::expect::{self, Verdict};
use super::report::{Outcome, Report};
use super::scope::Scope;
use super::{shell, task};
use crate::conformance::crafted::{self, Recipe};
use crate::conformance::script::{Action, Answered, Base, Call, Identity, Need, Scenario, Section, Step};
use crate::conformance::target::{Answer, Caller, Request, Target, escaped};
use crate::lab::until;

/// How long an answer may take to become the expected one.
const PATIENCE: Duration = Duration::from_secs(30);

/// The configuration in a crafted archive.
const PLAIN: &[&str] = &[
    "arch: amd64",
    "cores: 1",
    "features: nesting=1",
    "hostname: crafted",
    "memory: 128",
    "net0: name=eth0,bridge={bridge},hwaddr=BC:24:11:00:00:AA,ip=dhcp,type=veth",
    "ostype: debian",
    "rootfs: {storage}:{vm1}/vm-{vm1}-disk-0.raw,size=256M",
    "swap: 0",
    "unprivileged: 1",
];

/// Plays scenarios against a target.
#[derive(Debug)]
pub(crate) struct Player<'a> {
    target: &'a Target<'a>,
    report: &'a mut Report,
    scope: Scope,
    callers: BTreeMap<String, Caller>,
    /// Who calls where a step does not say.
    speaker: String,
    configs: Known,
    /// The status that was expected of each task.
    ends: BTreeMap<String, String>,
    leftovers: Leftovers,
}

impl<'a> Player<'a> {
    /// A player with the target's names and nothing made yet.
    pub(crate) fn new(target: &'a Target<'a>, report: &'a mut Report) -> Self {
        let callers = [("root", target.root.clone()), ("nobody", Caller::default())];
        Self {
            target,
            report,
            scope: Scope::new(target.names.clone()),
            callers: callers.map(|(name, caller)| (name.to_owned(), caller)).into(),
            speaker: "root".to_owned(),
            configs: Known::new(),
            ends: BTreeMap::new(),
            leftovers: Leftovers::default(),
        }
    }

    /// Plays it and removes what it made, however it went.
    pub(crate) fn play(mut self, scenario: &Scenario) {
        self.report.begin(&scenario.name, &scenario.title);
        for section in &scenario.sections {
            self.section(section);
        }
        for trouble in self.leftovers.remove(self.target) {
            self.report.trouble(&format!("not removed: {trouble}"));
        }
        self.report.end();
    }

    fn section(&mut self, section: &Section) {
        self.report.section(&section.title);
        let missing = section.needs.iter().find(|need| !self.target.has(**need)).map(|need| lack(*need));
        for step in &section.steps {
            let interrupted = self.target.client.interrupted().then_some("interrupted");
            match missing.or(interrupted) {
                Some(why) => self.skip(step, why),
                None => self.step(step),
            }
        }
    }

    fn skip(&mut self, step: &Step, why: &str) {
        if step.action.is_step() {
            let (name, expected) = self.told(&step.action);
            self.report.step(&step.place, &name, &expected, &Outcome::Skipped(why.to_owned()));
        }
    }

    fn step(&mut self, step: &Step) {
        let (name, expected) = self.told(&step.action);
        let outcome = match self.perform(&step.action) {
            Ok(None) => return,
            Ok(Some(Outcome::Failed(differences))) if differences.is_empty() => Outcome::Passed,
            Ok(Some(outcome)) => outcome,
            // Whoever needs the name later tells that it has no value.
            Err(_) if matches!(step.action, Action::Let { .. } | Action::Identity { .. }) => return,
            Err(error) => Outcome::Failed(vec![format!("{error:#}")]),
        };
        self.report.step(&step.place, &name, &expected, &outcome);
    }

    /// A step and what it expects, in few words.
    fn told(&self, action: &Action) -> (String, String) {
        match action {
            Action::Call { call, answered } | Action::Until { call, answered } => {
                let who = call.who.as_ref().map(|who| format!("as {who} ")).unwrap_or_default();
                let name = format!("{who}{} {}", call.method, self.scope.pattern(&call.path));
                (name, expect::shown(answered, &self.scope))
            }
            Action::Ends { task, status } => (format!("end of {task}"), self.scope.pattern(status)),
            Action::Log { task, lines } => (format!("log of {task}"), format!("{} lines", lines.len())),
            Action::Config { vmid, keys, base } => {
                let what = if *base == Base::Nothing { "keys" } else { "changes" };
                (format!("config of {}", self.scope.pattern(vmid)), format!("{} {what}", keys.len()))
            }
            Action::Shell { command, .. } => (self.scope.pattern(&command.join(" ")), "as written".to_owned()),
            other => (format!("{other:?}"), String::new()),
        }
    }

    /// Does it. Nothing comes of what is no step; a failure without differences is a pass.
    fn perform(&mut self, action: &Action) -> Result<Option<Outcome>> {
        let verdict = match action {
            Action::Call { call, answered } => self.call(call, answered)?,
            Action::Until { call, answered } => self.until(call, answered)?,
            Action::Ends { task, status } => {
                self.ends.insert(task.clone(), status.clone());
                task::ends(self.target, &self.scope, task, status)?
            }
            Action::Log { task, lines } => task::logged(self.target, &self.scope, task, lines, self.ends.get(task))?,
            Action::Config { vmid, base, keys } => {
                config::compared(self.target, &self.scope, &mut self.configs, vmid, base, keys)?
            }
            Action::Shell { command, output } => match self.target.shell {
                Some(shell) => shell::run(shell, &self.scope, command, output.as_deref())?,
                None => return Ok(Some(Outcome::Skipped(lack(Need::Shell).to_owned()))),
            },
            Action::Archive { file, lines } => {
                self.plant(file, lines)?;
                return Ok(None);
            }
            Action::Fresh(vmid) => {
                cleanup::fresh(self.target, &self.scope.value(vmid)?)?;
                return Ok(None);
            }
            Action::Identity { name, identity } => {
                let caller = self.caller(identity)?;
                self.callers.insert(name.clone(), caller);
                return Ok(None);
            }
            Action::Speaker(name) => {
                name.clone_into(&mut self.speaker);
                return Ok(None);
            }
            Action::Let { name, value } => {
                self.scope.set(name, divided(self.scope.value(value)?));
                return Ok(None);
            }
        };
        self.scope.extend(verdict.captures);
        Ok(Some(Outcome::Failed(verdict.differences)))
    }

    fn call(&mut self, call: &Call, answered: &Answered) -> Result<Verdict> {
        let request = self.request(call)?;
        if let Answered::Task(start) = answered {
            self.scope.forget(&start.keep);
        }
        let answer = self.target.client.send(&request)?;
        self.report.exchange(|| exchange(&request, &answer));
        if answer.status < 300 {
            self.leftovers.remember(&request);
        }
        expect::judge(answered, &answer, &self.scope)
    }

    fn until(&mut self, call: &Call, answered: &Answered) -> Result<Verdict> {
        let request = self.request(call)?;
        let (target, scope) = (self.target, &self.scope);
        let mut last = None;
        let fits = until("the answer", PATIENCE, || {
            let verdict = target.client.send(&request).and_then(|answer| expect::judge(answered, &answer, scope));
            match verdict {
                Ok(verdict) if verdict.differences.is_empty() || target.client.interrupted() => Ok(verdict),
                Ok(verdict) => {
                    last = Some(verdict);
                    Err(String::new())
                }
                Err(error) => Err(format!("{error:#}")),
            }
        });
        match (fits, last) {
            (Err(_), Some(last)) => Ok(last),
            (fits, _) => fits,
        }
    }

    /// Makes an archive and puts it where the storage keeps them; it is removed with everything else.
    fn plant(&mut self, file: &str, lines: &[String]) -> Result<()> {
        let shell = self.target.shell.context(lack(Need::Shell))?;
        let values = |lines: &[String]| lines.iter().map(|line| self.scope.value(line)).collect::<Result<Vec<_>>>();
        let plain: Vec<String> = PLAIN.iter().map(|line| (*line).to_owned()).collect();
        let file = self.scope.value(file)?;
        let recipe = Recipe::read(&file, &values(&plain)?, &values(lines)?).map_err(anyhow::Error::msg)?;
        let storage = self.scope.get("storage")?;
        shell.plant(storage, &file, &crafted::made(&recipe)?)?;
        let volid = escaped(&format!("{storage}:backup/{file}"));
        let content = format!("/nodes/{}/storage/{storage}/content/{volid}", self.scope.get("node")?);
        self.leftovers.add(content);
        Ok(())
    }

    fn request(&self, call: &Call) -> Result<Request> {
        let who = call.who.as_ref().unwrap_or(&self.speaker);
        let mut caller = self.callers.get(who).with_context(|| format!("nobody is called `{who}`"))?.clone();
        if call.method == "GET" {
            caller.csrf = None;
        }
        let param = |(name, value): &(String, String)| Ok((name.clone(), self.scope.value(value)?));
        let params = call.params.iter().map(param).collect::<Result<_>>()?;
        let body = call.body.as_ref().map(|(kind, text)| Ok((kind.clone(), self.scope.value(text)?)));
        let (path, body) = (self.scope.path(&call.path)?, body.transpose().map_err(|error: anyhow::Error| error)?);
        Ok(Request { caller, method: call.method.clone(), path, params, body })
    }

    fn caller(&self, identity: &Identity) -> Result<Caller> {
        Ok(match identity {
            Identity::Nobody => Caller::default(),
            Identity::Header(text) => Caller { authorization: Some(self.scope.value(text)?), ..Caller::default() },
            Identity::Ticket { ticket, csrf } => {
                let csrf = csrf.as_ref().map(|csrf| self.scope.value(csrf)).transpose()?;
                Caller { authorization: None, ticket: Some(self.scope.value(ticket)?), csrf }
            }
        })
    }
}

/// `N / M` as a number; everything else as it stands.
fn divided(text: String) -> String {
    let parts = text.split_once(" / ").map(|(number, by)| (number.parse::<u64>(), by.parse::<u64>()));
    match parts {
        Some((Ok(number), Ok(by))) if by > 0 => (number / by).to_string(),
        _ => text,
    }
}

/// Why a section is not played on this target.
fn lack(need: Need) -> &'static str {
    match need {
        Need::Shell => "no shell on the node",
        Need::Storage2 => "no STORAGE2",
        Need::Bridge2 => "no BRIDGE2",
        Need::Btrfs => "no BTRFS",
    }
}

fn exchange(request: &Request, answer: &Answer) -> String {
    let params: Vec<String> = request.params.iter().map(|(name, value)| format!("    {name}={value}\n")).collect();
    let Request { method, path, .. } = request;
    format!("  > {method} {path}\n{}  < {} {}\n    {}", params.concat(), answer.status, answer.reason, answer.body)
}
