//! Parameters of a call.

/// Parameters in the order they are sent; repeated values are not expressed (Proxmox joins lists with commas).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Params(Vec<(String, String)>);

impl Params {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Adds one parameter.
    pub(crate) fn with(mut self, key: impl Into<String>, value: &(impl ToString + ?Sized)) -> Self {
        self.0.push((key.into(), value.to_string()));
        self
    }

    /// Adds a flag as REST writes it.
    pub(crate) fn flag(self, key: &str, value: bool) -> Self {
        self.with(key, if value { "1" } else { "0" })
    }

    pub(crate) fn as_slice(&self) -> &[(String, String)] {
        &self.0
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
