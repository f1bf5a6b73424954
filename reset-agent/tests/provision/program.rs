//! The shipped program in a run of its own: what it prints, how it ends, what it leaves.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

use crate::bench::{Bench, TOKEN};

const ASK: &[&str] = &["provision", "--customer", "acme", "--golden", "debian13"];

/// The program, told everything about its work, in an empty folder of its own where all that is temporary goes; without
/// a terminal, and its stdin closed.
async fn run(bench: &Bench, words: &[&str]) -> Output {
    let folder = bench.config.with_file_name("nowhere");
    fs::create_dir_all(&folder).unwrap();
    let mut program = Command::new("setsid");
    program.args(["--wait", "sh", "-c", "exec \"$0\" \"$@\" <&-", env!("CARGO_BIN_EXE_reset-agent"), "--config"]);
    program.arg(&bench.config).arg("--json").args(words);
    program.current_dir(&folder).env("TMPDIR", &folder).env("HOME", &folder).env("MINTMARK_LOG", "trace");
    let ended = tokio::task::spawn_blocking(move || program.output().unwrap()).await.unwrap();
    assert_eq!(files(&folder), BTreeSet::new(), "it left something temporary");
    ended
}

fn files(folder: &Path) -> BTreeSet<PathBuf> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
}

/// The exit code, and the one object that was printed, if there was one.
async fn result(bench: &Bench, words: &[&str]) -> (i32, Option<Value>) {
    let ended = run(bench, words).await;
    let (out, log) = (String::from_utf8(ended.stdout).unwrap(), String::from_utf8_lossy(&ended.stderr).into_owned());
    let code = ended.status.code().unwrap();
    if out.is_empty() {
        assert!(code == 2 || log.contains("error:"), "{words:?} says nothing: {log}");
        return (code, None);
    }
    let value: Value = serde_json::from_str(&out).unwrap_or_else(|error| panic!("{words:?}: {error}: {out}"));
    assert!(value["version"].is_u64(), "{words:?}: {out}");
    (code, Some(value))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s0_06_s1_04_alone_and_at_its_loudest_it_prints_one_object_and_makes_a_guest() {
    let bench = Bench::with_login().await;
    let ended = run(&bench, ASK).await;
    let log = String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.success(), "{log}");
    let value: Value = serde_json::from_slice(&ended.stdout).unwrap();
    assert_eq!(value["end"], "done");
    assert_eq!(value["address"], crate::guest::own_address().to_string());
    assert!(log.contains("TRACE") && log.lines().count() > 50, "it was told to say everything: {log}");
    assert!(!log.contains(TOKEN.split_once('=').unwrap().1), "the token was logged");
    bench.expect_one_guest("alone");
}

/// The codes that the documentation has.
fn documented() -> BTreeSet<i32> {
    let page =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/reference/exit-codes.md")).unwrap();
    page.lines().filter_map(|line| line.strip_prefix("| ")?.split(' ').next()?.parse().ok()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s0_20_each_documented_exit_code_is_what_the_program_ends_with() {
    let bench = Bench::whole().await;
    let mut seen = BTreeMap::new();
    let mut expect = async |words: &[&str], code: i32| {
        let (ended, value) = result(&bench, words).await;
        assert_eq!(ended, code, "{words:?}: {value:?}");
        seen.insert(code, words.join(" "));
    };
    bench.node.world().firstboot = Some("error");
    expect(ASK, 1).await;
    bench.node.world().firstboot = None;
    expect(&["provision", "--customer", "acme", "--golden", "debian12"], 2).await;
    expect(ASK, 0).await;
    let written = fs::read_to_string(&bench.config).unwrap();
    fs::write(&bench.config, written.replace("manifests = [", "manifests = [\"/nonexistent/goldens\", ")).unwrap();
    expect(&["audit"], 3).await;
    fs::write(&bench.config, written).unwrap();
    let twin = bench.node.world().guests.values().next().unwrap().clone();
    bench.node.world().guests.insert("150".into(), twin);
    expect(&["audit"], 5).await;
    bench.node.world().guests.remove("150");
    bench.node.world().leak_volumes = true;
    expect(&["destroy", "acme"], 4).await;
    assert_eq!(seen.keys().copied().collect::<BTreeSet<_>>(), documented(), "{seen:?}");
}

/// Success, failure, and a run that a person ends: the guest that was asked for, the ledger and known hosts, and nothing
/// else anywhere. S1-02: the login of each run among that.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s1_13_nothing_temporary_outlives_a_run() {
    let bench = Bench::with_login().await;
    let folder = bench.config.parent().unwrap();
    let known_hosts = || fs::read_to_string(&bench.context.settings.ssh.known_hosts).unwrap_or_default();
    result(&bench, &["list"]).await;
    let before = files(folder);
    bench.node.world().refuses_login = true;
    assert_eq!(result(&bench, ASK).await.0, 1);
    assert_eq!((bench.left(), known_hosts()), (Vec::new(), String::new()), "after a failure");
    bench.node.world().refuses_login = false;
    let (code, held) = result(&bench, &[ASK, &["--hold-after", "verify"]].concat()).await;
    assert_eq!((code, bench.left().len()), (4, 2), "a guest and its disk");
    let held = held.unwrap();
    assert_eq!(result(&bench, &["abort", held["run"].as_str().unwrap()]).await.0, 0);
    assert_eq!((bench.left(), known_hosts()), (Vec::new(), String::new()), "after an end by hand");
    assert_eq!(result(&bench, ASK).await.0, 0);
    assert_eq!((bench.left().len(), known_hosts().lines().count()), (2, 1), "a guest and its disk");
    let own = |path: &&PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("known_hosts"));
    let more: Vec<_> = files(folder).difference(&before).filter(|path| !own(path)).cloned().collect();
    assert_eq!(more, Vec::<PathBuf>::new());
}

/// Neither a password nor a ticket of root has a place in the configuration, and neither passes for a token.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s2_09_a_root_password_or_ticket_is_refused_wherever_it_is_written() {
    let bench = Bench::new().await;
    let written = fs::read_to_string(&bench.config).unwrap();
    for key in ["password", "root_password", "ticket", "user", "csrf"] {
        fs::write(&bench.config, written.replacen("[node]\n", &format!("[node]\n{key} = \"root-canary\"\n"), 1))
            .unwrap();
        let ended = run(&bench, ASK).await;
        let log = String::from_utf8_lossy(&ended.stderr).into_owned();
        assert_eq!(ended.status.code(), Some(2), "{key}: {log}");
        assert!(log.contains(&format!("unknown field `{key}`")), "{key}: {log}");
    }
    fs::write(&bench.config, &written).unwrap();
    for text in
        ["root-canary", "root@pam:root-canary", "PVE:root@pam:65F0ABCD::root-canary==", "PVEAuthCookie=root-canary"]
    {
        fs::write(bench.config.with_file_name("token"), text).unwrap();
        let ended = run(&bench, ASK).await;
        let log = String::from_utf8_lossy(&ended.stderr).into_owned();
        assert_eq!(ended.status.code(), Some(2), "{text}: {log}");
        assert!(log.contains("USER@REALM!NAME=SECRET") && !log.contains("canary"), "{text}: {log}");
    }
    assert_eq!(bench.node.world().changes, []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s3_13_a_credentials_file_that_others_may_read_is_refused() {
    let bench = Bench::with_login().await;
    for (name, restores) in [("token", 0), ("user_ca", 3)] {
        let path = bench.config.with_file_name(name);
        for mode in [0o640, 0o604, 0o660] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            let ended = run(&bench, ASK).await;
            let said = String::from_utf8([ended.stdout, ended.stderr].concat()).unwrap();
            let told = format!("is open to others (mode {mode:04o}): run chmod 600 {}", path.display());
            assert!(!ended.status.success() && said.contains(&told), "{name}: {said}");
        }
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        bench.expect_clean_slate(name).await;
        assert_eq!(bench.node.world().restores, restores, "{name}");
    }
}

/// What node and helper are told for a guest holds nothing of what the agent is let in with.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s3_13_no_credential_of_the_agent_goes_into_a_guest() {
    let bench = Bench::certifying(true).await;
    let ended = run(&bench, ASK).await;
    assert_eq!(ended.status.code(), Some(0), "{}", String::from_utf8_lossy(&ended.stderr));
    let authorities = ["user_ca", "host_ca"].map(|ca| fs::read_to_string(bench.config.with_file_name(ca)).unwrap());
    let lines = authorities.iter().flat_map(|authority| authority.lines());
    let mut secrets: Vec<&str> = lines.filter(|line| !line.starts_with("-----")).collect();
    secrets.push(TOKEN.split_once('=').unwrap().1);
    let world = bench.node.world();
    let told = format!("{:?}{:?}", world.changes, world.delivered);
    assert!(!world.delivered.is_empty() && told.contains("hostname"), "nothing was told: {told}");
    assert!(world.delivered.iter().any(|line| line.contains("host-certificates")), "no certificate was brought");
    assert!(!secrets.iter().any(|secret| told.contains(secret)), "{told}");
    drop(world);
    let said = String::from_utf8([ended.stdout, ended.stderr].concat()).unwrap();
    assert!(said.contains("TRACE") && !secrets.iter().any(|secret| said.contains(secret)), "a secret was said");
    let written = files(bench.config.parent().unwrap()).into_iter().filter(|path| path.is_file());
    let own = written.filter(|path| !["token", "user_ca", "host_ca"].iter().any(|name| path.ends_with(name)));
    for path in own {
        let bytes = fs::read(&path).unwrap();
        let holds = |secret: &&str| bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
        assert!(!secrets.iter().any(holds), "a secret is in {}", path.display());
    }
}
