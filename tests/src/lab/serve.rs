//! An agent that serves its API on a unix socket, asked as any caller asks it.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use super::done::{Done, run};
use super::open::{Lab, write_private};

/// What an operator's token of a lab may do.
const SCOPES: &str = "read,provision,destroy";

/// An answer of the API.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Its HTTP status.
    pub status: u16,
    /// Its body.
    pub body: Value,
}

impl Answer {
    /// The body, or an error where the status is another one.
    pub fn with(self, status: u16) -> Result<Value> {
        ensure!(self.status == status, "answered {} instead of {status}: {}", self.status, self.body);
        Ok(self.body)
    }
}

/// A server-sent event.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Its name: the kind of a record, or `end`.
    pub name: String,
    /// The place of its record in the run; the last event has none.
    pub id: Option<u64>,
    /// What it says.
    pub data: Value,
}

/// A serving agent with a token of its own; killed where it is dropped before it was stopped.
#[derive(Debug)]
pub struct Served {
    child: Child,
    /// Its configuration.
    pub config: PathBuf,
    socket: PathBuf,
    secret: String,
    header: PathBuf,
}

impl Drop for Served {
    fn drop(&mut self) {
        // It is a child of ours: both can only fail when it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Lab {
    /// `reset-agent serve` with that configuration, once it listens; its log lies in the lab under `name`.
    pub fn serve(&self, name: &str, config: &str) -> Result<Served> {
        let root = self.layout.root();
        let (path, socket) = (root.join(format!("{name}.toml")), root.join(format!("{name}.sock")));
        fs::write(&path, format!("{config}\n[serve]\nsocket = \"{}\"\n", socket.display()))
            .context("writing the serving agent's configuration")?;
        let agent = || {
            let mut command = Command::new(&self.programs.agent);
            command.arg("--config").arg(&path);
            command
        };
        let made = run(agent().args(["tokens", "add", "--name", name, "--scope", SCOPES, "--json"]), false)?;
        let made: Value = made.ok()?.json()?;
        let secret = made["token"].as_str().context("the token")?.to_owned();
        let header = root.join(format!("{name}.header"));
        let _ = fs::remove_file(&header);
        write_private(&header, &format!("Authorization: Bearer {secret}\n"))?;
        let log = File::options().create(true).append(true).open(self.layout.log(name)).context("opening a log")?;
        let mut child = agent().arg("serve").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log).spawn()?;
        let said = child.stdout.take().map(first_line).transpose()?.unwrap_or_default();
        let served = Served { child, config: path, socket, secret, header };
        ensure!(said.starts_with("listening on "), "{name} does not serve: {said:?}");
        Ok(served)
    }
}

fn first_line(stdout: ChildStdout) -> Result<String> {
    let mut line = String::new();
    BufReader::new(stdout).read_line(&mut line).context("reading where an agent listens")?;
    Ok(line)
}

impl Served {
    /// A call with that verb; `headers` beside the token's.
    pub fn call(&self, verb: &str, path: &str, headers: &[&str], body: Option<&Value>) -> Result<Answer> {
        let mut curl = self.curl(path);
        curl.args(["--request", verb, "--write-out", "\n%{http_code}"]);
        curl.args(headers.iter().flat_map(|header| ["--header", *header]));
        if let Some(body) = body {
            curl.args(["--header", "Content-Type: application/json", "--data"]).arg(body.to_string());
        }
        let told = run(&mut curl, false)?.ok()?.stdout;
        let (body, status) = told.rsplit_once('\n').context("curl tells no status")?;
        let status = status.parse().with_context(|| format!("the status {status:?}"))?;
        let body = serde_json::from_str(body).with_context(|| format!("{verb} {path} answered {body:?}"))?;
        Ok(Answer { status, body })
    }

    /// What is at a path.
    pub fn get(&self, path: &str) -> Result<Value> {
        self.call("GET", path, &[], None)?.with(200)
    }

    /// The page at `/` as a browser gets it that logs in with the token.
    pub fn page(&self) -> Result<String> {
        let jar = self.header.with_extension("cookies");
        let mut curl = Command::new("curl");
        curl.args(["--silent", "--show-error", "--fail", "--location", "--unix-socket"]).arg(&self.socket);
        curl.arg("--cookie-jar").arg(&jar).arg("--data").arg(format!("token={}", self.secret));
        curl.arg("http://agent/login");
        let page = run(&mut curl, false)?.ok()?.stdout;
        fs::remove_file(jar).context("removing the cookie")?;
        Ok(page)
    }

    /// Follows a run's events after that record, until the stream ends or `enough` says so.
    pub fn events(&self, run: &str, after: Option<u64>, mut enough: impl FnMut(&Event) -> bool) -> Result<Vec<Event>> {
        let mut curl = self.curl(&format!("/v1/runs/{run}/events"));
        curl.arg("--no-buffer");
        if let Some(seq) = after {
            curl.arg("--header").arg(format!("Last-Event-ID: {seq}"));
        }
        let mut child = curl.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().context("starting curl")?;
        let stdout = child.stdout.take().context("curl's output")?;
        let read = read_events(BufReader::new(stdout), &mut enough);
        // Who has read enough hangs up.
        let _ = child.kill();
        child.wait()?;
        read
    }

    /// SIGTERM, and its end by itself.
    pub fn stop(mut self) -> Result<()> {
        run(Command::new("kill").args(["-TERM", &self.child.id().to_string()]), false)?.ok()?;
        let status = self.child.wait().context("waiting for the serving agent")?;
        ensure!(status.success(), "the serving agent ended with {status}");
        Ok(())
    }

    /// The same program with the same configuration and other words.
    pub fn beside(&self, lab: &Lab, words: &[&str]) -> Result<Done> {
        run(Command::new(&lab.programs.agent).arg("--config").arg(&self.config).args(words), false)
    }

    fn curl(&self, path: &str) -> Command {
        let mut curl = Command::new("curl");
        curl.args(["--silent", "--show-error", "--unix-socket"]).arg(&self.socket);
        curl.arg("--header").arg(format!("@{}", self.header.display())).arg(format!("http://agent{path}"));
        curl
    }
}

fn read_events(lines: impl BufRead, enough: &mut impl FnMut(&Event) -> bool) -> Result<Vec<Event>> {
    let mut events = Vec::new();
    let (mut name, mut id, mut data) = (String::new(), None, String::new());
    for line in lines.lines() {
        let line = line.context("reading a stream of events")?;
        match line.split_once(':').map(|(field, value)| (field, value.trim_start())) {
            // A comment keeps the connection alive.
            Some(("", _)) => {}
            Some(("event", value)) => value.clone_into(&mut name),
            Some(("id", value)) => id = Some(value.parse().with_context(|| format!("the event's id {value:?}"))?),
            Some(("data", value)) => data.push_str(value),
            None if line.is_empty() && !data.is_empty() => {
                let value = serde_json::from_str(&data).with_context(|| format!("the event {data:?}"))?;
                let event = Event { name: std::mem::take(&mut name), id: id.take(), data: value };
                data.clear();
                let last = enough(&event);
                events.push(event);
                if last {
                    break;
                }
            }
            None if line.is_empty() => {}
            _ => bail!("{line:?} is no line of an event stream"),
        }
    }
    Ok(events)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_told_apart_and_comments_are_passed_over() {
        let text = "event: started\nid: 3\ndata: {\"seq\":3}\n\n:\n\nevent: end\ndata: {\"end\":\"done\"}\n\n";
        let events = read_events(text.as_bytes(), &mut |_| false).unwrap();
        assert_eq!(
            events.iter().map(|event| (event.name.as_str(), event.id)).collect::<Vec<_>>(),
            [("started", Some(3)), ("end", None)]
        );
        assert_eq!(events[1].data["end"], "done");
        assert_eq!(read_events(text.as_bytes(), &mut |event| event.id == Some(3)).unwrap().len(), 1);
        assert!(read_events("{\"status\":404}\n".as_bytes(), &mut |_| false).is_err());
    }
}
