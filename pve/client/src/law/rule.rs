//! What is known of a call, and what follows from its failure.

use pve_wire::api::Method;

use crate::answer::{Class, Meaning};

/// What the same call does when it is sent twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Twice {
    /// It changes nothing: up to three times, on its own.
    Reads,
    /// The second finds the first's work and says so, or does it once more with the same end.
    Same,
    /// The node lets only one of two through: by the number, the digest or the name.
    Guarded,
    /// It does its work twice.
    Doubles,
}

/// Where to look after an answer that leaves open whether the node acted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// Ask again: it only reads.
    Again,
    /// For the own task of this type on the guest, asked for since the run began; then at the guest itself.
    Task(&'static str),
    /// At the configuration, with a new digest.
    Config,
    /// At the list in which the thing would stand.
    List,
}

/// One row of the law.
#[derive(Debug)]
pub struct Rule {
    /// The call.
    pub call: &'static Method,
    /// What it does when it is sent twice.
    pub twice: Twice,
    /// Refusals that say that its work is done.
    pub done: &'static [Meaning],
    /// Where to look.
    pub look: Look,
    /// What makes it safe.
    pub safe: &'static str,
}

/// What a caller does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Nothing happened: the same again, after a pause, for about a minute in all.
    Again,
    /// The work is done already.
    Done,
    /// It may have happened: look before anything else.
    Look(Look),
    /// The world is not as it was believed: look, and decide anew.
    Decide,
    /// It will never work like this: undo.
    GiveUp,
    /// A person must act: park, with the command.
    Park,
}

impl Rule {
    /// What follows from a failure of this class, and of this meaning where the node said something.
    pub fn next(&self, class: Class, meaning: Option<&Meaning>) -> Next {
        if meaning.is_some_and(|meaning| self.done.contains(meaning)) {
            return Next::Done;
        }
        match class {
            Class::Transient => Next::Again,
            Class::Ambiguous if self.twice == Twice::Reads && meaning != Some(&Meaning::UnknownTask) => Next::Again,
            Class::Ambiguous => Next::Look(self.look),
            Class::Conflict => Next::Decide,
            Class::Permanent => Next::GiveUp,
            Class::Authority | Class::Operator => Next::Park,
        }
    }
}
