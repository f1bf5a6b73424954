//! One guest from an order over HTTP to its recovery: followed as it is made, given its secrets, lost and brought back.

use std::fs;
use std::path::PathBuf;

use age::secrecy::ExposeSecret;
use anyhow::{Context, Result, ensure};
use e2e::lab::Served;
use serde_json::{Value, json};

use super::guests::vmid_of;
use crate::Story;
use crate::stage::Stage;

pub(crate) const STORIES: &[Story] =
    &[("service::s3_11_s4_38_a_guest_is_ordered_followed_given_secrets_lost_and_recovered", a_guests_life)];

const CUSTOMER: &str = "ordered";
const SECRETS: &str = "DATABASE_URL=postgres://app@db/ordered\nTOKEN='two words'\n";

fn a_guests_life(stage: &Stage) -> Result<()> {
    let vault = Vault::seal(stage)?;
    let config = fs::read_to_string(stage.lab.layout.agent_config())?;
    let agent = stage.lab.serve("ordering", &format!("{config}\n{}", vault.section()))?;
    agent.beside(&stage.lab, &["customers", "register", "--customer", CUSTOMER, "--secrets", "age:acme"])?.ok()?;
    let guest = ordered(stage, &agent)?;
    on_the_page(&agent, &guest)?;
    has_secrets(stage, &agent, vmid_of(&guest)?)?;
    recovered(stage, &agent, &guest)?;
    agent.stop()?;
    vault.remove()
}

/// The order is followed by server-sent events; a stream that was cut off goes on where it was.
fn ordered(stage: &Stage, agent: &Served) -> Result<Value> {
    let ask = json!({"customer": CUSTOMER, "golden": stage.small()?.golden.as_str()});
    let accepted = agent.call("POST", "/v1/guests", &["Idempotency-Key: order-1"], Some(&ask))?.with(202)?;
    let again = agent.call("POST", "/v1/guests", &["Idempotency-Key: order-1"], Some(&ask))?.with(202)?;
    ensure!(accepted == again, "asked again: {accepted} and {again}");
    let run = accepted["run"].as_str().context("a run")?;
    let first = agent.events(run, None, |event| event.name == "started" && event.data["step"] == "restore")?;
    // Told while it happens: the guest is not there yet.
    ensure!(agent.get(&format!("/v1/runs/{run}"))?["end"] == "unfinished", "the stream comes after the run");
    let cut = first.last().and_then(|event| event.id);
    let rest = agent.events(run, cut, |event| event.name == "end")?;
    let told: Vec<u64> = first.iter().chain(&rest).filter_map(|event| event.id).collect();
    ensure!(told.iter().copied().eq(0..told.len() as u64), "records are missing or told twice: {told:?}");
    let last = rest.last().context("a stream without an end")?;
    ensure!(last.name == "end" && last.data["end"] == "done", "{last:?}");
    agent.get(&format!("/v1/guests/{CUSTOMER}"))
}

fn on_the_page(agent: &Served, guest: &Value) -> Result<()> {
    ensure!(guest["state"] == "active" && guest["trust"] == "hypervisor", "{guest:#}");
    let page = agent.page()?;
    let identities = guest["identities"].as_array().context("identities")?;
    let values = identities.iter().map(|identity| &identity["value"]);
    for value in values.chain([&guest["guest"], &guest["run"], &guest["address"], &guest["hostname"]]) {
        let value = value.as_str().context("a text")?;
        ensure!(page.contains(value), "the page does not show {value}:\n{page}");
    }
    let fields = [format!("<td>{}</td>", guest["vmid"]), "data-state=\"active\"".to_owned()];
    ensure!(fields.iter().all(|field| page.contains(field)), "the page does not show {fields:?}:\n{page}");
    Ok(())
}

/// Root's alone inside, as they were sealed, and gone when the registration is deleted.
fn has_secrets(stage: &Stage, agent: &Served, vmid: u32) -> Result<()> {
    let registered = agent.beside(&stage.lab, &["customers", "show", CUSTOMER, "--json"])?.ok()?.stdout;
    ensure!(registered.contains("\"active\""), "the secrets are not there: {registered}");
    let file = "/etc/mintmark/secrets.env";
    let inside = stage.lab.in_guest(vmid, &format!("stat -c '%U:%G %a' {file}"))?.ok()?.stdout;
    ensure!(inside == "root:root 600\n", "{file} is {inside}");
    let sourced = format!(". {file} && printf '%s|%s' \"$DATABASE_URL\" \"$TOKEN\"");
    let sourced = stage.lab.in_guest(vmid, &sourced)?.ok()?.stdout;
    ensure!(sourced == "postgres://app@db/ordered|two words", "a shell reads {sourced}");
    agent.beside(&stage.lab, &["customers", "delete", CUSTOMER, "--keep-guest"])?.ok()?;
    stage.lab.in_guest(vmid, &format!("test ! -e {file}"))?.ok().context("the secrets are still there")?;
    Ok(())
}

/// A service that reads its data at each start.
const SERVICE: &str = "set -e; mkdir -p /srv/app; echo orders-of-a-year >/srv/app/data
    printf '[Service]\\nExecStart=/bin/sh -c \"cp /srv/app/data /run/served && exec sleep infinity\"\\n[Install]\\nWantedBy=multi-user.target\\n' \\
        >/etc/systemd/system/app.service
    systemctl enable --now app.service 2>/dev/null";

/// What a guest is known by: its addresses, machine-id and host keys.
const KNOWN_BY: &str = "cat /sys/class/net/eth0/address /etc/machine-id /etc/hostname; cat /etc/ssh/ssh_host_*_key.pub";

/// The node backs it up, it is lost, and it comes back as it was known.
fn recovered(stage: &Stage, agent: &Served, guest: &Value) -> Result<()> {
    let vmid = vmid_of(guest)?;
    stage.lab.in_guest(vmid, SERVICE)?.ok()?;
    let before = stage.lab.in_guest(vmid, KNOWN_BY)?.ok()?.stdout;
    let backup = backed_up(stage, vmid)?;
    let gone = agent.call("DELETE", &format!("/v1/guests/{CUSTOMER}"), &["Prefer: wait=600"], None)?.with(200)?;
    ensure!(gone["state"] == "destroyed" && stage.vmids()?.is_empty(), "{gone}");
    let words = ["recover", "--customer", CUSTOMER, "--archive", &backup, "--json"];
    let told: Value = agent.beside(&stage.lab, &words)?.ok()?.json()?;
    ensure!(told["end"] == "done" && told["checklist"].is_array(), "{told:#}");
    let back = vmid_of(&told)?;
    let after = stage.lab.in_guest(back, KNOWN_BY)?.ok()?.stdout;
    ensure!(before == after && before.matches("ssh-").count() >= 2, "it was known by\n{before}and is by\n{after}");
    let served = stage.lab.in_guest(back, "systemctl is-active app && cat /run/served")?.ok()?.stdout;
    ensure!(served == "active\norders-of-a-year\n", "the service inside says {served}");
    let row = agent.get(&format!("/v1/guests/{CUSTOMER}"))?;
    ensure!(row["state"] == "active" && row["vmid"] == back && row["run"] == told["run"], "{row:#}");
    agent.call("DELETE", &format!("/v1/guests/{CUSTOMER}"), &["Prefer: wait=600"], None)?.with(200)?;
    stage.lab.node(&["pvesm", "free", &backup])?.ok().map(drop)
}

/// `vzdump` of the node; the archive's volume.
fn backed_up(stage: &Stage, vmid: u32) -> Result<String> {
    let vmid = vmid.to_string();
    stage.lab.node(&["vzdump", &vmid, "--mode", "stop", "--compress", "zstd", "--storage", "local"])?.ok()?;
    let listed = stage.lab.node(&["pvesm", "list", "local", "--content", "backup", "--vmid", &vmid])?.ok()?.stdout;
    let volume = listed.lines().skip(1).find_map(|line| line.split_whitespace().next());
    volume.map(str::to_owned).with_context(|| format!("vzdump left no archive: {listed}"))
}

/// A folder of sealed secrets, and the key to it.
struct Vault {
    folder: PathBuf,
}

impl Vault {
    fn seal(stage: &Stage) -> Result<Self> {
        let folder = stage.lab.layout.root().join("secrets");
        fs::create_dir_all(&folder)?;
        let key = age::x25519::Identity::generate();
        let sealed = age::encrypt(&key.to_public(), SECRETS.as_bytes()).context("sealing the secrets")?;
        fs::write(folder.join("acme.age"), sealed)?;
        let identity = folder.join("key");
        fs::write(&identity, "")?;
        fs::set_permissions(&identity, std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
        fs::write(identity, key.to_string().expose_secret())?;
        Ok(Self { folder })
    }

    fn section(&self) -> String {
        let folder = self.folder.display();
        format!("[secrets]\nfolder = \"{folder}\"\nidentity = \"file:{folder}/key\"\n")
    }

    fn remove(self) -> Result<()> {
        fs::remove_dir_all(self.folder).context("removing the vault")
    }
}
