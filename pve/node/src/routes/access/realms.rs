//! What else concerns logging in: the realms, passwords, and the index of all this.

use serde_json::json;

use crate::access::AccountStore;
use crate::access::changes::users;
use crate::access::names::{ROOT, split_user};
use crate::api::{Answer, ApiError, Call};
use crate::error::Die;

/// The names below `/access`.
pub(in crate::routes) fn index(_call: &Call) -> Result<Answer, ApiError> {
    let names = ["users", "groups", "roles", "acl", "domains", "openid", "tfa", "ticket", "password"];
    Answer::of(&names.map(|name| json!({"subdir": name})))
}

/// The two realms that are always there, in Proxmox's words.
pub(in crate::routes) fn realms(_call: &Call) -> Result<Answer, ApiError> {
    Answer::of(&json!([
        {"realm": "pam", "type": "pam", "comment": "Linux PAM standard authentication"},
        {"realm": "pve", "type": "pve", "comment": "Proxmox VE authentication server"},
    ]))
}

/// Sets a password: root any, others their own and, of those whom they rule over, those outside of realm `pam`.
/// Everybody but root proves first who they are.
pub(in crate::routes) fn change_password(call: &Call) -> Result<Answer, ApiError> {
    let (who, user) = (&call.who, call.text("userid"));
    users::require(who.config(), user)?;
    let store = AccountStore::new(&call.node.layout);
    if !who.is_root() {
        if user == ROOT {
            return Err(ApiError::forbidden_somehow());
        }
        confirm(call, &store)?;
        let is_pam = split_user(user).is_ok_and(|(_, realm)| realm == "pam");
        if user != who.auth_id && is_pam {
            return Err(ApiError::forbidden_somehow());
        }
    }
    let password = call.text("password");
    store.change("password change failed", |_, secrets| users::set_password(secrets, user, password))?;
    Ok(Answer::null())
}

fn confirm(call: &Call, store: &AccountStore) -> Result<(), ApiError> {
    let name = "confirmation-password";
    let given =
        call.params.get(name).ok_or_else(|| ApiError::parameter(name, "password is required to modify user"))?;
    let (account, realm) = split_user(&call.who.auth_id).map_err(Die::text)?;
    if store.secrets()?.is_password(account, realm, given) {
        Ok(())
    } else {
        Err(ApiError::new(500, "invalid credentials"))
    }
}
