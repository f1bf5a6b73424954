//! Why a drop-in is refused.

/// A drop-in that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("catalog drop-in {file}{}", of_row(.row))]
pub struct DropInError {
    /// The file's name.
    pub file: String,
    /// The row's id; empty where the file itself is the matter.
    pub row: String,
    /// What is wrong.
    #[source]
    pub fault: Box<Fault>,
}

fn of_row(row: &str) -> String {
    if row.is_empty() { String::new() } else { format!(", item {row:?}") }
}

/// What is wrong with a drop-in.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The text does not read, or has a field that no row has.
    #[error("it does not read")]
    NotToml(#[source] Box<toml::de::Error>),
    /// A new row lacks a field.
    #[error("{field} is missing; {hint}")]
    Missing {
        /// The field.
        field: &'static str,
        /// What to write.
        hint: &'static str,
    },
    /// A field says what it cannot say.
    #[error("{field} = {value:?}: {hint}")]
    Invalid {
        /// The field.
        field: &'static str,
        /// The value as given.
        value: String,
        /// What to write.
        hint: &'static str,
    },
    /// A field of a built-in row would allow more than the table does.
    #[error("{field} = {given:?} would loosen the row, whose {field} is {built_in:?}; a drop-in only tightens")]
    Loosens {
        /// The field.
        field: &'static str,
        /// The value as given.
        given: String,
        /// The table's value.
        built_in: String,
    },
    /// A field names a row that does not exist.
    #[error("it names {id:?}, which is no item of the catalog")]
    UnknownItem {
        /// The id as given.
        id: String,
    },
}
