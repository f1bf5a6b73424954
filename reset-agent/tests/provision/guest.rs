//! The inside of the pretending node's guests: an sshd that proves a host key and runs commands, and a helper that
//! looks into their trees. With it whole plans run to their end.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::{IpAddr, UdpSocket};
use std::path::Path;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use russh::keys::ssh_key::private::{Ed25519Keypair, KeypairData};
use russh::keys::ssh_key::{HashAlg, PrivateKey};
use russh::server::{Auth, Config, Handler, Msg, Session};
use russh::{Channel, ChannelId};
use serde_json::{Value, json};
use spec::identity::{Catalog, GuestRule, Identity, IdentityKind, Item, Observation, Reading, Seen};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, UnixListener};

use crate::node::Shared;

/// An address of this machine that is no loopback: a guest's is none either. Nothing is sent to learn it.
pub(crate) fn own_address() -> IpAddr {
    let socket = UdpSocket::bind("0.0.0.0:0").unwrap();
    socket.connect("192.0.2.254:9").unwrap_or_else(|error| panic!("this test needs a machine with a route: {error}"));
    socket.local_addr().unwrap().ip()
}

/// Starts sshd and helper; gives the port of the one and answers at the other's socket.
pub(crate) async fn start(world: Shared, helper: &Path) -> u16 {
    let listener = TcpListener::bind((own_address(), 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let mut hasher = DefaultHasher::new();
    helper.hash(&mut hasher);
    let mut seed = [7; 32];
    seed[..8].copy_from_slice(&hasher.finish().to_le_bytes());
    let host = PrivateKey::new(KeypairData::from(Ed25519Keypair::from_seed(&seed)), "test").unwrap();
    tokio::spawn(helper_of(UnixListener::bind(helper).unwrap(), Arc::clone(&world), host.clone()));
    tokio::spawn(sshd(listener, host, world));
    port
}

async fn sshd(listener: TcpListener, host: PrivateKey, world: Shared) {
    while let Ok((stream, _)) = listener.accept().await {
        let shown = world.lock().unwrap().shown_certificates.clone();
        let certificates = shown.iter().map(|line| line.parse().unwrap()).collect();
        let config = Arc::new(Config { keys: vec![host.clone()], certificates, ..Config::default() });
        let handler = Sshd { world: Arc::clone(&world) };
        let running = russh::server::run_stream(config, stream, handler).await;
        tokio::spawn(async move { drop(running.unwrap().await) });
    }
}

struct Sshd {
    world: Shared,
}

impl Handler for Sshd {
    type Error = russh::Error;

    async fn auth_openssh_certificate(
        &mut self,
        _user: &str,
        _certificate: &russh::keys::ssh_key::Certificate,
    ) -> Result<Auth, russh::Error> {
        let mut world = self.world.lock().unwrap();
        world.logins += usize::from(!world.refuses_login);
        Ok(if world.refuses_login { Auth::reject() } else { Auth::Accept })
    }

    async fn channel_open_session(
        &mut self,
        _channel: Channel<Msg>,
        reply: russh::server::ChannelOpenHandle,
        _session: &mut Session,
    ) -> Result<(), russh::Error> {
        reply.accept().await;
        Ok(())
    }

    async fn exec_request(
        &mut self,
        channel: ChannelId,
        data: &[u8],
        session: &mut Session,
    ) -> Result<(), russh::Error> {
        let fails = {
            let mut world = self.world.lock().unwrap();
            if data == b"systemctl reload ssh" && !world.deaf {
                let delivered = world.certificates.clone();
                world.shown_certificates = delivered;
            }
            world.commands_fail
        };
        if fails {
            return session.channel_failure(channel);
        }
        session.channel_success(channel)?;
        let said: &[u8] = if data.starts_with(b"journalctl ") { b"the unit says this\n" } else { b"running\n" };
        session.data(channel, said.to_vec())?;
        session.exit_status_request(channel, 0)?;
        session.close(channel)
    }
}

async fn helper_of(listener: UnixListener, world: Shared, host: PrivateKey) {
    while let Ok((stream, _)) = listener.accept().await {
        let mut stream = BufReader::new(stream);
        let mut asked = String::new();
        stream.read_line(&mut asked).await.unwrap();
        let text = asked;
        let asked: Value = serde_json::from_str(&text).unwrap();
        if asked["verb"] == "deliver" {
            world.lock().unwrap().delivered.push(text);
        }
        let holds = world.lock().unwrap().holds_deliveries;
        if holds && asked["place"] == "secrets" {
            world.lock().unwrap().unanswered.push(stream);
            continue;
        }
        let answer = match asked["verb"].as_str() {
            Some("observe") => observe(&world, &asked["vmid"].to_string(), &host),
            // The golden's first-boot program is an old one: the request lies there and is not signed.
            Some("deliver") => deliver(&world, &asked),
            verb => json!({"error": {"kind": "bad-request", "message": format!("{verb:?} is not known")}}),
        };
        stream.write_all(format!("{answer}\n").as_bytes()).await.unwrap();
    }
}

/// Takes the files, and tells sshd of certificates as the helper does.
fn deliver(world: &Shared, asked: &Value) -> Value {
    let files = asked["files"].as_array().unwrap();
    let mut names: Vec<&str> = files.iter().map(|file| file["name"].as_str().unwrap()).collect();
    if asked["place"] == "host-certificates" {
        let content = |file: &Value| STANDARD.decode(file["content"].as_str().unwrap()).unwrap();
        let lines = files.iter().map(|file| String::from_utf8(content(file)).unwrap());
        world.lock().unwrap().certificates = lines.collect();
        names.push("20-mintmark-host-certificates.conf");
    }
    json!({"delivered": names, "withdrawn": []})
}

fn observe(world: &Shared, vmid: &str, host: &PrivateKey) -> Value {
    let world = world.lock().unwrap();
    let Some(guest) = world.guests.get(vmid) else {
        return json!({"error": {"kind": "failed", "message": "no such guest"}});
    };
    let status = if guest.running { world.firstboot.unwrap_or("done") } else { "done" };
    let firstboot = match status {
        "never" => json!({"state": "never"}),
        "malformed" => json!({"state": "unreadable", "why": "it is no JSON"}),
        status => json!({"state": "recorded", "of_this_boot": guest.running,
                         "record": {"status": status, "why": "as the test wants it"}}),
    };
    let machine_id = world.machine_id(vmid);
    let host = Some(host).filter(|_| !world.no_host_keys);
    let see = |item: &'static Item| Observation {
        item: item.id.to_owned(),
        place: item.first_place().to_owned(),
        seen: seen(item, &guest.config["hostname"], &machine_id, host, world.hides_machine_ids),
    };
    let observations: Vec<Observation> = Catalog::builtin().looked_at().map(see).collect();
    let host_keys = host.map(|host| json!({"public": host.public_key().to_openssh().unwrap()}));
    let host_keys: Vec<Value> = host_keys.into_iter().collect();
    json!({"observations": observations, "firstboot": firstboot, "host_keys": host_keys})
}

fn seen(item: &'static Item, hostname: &str, machine_id: &str, host: Option<&PrivateKey>, is_hidden: bool) -> Seen {
    let identity = |kind, value: &str| Seen::Identity { identity: Identity::new(kind, value), modified: None };
    match (&item.reading, item.in_guest) {
        (Reading::MachineId, _) if is_hidden => Seen::Unreadable { why: "as the test wants it".into() },
        (Reading::MachineId, _) => identity(IdentityKind::MachineId, machine_id),
        (Reading::Hostname, GuestRule::Present) => identity(IdentityKind::Hostname, hostname),
        (Reading::SshHostKey, _) => host.map_or(Seen::Absent, |host| {
            let fingerprint = host.public_key().fingerprint(HashAlg::Sha256).to_string();
            identity(IdentityKind::SshHostKey("ssh-ed25519".into()), &fingerprint)
        }),
        _ => Seen::Absent,
    }
}
