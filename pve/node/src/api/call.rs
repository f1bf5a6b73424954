//! A request, and the call that it means.

use std::sync::Arc;

use pve_wire::api::{Method, Parameters, Params, Verb};
use serde::Serialize;
use serde_json::Value;
use spec::ids::Vmid;

use super::error::ApiError;
use crate::access::Principal;
use crate::ops::Job;
use crate::state::Node;
use crate::tasks::{self, TaskRequest};

/// What somebody asks for, before anything of it was checked.
pub struct Request {
    /// Who asks.
    pub who: Principal,
    /// What is to be done.
    pub verb: Verb,
    /// With what: the path below `/api2/json`, its parts percent-decoded.
    pub segments: Vec<String>,
    /// The parameters of query and body.
    pub given: Parameters,
}

/// A call whose permission and parameters were checked as far as the table of the API goes.
pub struct Call {
    /// The node.
    pub node: Arc<Node>,
    /// Who asks.
    pub who: Principal,
    /// Which call it is.
    pub method: &'static Method,
    /// Its parameters, path variables included.
    pub params: Params,
    /// Whether a person at a terminal waits: tasks run here and now, their logs on standard output.
    pub by_hand: bool,
}

/// What a call is answered with.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The data.
    pub data: Value,
    /// How many rows there are in all, for lists of which a part was asked for.
    pub total: Option<u64>,
    /// A file that is sent instead of all this.
    pub download: Option<Download>,
}

/// A file of plain text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Download {
    /// Its name for whoever keeps it.
    pub name: String,
    /// What is sent.
    pub body: Vec<u8>,
    /// Whether that is compressed.
    pub gzipped: bool,
}

impl Answer {
    /// `{"data":null}`.
    pub fn null() -> Self {
        Self { data: Value::Null, total: None, download: None }
    }

    /// A file.
    pub fn file(download: Download) -> Self {
        Self { download: Some(download), ..Self::null() }
    }

    /// Data of any form.
    pub fn of(data: &impl Serialize) -> Result<Self, ApiError> {
        let data = serde_json::to_value(data).map_err(|error| ApiError::new(500, error.to_string()))?;
        Ok(Self { data, ..Self::null() })
    }
}

impl Call {
    /// The guest in the path.
    pub fn vmid(&self) -> Result<Vmid, ApiError> {
        self.params.vmid("vmid").ok_or_else(|| ApiError::missing("vmid"))
    }

    /// A text that the table says is there.
    pub fn text(&self, name: &str) -> &str {
        self.params.get(name).unwrap_or_default()
    }

    /// Starts a task, or does it here and now, and answers with its name.
    pub fn start(&self, job: Job) -> Result<Answer, ApiError> {
        let request = TaskRequest { job, auth_id: self.who.auth_id.clone(), faults: self.node.faults.is_on() };
        let start = if self.by_hand { tasks::foreground } else { tasks::start };
        Answer::of(&start(&self.node, &request)?)
    }
}
