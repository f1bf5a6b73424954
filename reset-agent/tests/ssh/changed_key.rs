//! A changed host key: refused before anything but the key exchange was sent, with all that a person needs to know.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use rand::rand_core::UnwrapErr;
use rand::rngs::SysRng;
use reset_agent::guest::ssh::host_key::PinnedKey;
use reset_agent::guest::ssh::session::{SshError, connect};
use russh::keys::ssh_key::private::{EcdsaKeypair, KeypairData};
use russh::keys::ssh_key::{EcdsaCurve, PrivateKey};
use russh::server::Config;
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::{HOST, credential, key, pins, serve, sshd};

const SSH_MSG_NEWKEYS: u8 = 21;

/// One connection to a server, and what the client sent on it.
struct Wire {
    address: SocketAddr,
    sent: Arc<Mutex<Vec<u8>>>,
    running: JoinHandle<()>,
}

impl Wire {
    async fn to(server: SocketAddr) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let sent = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&sent);
        let running = tokio::spawn(async move {
            let (mut client, _) = listener.accept().await.unwrap();
            let mut server = TcpStream::connect(server).await.unwrap();
            let (mut from_client, mut to_client) = client.split();
            let (mut from_server, mut to_server) = server.split();
            let up = async {
                let mut buffer = vec![0; 16 << 10];
                while let Ok(length @ 1..) = from_client.read(&mut buffer).await {
                    heard.lock().unwrap().extend_from_slice(&buffer[..length]);
                    to_server.write_all(&buffer[..length]).await.unwrap();
                }
                drop(to_server.shutdown().await);
            };
            tokio::join!(up, copy(&mut from_server, &mut to_client)).1.unwrap_or_default();
        });
        Self { address, sent, running }
    }

    /// How many bytes the client sent after its last packet of the key exchange, once it has hung up. Its first packets
    /// are in the clear (RFC 4253, 6): length, length of the padding, type.
    async fn sent_after_key_exchange(self) -> usize {
        self.running.await.unwrap();
        let sent = self.sent.lock().unwrap();
        let mut at = sent.windows(2).position(|pair| pair == b"\r\n").unwrap() + 2;
        loop {
            let length = u32::from_be_bytes(sent[at..at + 4].try_into().unwrap()) as usize;
            let kind = sent[at + 5];
            at += 4 + length;
            if kind == SSH_MSG_NEWKEYS {
                return sent.len() - at;
            }
        }
    }
}

fn fingerprint(key: &PrivateKey) -> String {
    PinnedKey::of(key.public_key()).fingerprint
}

#[tokio::test]
async fn s0_08_a_changed_key_is_refused_before_any_authentication_and_told_whole() {
    let wire = Wire::to(sshd().await).await;
    let error = connect(wire.address, pins(2)).await.err().unwrap();
    assert!(matches!(error, SshError::ForeignKey { .. }) && !error.may_pass(), "{error}");
    let told = error.to_string();
    for fact in [&fingerprint(&key(HOST)), &fingerprint(&key(2)), &wire.address.to_string(), "guest 200", "recover it"]
    {
        assert!(told.contains(fact), "{fact} is not in: {told}");
    }
    assert_eq!(wire.sent_after_key_exchange().await, 0, "something was sent to a stranger");
}

/// Without this the test above could not fail: the wire does hear what a login sends.
#[tokio::test]
async fn a_login_is_heard_on_the_wire() {
    let wire = Wire::to(sshd().await).await;
    let mut session = connect(wire.address, pins(HOST)).await.unwrap();
    session.login("root", &credential(crate::CA, "root")).await.unwrap();
    session.close().await;
    assert!(wire.sent_after_key_exchange().await > 500);
}

#[tokio::test]
async fn a_key_of_another_type_is_refused_by_its_name_and_not_waited_for() {
    let pair = EcdsaKeypair::random(&mut UnwrapErr(SysRng), EcdsaCurve::NistP256).unwrap();
    let other = PrivateKey::new(KeypairData::from(pair), "test").unwrap();
    let server = serve(Config { keys: vec![other.clone()], ..Config::default() }).await;
    let wire = Wire::to(server).await;
    let error = connect(wire.address, pins(HOST)).await.err().unwrap();
    assert!(matches!(error, SshError::ForeignKey { .. }) && !error.may_pass(), "{error}");
    assert!(error.to_string().contains(&format!("ecdsa-sha2-nistp256 {}", fingerprint(&other))), "{error}");
    assert_eq!(wire.sent_after_key_exchange().await, 0, "something was sent to a stranger");
}
