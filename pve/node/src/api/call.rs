//! A call: who asks for what, with which parameters.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;
use spec::ids::Vmid;

use super::error::ApiError;
use super::params::{Params, check};
use super::schema::{Kind, Param};
use crate::access::Principal;
use crate::ops::Job;
use crate::state::Node;
use crate::tasks::{self, TaskRequest};

/// One authenticated request.
pub struct Call {
    /// The node.
    pub node: Arc<Node>,
    /// Who asks.
    pub who: Principal,
    /// `GET`, `POST`, `PUT`, `DELETE`.
    pub method: String,
    /// The path below `/api2/json`, its parts percent-decoded.
    pub segments: Vec<String>,
    /// The parameters of query and body.
    pub given: BTreeMap<String, String>,
}

/// What a call is answered with.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The data.
    pub data: Value,
    /// How many rows there are in all, for lists of which a part was asked for.
    pub total: Option<u64>,
}

impl Answer {
    /// `{"data":null}`.
    pub fn null() -> Self {
        Self { data: Value::Null, total: None }
    }

    /// Data of any form.
    pub fn of(data: &impl Serialize) -> Result<Self, ApiError> {
        let data = serde_json::to_value(data).map_err(|error| ApiError::new(500, error.to_string()))?;
        Ok(Self { data, total: None })
    }
}

impl Call {
    /// The path as it stands in Proxmox's texts.
    pub fn path(&self) -> String {
        format!("/{}", self.segments.join("/"))
    }

    /// The parameters, checked against what this call knows.
    pub fn params(&self, known: &[&[Param]]) -> Result<Params, ApiError> {
        check(&self.given, known).map_err(ApiError::from)
    }

    /// A guest's number out of the path.
    pub fn vmid(text: &str) -> Result<Vmid, ApiError> {
        super::schema::check(Kind::Vmid, "vmid", text)
            .and_then(|text| text.parse().map_err(|error: spec::ids::InvalidId| error.to_string()))
            .map_err(|why| ApiError::parameter("vmid", &why))
    }

    /// Starts a task and answers with its name.
    pub fn start(&self, job: Job) -> Result<Answer, ApiError> {
        let request = TaskRequest { job, auth_id: self.who.auth_id.clone(), faults: self.node.faults.is_on() };
        Answer::of(&tasks::start(&self.node, &request)?)
    }
}
