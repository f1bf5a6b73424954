//! A refusal over HTTP: the status, the text, the parameters.

use pve_wire::api::ParamErrors;

use crate::error::{Die, chain};

/// Why a call was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiError {
    /// The HTTP status.
    pub status: u16,
    /// The text; its first line becomes the reason phrase.
    pub text: String,
    /// What is wrong with which parameter.
    pub errors: ParamErrors,
}

impl ApiError {
    /// A refusal with a text.
    pub fn new(status: u16, text: impl Into<String>) -> Self {
        Self { status, text: text.into(), errors: ParamErrors::new() }
    }

    /// 403, in Proxmox's words.
    pub fn forbidden(what: &str) -> Self {
        Self::new(403, format!("Permission check failed ({what})"))
    }

    /// 403 without a word about what is missing, as where several grants would have done.
    pub fn forbidden_somehow() -> Self {
        Self::new(403, "Permission check failed")
    }

    /// 400 for a parameter that is not there.
    pub fn missing(name: &str) -> Self {
        Self::parameter(name, "property is missing and it is not optional")
    }

    /// 400 for one parameter.
    pub fn parameter(name: &str, why: &str) -> Self {
        ParamErrors::from([(name.to_owned(), why.to_owned())]).into()
    }
}

impl From<ParamErrors> for ApiError {
    fn from(errors: ParamErrors) -> Self {
        Self { status: 400, text: "Parameter verification failed.".to_owned(), errors }
    }
}

impl From<Die> for ApiError {
    /// Whatever dies in a call's body is a 500: Proxmox has no 404 and no 409.
    fn from(error: Die) -> Self {
        Self::new(500, chain(&error))
    }
}
