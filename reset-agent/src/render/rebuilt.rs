//! Ledger against cluster, for people.

use super::table::table;
use crate::ledger::Discrepancy;
use crate::verbs::ledger::Rebuilt;

/// A sentence, and a line for each difference.
pub fn rebuilt(rebuilt: &Rebuilt) -> String {
    let Rebuilt { seen, known, accepted, differences } = rebuilt;
    let mut text = format!("{known} live guests in the ledger, {seen} containers on the cluster");
    for accepted in accepted {
        text = format!("{text}\nwritten: guest {} {accepted}", number(accepted));
    }
    if differences.is_empty() {
        return text + ": they agree";
    }
    let mut table = table(["vmid", "guest", "to do"]);
    for difference in differences {
        let todo = match difference {
            difference if difference.can_be_accepted() => {
                format!("set it right there, or: reset-agent ledger rebuild --accept {}", number(difference))
            }
            Discrepancy::Unread { .. } => "look again when it can be read".to_owned(),
            _ => "a person must look at it".to_owned(),
        };
        table.add_row([number(difference), difference.to_string(), todo]);
    }
    format!("{text}\n{table}")
}

fn number(difference: &Discrepancy) -> String {
    difference.vmid().map_or_else(|| "-".to_owned(), |vmid| vmid.to_string())
}
