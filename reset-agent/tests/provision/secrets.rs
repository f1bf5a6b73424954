//! Customers' secrets, from an age file into a guest: when they are delivered, when not, and that nothing else ever holds
//! one of them.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::{Arc, Mutex};

use age::secrecy::ExposeSecret;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reset_agent::agent::{Agent, Tells};
use reset_agent::config::{Fragment, Settings};
use reset_agent::context::Context;
use reset_agent::guest::Helper;
use reset_agent::ledger::{CustomerStatus, GuestState, Registration};
use reset_agent::sagas::provision;
use reset_agent::steps::{
    Hold, IssueMachineId, Record, Reserve, Reset, Resize, Resolve, Restore, Secrets, Start, WithdrawMachineId,
};
use saga::{Executor, Plan, Recorder, RunEnd, Step, StepError};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixListener;
use tokio::process::Command;

use crate::bench::{Bench, expect_done, input};

/// Unique strings: none of them may be found anywhere but in the guest.
const CANARIES: [&str; 2] = ["canary-5f0c1d-database", "canary-a83b77 with \"quotes\" and $dollars"];

/// A step that only says what a real one would have found: the guest is none that could be looked at.
struct Said(&'static str, Value);

impl Step<Context> for Said {
    fn name(&self) -> &'static str {
        self.0
    }

    async fn run(&self, _: &mut Context, _: &mut Recorder<'_>) -> Result<Value, StepError> {
        Ok(self.1.clone())
    }

    async fn undo(&self, _: &mut Context, _: &mut Recorder<'_>) -> Result<(), StepError> {
        Ok(())
    }
}

/// The plan of a provision, where nobody has to boot.
fn plan(verdict: &str) -> Plan<Context> {
    let reached = json!({"address": "10.0.0.7", "trust": "hypervisor", "host_keys": [], "ssh": {"proof": "host-key"}});
    let verified = json!({"verdict": verdict, "looked": "helper", "findings": [], "comparison": [], "identities": []});
    Plan::new("provision", provision().version())
        .then(Resolve)
        .then(Reserve)
        .then(Restore)
        .then(Reset)
        .then(Resize)
        .then(IssueMachineId)
        .then(Start)
        .then(Said("await", reached))
        .then(Said("verify", verified))
        .then(WithdrawMachineId)
        .then(Hold)
        .then(Record)
        .then(Secrets)
}

type Delivered = Arc<Mutex<Vec<Value>>>;

/// A helper that sees an empty tree and takes what it is given.
fn helper(socket: &Path) -> Delivered {
    let listener = UnixListener::bind(socket).unwrap();
    let delivered = Delivered::default();
    let kept = Arc::clone(&delivered);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let mut stream = BufReader::new(stream);
            let mut asked = String::new();
            stream.read_line(&mut asked).await.unwrap();
            let asked: Value = serde_json::from_str(&asked).unwrap();
            let answer = match asked["verb"].as_str() {
                Some("deliver") => {
                    let names = asked["files"].as_array().unwrap().iter().map(|file| file["name"].clone());
                    json!({"vmid": asked["vmid"], "delivered": names.collect::<Vec<_>>(), "withdrawn": []})
                }
                _ => json!({"observations": [], "firstboot": {"state": "never"}}),
            };
            if asked["place"] == "secrets" {
                kept.lock().unwrap().push(asked);
            }
            stream.write_all(format!("{answer}\n").as_bytes()).await.unwrap();
        }
    });
    delivered
}

/// A bench with a helper, a folder of secrets and a registered customer `acme`, whose file is not there yet.
struct Vault {
    bench: Bench,
    context: Context,
    delivered: Delivered,
    key: age::x25519::Identity,
    folder: PathBuf,
}

impl Vault {
    async fn new() -> Self {
        let bench = Bench::new().await;
        let dir = bench.config.parent().unwrap().to_owned();
        let (folder, socket) = (dir.join("secrets"), dir.join("helper.sock"));
        fs::create_dir(&folder).unwrap();
        let key = age::x25519::Identity::generate();
        private(&dir.join("identity"), key.to_string().expose_secret());
        let written = fs::read_to_string(&bench.config).unwrap();
        let written = format!(
            "{written}[helper]\nsocket = \"{}\"\n[secrets]\nfolder = \"{}\"\nidentity = \"file:{}\"\n",
            socket.display(),
            folder.display(),
            dir.join("identity").display()
        );
        fs::write(&bench.config, &written).unwrap();
        let settings = Settings::try_from(toml::from_str::<Fragment>(&written).unwrap()).unwrap();
        let delivered = helper(&socket);
        let context =
            Context { settings: Arc::new(settings), helper: Some(Helper::at(socket)), ..bench.context.clone() };
        let vault = Self { bench, context, delivered, key, folder };
        vault.register("acme", "age:acme").await;
        vault
    }

    async fn register(&self, hostname: &str, secrets: &str) {
        let ask = Registration {
            customer: "acme".parse().unwrap(),
            hostname: hostname.parse().unwrap(),
            secrets: secrets.parse().unwrap(),
        };
        self.context.ledger.register_customer(&ask).await.unwrap();
    }

    fn store(&self, text: &str) {
        let sealed = age::encrypt(&self.key.to_public(), text.as_bytes()).unwrap();
        fs::write(self.folder.join("acme.age"), sealed).unwrap();
    }

    fn store_canaries(&self) {
        self.store(&format!("DATABASE_URL={}\nTOKEN='{}'\n", CANARIES[0], CANARIES[1]));
    }

    async fn run(&self, verdict: &str) -> RunEnd {
        let (journal, plan) = (self.bench.store.journal(), plan(verdict));
        let mut context = self.context.clone();
        Executor::new(&journal, &plan).start(&self.bench.run, input(), &mut context).await.unwrap().end
    }

    async fn status(&self) -> CustomerStatus {
        self.context.ledger.customer(&"acme".parse().unwrap()).await.unwrap().unwrap().status
    }

    /// The program itself, telling all that it can tell.
    async fn program(&self, words: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_reset-agent"))
            .args(["--config", self.bench.config.to_str().unwrap(), "--json"])
            .args(words)
            .env("MINTMARK_LOG", "trace")
            .output()
            .await
            .unwrap()
    }

    fn deliveries(&self) -> usize {
        self.delivered.lock().unwrap().len()
    }

    fn env_file(&self, delivery: usize) -> String {
        let asked = self.delivered.lock().unwrap()[delivery].clone();
        assert_eq!((&asked["place"], &asked["files"][0]["name"]), (&json!("secrets"), &json!("secrets.env")));
        let content = asked["files"][0]["content"].as_str().unwrap();
        String::from_utf8(STANDARD.decode(content).unwrap()).unwrap()
    }
}

fn private(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

#[tokio::test]
async fn s3_16_a_verified_guest_gets_the_secrets_and_its_customer_is_active() {
    let vault = Vault::new().await;
    vault.store_canaries();
    expect_done(&vault.run("pass").await, "with secrets");
    assert_eq!(vault.status().await, CustomerStatus::Active);
    let expected = "DATABASE_URL=canary-5f0c1d-database\nTOKEN=\"canary-a83b77 with \\\"quotes\\\" and \\$dollars\"\n";
    assert_eq!(vault.env_file(0), expected);
}

#[tokio::test]
async fn s3_16_a_guest_that_is_not_verified_gets_nothing() {
    let vault = Vault::new().await;
    vault.store_canaries();
    expect_done(&vault.run("unverified").await, "not verified");
    assert!(vault.deliveries() == 0);
    assert_eq!(vault.status().await, CustomerStatus::Provisioned);
    assert!(!vault.program(&["customers", "deliver", "acme"]).await.status.success());
    assert!(vault.deliveries() == 0);
}

#[tokio::test]
async fn s3_03_a_customer_who_is_not_registered_gets_nothing_and_the_record_says_so() {
    let vault = Vault::new().await;
    vault.store_canaries();
    vault.context.ledger.forget_customer(&"acme".parse().unwrap()).await.unwrap();
    expect_done(&vault.run("pass").await, "not registered");
    assert!(vault.deliveries() == 0);
    let log = vault.bench.store.journal().log(&vault.bench.run).await.unwrap();
    let said = log.step("secrets").unwrap().output.clone().unwrap();
    assert_eq!(said, json!({"secrets": "skipped", "why": "not registered"}));
}

/// What stands in the way.
type Preparation = fn(&Vault);

/// Every way to fail parks the run: guest up, status as it was, nothing in the guest.
#[tokio::test]
async fn s3_12_every_failure_leaves_the_status_and_the_guest() {
    let cases: [(&str, Preparation); 5] = [
        ("no file", |_| {}),
        ("not for us", |vault| {
            let stranger = age::x25519::Identity::generate();
            fs::write(vault.folder.join("acme.age"), age::encrypt(&stranger.to_public(), b"A=1").unwrap()).unwrap();
        }),
        ("two lines", |vault| vault.store("A=canary-in-a-bad-file\u{2028}PATH=/tmp")),
        ("no name", |vault| vault.store("canary-in-a-names-place=1")),
        ("an open identity", |vault| {
            vault.store_canaries();
            let identity = vault.bench.config.with_file_name("identity");
            fs::set_permissions(identity, fs::Permissions::from_mode(0o644)).unwrap();
        }),
    ];
    for (case, prepare) in cases {
        let vault = Vault::new().await;
        prepare(&vault);
        let RunEnd::Parked(rest) = vault.run("pass").await else { panic!("{case}: not parked") };
        assert!(!rest.reason.contains("canary"), "{case}: {}", rest.reason);
        assert!(rest.command.unwrap().contains("reset-agent resume"), "{case}");
        assert_eq!(vault.status().await, CustomerStatus::Provisioned, "{case}");
        assert!(vault.deliveries() == 0, "{case}");
        let guest = vault.context.ledger.by_customer(&"acme".parse().unwrap()).await.unwrap().unwrap();
        assert_eq!(guest.state, GuestState::Active, "{case}");
        vault.bench.expect_one_guest(case);
    }
}

#[tokio::test]
async fn s3_04_secrets_go_to_the_registered_guest_and_to_no_other() {
    let vault = Vault::new().await;
    vault.store_canaries();
    expect_done(&vault.run("pass").await, "first");
    {
        let mut world = vault.bench.node.world();
        let config = &mut world.guests.get_mut("200").unwrap().config;
        config.insert("rootfs".into(), "local:200/vm-200-disk-7.raw,size=10G".into());
    }
    let refused = vault.program(&["customers", "deliver", "acme"]).await;
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(refused.status.code() == Some(1) && said.contains("its root disk is"), "{said}");
    assert_eq!(vault.deliveries(), 1, "nothing was written");
}

#[tokio::test]
async fn s3_20_deleting_takes_secrets_guest_and_registration_and_may_be_repeated() {
    let vault = Vault::new().await;
    vault.store_canaries();
    expect_done(&vault.run("pass").await, "to be deleted");
    for time in ["once", "twice"] {
        let deleted = vault.program(&["customers", "delete", "acme"]).await;
        assert!(deleted.status.success(), "{time}: {}", String::from_utf8_lossy(&deleted.stderr));
        vault.bench.expect_clean_slate(time).await;
        assert_eq!(vault.context.ledger.customer(&"acme".parse().unwrap()).await.unwrap(), None, "{time}");
    }
    let deliveries = vault.delivered.lock().unwrap();
    assert_eq!((deliveries.len(), &deliveries[1]["files"]), (2, &json!([])), "the env file went first");
}

#[tokio::test]
async fn s3_20_a_kept_guest_loses_its_secrets_only() {
    let vault = Vault::new().await;
    vault.store_canaries();
    expect_done(&vault.run("pass").await, "to be kept");
    assert!(vault.program(&["customers", "delete", "acme", "--keep-guest"]).await.status.success());
    vault.bench.expect_one_guest("kept");
    assert_eq!(vault.delivered.lock().unwrap()[1]["files"], json!([]));
}

/// Acceptance 5: no secret in journal, ledger, output, or in anything that is told at the finest level.
#[tokio::test]
async fn s3_18_a_secret_is_nowhere_but_in_the_guest() {
    let vault = Vault::new().await;
    let RunEnd::Parked(_) = vault.run("pass").await else { panic!("there is no file yet: not parked") };
    vault.store_canaries();
    let resumed = vault.program(&["resume", &vault.bench.run]).await;
    let mut told = vec![resumed.stdout.clone(), resumed.stderr.clone()];
    assert!(resumed.status.success(), "{}", String::from_utf8_lossy(&resumed.stderr));
    assert!(vault.env_file(0).contains(CANARIES[0]), "it is in the guest");
    for words in [
        &["customers", "deliver", "acme"][..],
        &["customers", "show", "acme"],
        &["customers", "list"],
        &["show", "acme"],
        &["runs", &vault.bench.run],
        &["destroy", "acme"],
    ] {
        let output = vault.program(words).await;
        assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
        told.extend([output.stdout, output.stderr]);
    }
    let traced: usize = told.iter().map(Vec::len).sum();
    assert!(traced > 10_000, "only {traced} bytes were told: was everything traced?");
    let dir = vault.bench.config.parent().unwrap();
    let files = ["ledger.db", "ledger.db-wal", "known_hosts", "agent.toml"].map(|name| dir.join(name));
    told.extend(files.iter().filter_map(|path| fs::read(path).ok()));
    let secret = vault.key.to_string();
    for canary in CANARIES.iter().chain([&secret.expose_secret()]) {
        let forms = [canary.as_bytes().to_vec(), STANDARD.encode(canary).into_bytes()];
        for (place, text) in told.iter().enumerate() {
            for form in &forms {
                assert!(!text.windows(form.len()).any(|part| part == form), "{canary} in place {place}");
            }
        }
    }
}

#[tokio::test]
async fn s3_01_customers_are_registered_listed_and_shown_as_json() {
    let vault = Vault::new().await;
    let said = |output: Output| serde_json::from_slice::<Value>(&output.stdout).unwrap();
    let words = ["customers", "register", "--customer", "globex", "--secrets", "age:globex"];
    let first = said(vault.program(&words).await);
    assert_eq!(first["customer"]["status"], "provisioned");
    assert_eq!(
        (&first["customer"]["hostname"], &first["customer"]["secrets"]),
        (&json!("globex"), &json!("age:globex"))
    );
    assert_eq!(said(vault.program(&words).await), first, "the same again");
    let clash = vault.program(&["customers", "register", "--customer", "other", "--secrets", "age:globex"]).await;
    assert_eq!(clash.status.code(), Some(2));
    let list = said(vault.program(&["customers", "list"]).await);
    assert_eq!(list["customers"].as_array().unwrap().len(), 2);
    assert_eq!(vault.program(&["customers", "show", "nobody"]).await.status.code(), Some(2));
    // The same functions as the program's: the service calls them.
    let agent = Agent::open((*vault.context.settings).clone(), Tells::Nobody).await.unwrap();
    let shown = reset_agent::verbs::customers::show(&agent, &"globex".parse().unwrap()).await.unwrap();
    assert_eq!(shown.customer.registration.secrets.to_string(), "age:globex");
}
