//! Faults of the lab's node: set, looked at and lifted over HTTP, as `docs/how-to/pve-node.md` tells it.

use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use super::done::run;
use super::open::{Lab, write_private};
use super::poll::until;

/// The token that sets faults: an administrator's.
const TOKEN: &str = "root@pam!faults";

/// A fault that is set.
#[derive(Debug, Clone, Copy)]
#[must_use = "a fault stays set until it is lifted"]
pub struct Fault {
    id: u64,
}

impl Lab {
    /// Sets a fault.
    pub fn fault(&self, fault: &Value) -> Result<Fault> {
        let answer = self.ask("POST", "", Some(fault))?;
        Ok(Fault { id: answer.as_u64().with_context(|| format!("{answer} is no fault's number"))? })
    }

    /// Lifts a fault; whatever it held goes on.
    pub fn lift(&self, fault: Fault) -> Result<()> {
        self.ask("DELETE", &format!("/{}", fault.id), None).map(drop)
    }

    /// Lifts every fault.
    pub fn lift_all(&self) -> Result<()> {
        self.ask("DELETE", "", None).map(drop)
    }

    /// Makes the node's tasks of that type wait at their start.
    pub fn hold(&self, task: &str) -> Result<Fault> {
        self.fault(&json!({"task": {"type": task, "do": "hold"}}))
    }

    /// Waits until the fault holds a task or a request, and names it: by its UPID, or as `VERB /path`.
    pub fn await_held(&self, fault: &Fault) -> Result<String> {
        until("something held", Duration::from_mins(1), || {
            let set = self.ask("GET", "", None).map_err(|error| error.to_string())?;
            let rows = set.as_array().into_iter().flatten();
            let mut own = rows.filter(|row| row["id"] == fault.id);
            let held = own.next().and_then(|row| row["held"][0].as_str().map(str::to_owned));
            held.ok_or_else(|| format!("none is held: {set}"))
        })
    }

    /// A call of the API by an administrator's token, parameters as a form; its data.
    pub fn rest(&self, verb: &str, path: &str, form: &str) -> Result<Value> {
        let form = Some(form).filter(|form| !form.is_empty());
        self.send(verb, &format!("/api2/json{path}"), form).with_context(|| format!("{verb} {path}"))
    }

    fn ask(&self, verb: &str, path: &str, body: Option<&Value>) -> Result<Value> {
        self.send(verb, &format!("/test/faults{path}"), body.map(Value::to_string).as_deref())
    }

    fn send(&self, verb: &str, path: &str, body: Option<&str>) -> Result<Value> {
        self.make_faults_token()?;
        let mut curl = Command::new("curl");
        curl.args(["--silent", "--show-error", "--insecure", "--request", verb, "--header"]);
        curl.arg(format!("@{}", self.layout.faults_token().display()));
        if let Some(body) = body {
            curl.arg("--data").arg(body);
        }
        curl.arg(format!("https://{}{path}", self.listen()));
        let answer: Value = run(&mut curl, false)?.ok()?.json()?;
        match answer.get("message") {
            None => Ok(answer["data"].clone()),
            Some(message) => bail!("the node refuses: {message}"),
        }
    }

    fn make_faults_token(&self) -> Result<()> {
        if self.layout.faults_token().exists() {
            return Ok(());
        }
        let done = self.node(&["token", "add", TOKEN])?.ok()?;
        let header = format!("Authorization: PVEAPIToken={TOKEN}={}\n", done.stdout.trim());
        write_private(&self.layout.faults_token(), &header)
    }
}
