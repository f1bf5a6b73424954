//! What a run would do, for people.

use crate::verbs::rehearse::{Act, Does, Rehearsal};

/// One act a line; below a call its parameters, one a line.
pub fn rehearsal(rehearsal: &Rehearsal) -> String {
    let Rehearsal { plan, customer, acts, later } = rehearsal;
    let mut lines = vec![format!("{plan} for customer {customer} would do this; nothing was touched")];
    lines.extend(acts.iter().flat_map(act));
    lines.extend(later.iter().map(|(name, what)| format!("{name}: {what}")));
    lines.join("\n")
}

fn act(act: &Act) -> Vec<String> {
    let (kind, what) = act.does.in_words();
    let mut lines = vec![format!("{:<9}{kind:<7}{what}", act.step)];
    if let Does::Call { params, .. } = &act.does {
        lines.extend(params.iter().map(|(key, value)| format!("{:16}{key}={}", "", value.escape_debug())));
    }
    lines
}
