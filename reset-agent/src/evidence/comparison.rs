//! The three moments side by side: as restored, after reset, after boot.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::column::Column;

/// The three moments of one guest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Comparison(pub Vec<Row>);

/// One identity through the three moments; none where nobody looked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// What it is.
    pub what: String,
    /// As restored.
    pub restored: Option<String>,
    /// After the reset.
    pub reset: Option<String>,
    /// After the first boot.
    pub booted: Option<String>,
}

impl Comparison {
    /// One row for everything that was seen at any moment.
    pub fn of(restored: &Column, reset: &Column, booted: &Column) -> Self {
        let all: BTreeSet<&String> = [restored, reset, booted].into_iter().flat_map(|column| column.0.keys()).collect();
        let cell = |column: &Column, what: &str| column.get(what).map(str::to_owned);
        let row = |what: &String| Row {
            what: what.clone(),
            restored: cell(restored, what),
            reset: cell(reset, what),
            booted: cell(booted, what),
        };
        Self(all.into_iter().map(row).collect())
    }
}
