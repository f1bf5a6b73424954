//! The recipe as written: which keys there are, and nothing about what they mean.

use std::collections::BTreeMap;

use super::keys::{Keys, Problems};
use crate::minimize::RULES;

/// A recipe as written: every key optional, none unknown.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Fragment {
    pub(super) name: Option<String>,
    pub(super) template: Option<String>,
    pub(super) sha256: Option<String>,
    pub(super) bootstrap: Option<BootstrapFragment>,
    pub(super) base_golden: Option<String>,
    pub(super) container: ContainerFragment,
    pub(super) user_ca: Option<String>,
    pub(super) admin_keys: Option<Vec<String>>,
    pub(super) steps: Vec<StepFragment>,
    pub(super) checks: Vec<Option<String>>,
    pub(super) host_keys: Option<String>,
    pub(super) machine_id: Option<String>,
    pub(super) keep: Vec<KeepFragment>,
    pub(super) minimize: MinimizeFragment,
    pub(super) storage: Option<String>,
    pub(super) size_budget: Option<String>,
}

/// `[base] bootstrap`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct BootstrapFragment {
    pub(super) suite: Option<String>,
    pub(super) packages: Option<Vec<String>>,
    pub(super) snapshot: Option<String>,
}

/// `[container]`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct ContainerFragment {
    pub(super) unprivileged: Option<bool>,
    pub(super) features: Option<Vec<String>>,
    pub(super) cores: Option<i64>,
    pub(super) memory: Option<String>,
    pub(super) rootfs: Option<RootFsFragment>,
    /// By key (`net0`): the interface's own keys and values as text.
    pub(super) nets: BTreeMap<String, BTreeMap<String, String>>,
}

/// `[container] rootfs`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct RootFsFragment {
    pub(super) storage: Option<String>,
    pub(super) size: Option<String>,
}

/// `[[step]]`: one of these is set in a sound one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct StepFragment {
    pub(super) apt: Option<Vec<String>>,
    pub(super) run: Option<String>,
    pub(super) copy: Option<CopyFragment>,
    pub(super) env: Option<BTreeMap<String, String>>,
}

/// `[[step]] copy`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct CopyFragment {
    pub(super) from: Option<String>,
    pub(super) to: Option<String>,
    pub(super) mode: Option<String>,
}

/// One entry of `[clean] keep`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct KeepFragment {
    pub(super) item: Option<String>,
    pub(super) reason: Option<String>,
}

/// `[minimize]`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct MinimizeFragment {
    pub(super) profile: Option<String>,
    pub(super) rules: BTreeMap<String, bool>,
    pub(super) languages: Option<Vec<String>>,
    pub(super) keep: Option<Vec<String>>,
    pub(super) growth: Option<String>,
    pub(super) max_growth: Option<String>,
}

impl Fragment {
    /// Takes a recipe's tables apart; what does not belong is noted.
    pub(super) fn read(table: toml::Table, problems: &mut Problems) -> Self {
        let mut recipe = Self::default();
        let mut top = Keys::new("", table);
        let mut section = |name: &str, problems: &mut Problems, read: &mut dyn FnMut(&mut Keys, &mut Problems)| {
            if let Some(mut keys) = top.table(name, problems) {
                read(&mut keys, problems);
                keys.finish(problems);
            }
        };
        section("golden", problems, &mut |keys, p| recipe.name = keys.text("name", p));
        section("base", problems, &mut |keys, p| {
            recipe.template = keys.text("template", p);
            recipe.sha256 = keys.text("sha256", p);
            recipe.base_golden = keys.text("golden", p);
            recipe.bootstrap = keys.table("bootstrap", p).map(|keys| read_bootstrap(keys, p));
        });
        section("container", problems, &mut |keys, p| recipe.container = read_container(keys, p));
        section("access", problems, &mut |keys, p| {
            recipe.user_ca = keys.text("user_ca", p);
            recipe.admin_keys = keys.texts("admin_keys", p);
        });
        section("clean", problems, &mut |keys, p| {
            recipe.host_keys = keys.text("host_keys", p);
            recipe.machine_id = keys.text("machine_id", p);
            recipe.keep = keys.tables("keep", p).into_iter().map(|keys| read_keep(keys, p)).collect();
        });
        section("minimize", problems, &mut |keys, p| recipe.minimize = read_minimize(keys, p));
        section("release", problems, &mut |keys, p| {
            recipe.storage = keys.text("storage", p);
            recipe.size_budget = keys.text("size_budget", p);
        });
        recipe.steps = top.tables("step", problems).into_iter().map(|keys| read_step(keys, problems)).collect();
        recipe.checks = top.tables("check", problems).into_iter().map(|keys| read_check(keys, problems)).collect();
        top.finish(problems);
        recipe
    }
}

fn read_bootstrap(mut keys: Keys, problems: &mut Problems) -> BootstrapFragment {
    let suite = keys.text("suite", problems);
    let packages = keys.texts("packages", problems);
    let snapshot = keys.text("snapshot", problems);
    keys.finish(problems);
    BootstrapFragment { suite, packages, snapshot }
}

fn read_container(keys: &mut Keys, problems: &mut Problems) -> ContainerFragment {
    let mut container = ContainerFragment {
        unprivileged: keys.boolean("unprivileged", problems),
        features: keys.texts("features", problems),
        cores: keys.integer("cores", problems),
        memory: keys.text("memory", problems),
        ..ContainerFragment::default()
    };
    container.rootfs = keys.table("rootfs", problems).map(|mut keys| {
        let rootfs = RootFsFragment { storage: keys.text("storage", problems), size: keys.text("size", problems) };
        keys.finish(problems);
        rootfs
    });
    for name in keys.names().into_iter().filter(|name| is_net(name)) {
        if let Some(net) = keys.table(&name, problems) {
            container.nets.insert(name, read_scalars(net, problems));
        }
    }
    container
}

/// `net0` to `net31`, as far as the shape goes.
fn is_net(key: &str) -> bool {
    key.strip_prefix("net").is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
}

/// A table of texts, numbers and yes-or-noes, all as text (`true` as `1`, as Proxmox has it).
fn read_scalars(mut keys: Keys, problems: &mut Problems) -> BTreeMap<String, String> {
    let mut scalars = BTreeMap::new();
    for name in keys.names() {
        let text = match keys.value(&name) {
            Some(toml::Value::String(text)) => text,
            Some(toml::Value::Integer(number)) => number.to_string(),
            Some(toml::Value::Float(number)) => number.to_string(),
            Some(toml::Value::Boolean(flag)) => u8::from(flag).to_string(),
            Some(other) => {
                problems.add(
                    keys.path_of(&name),
                    format!("{other} is no single value; write a text, a number, true or false"),
                );
                continue;
            }
            None => continue,
        };
        scalars.insert(name, text);
    }
    scalars
}

fn read_step(mut keys: Keys, problems: &mut Problems) -> StepFragment {
    let step = StepFragment {
        apt: keys.texts("apt", problems),
        run: keys.text("run", problems),
        copy: keys.table("copy", problems).map(|keys| read_copy(keys, problems)),
        env: keys.table("env", problems).map(|keys| read_scalars(keys, problems)),
    };
    keys.finish(problems);
    step
}

fn read_copy(mut keys: Keys, problems: &mut Problems) -> CopyFragment {
    let copy = CopyFragment {
        from: keys.text("from", problems),
        to: keys.text("to", problems),
        mode: keys.text("mode", problems),
    };
    keys.finish(problems);
    copy
}

fn read_check(mut keys: Keys, problems: &mut Problems) -> Option<String> {
    let run = keys.text("run", problems);
    keys.finish(problems);
    run
}

fn read_minimize(keys: &mut Keys, problems: &mut Problems) -> MinimizeFragment {
    let mut minimize = MinimizeFragment {
        profile: keys.text("profile", problems),
        languages: keys.texts("languages", problems),
        keep: keys.texts("keep", problems),
        growth: keys.text("growth", problems),
        max_growth: keys.text("max_growth", problems),
        ..MinimizeFragment::default()
    };
    if let Some(mut rules) = keys.table("rules", problems) {
        for rule in RULES {
            minimize.rules.extend(rules.boolean(rule.name, problems).map(|on| (rule.name.to_owned(), on)));
        }
        rules.finish(problems);
    }
    minimize
}

fn read_keep(mut keys: Keys, problems: &mut Problems) -> KeepFragment {
    let keep = KeepFragment { item: keys.text("item", problems), reason: keys.text("reason", problems) };
    keys.finish(problems);
    keep
}
