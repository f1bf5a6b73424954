//! What an answer may look like: texts, JSON and lines with blanks for what differs from run to run.

pub(crate) mod json;
pub(crate) mod lines;
pub(crate) mod text;
