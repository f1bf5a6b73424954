//! Customers' secrets out of a Bitwarden vault: a stand-in for `bw serve` that gives the CLI's own answers, and what is
//! refused of them.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::Response;
use reset_agent::customers::{FetchError, fetch};
use reset_agent::ledger::CustomerStatus;
use saga::RunEnd;
use serde_json::{Value, json};
use tokio::net::{TcpListener, UnixListener};

use crate::bench::expect_done;
use crate::secrets::{CANARIES, Vault, expect_nowhere};

const SERVER: &str = "https://vault.example.org";
const COLLECTION: &str = "6f6e1b5c-8f0a-4b51-9a6e-b0c500f2a001";

/// What the vault holds, and what it was asked.
struct Vaulted {
    server: Value,
    lock: &'static str,
    collections: Value,
    items: Value,
    /// A path that is answered otherwise than by the CLI.
    trouble: Option<(&'static str, Trouble)>,
    /// Every request, as it came.
    asked: Vec<String>,
}

/// How an answer is wrong.
#[derive(Debug, Clone, Copy)]
enum Trouble {
    /// As the CLI refuses.
    Refused,
    /// It never ends.
    Endless,
    /// Something else listens there.
    Stranger,
}

/// `bw serve`, as far as it is asked.
#[derive(Clone)]
pub(crate) struct BwServe(Arc<Mutex<Vaulted>>);

impl BwServe {
    fn new() -> Self {
        let item = |name: &str, password: &str| {
            json!({
                "passwordHistory": null, "revisionDate": "2026-11-20T10:00:00.000Z", "deletedDate": null,
                "creationDate": "2026-11-20T10:00:00.000Z", "object": "item", "folderId": null, "type": 1,
                "id": "2f8c1d11-0000-4000-8000-b0c500f2a002", "organizationId": "ab2c1d11-0000-4000-8000-b0c500f2a003",
                "reprompt": 0, "name": name, "notes": null, "favorite": false, "collectionIds": [COLLECTION],
                "login": {"uris": [], "username": "app", "password": password, "totp": null, "passwordRevisionDate": null}
            })
        };
        Self(Arc::new(Mutex::new(Vaulted {
            server: json!(SERVER),
            lock: "unlocked",
            collections: json!([collection("Acme / Prod", COLLECTION), collection("Globex", "x")]),
            items: json!([item("DATABASE_URL", CANARIES[0]), item("TOKEN", CANARIES[1])]),
            trouble: None,
            asked: Vec::new(),
        })))
    }

    fn state(&self) -> MutexGuard<'_, Vaulted> {
        self.0.lock().unwrap()
    }

    fn router(&self) -> Router {
        Router::new().fallback(answer).with_state(self.clone())
    }

    /// On a unix socket that nobody else may ask.
    fn on_socket(&self, path: &Path) {
        let listener = UnixListener::bind(path).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
        tokio::spawn(axum::serve(listener, self.router()).into_future());
    }

    /// On a port of the loopback interface.
    async fn on_loopback(&self) -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(axum::serve(listener, self.router()).into_future());
        port
    }
}

fn collection(name: &str, id: &str) -> Value {
    json!({"object": "collection", "id": id, "name": name, "externalId": null, "organizationId": "o"})
}

/// `success` and `data`, as every answer of the CLI has them.
async fn answer(State(bw): State<BwServe>, request: Request) -> Response {
    let (method, uri) = (request.method().to_string(), request.uri().to_string());
    let host = request.headers()[header::HOST].to_str().unwrap().to_owned();
    let mut state = bw.state();
    state.asked.push(format!("{method} {uri}"));
    // The CLI's protection against pages of a browser.
    let is_own = ["localhost:", "127.0.0.1:"].iter().any(|own| host.starts_with(own));
    if !is_own || request.headers().contains_key(header::ORIGIN) {
        return Response::builder().status(StatusCode::FORBIDDEN).body(Body::empty()).unwrap();
    }
    match state.trouble.filter(|(at, _)| uri.starts_with(at)) {
        Some((_, Trouble::Refused)) => return refused("Vault is locked."),
        Some((_, Trouble::Endless)) => {
            let piece = || Ok::<_, std::convert::Infallible>(vec![b' '; 1 << 16]);
            return Response::new(Body::from_stream(futures_util::stream::repeat_with(piece)));
        }
        Some((_, Trouble::Stranger)) => return Response::new(Body::from(format!("<html>{}", CANARIES[0]))),
        None => {}
    }
    let list = |data: &Value| json!({"object": "list", "data": data});
    let data = match (method.as_str(), uri.as_str()) {
        ("GET", "/status") => json!({"object": "template", "template": {
            "serverUrl": state.server, "lastSync": "2026-11-20T10:00:00.000Z", "userEmail": "mint@example.org",
            "userId": "0c3d1d11-0000-4000-8000-b0c500f2a004", "status": state.lock
        }}),
        _ if state.lock != "unlocked" => return refused("Vault is locked."),
        ("POST", "/sync") => {
            json!({"noColor": false, "object": "message", "title": "Syncing complete.", "message": null})
        }
        ("GET", "/list/object/collections") => list(&state.collections),
        ("GET", uri) if uri == format!("/list/object/items?collectionId={COLLECTION}") => list(&state.items),
        _ => return refused("Not found."),
    };
    Response::new(Body::from(json!({"success": true, "data": data}).to_string()))
}

fn refused(message: &str) -> Response {
    let body = json!({"success": false, "message": message}).to_string();
    Response::builder().status(StatusCode::BAD_REQUEST).body(Body::from(body)).unwrap()
}

/// A bench whose customer's secrets lie in a vault behind a socket.
pub(crate) async fn vault() -> (Vault, BwServe) {
    let bw = BwServe::new();
    let vault = Vault::with(|dir| {
        let socket = dir.join("bw.sock");
        bw.on_socket(&socket);
        format!("[secrets.bitwarden]\nserver = \"{SERVER}\"\nsocket = \"{}\"\n", socket.display())
    })
    .await;
    vault.register("acme", "bitwarden:Acme / Prod").await;
    (vault, bw)
}

/// What one fetch asks, and nothing else: no verb of the vault that changes it.
fn one_fetch() -> Vec<String> {
    let items = format!("GET /list/object/items?collectionId={COLLECTION}");
    vec!["GET /status".into(), "POST /sync".into(), "GET /list/object/collections".into(), items]
}

#[tokio::test(flavor = "multi_thread")]
async fn s3_09_s3_21_a_collection_of_a_vault_reaches_the_guest_and_nothing_else() {
    let (vault, bw) = vault().await;
    bw.state().lock = "locked";
    let RunEnd::Parked(rest) = vault.run().await else { panic!("a locked vault: not parked") };
    assert!(rest.reason.contains("the vault is locked"), "{}", rest.reason);
    bw.state().lock = "unlocked";
    bw.state().asked.clear();
    let resumed = vault.program(&["resume", &vault.bench.run]).await;
    assert!(resumed.status.success(), "{}", String::from_utf8_lossy(&resumed.stderr));
    assert_eq!(vault.status().await, CustomerStatus::Active);
    let expected = "DATABASE_URL=canary-5f0c1d-database\nTOKEN=\"canary-a83b77 with \\\"quotes\\\" and \\$dollars\"\n";
    assert_eq!(vault.env_file(0), expected);
    assert_eq!(bw.state().asked, one_fetch());
    // Told at the finest level, and kept in the ledger: no secret.
    let mut told = vec![resumed.stdout, resumed.stderr];
    for words in [&["customers", "deliver", "acme"][..], &["runs", &vault.bench.run], &["destroy", "acme"]] {
        let output = vault.program(words).await;
        assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
        told.extend([output.stdout, output.stderr]);
    }
    assert!(told.iter().map(Vec::len).sum::<usize>() > 10_000, "was everything traced?");
    let dir = vault.bench.config.parent().unwrap();
    told.extend(["ledger.db", "ledger.db-wal", "known_hosts"].iter().filter_map(|name| fs::read(dir.join(name)).ok()));
    expect_nowhere(&told, CANARIES.into_iter().chain([expected]));
}

/// What is made wrong with the vault.
type Spoil = fn(&mut Vaulted);

#[tokio::test(flavor = "multi_thread")]
async fn s3_09_s3_12_what_is_wrong_with_a_vault_is_named_and_nothing_of_it_told() {
    let cases: [(&str, Spoil); 12] = [
        ("says https://vault.example.org", |v| v.server = json!("https://vault.example.com")),
        ("of https://vault.bitwarden.com", |v| v.server = json!(null)),
        ("nobody is logged in", |v| v.lock = "unauthenticated"),
        ("2 collections", |v| v.collections = json!([collection("Acme / Prod", "a"), collection("Acme / Prod", "b")])),
        ("0 collections", |v| v.collections = json!([collection("acme / prod", COLLECTION)])),
        ("no usable name", |v| v.items[0]["name"] = json!("canary-name")),
        ("more than one line", |v| v.items[0]["login"]["password"] = json!("canary\nA=1")),
        ("holds no secret", |v| v.items = json!([])),
        ("refuses /sync", |v| v.trouble = Some(("/sync", Trouble::Refused))),
        ("refuses /list/object/items", |v| v.trouble = Some(("/list/object/items", Trouble::Refused))),
        ("longer than 4 MiB", |v| v.trouble = Some(("/list/object/items", Trouble::Endless))),
        ("/status cannot be read", |v| v.trouble = Some(("/status", Trouble::Stranger))),
    ];
    let (vault, bw) = vault().await;
    let reference = "bitwarden:Acme / Prod".parse().unwrap();
    let settings = vault.context.settings.secrets.as_ref();
    for (said, spoil) in cases {
        *bw.state() = Arc::into_inner(BwServe::new().0).unwrap().into_inner().unwrap();
        spoil(&mut bw.state());
        let error = fetch(settings, &reference).await.unwrap_err();
        let debug = format!("{error:?}");
        let told = format!("{:#} {debug}", anyhow::Error::new(error));
        assert!(told.contains(said), "{said}: {told}");
        assert!(!told.contains("canary"), "{said}: {told}");
        let asked = bw.state().asked.clone();
        assert_eq!(asked, one_fetch()[..asked.len()], "{said}: what comes after is not asked");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn s3_13_a_socket_that_is_open_to_others_is_not_asked() {
    let (vault, bw) = vault().await;
    let (settings, reference) = (vault.context.settings.secrets.as_ref(), "bitwarden:Acme / Prod".parse().unwrap());
    let socket = vault.bench.config.with_file_name("bw.sock");
    let mode = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    mode(&socket, 0o777);
    mode(socket.parent().unwrap(), 0o755);
    let open = fetch(settings, &reference).await.unwrap_err();
    assert!(format!("{:#}", anyhow::Error::new(open)).contains("open to others"));
    assert_eq!(bw.state().asked, Vec::<String>::new());
    mode(socket.parent().unwrap(), 0o700);
    assert_eq!(fetch(settings, &reference).await.unwrap().len(), 2, "its folder is closed");
    fs::remove_file(&socket).unwrap();
    let gone = fetch(settings, &reference).await.unwrap_err();
    assert!(format!("{:#}", anyhow::Error::new(gone)).contains("is it running?"));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_collection_is_fetched_after_the_other() {
    let bw = BwServe::new();
    let port = bw.on_loopback().await;
    let vault =
        Vault::with(|_| format!("[secrets.bitwarden]\nserver = \"{SERVER}/\"\nurl = \"http://127.0.0.1:{port}\"\n"))
            .await;
    let (settings, reference) = (vault.context.settings.secrets.as_ref(), "bitwarden:Acme / Prod".parse().unwrap());
    let fetched = futures_util::future::join_all((0..4).map(|_| fetch(settings, &reference))).await;
    assert!(fetched.iter().all(|set| set.as_ref().is_ok_and(|set| set.len() == 2)), "{fetched:?}");
    assert_eq!(bw.state().asked, vec![one_fetch(); 4].concat());
    let other = fetch(settings, &"bitwarden:Globex".parse().unwrap()).await.unwrap_err();
    assert!(matches!(other, FetchError::Vault { .. }), "its id could not stand in a query: {other:?}");
}

#[tokio::test]
async fn s3_18_a_vault_in_the_way_to_a_guest_changes_nothing_for_files() {
    let (vault, bw) = vault().await;
    vault.context.ledger.forget_customer(&"acme".parse().unwrap()).await.unwrap();
    vault.register("acme", "age:acme").await;
    vault.store_canaries();
    expect_done(&vault.run().await, "from a file");
    assert_eq!((vault.status().await, bw.state().asked.len()), (CustomerStatus::Active, 0));
}

/// Against the CLI itself, unlocked, with a collection `Acme / Prod`: `BW_SERVE` is its URL, `BW_SERVER` the vault's.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a Bitwarden CLI: set BW_SERVE and BW_SERVER"]
async fn s3_09_the_cli_itself_gives_a_collection() {
    let [url, server] = ["BW_SERVE", "BW_SERVER"].map(|name| std::env::var(name).unwrap());
    let vault = Vault::with(|_| format!("[secrets.bitwarden]\nserver = \"{server}\"\nurl = \"{url}\"\n")).await;
    let settings = vault.context.settings.secrets.as_ref();
    let set = fetch(settings, &"bitwarden:Acme / Prod".parse().unwrap()).await.unwrap();
    assert!(!set.is_empty());
    println!("{}", set.names().join(" "));
}
