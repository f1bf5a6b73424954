//! What can be wrong with a recipe.

use std::fmt;

/// One mistake: the key's path, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The key, from the top: `container.rootfs.size`, `step[2].apt`.
    pub path: String,
    /// The value where there is one, what is wrong with it, and what to write instead.
    pub text: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.text)
    }
}

/// Why a text is not a recipe.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecipeError {
    /// Not TOML.
    #[error("this is not TOML: {message}")]
    Syntax {
        /// Line, column and reason, as the TOML parser puts them.
        message: String,
    },
    /// TOML, but not a recipe.
    #[error("{} in the recipe:\n{}", count(problems), list(problems))]
    Problems {
        /// Every mistake, in the order of the recipe's parts.
        problems: Vec<Problem>,
    },
}

fn count(problems: &[Problem]) -> String {
    if problems.len() == 1 { "1 mistake".to_owned() } else { format!("{} mistakes", problems.len()) }
}

fn list(problems: &[Problem]) -> String {
    let lines: Vec<String> = problems.iter().map(|problem| format!("  {problem}")).collect();
    lines.join("\n")
}
