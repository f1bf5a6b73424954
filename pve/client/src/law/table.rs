//! The rules of the calls that the client makes, from Proxmox's sources and what its code was seen to do.

use pve_wire::api::calls::{
    CLONE_VM, CREATE_VM, CURRENT_STATUS, DELETE_SNAPSHOT, DESTROY_VM, EXTRACT_CONFIG, FREE_VOLUME, INTERFACES,
    LIST_CONTENT, LIST_GUESTS, LIST_NODE_STORAGES, LIST_NODES, LIST_SNAPSHOTS, LIST_TASKS, NETWORK, NEXT_ID, PENDING,
    PERMISSIONS, READ_CONFIG, READ_VOLUME, REBOOT, RESIZE_VM, RESOURCES, ROLLBACK, SHUTDOWN, SNAPSHOT, START, STOP,
    STOP_TASK, STORAGE_STATUS, TASK_LOG, TASK_STATUS, TEMPLATE, UPDATE_CONFIG, UPDATE_VOLUME, VERSION, VZDUMP,
};
use pve_wire::api::{Method, Verb};

use super::rule::{Look, Rule, Twice};
use crate::answer::Meaning;

/// The law, changes first.
pub static RULES: &[Rule] = &[
    Rule {
        call: &CREATE_VM,
        twice: Twice::Guarded,
        done: &[],
        look: Look::Task("vzrestore"),
        safe: "one guest per VMID, never `force`; the run's mark stands in the description from birth",
    },
    Rule {
        call: &CLONE_VM,
        twice: Twice::Guarded,
        done: &[],
        look: Look::Task("vzclone"),
        safe: "one guest per VMID; the run's mark is passed as description",
    },
    Rule {
        call: &UPDATE_CONFIG,
        twice: Twice::Guarded,
        done: &[],
        look: Look::Config,
        safe: "never without the digest that was read; an interface never without its MAC address, which Proxmox \
               would draw anew each time; a volume is looked for before it is allocated",
    },
    Rule {
        call: &RESIZE_VM,
        twice: Twice::Same,
        done: &[Meaning::SizeAlready],
        look: Look::Task("resize"),
        safe: "absolute sizes only, with the digest",
    },
    Rule {
        call: &START,
        twice: Twice::Same,
        done: &[Meaning::AlreadyRunning],
        look: Look::Task("vzstart"),
        safe: "a running guest refuses it",
    },
    Rule {
        call: &STOP,
        twice: Twice::Same,
        done: &[Meaning::NotRunning],
        look: Look::Task("vzstop"),
        safe: "a stopped guest refuses it",
    },
    Rule {
        call: &SHUTDOWN,
        twice: Twice::Same,
        done: &[Meaning::NotRunning],
        look: Look::Task("vzshutdown"),
        safe: "a stopped guest refuses it",
    },
    Rule {
        call: &REBOOT,
        twice: Twice::Doubles,
        done: &[],
        look: Look::Task("vzreboot"),
        safe: "a guest that is restarted twice is restarted; nothing else hangs on it",
    },
    Rule {
        call: &DESTROY_VM,
        twice: Twice::Same,
        done: &[Meaning::GuestMissing],
        look: Look::Task("vzdestroy"),
        safe: "only after the run's mark was read; absent is done; `lock: destroyed` is still going",
    },
    Rule {
        call: &TEMPLATE,
        twice: Twice::Same,
        done: &[Meaning::IsTemplate],
        look: Look::Task("vztemplate"),
        safe: "a template refuses it",
    },
    Rule {
        call: &SNAPSHOT,
        twice: Twice::Guarded,
        done: &[],
        look: Look::Task("vzsnapshot"),
        safe: "one snapshot per name",
    },
    Rule {
        call: &DELETE_SNAPSHOT,
        twice: Twice::Same,
        done: &[Meaning::SnapshotMissing],
        look: Look::Task("vzdelsnapshot"),
        safe: "absent is done",
    },
    Rule {
        call: &ROLLBACK,
        twice: Twice::Same,
        done: &[],
        look: Look::Task("vzrollback"),
        safe: "the same snapshot gives the same guest",
    },
    Rule {
        call: &VZDUMP,
        twice: Twice::Doubles,
        done: &[],
        look: Look::Task("vzdump"),
        safe: "a second archive beside the first; archives are told apart by their notes",
    },
    Rule {
        call: &UPDATE_VOLUME,
        twice: Twice::Same,
        done: &[],
        look: Look::List,
        safe: "the same notes and the same protection",
    },
    Rule {
        call: &FREE_VOLUME,
        twice: Twice::Same,
        done: &[Meaning::VolumeMissing],
        look: Look::List,
        safe: "Proxmox frees the disk of a running guest too: never asked for before its owner was looked at",
    },
    Rule {
        call: &STOP_TASK,
        twice: Twice::Same,
        done: &[Meaning::UnknownTask],
        look: Look::List,
        safe: "a task that ended is not stopped again",
    },
    read(&VERSION),
    read(&LIST_NODES),
    read(&RESOURCES),
    read(&NEXT_ID),
    read(&PERMISSIONS),
    read(&NETWORK),
    read(&LIST_GUESTS),
    read(&CURRENT_STATUS),
    read(&INTERFACES),
    read(&READ_CONFIG),
    read(&PENDING),
    read(&LIST_SNAPSHOTS),
    read(&LIST_NODE_STORAGES),
    read(&STORAGE_STATUS),
    read(&LIST_CONTENT),
    read(&READ_VOLUME),
    read(&EXTRACT_CONFIG),
    read(&LIST_TASKS),
    read(&TASK_STATUS),
    read(&TASK_LOG),
];

const fn read(call: &'static Method) -> Rule {
    Rule { call, twice: Twice::Reads, done: &[], look: Look::Again, safe: "changes nothing" }
}

/// What holds for a call that nobody wrote a rule for: a read may be repeated, a change never.
static UNLISTED_READ: Rule = read(&VERSION);
static UNLISTED_CHANGE: Rule =
    Rule { call: &CREATE_VM, twice: Twice::Doubles, done: &[], look: Look::List, safe: "nothing is known" };

/// The rule of a call.
pub(crate) fn rule_of(call: &'static Method) -> &'static Rule {
    let own = RULES.iter().find(|rule| rule.call.verb == call.verb && rule.call.path == call.path);
    own.unwrap_or(if call.verb == Verb::Get { &UNLISTED_READ } else { &UNLISTED_CHANGE })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer::Class;
    use crate::law::Next;

    #[test]
    fn every_change_that_the_client_makes_has_a_rule_of_its_own() {
        let mut changes = 0;
        for file in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/src/calls")).unwrap() {
            let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
            for name in text.split("self.").skip(1).filter_map(|part| part.split_once("(&")) {
                let call: String = name.1.chars().take_while(|c| c.is_ascii_uppercase() || *c == '_').collect();
                if ["call", "page", "call_quietly"].contains(&name.0) {
                    let listed = include_str!("table.rs").contains(&format!("&{call},"))
                        || include_str!("table.rs").contains(&format!("read(&{call})"));
                    assert!(listed, "{call} has no rule");
                    changes += 1;
                }
            }
        }
        assert!(changes > 30, "{changes}");
    }

    #[test]
    fn a_change_is_sent_again_only_where_nothing_happened() {
        for rule in RULES.iter().filter(|rule| rule.twice != Twice::Reads) {
            assert_eq!(rule.next(Class::Transient, Some(&Meaning::LockTimeout)), Next::Again);
            assert_eq!(rule.next(Class::Ambiguous, None), Next::Look(rule.look), "{}", rule.call.path);
            assert_ne!(rule.look, Look::Again, "{}", rule.call.path);
            assert_eq!(rule.next(Class::Authority, Some(&Meaning::PermissionMissing)), Next::Park);
            assert_eq!(rule.next(Class::Permanent, Some(&Meaning::ParameterWrong)), Next::GiveUp);
        }
    }

    #[test]
    fn what_is_done_is_done() {
        let next = |call, meaning: Meaning| rule_of(call).next(meaning.class(), Some(&meaning));
        assert_eq!(next(&START, Meaning::AlreadyRunning), Next::Done);
        assert_eq!(next(&STOP, Meaning::NotRunning), Next::Done);
        assert_eq!(next(&DESTROY_VM, Meaning::GuestMissing), Next::Done);
        assert_eq!(next(&RESIZE_VM, Meaning::SizeAlready), Next::Done);
        assert_eq!(next(&START, Meaning::NotRunning), Next::Decide);
        assert_eq!(next(&CREATE_VM, Meaning::GuestExists), Next::Decide);
        assert_eq!(next(&TASK_STATUS, Meaning::UnknownTask), Next::Look(Look::Again));
        assert_eq!(next(&READ_CONFIG, Meaning::ProxyLost), Next::Again);
    }
}
