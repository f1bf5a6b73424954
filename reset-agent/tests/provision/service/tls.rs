//! The doors: TLS 1.3 only; a socket left behind is taken over, one in use is not.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;

use rustls::RootCertStore;
use rustls::pki_types::ServerName;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsConnector;

use super::bench::{Service, settings};
use super::http::Ask;
use crate::bench::{Bench, plan};

fn connector(root: &rcgen::Certificate, version: &'static rustls::SupportedProtocolVersion) -> TlsConnector {
    let mut roots = RootCertStore::empty();
    roots.add(root.der().clone()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider).with_protocol_versions(&[version]).unwrap();
    TlsConnector::from(Arc::new(config.with_root_certificates(roots).with_no_client_auth()))
}

#[tokio::test(flavor = "multi_thread")]
async fn tls_1_3_is_served_and_nothing_older_and_nothing_plain() {
    let bench = Bench::new().await;
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let (certificate, key) = (bench.config.with_file_name("agent.pem"), bench.config.with_file_name("agent.key"));
    fs::write(&certificate, made.cert.pem()).unwrap();
    fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap().local_addr().unwrap();
    let tls =
        format!("listen = \"{free}\"\ncertificate = \"{}\"\nkey = \"file:{}\"\n", certificate.display(), key.display());
    let _service = Service::of_plan(&bench, plan(), &tls).await;

    let name = ServerName::try_from("localhost").unwrap();
    let connect = async |version| {
        let stream = TcpStream::connect(free).await.unwrap();
        connector(&made.cert, version).connect(name.clone(), stream).await
    };
    let stream = connect(&rustls::version::TLS13).await.unwrap();
    assert_eq!(Ask::new("GET", "/healthz").over(stream).await.status, 200);
    assert!(connect(&rustls::version::TLS12).await.is_err());
    assert!(plain(free).await.is_empty(), "no answer without TLS");
}

async fn plain(address: SocketAddr) -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(Ask::new("GET", "/healthz").text().as_bytes()).await.unwrap();
    let mut bytes = Vec::new();
    // A reset is an end too.
    let _ = stream.read_to_end(&mut bytes).await;
    String::from_utf8_lossy(&bytes).lines().filter(|line| line.contains("HTTP")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_left_behind_is_taken_over_and_one_in_use_is_not() {
    let bench = Bench::new().await;
    let socket = settings(&bench, "").socket.unwrap();
    drop(std::os::unix::net::UnixListener::bind(&socket).unwrap());
    let service = Service::start(&bench).await;
    assert_eq!(fs::metadata(&socket).unwrap().permissions().mode() & 0o777, 0o660);
    assert_eq!(service.ask(Ask::new("GET", "/healthz")).await.status, 200);
    let agent = reset_agent::agent::Agent::assembled(
        bench.context.clone(),
        &bench.store,
        vec![plan()].into(),
        reset_agent::agent::Tells::Nobody,
    );
    let second = reset_agent::serve::serve(agent, settings(&bench, ""), |_| (), std::future::pending()).await;
    assert!(second.unwrap_err().to_string().contains("another process listens"));
    service.stop().await;
    assert!(!socket.exists());
}
