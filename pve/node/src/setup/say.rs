//! What the work on a tree has to tell.

use crate::tasks::TaskLog;

/// Where lines for a person go.
pub trait Say {
    /// A line that only informs.
    fn line(&self, text: &str);
    /// A warning that counts.
    fn warn(&self, text: &str);
}

impl Say for TaskLog {
    fn line(&self, text: &str) {
        Self::line(self, text);
    }

    fn warn(&self, text: &str) {
        Self::warn(self, text);
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::sync::Mutex;

    use super::Say;

    /// Keeps what was said.
    #[derive(Debug, Default)]
    pub(in crate::setup) struct Heard(Mutex<Vec<String>>);

    impl Heard {
        /// The lines so far.
        pub(in crate::setup) fn said(&self) -> Vec<String> {
            self.0.lock().unwrap().clone()
        }
    }

    impl Say for Heard {
        fn line(&self, text: &str) {
            self.0.lock().unwrap().push(text.to_owned());
        }

        fn warn(&self, text: &str) {
            self.line(&format!("WARN: {text}"));
        }
    }
}
