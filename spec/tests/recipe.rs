//! Recipes: the whole surface is accepted, and every mistake is named with the path of its key.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on must stop")]

use proptest::prelude::*;
use spec::identity::MachineIdState;
use spec::recipe::{Access, Base, HostKeys, KeySource, Recipe, RecipeError, Script, Step};

const FULL: &str = r#"
[golden]
name = "debian13-docker"
[base]
template = "local:vztmpl/debian-13-standard_13.1-2_amd64.tar.zst"
sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
[container]
unprivileged = true
features = ["nesting", "keyctl"]
cores = 2
memory = "2G"
rootfs = { storage = "local", size = "8G" }
net0 = { bridge = "vmbr0", ip = "dhcp", firewall = true, mtu = 1400 }
[access]
user_ca = "keys/operator_ca.pub"
[[step]]
env = { LANG = "C.UTF-8" }
[[step]]
apt = ["ca-certificates", "docker.io=26.1.5+dfsg1-9+b9"]
[[step]]
run = "scripts/harden-ssh.sh"
[[step]]
copy = { from = "files/motd", to = "/etc/motd", mode = "0600" }
[[check]]
run = "docker info --format '{{.Driver}}'"
[clean]
host_keys = "guest-exec"
machine_id = "uninitialized"
keep = [{ item = "apt-lists", reason = "the first boot installs from them" }]
[release]
storage = "backups"
size_budget = "400M"
"#;

const SMALL: &str = r#"
[golden]
name = "small"
[base]
bootstrap = { suite = "trixie", packages = ["openssh-server"] }
[container]
rootfs = { storage = "local", size = "2G" }
"#;

#[test]
fn s4_06_the_whole_surface_is_accepted() {
    let recipe = Recipe::from_toml(FULL).unwrap();
    assert_eq!(recipe.name.as_str(), "debian13-docker");
    assert!(matches!(&recipe.base, Base::Template { sha256: Some(_), .. }));
    assert!(recipe.container.features.nesting() && recipe.container.features.keyctl());
    assert_eq!((recipe.container.cores, recipe.container.memory.bytes()), (Some(2), 2 << 30));
    assert_eq!(recipe.container.nets[&0].to_string(), "name=eth0,bridge=vmbr0,firewall=1,ip=dhcp,mtu=1400");
    assert_eq!(recipe.access, Access::UserCa(KeySource::File("keys/operator_ca.pub".into())));
    assert_eq!(recipe.steps.len(), 4);
    assert_eq!(recipe.steps[2], Step::Run(Script::File("scripts/harden-ssh.sh".into())));
    assert!(matches!(&recipe.steps[3], Step::Copy(copy) if copy.mode == 0o600));
    assert_eq!(recipe.checks[0].run, Script::Command("docker info --format '{{.Driver}}'".into()));
    assert_eq!((recipe.clean.host_keys, recipe.clean.machine_id), (HostKeys::GuestExec, MachineIdState::Uninitialized));
    assert_eq!(recipe.clean.keep[0].item, "apt-lists");
    assert_eq!((recipe.release.storage.as_str(), recipe.release.size_budget.unwrap().bytes()), ("backups", 400 << 20));
}

#[test]
fn defaults_are_filled_in() {
    let recipe = Recipe::from_toml(SMALL).unwrap();
    assert_eq!(recipe.container.memory.to_string(), "512M");
    assert_eq!((recipe.clean.host_keys, recipe.clean.machine_id), (HostKeys::BakedUnit, MachineIdState::Empty));
    assert_eq!(recipe.release.storage.as_str(), "local");
    assert_eq!(recipe.access, Access::None);
}

/// The mistakes of a recipe, each as `path: text`.
fn mistakes(text: &str) -> Vec<String> {
    match Recipe::from_toml(text).unwrap_err() {
        RecipeError::Problems { problems } => problems.iter().map(ToString::to_string).collect(),
        RecipeError::Syntax { message } => panic!("not even TOML: {message}"),
    }
}

/// `SMALL` with `from` replaced by `to` must be refused with one mistake that begins like this.
#[track_caller]
fn refused(from: &str, to: &str, start: &str) {
    assert!(SMALL.contains(from), "{from:?} is not in the recipe");
    let found = mistakes(&SMALL.replacen(from, to, 1));
    assert!(found.len() == 1 && found[0].starts_with(start), "{to:?}: {found:#?}");
}

/// `SMALL` with a text behind it must be refused with one mistake that begins like this.
#[track_caller]
fn refused_behind(text: &str, start: &str) {
    refused("size = \"2G\" }\n", &format!("size = \"2G\" }}\n{text}\n"), start);
}

#[test]
fn unknown_keys_are_refused_with_their_path() {
    refused(
        "size = \"2G\"",
        "size = \"2G\", sizee = \"3G\"",
        "container.rootfs.sizee: unknown key; did you mean size?",
    );
    refused_behind("[cleen]", "cleen: unknown key; did you mean clean?");
    refused_behind("[clean]\nwhatever = 1", "clean.whatever: unknown key; known here: host_keys, machine_id, keep");
    refused_behind(
        "[[step]]\nrun = \"true\"\n[[step]]\nrun = \"true\"\napts = [\"curl\"]",
        "step[2].apts: unknown key; did you mean apt?",
    );
    refused_behind("net32 = { bridge = \"vmbr0\" }", "container.net32: unknown key; interfaces are net0 to net31");
    refused_behind(
        "net0 = { bridge = \"vmbr0\", speed = 1 }",
        "container.net0.speed: speed=1: property is not defined",
    );
}

#[test]
fn wrong_types_are_refused_with_value_and_remedy() {
    refused("name = \"small\"", "name = 1", "golden.name: 1 is a number, write a text in quotes");
    refused_behind("cores = \"two\"", "container.cores: \"two\" is a text, write a whole number");
    refused_behind("unprivileged = \"yes\"", "container.unprivileged: \"yes\" is a text, write true or false");
    refused_behind("features = [1]", "container.features: [1] is a list, write a list of texts");
    refused_behind("[[step]]\ncopy = \"a\"", "step[1].copy: \"a\" is a text, write a table");
}

#[test]
fn wrong_values_are_refused() {
    refused("\"small\"", "\"a_b\"", "golden.name: \"a_b\" is not a valid hostname");
    refused("\"trixie\"", "\"Trixie!\"", "base.bootstrap.suite: \"Trixie!\" is no Debian suite");
    refused("\"openssh-server\"", "\"OpenSSH\"", "base.bootstrap.packages: \"OpenSSH\" is no Debian package");
    refused("\"2G\"", "\"2GB\"", "container.rootfs.size: \"2GB\" is not a size");
    refused("\"2G\"", "\"1500M\"", "container.rootfs.size: 1500M is no whole number of GiB");
    refused("\"local\"", "\"-\"", "container.rootfs.storage: \"-\" is not a valid storage id");
    refused_behind("unprivileged = false", "container.unprivileged: false: ");
    refused_behind("cores = 0", "container.cores: 0 is not between 1 and 8192");
    refused_behind("memory = \"8M\"", "container.memory: 8M is less than the 16M");
    refused_behind("features = [\"nestling\"]", "container.features: \"nestling\" is no feature");
    refused_behind("net0 = { ip = \"dhcp\" }", "container.net0.bridge: missing");
    refused_behind("[[step]]\napt = [\"curl\"]", "container.net0: missing; a step installs packages");
    refused_behind("net0 = { bridge = \"b\" }\n[[step]]\napt = [\"-y\"]", "step[1].apt: \"-y\" is no package");
    refused_behind("[[step]]", "step[1]: must hold exactly one of apt, run, copy and env");
    refused_behind("[[step]]\nrun = \"a\"\nenv = {}", "step[1]: must hold exactly one of apt, run, copy and env");
    refused_behind("[[step]]\nrun = \"../x.sh\"", "step[1].run: \"../x.sh\" leads out of the recipe's directory");
    refused_behind("[[step]]\nrun = \" \"", "step[1].run: is empty");
    refused_behind("[[step]]\nenv = { \"A-B\" = \"1\" }", "step[1].env.A-B: is no variable's name");
    refused_behind("[[step]]\ncopy = { from = \"a\" }", "step[1].copy.to: missing");
    refused_behind("[[step]]\ncopy = { from = \"/a\", to = \"/b\" }", "step[1].copy.from: \"/a\" leads out");
    refused_behind("[[step]]\ncopy = { from = \"a\", to = \"b/\" }", "step[1].copy.to: \"b/\" is no absolute path");
    refused_behind(
        "[[step]]\ncopy = { from = \"a\", to = \"/b\", mode = \"rw\" }",
        "step[1].copy.mode: \"rw\" is no octal mode",
    );
    refused_behind("[[check]]", "check[1].run: missing");
    refused_behind("[clean]\nhost_keys = \"none\"", "clean.host_keys: \"none\" is unknown");
    refused_behind("[clean]\nmachine_id = \"deleted\"", "clean.machine_id: \"deleted\" is unknown");
    refused_behind("[clean]\nkeep = [{ item = \"apt-lists\" }]", "clean.keep[1].reason: missing");
    refused_behind(
        "[clean]\nkeep = [{ item = \"nothing\", reason = \"x\" }]",
        "clean.keep[1].item: \"nothing\" is no item",
    );
    refused_behind(
        "[clean]\nkeep = [{ item = \"ssh-host-keys\", reason = \"x\" }]",
        "clean.keep[1].item: \"ssh-host-keys\" must differ",
    );
    refused_behind("[release]\nsize_budget = \"lots\"", "release.size_budget: \"lots\" is not a size");
}

#[test]
fn s1_06_what_belongs_to_a_single_guest_is_refused() {
    refused_behind(
        "net0 = { bridge = \"b\", hwaddr = \"BC:24:11:00:00:01\" }",
        "container.net0.hwaddr: a golden has no address of its own",
    );
    refused_behind(
        "net0 = { bridge = \"b\", ip = \"10.0.0.5/24\" }",
        "container.net0.ip: \"10.0.0.5/24\" would be the address of every guest",
    );
}

#[test]
fn the_base_is_one_of_three() {
    refused(
        "suite = \"trixie\"",
        "suite = \"trixie\", snapshot = \"yesterday\"",
        "base.bootstrap.snapshot: \"yesterday\" is no moment of Debian's archive",
    );
    refused("bootstrap = { suite = \"trixie\", packages = [\"openssh-server\"] }", "", "base: missing");
    refused(
        "[base]",
        "[base]\ntemplate = \"local:vztmpl/x.tar.zst\"",
        "base: holds more than one of template, bootstrap and golden",
    );
    refused("[base]", "[base]\nsha256 = \"00\"", "base.sha256: this is the digest of a template");
}

#[test]
fn private_keys_are_refused_by_content_and_not_repeated() {
    let secret = "-----BEGIN OPENSSH PRIVATE KEY-----\\nc2VjcmV0\\n-----END OPENSSH PRIVATE KEY-----";
    let found = mistakes(&format!("{SMALL}[access]\nadmin_keys = [\"{secret}\"]\n"));
    assert_eq!(found, ["access.admin_keys: this is a PRIVATE key; give the public half (the file that ends in .pub)"]);
    refused_behind("[access]\nadmin_keys = []", "access.admin_keys: is empty");
    refused_behind("[access]\nadmin_keys = [\"a\"]\nuser_ca = \"b\"", "access: holds both user_ca and admin_keys");
    refused_behind("[access]\nuser_ca = \"\"", "access.user_ca: is neither a public key nor the path of one");
}

#[test]
fn all_mistakes_are_reported_at_once() {
    let found = mistakes("[golden]\nnam = \"x\"\n[container]\ncores = 0\n[[step]]\n");
    let paths: Vec<&str> = found.iter().map(|line| line.split(':').next().unwrap()).collect();
    assert_eq!(paths, ["golden.nam", "golden.name", "base", "container.cores", "container.rootfs", "step[1]"]);
}

#[test]
fn what_is_no_toml_is_refused_with_its_line() {
    let error = Recipe::from_toml("[golden]\nname = \n").unwrap_err().to_string();
    assert!(error.starts_with("this is not TOML: ") && error.contains("line 2"), "{error}");
}

proptest! {
    #[test]
    fn a_damaged_recipe_is_answered(line in 0_usize..40, text in "[ -~\n]{0,40}") {
        let mut lines: Vec<&str> = FULL.lines().collect();
        let line = line.min(lines.len() - 1);
        lines[line] = &text;
        match Recipe::from_toml(&lines.join("\n")) {
            Ok(_) => {}
            Err(RecipeError::Syntax { message }) => prop_assert!(message.contains("line"), "{message}"),
            Err(RecipeError::Problems { problems }) => {
                prop_assert!(!problems.is_empty());
                prop_assert!(problems.iter().all(|p| !p.path.is_empty() && !p.text.is_empty()), "{problems:?}");
            }
        }
    }
}

#[test]
fn s4_11_minimize_is_a_profile_with_single_rules_and_every_mistake_is_named() {
    let recipe = Recipe::from_toml(&format!(
        "{SMALL}[minimize]\nprofile = \"small\"\nrules = {{ man-pages = false }}\nlanguages = [\"de\"]\n\
         keep = [\"/usr/share/doc/foo/**\"]\ngrowth = \"5%\"\nmax_growth = \"20%\"\n"
    ));
    let minimize = recipe.unwrap().minimize;
    let names: Vec<&str> = minimize.active().iter().map(|active| active.rule.name).collect();
    assert!(names.contains(&"headers") && !names.contains(&"man-pages"), "{names:?}");
    assert_eq!(minimize.languages, ["de", "en"]);
    let wrong = mistakes(&format!(
        "{SMALL}[minimize]\nprofile = \"tiny\"\nrules = {{ man-page = false }}\nlanguages = [\"*\"]\n\
         keep = [\"usr/share\"]\ngrowth = \"30%\"\nmax_growth = \"20%\"\n"
    ));
    for path in ["minimize.profile: ", "minimize.languages: ", "minimize.keep[1]: ", "minimize.growth: "] {
        assert!(wrong.iter().any(|mistake| mistake.starts_with(path)), "{path} {wrong:?}");
    }
    assert!(wrong.contains(&"minimize.rules.man-page: unknown key; did you mean man-pages?".to_owned()), "{wrong:?}");
}
