//! What a step sees of its run, and how it journals a note.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::event::Event;
use crate::executor::RunError;
use crate::log::{Log, Note, StepLog};
use crate::pen::Write;
use crate::step::{StepError, output};

/// A step's view of its run: the input, the outputs of earlier steps, its own notes; and the pen for new notes.
pub struct Recorder<'a> {
    step: usize,
    log: &'a mut Log,
    pen: &'a dyn Write,
    broken: Option<RunError>,
}

impl<'a> Recorder<'a> {
    pub(crate) fn new(step: usize, log: &'a mut Log, pen: &'a dyn Write) -> Self {
        Self { step, log, pen, broken: None }
    }

    /// Why the journal refused a note, if it did: whatever the step answered, the run must stop.
    pub(crate) fn into_broken(self) -> Option<RunError> {
        self.broken
    }

    fn own(&self) -> &StepLog {
        &self.log.steps()[self.step]
    }

    /// The run's id.
    pub fn run_id(&self) -> &str {
        &self.log.header().run
    }

    /// What the run was asked to do.
    ///
    /// # Errors
    /// [`StepError::Failed`] if the input has another form than `T`.
    pub fn input<T: DeserializeOwned>(&self) -> Result<T, StepError> {
        read("the run's input", &self.log.header().input)
    }

    /// What an earlier step recorded.
    ///
    /// # Errors
    /// [`StepError::Failed`] if there is no such output, or it has another form than `T`.
    pub fn output<T: DeserializeOwned>(&self, step: &str) -> Result<T, StepError> {
        let found = self.log.step(step).and_then(|step| step.output.as_ref());
        let value = found.ok_or_else(|| StepError::failed(format!("the journal holds no output of step `{step}`")))?;
        read(&format!("the output of step `{step}`"), value)
    }

    /// This step's own output, if it got so far: for its undo.
    ///
    /// # Errors
    /// [`StepError::Failed`] if it has another form than `T`.
    pub fn own_output<T: DeserializeOwned>(&self) -> Result<Option<T>, StepError> {
        let step = self.own();
        step.output.as_ref().map(|value| read(&format!("the output of step `{}`", step.name), value)).transpose()
    }

    /// This step's notes, oldest first, those of earlier attempts included.
    pub fn notes(&self) -> &[Note] {
        &self.own().notes
    }

    /// This step's latest note of that key.
    ///
    /// # Errors
    /// [`StepError::Failed`] if it has another form than `T`.
    pub fn last_note<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, StepError> {
        let note = self.notes().iter().rev().find(|note| note.key == key);
        note.map(|note| read(&format!("note `{key}`"), &note.value)).transpose()
    }

    /// Times this step's run (or undo) was begun, this one included: more than 1 means that a crash cut one off.
    pub fn attempt(&self) -> u32 {
        self.own().attempts
    }

    /// Journals a fact before the step goes on, for its own later self. Never put a secret into it.
    ///
    /// # Errors
    /// [`StepError::Stopped`] if the journal did not take it: return at once.
    pub async fn note<T: Serialize + Sync>(&mut self, key: &str, value: &T) -> Result<(), StepError> {
        let value: Value = output(value)?;
        let event = Event::Note { step: self.own().name.clone(), key: key.to_owned(), value };
        match self.pen.write(self.log, event).await {
            Ok(()) => Ok(()),
            Err(error) => {
                self.broken = Some(error);
                Err(StepError::Stopped)
            }
        }
    }
}

fn read<T: DeserializeOwned>(what: &str, value: &Value) -> Result<T, StepError> {
    T::deserialize(value).map_err(|error| StepError::failed(format!("{what} is not understood: {error}")))
}
