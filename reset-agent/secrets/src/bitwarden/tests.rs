use serde_json::{Value, json};

use super::*;

const ID: &str = "6f6e1b5c-8f0a-4b51-9a6e-b0c500f2a001";

/// As the CLI itself (2024.2.0) answered, asked for a vault of its own format.
const REAL_STATUS: &str = r#"{"success":true,"data":{"object":"template","template":{"serverUrl":"https://127.0.0.1:18443","lastSync":"2026-11-22T00:32:58.954Z","userEmail":"mint@example.org","userId":"0c3d1d11-0000-4000-8000-b0c500f2a004","status":"unlocked"}}}"#;
const REAL_COLLECTIONS: &str = r#"{"success":true,"data":{"object":"list","data":[{"object":"collection","id":"6f6e1b5c-8f0a-4b51-9a6e-b0c500f2a001","organizationId":"ab2c1d11-0000-4000-8000-b0c500f2a003","name":"Acme / Prod","externalId":null}]}}"#;
const REAL_ITEMS: &str = r#"{"success":true,"data":{"object":"list","data":[{"passwordHistory":null,"revisionDate":"2026-11-20T10:00:00.000Z","creationDate":"2026-11-20T10:00:00.000Z","deletedDate":null,"object":"item","id":"2f8c1d11-0000-4000-8000-b0c500f2a010","organizationId":"ab2c1d11-0000-4000-8000-b0c500f2a003","folderId":null,"type":1,"reprompt":0,"name":"DATABASE_URL","notes":null,"favorite":false,"login":{"fido2Credentials":[],"uris":[],"username":"app","password":"canary-real-database","totp":null,"passwordRevisionDate":null},"collectionIds":["6f6e1b5c-8f0a-4b51-9a6e-b0c500f2a001"]},{"passwordHistory":null,"revisionDate":"2026-11-20T10:00:00.000Z","creationDate":"2026-11-20T10:00:00.000Z","deletedDate":null,"object":"item","id":"2f8c1d11-0000-4000-8000-b0c500f2a011","organizationId":"ab2c1d11-0000-4000-8000-b0c500f2a003","folderId":null,"type":2,"reprompt":0,"name":"more","notes":"TOKEN='canary real $token'\n# rest\nEMPTY=\n","favorite":false,"secureNote":{"type":0},"collectionIds":["6f6e1b5c-8f0a-4b51-9a6e-b0c500f2a001"]}]}}"#;

fn list(data: &Value) -> Vec<u8> {
    json!({"success": true, "data": {"object": "list", "data": data}}).to_string().into_bytes()
}

fn login(name: &str, password: &Value) -> Value {
    json!({
        "passwordHistory": null, "revisionDate": "2026-11-20T10:00:00.000Z", "creationDate": "2026-11-20T10:00:00.000Z",
        "deletedDate": null, "object": "item", "id": "2f8c1d11-0000-4000-8000-b0c500f2a002",
        "organizationId": "ab2c1d11-0000-4000-8000-b0c500f2a003", "folderId": null, "type": 1, "reprompt": 0,
        "name": name, "notes": null, "favorite": false, "collectionIds": [ID],
        "login": {"uris": [], "username": "app", "password": password, "totp": null, "passwordRevisionDate": null}
    })
}

fn with(mut item: Value, key: &str, value: Value) -> Value {
    item[key] = value;
    item
}

fn taken(data: &Value) -> Result<SecretSet, ItemsError> {
    items(&list(data), &CollectionId(ID.to_owned()))
}

#[test]
fn s3_09_what_the_cli_itself_answered_is_read() {
    let told = status(REAL_STATUS.as_bytes()).unwrap();
    assert_eq!((told.server.as_deref(), told.lock), (Some("https://127.0.0.1:18443"), Lock::Unlocked));
    let id = collection(REAL_COLLECTIONS.as_bytes(), "Acme / Prod").unwrap();
    let set = items(REAL_ITEMS.as_bytes(), &id).unwrap();
    let read: Vec<_> = set.iter().map(|(name, value)| (name.as_str(), value.expose())).collect();
    assert_eq!(read, [("DATABASE_URL", "canary-real-database"), ("EMPTY", ""), ("TOKEN", "canary real $token")]);
}

#[test]
fn a_status_tells_server_and_lock() {
    let answer = |server: Value, status: &str| {
        let template = json!({"serverUrl": server, "lastSync": null, "userEmail": "m@example.org", "status": status});
        json!({"success": true, "data": {"object": "template", "template": template}}).to_string().into_bytes()
    };
    let own = status(&answer(json!("https://vault.example.org"), "unlocked")).unwrap();
    assert_eq!((own.server.as_deref(), own.lock), (Some("https://vault.example.org"), Lock::Unlocked));
    assert_eq!(status(&answer(json!(null), "locked")).unwrap(), Status { server: None, lock: Lock::Locked });
    assert_eq!(status(&answer(json!(null), "unauthenticated")).unwrap().lock, Lock::Unauthenticated);
    assert!(status(&answer(json!(null), "open")).is_err());
    assert!(status(br#"{"success":false,"message":"canary"}"#).is_err());
}

#[test]
fn s3_09_a_name_means_one_collection_or_none() {
    let named = |name: &str, id: &str| json!({"object": "collection", "id": id, "name": name, "organizationId": "o"});
    let all = list(&json!([named("acme", ID), named("Acme", "x"), named("twice", ID), named("twice", ID)]));
    assert_eq!(collection(&all, "acme").unwrap().as_str(), ID);
    assert_eq!(collection(&all, "twice"), Err(CollectionError::Found { found: 2 }));
    assert_eq!(collection(&all, "acm"), Err(CollectionError::Found { found: 0 }));
    assert_eq!(collection(&all, "Acme"), Err(CollectionError::Id), "what would stand in a query must be an id");
}

#[test]
fn s3_10_a_login_is_a_variable_and_a_note_holds_lines() {
    let note = json!({"object": "item", "type": 2, "name": "any name at all", "notes": "# rest\nB=2\nC='x y'\n",
                      "secureNote": {"type": 0}, "collectionIds": [ID], "deletedDate": null});
    let gone = with(login("GONE", &json!("canary")), "deletedDate", json!("2026-11-20T10:00:00.000Z"));
    let set = taken(&json!([login("A", &json!("p\"w")), note, gone])).unwrap();
    let read: Vec<_> = set.iter().map(|(name, value)| (name.as_str(), value.expose())).collect();
    assert_eq!(read, [("A", "p\"w"), ("B", "2"), ("C", "x y")]);
}

#[test]
fn s3_10_what_could_be_read_in_two_ways_is_refused_and_no_error_repeats_it() {
    let a = "A".parse::<SecretName>().unwrap();
    let note = |text: &str| json!({"type": 2, "name": "n", "notes": text, "collectionIds": [ID]});
    let field = json!([{"name": "canary-field", "value": "canary-value", "type": 1, "linkedId": null}]);
    let fine = login("A", &json!("canary-fine"));
    let cases = [
        (json!([with(fine.clone(), "fields", field)]), ItemsError::Fields { name: a.clone() }),
        (json!([login("A", &json!(null))]), ItemsError::NoPassword { name: a.clone() }),
        (json!([login("A", &json!(""))]), ItemsError::NoPassword { name: a.clone() }),
        (json!([with(fine.clone(), "type", json!(3))]), ItemsError::Kind { item: 1, kind: 3 }),
        (json!([with(fine.clone(), "collectionIds", json!(["canary"]))]), ItemsError::Foreign { item: 1 }),
        (json!([login("canary name", &json!("x"))]), ItemsError::Name { item: 1, source: NameError::Grammar }),
        (json!([login("LD_PRELOAD", &json!("x"))]), ItemsError::Name { item: 1, source: NameError::Steering }),
        (json!([fine.clone(), note("canary")]), ItemsError::Note { item: 2, source: PlainError::Line(1) }),
    ];
    for (data, expected) in cases {
        let error = taken(&data).unwrap_err();
        assert_eq!(error, expected);
        assert!(!format!("{error} {error:?}").contains("canary"), "{error:?}");
    }
    let twice = taken(&json!([fine.clone(), note("A=canary-2")])).unwrap_err();
    assert!(matches!(twice, ItemsError::Note { item: 2, source: PlainError::Refused { line: 1, .. } }), "{twice:?}");
    let lines = taken(&json!([login("A", &json!("canary\nPATH=/tmp"))])).unwrap_err();
    assert!(matches!(lines, ItemsError::Refused { item: 1, .. }), "{lines:?}");
    // What serde would say of it repeats it.
    let wrong = taken(&json!([with(fine, "type", json!("canary-type"))])).unwrap_err();
    assert!(matches!(wrong, ItemsError::Answer(_)) && !format!("{wrong} {wrong:?}").contains("canary"), "{wrong:?}");
}
