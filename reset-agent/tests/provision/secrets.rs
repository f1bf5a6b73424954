//! Customers' secrets, from an age file into a guest: when they are delivered, when not, and that nothing else ever holds
//! one of them.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::Arc;

use age::secrecy::ExposeSecret;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reset_agent::agent::{Agent, Tells};
use reset_agent::config::{Fragment, Settings};
use reset_agent::context::Context;
use reset_agent::ledger::{CustomerStatus, GuestState, Registration};
use reset_agent::sagas::{DESTROY, provision};
use saga::{Executor, RunEnd};
use serde_json::{Value, json};
use spec::exit::Exit;
use tokio::process::Command;

use crate::bench::{Bench, expect_done, input};
use crate::commands::exit_of;

/// Unique strings: none of them may be found anywhere but in the guest.
pub(crate) const CANARIES: [&str; 2] = ["canary-5f0c1d-database", "canary-a83b77 with \"quotes\" and $dollars"];

/// A bench with a folder of secrets and a registered customer `acme`, whose file is not there yet.
pub(crate) struct Vault {
    pub(crate) bench: Bench,
    pub(crate) context: Context,
    key: age::x25519::Identity,
    folder: PathBuf,
}

impl Vault {
    pub(crate) async fn new() -> Self {
        let vault = Self::with(|_| String::new()).await;
        vault.register("acme", "age:acme").await;
        vault
    }

    /// The same with more in the section, and nobody registered.
    pub(crate) async fn with(more: impl FnOnce(&Path) -> String) -> Self {
        let bench = Bench::whole().await;
        let dir = bench.config.parent().unwrap().to_owned();
        let folder = dir.join("secrets");
        fs::create_dir(&folder).unwrap();
        let key = age::x25519::Identity::generate();
        private(&dir.join("identity"), key.to_string().expose_secret());
        let written = fs::read_to_string(&bench.config).unwrap();
        let written = format!(
            "{written}[secrets]\nfolder = \"{}\"\nidentity = \"file:{}\"\n{}",
            folder.display(),
            dir.join("identity").display(),
            more(&dir)
        );
        fs::write(&bench.config, &written).unwrap();
        let settings = Settings::try_from(toml::from_str::<Fragment>(&written).unwrap()).unwrap();
        let context = Context { settings: Arc::new(settings), ..bench.context.clone() };
        Self { bench, context, key, folder }
    }

    pub(crate) async fn register(&self, hostname: &str, secrets: &str) {
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

    pub(crate) fn store_canaries(&self) {
        self.store(&format!("DATABASE_URL={}\nTOKEN='{}'\n", CANARIES[0], CANARIES[1]));
    }

    pub(crate) async fn run(&self) -> RunEnd {
        let (journal, plan) = (self.bench.store.journal(), provision());
        let mut context = self.context.clone();
        Executor::new(&journal, &plan).start(&self.bench.run, input(), &mut context).await.unwrap().end
    }

    pub(crate) async fn status(&self) -> CustomerStatus {
        self.context.ledger.customer(&"acme".parse().unwrap()).await.unwrap().unwrap().status
    }

    /// The program itself, telling all that it can tell.
    pub(crate) async fn program(&self, words: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_reset-agent"))
            .args(["--config", self.bench.config.to_str().unwrap(), "--json"])
            .args(words)
            .env("MINTMARK_LOG", "trace")
            .output()
            .await
            .unwrap()
    }

    /// What the helper was asked to put into the guest's place for secrets.
    pub(crate) fn delivered(&self) -> Vec<Value> {
        let world = self.bench.node.world();
        let all = world.delivered.iter().map(|asked| serde_json::from_str::<Value>(asked).unwrap());
        all.filter(|asked| asked["place"] == "secrets").collect()
    }

    fn deliveries(&self) -> usize {
        self.delivered().len()
    }

    pub(crate) fn env_file(&self, delivery: usize) -> String {
        let asked = self.delivered()[delivery].clone();
        assert_eq!(asked["files"][0]["name"], json!("secrets.env"));
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
    expect_done(&vault.run().await, "with secrets");
    assert_eq!(vault.status().await, CustomerStatus::Active);
    let expected = "DATABASE_URL=canary-5f0c1d-database\nTOKEN=\"canary-a83b77 with \\\"quotes\\\" and \\$dollars\"\n";
    assert_eq!(vault.env_file(0), expected);
}

#[tokio::test]
async fn s3_16_a_guest_that_is_not_verified_gets_nothing() {
    let vault = Vault::new().await;
    vault.store_canaries();
    vault.bench.node.world().hides_machine_ids = true;
    expect_done(&vault.run().await, "not verified");
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
    expect_done(&vault.run().await, "not registered");
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
        let RunEnd::Parked(rest) = vault.run().await else { panic!("{case}: not parked") };
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
    expect_done(&vault.run().await, "first");
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
    expect_done(&vault.run().await, "to be deleted");
    for time in ["once", "twice"] {
        let deleted = vault.program(&["customers", "delete", "acme"]).await;
        assert!(deleted.status.success(), "{time}: {}", String::from_utf8_lossy(&deleted.stderr));
        vault.bench.expect_clean_slate(time).await;
        assert_eq!(vault.context.ledger.customer(&"acme".parse().unwrap()).await.unwrap(), None, "{time}");
    }
    let deliveries = vault.delivered();
    assert_eq!((deliveries.len(), &deliveries[1]["files"]), (2, &json!([])), "the env file went first");
}

#[tokio::test]
async fn s3_20_a_kept_guest_loses_its_secrets_only() {
    let vault = Vault::new().await;
    vault.store_canaries();
    expect_done(&vault.run().await, "to be kept");
    assert!(vault.program(&["customers", "delete", "acme", "--keep-guest"]).await.status.success());
    vault.bench.expect_one_guest("kept");
    assert_eq!(vault.delivered()[1]["files"], json!([]));
}

/// What a run of `destroy` says of the secrets.
async fn withdrawal(vault: &Vault) -> Value {
    let runs = vault.bench.store.journal().runs(10).await.unwrap();
    let run = runs.into_iter().find(|run| run.header.plan == DESTROY).unwrap().header.run;
    let log = vault.bench.store.journal().log(&run).await.unwrap();
    log.step("secrets").unwrap().output.clone().unwrap()
}

#[tokio::test]
async fn s3_20_destroying_takes_the_secrets_first_and_says_so() {
    let vault = Vault::new().await;
    vault.store_canaries();
    expect_done(&vault.run().await, "to be destroyed");
    let told = vault.program(&["destroy", "acme", "--dry-run"]).await;
    let told: Value = serde_json::from_slice(&told.stdout).unwrap();
    assert_eq!((&told["acts"][0]["step"], &told["acts"][0]["does"]), (&json!("secrets"), &json!("helper")), "{told}");
    for time in ["once", "twice"] {
        assert_eq!(exit_of(&vault.bench, &["destroy", "acme"]).await, Exit::Done, "{time}");
        vault.bench.expect_clean_slate(time).await;
    }
    assert_eq!(withdrawal(&vault).await, json!({"secrets": "withdrawn"}));
    let deliveries = vault.delivered();
    assert_eq!((deliveries.len(), &deliveries[1]["files"]), (2, &json!([])));
    assert_eq!(vault.status().await, CustomerStatus::Provisioned);
}

/// A guest that is gone, or that nobody gets into, is destroyed all the same; the record says where its secrets are.
#[tokio::test]
async fn s3_20_a_guest_that_cannot_be_entered_is_destroyed_all_the_same() {
    let gone: Preparation = |vault| drop(vault.bench.node.world().guests.remove("200"));
    let closed: Preparation = |vault| fs::remove_file(vault.bench.config.with_file_name("helper.sock")).unwrap();
    for (case, prepare, said) in [("gone", gone, "is not on the node"), ("closed", closed, "the helper")] {
        let vault = Vault::new().await;
        vault.store_canaries();
        expect_done(&vault.run().await, case);
        prepare(&vault);
        vault.bench.node.world().volumes.clear();
        assert_eq!(exit_of(&vault.bench, &["destroy", "acme"]).await, Exit::Done, "{case}");
        let left = withdrawal(&vault).await;
        assert_eq!(left["secrets"], "left", "{case}: {left}");
        assert!(left["why"].as_str().unwrap().contains(said), "{case}: {left}");
        assert_eq!(vault.status().await, CustomerStatus::Provisioned, "{case}");
    }
}

/// Acceptance 5: no secret in journal, ledger, output, or in anything that is told at the finest level.
#[tokio::test(flavor = "multi_thread")]
async fn s3_18_a_secret_is_nowhere_but_in_the_guest() {
    let vault = Vault::new().await;
    let RunEnd::Parked(_) = vault.run().await else { panic!("there is no file yet: not parked") };
    vault.store_canaries();
    let resumed = vault.program(&["resume", &vault.bench.run]).await;
    let mut told = vec![resumed.stdout, resumed.stderr.clone()];
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
    let env_file = vault.env_file(0);
    let secrets = CANARIES.into_iter().chain([env_file.as_str(), secret.expose_secret()]);
    expect_nowhere(&told, secrets);
}

/// None of the secrets, as it is or in base64, is in any of the places.
pub(crate) fn expect_nowhere<'a>(places: &[Vec<u8>], secrets: impl Iterator<Item = &'a str>) {
    for secret in secrets {
        let forms = [secret.as_bytes().to_vec(), STANDARD.encode(secret).into_bytes()];
        for (place, text) in places.iter().enumerate() {
            for form in &forms {
                assert!(!text.windows(form.len()).any(|part| part == form), "{secret} in place {place}");
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
