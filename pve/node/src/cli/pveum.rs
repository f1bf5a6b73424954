//! `pveum`: root's tool for users, tokens, groups, roles, grants and pools.

use pve_wire::api::{Kind, Method, Params, calls};
use serde_json::{Value, json};

use super::dispatch::Failure;
use super::output::{Cell, Field, Shape};
use super::perform;
use super::tool::{Command, Show, Tool, parameter, parameters};
use crate::state::Node;

/// The tool.
pub(super) static PVEUM: Tool =
    Tool { name: "pveum", groups: &[GRANTS, GROUPS, POOLS, REALMS, ROLES, USERS, LOGIN], aliases: ALIASES };

const fn silent(name: &'static str, method: &'static Method, operands: &'static [&'static str]) -> Command {
    Command::call(name, method, operands, Show::Nothing)
}

const fn listed(name: &'static str, method: &'static Method, fields: &'static [Field]) -> Command {
    Command::call(name, method, &[], Show::Result(Shape::List(fields)))
}

static GRANTS: &[Command] = &[
    silent("acl delete", &calls::UPDATE_ACL, &["path"]).fixed(&[("delete", "1")]),
    listed("acl list", &calls::READ_ACL, GRANT),
    silent("acl modify", &calls::UPDATE_ACL, &["path"]).fixed(&[("delete", "0")]),
];

static GROUPS: &[Command] = &[
    silent("group add", &calls::CREATE_GROUP, &["groupid"]),
    silent("group delete", &calls::DELETE_GROUP, &["groupid"]),
    listed("group list", &calls::LIST_GROUPS, GROUP),
    silent("group modify", &calls::UPDATE_GROUP, &["groupid"]),
];

static POOLS: &[Command] = &[
    silent("pool add", &calls::CREATE_POOL, &["poolid"]),
    silent("pool delete", &calls::DELETE_POOL, &["poolid"]),
    listed("pool list", &calls::LIST_POOLS, POOL),
    silent("pool modify", &calls::UPDATE_POOL, &["poolid"]),
];

static REALMS: &[Command] = &[listed("realm list", &calls::LIST_REALMS, REALM)];

static ROLES: &[Command] = &[
    silent("role add", &calls::CREATE_ROLE, &["roleid"]),
    silent("role delete", &calls::DELETE_ROLE, &["roleid"]),
    listed("role list", &calls::LIST_ROLES, ROLE),
    silent("role modify", &calls::UPDATE_ROLE, &["roleid"]),
];

/// Privileges by path, as a table with a line for each.
const PERMISSIONS: Show = Show::Words(Shape::List(PERMISSION), permissions, MARKED);

static USERS: &[Command] = &[
    silent("user add", &calls::CREATE_USER, &["userid"]),
    silent("user delete", &calls::DELETE_USER, &["userid"]),
    listed("user list", &calls::LIST_USERS, USER),
    silent("user modify", &calls::UPDATE_USER, &["userid"]),
    Command::call("user permissions", &calls::PERMISSIONS, &["userid"], PERMISSIONS),
    Command::call("user token add", &calls::GENERATE_TOKEN, TOKEN_OF, Show::Result(Shape::Object(NEW_TOKEN))),
    Command::call("user token delete", &calls::REMOVE_TOKEN, TOKEN_OF, Show::Result(Shape::Nothing)),
    Command::call("user token list", &calls::LIST_TOKENS, &["userid"], Show::Result(Shape::List(TOKEN))),
    Command::call("user token modify", &calls::UPDATE_TOKEN, TOKEN_OF, Show::Result(Shape::Object(CHANGED_TOKEN))),
    Command::own(&TOKEN_PERMISSIONS, TOKEN_OF, token_permissions),
];

const TOKEN_OF: &[&str] = &["userid", "tokenid"];

/// A token's permissions are asked for by its full name; only this command takes the name in two parts.
static TOKEN_PERMISSIONS: Method = parameters(
    "user token permissions",
    &[&[
        parameter("userid", Kind::Text, false),
        parameter("tokenid", Kind::Text, false),
        parameter("path", Kind::Text, true),
        parameter("output-format", Kind::Text, true),
        parameter("noborder", Kind::Boolean, true),
        parameter("noheader", Kind::Boolean, true),
        parameter("quiet", Kind::Boolean, true),
    ]],
);

fn token_permissions(node: &Node, params: &Params) -> Result<u8, Failure> {
    let text = |name: &str| params.get(name).unwrap_or_default();
    let mut words = vec![format!("{}!{}", text("userid"), text("tokenid"))];
    for name in params.keys().filter(|name| !TOKEN_OF.contains(name)) {
        words.push(format!("--{name}={}", text(name)));
    }
    let command = Command::call("user permissions", &calls::PERMISSIONS, &["userid"], PERMISSIONS);
    perform::command(node, &command, "pveum user token permissions", &words)
}

static LOGIN: &[Command] = &[
    silent("passwd", &calls::CHANGE_PASSWORD, &["userid"]),
    Command::call("ticket", &calls::CREATE_TICKET, &["username"], Show::Text(ticket)),
];

static ALIASES: &[(&str, &str)] = &[
    ("acldel", "acl delete"),
    ("aclmod", "acl modify"),
    ("groupadd", "group add"),
    ("groupdel", "group delete"),
    ("groupmod", "group modify"),
    ("roleadd", "role add"),
    ("roledel", "role delete"),
    ("rolemod", "role modify"),
    ("user token remove", "user token delete"),
    ("useradd", "user add"),
    ("userdel", "user delete"),
    ("usermod", "user modify"),
];

const GRANT: &[Field] = &[
    ("path", Cell::Text(0), None),
    ("roleid", Cell::Text(0), None),
    ("type", Cell::Text(0), None),
    ("ugid", Cell::Text(0), None),
    ("propagate", Cell::Boolean, None),
];

const GROUP: &[Field] =
    &[("groupid", Cell::Text(0), None), ("comment", Cell::Text(0), None), ("users", Cell::Text(0), None)];

const POOL: &[Field] =
    &[("poolid", Cell::Text(0), None), ("comment", Cell::Text(0), None), ("members", Cell::Text(0), None)];

const REALM: &[Field] = &[
    ("realm", Cell::Text(0), None),
    ("type", Cell::Text(0), None),
    ("comment", Cell::Text(0), None),
    ("tfa", Cell::Text(0), None),
];

const ROLE: &[Field] =
    &[("roleid", Cell::Text(0), None), ("privs", Cell::Text(0), None), ("special", Cell::Boolean, None)];

const USER: &[Field] = &[
    ("userid", Cell::Text(64), None),
    ("comment", Cell::Text(2048), None),
    ("email", Cell::Text(254), None),
    ("enable", Cell::Boolean, None),
    ("expire", Cell::Number, None),
    ("firstname", Cell::Text(1024), None),
    ("groups", Cell::Text(0), None),
    ("keys", Cell::Text(0), None),
    ("lastname", Cell::Text(1024), None),
    ("realm-type", Cell::Text(0), None),
    ("tfa-locked-until", Cell::Number, None),
    ("tokens", Cell::Text(0), None),
    ("totp-locked", Cell::Boolean, None),
];

const TOKEN: &[Field] = &[
    ("tokenid", Cell::Text(0), None),
    ("comment", Cell::Text(0), None),
    ("expire", Cell::Number, None),
    ("privsep", Cell::Boolean, None),
];

const NEW_TOKEN: &[Field] =
    &[("full-tokenid", Cell::Text(0), None), ("info", Cell::Text(0), None), ("value", Cell::Text(0), None)];

const CHANGED_TOKEN: &[Field] = &[
    ("comment", Cell::Text(0), None),
    ("expire", Cell::Number, None),
    ("full-tokenid", Cell::Text(0), None),
    ("privsep", Cell::Boolean, None),
    ("value", Cell::Text(0), None),
];

const PERMISSION: &[Field] =
    &[("path", Cell::Text(0), Some("ACL path")), ("permissions", Cell::Text(0), Some("Permissions"))];

const MARKED: &str = "Permissions marked with '(*)' have the 'propagate' flag set.\n";

/// A row for each path, and in it a line for each privilege, marked where it holds below the path too.
fn permissions(data: &Value) -> Value {
    let marked = |(name, propagate): (&String, &Value)| {
        if propagate.as_u64() == Some(1) { format!("{name} (*)") } else { name.clone() }
    };
    let row = |(path, list): (&String, &Value)| {
        let lines: Vec<String> = list.as_object().into_iter().flatten().map(marked).collect();
        json!({"path": path, "permissions": lines.join("\n")})
    };
    Value::Array(data.as_object().into_iter().flatten().map(row).collect())
}

fn ticket(data: &Value) -> String {
    format!("{}\n", data["ticket"].as_str().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meant(line: &str) -> Result<String, String> {
        let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        PVEUM.resolve(&words).map(|(command, rest)| format!("{} | {}", command.name, rest.join(" ")))
    }

    #[test]
    fn words_mean_commands_in_full_cut_short_and_by_other_names() {
        let expected = [
            ("user token add ci@pve t1", "user token add | ci@pve t1"),
            ("us to li ci@pve", "user token list | ci@pve"),
            ("user token remove ci@pve t1", "user token delete | ci@pve t1"),
            ("useradd ci@pve", "user add | ci@pve"),
            ("passwd root@pam", "passwd | root@pam"),
        ];
        for (line, command) in expected {
            assert_eq!(meant(line).as_deref(), Ok(command), "{line}");
        }
        assert_eq!(meant("user").unwrap_err(), "incomplete command 'pveum user'");
        assert_eq!(meant("user foo x").unwrap_err(), "unknown command 'pveum user foo'");
        // Both `passwd` and `pool` begin so.
        assert_eq!(meant("p x").unwrap_err(), "unknown command 'pveum p'");
    }

    #[test]
    fn operands_and_fixed_parameters_are_the_calls_own() {
        for command in PVEUM.commands() {
            let fixed = command.fixed.iter().map(|(name, _)| name);
            for name in command.operands.iter().chain(fixed) {
                assert!(command.method.param(name).is_some(), "{}: {name}", command.name);
            }
        }
    }

    #[test]
    fn propagated_privileges_are_marked() {
        let rows = permissions(&json!({"/vms/100": {"VM.Audit": 1, "VM.Backup": 0}}));
        assert_eq!(rows, json!([{"path": "/vms/100", "permissions": "VM.Audit (*)\nVM.Backup"}]));
    }
}
