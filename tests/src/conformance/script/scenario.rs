//! A scenario as read. Texts still hold their `{names}`.

/// A file of `tests/conformance/`.
#[derive(Debug, Clone)]
pub(crate) struct Scenario {
    /// The file's name without its ending: `06-config`.
    pub(crate) name: String,
    /// Its first line.
    pub(crate) title: String,
    pub(crate) sections: Vec<Section>,
}

/// What stands below one `== heading`.
#[derive(Debug, Clone)]
pub(crate) struct Section {
    pub(crate) title: String,
    /// What the target must have, or the section is skipped.
    pub(crate) needs: Vec<Need>,
    pub(crate) steps: Vec<Step>,
}

/// What not every target has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    /// Commands on the node itself.
    Shell,
    /// A second storage for guests and archives.
    Storage2,
    /// A second bridge.
    Bridge2,
    /// A storage with snapshots.
    Btrfs,
}

impl Action {
    /// Whether it is a step, with something to pass or fail.
    pub(crate) fn is_step(&self) -> bool {
        !matches!(
            self,
            Self::Archive { .. } | Self::Fresh(_) | Self::Identity { .. } | Self::Speaker(_) | Self::Let { .. }
        )
    }
}

/// One thing to do.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    /// Its file and line.
    pub(crate) place: String,
    pub(crate) action: Action,
}

/// What a step does. All but the last five are counted.
#[derive(Debug, Clone)]
pub(crate) enum Action {
    /// A call and its answer.
    Call { call: Call, answered: Answered },
    /// A call that is repeated until the answer fits or patience ends.
    Until { call: Call, answered: Answered },
    /// The end of a task: `task` is the variable that holds its UPID.
    Ends { task: String, status: String },
    /// A task's whole log, but its last line, which follows from how it ended.
    Log { task: String, lines: Vec<String> },
    /// A guest's configuration: all of it, or how it differs from an earlier one. A key without text is gone.
    Config { vmid: String, base: Base, keys: Vec<(String, Option<String>)> },
    /// A command on the node.
    Shell { command: Vec<String>, output: Option<Vec<String>> },
    /// Puts an archive of ours into the storage: its file's name and how it differs from a plain one.
    Archive { file: String, lines: Vec<String> },
    /// Removes a guest if it is there, so that one failure does not make the next.
    Fresh(String),
    /// Gives a caller a name.
    Identity { name: String, identity: Identity },
    /// Who calls from here on.
    Speaker(String),
    /// Gives a value a name.
    Let { name: String, value: String },
}

/// What a guest's configuration is written against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Base {
    /// Nothing: every key stands there.
    Nothing,
    /// As it was when it was last compared.
    Before,
    /// As another guest's was when that was last compared.
    Guest(String),
}

/// A request.
#[derive(Debug, Clone, Default)]
pub(crate) struct Call {
    /// The caller's name, if it is not the section's.
    pub(crate) who: Option<String>,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) params: Vec<(String, String)>,
    /// A body of another kind: its content type and text.
    pub(crate) body: Option<(String, String)>,
}

/// What comes back.
#[derive(Debug, Clone)]
pub(crate) enum Answered {
    /// 200 and the UPID of a task of this type and id, kept in `task`.
    Task(TaskStart),
    /// Status and reason, and `data` (below 400) or `errors` (above) as a JSON pattern.
    Json { status: u16, reason: String, pattern: Option<String>, total: Option<String> },
    /// 200 and `data`, a text of several lines.
    Lines(Vec<String>),
    /// Status and reason, and no body at all.
    Nothing { status: u16, reason: String },
    /// Status and reason, and the body's lines.
    Text { status: u16, reason: String, lines: Vec<String> },
}

/// The task that a call started.
#[derive(Debug, Clone)]
pub(crate) struct TaskStart {
    pub(crate) kind: String,
    pub(crate) id: String,
    /// The variable that keeps its UPID.
    pub(crate) keep: String,
}

/// How a caller proves who it is.
#[derive(Debug, Clone)]
pub(crate) enum Identity {
    /// Not at all.
    Nobody,
    /// The text of an `Authorization` header.
    Header(String),
    /// A cookie, and the CSRF token for what changes something.
    Ticket { ticket: String, csrf: Option<String> },
}
