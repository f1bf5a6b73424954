//! Every call leaves a trace, and no secret is in it.

use std::io::Write;
use std::sync::{Arc, Mutex};

use pve_client::{ConfigChange, Create};
use spec::ids::RunId;
use tracing::Dispatch;
use tracing::instrument::WithSubscriber;

use crate::server::{Reply, Server, TOKEN};

#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Written {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }

    fn subscriber(&self) -> impl tracing::Subscriber + Send + Sync + use<> {
        let written = self.clone();
        let builder = tracing_subscriber::fmt().with_ansi(false).with_max_level(tracing::Level::TRACE);
        builder.with_writer(move || written.clone()).finish()
    }
}

const PASSWORD: &str = "correct-horse";
const KEY: &str = "ssh-ed25519 AAAAsecretkey me@here";

#[tokio::test]
async fn calls_are_traced_with_their_run_and_without_secrets() {
    let server = Server::answering(|asked| match asked.verb.as_str() {
        "PUT" => Reply::refused(500, "CT is locked (backup)", ""),
        "DELETE" => Reply::broken(),
        _ => Reply::ok(r#"{"data":"UPID:pve:0000260A:0005CBE2:6B0039B3:vzcreate:100:mint@pve!agent:"}"#),
    })
    .await;
    let written = Written::default();
    let run: RunId = "0193f2a4-0000-7000-8000-000000000001".parse().unwrap();
    let create = Create::new(
        "100".parse().unwrap(),
        &"local:vztmpl/debian.tar.zst".parse().unwrap(),
        &"local".parse().unwrap(),
        "8G".parse().unwrap(),
    );
    let create = create.password(PASSWORD).ssh_keys(KEY);
    let shown = format!("{create:?}");
    let calls = async {
        let client = server.pinned().for_run(&run);
        client.create(create).await.unwrap();
        let change = ConfigChange::of(&pve_client::wire::GuestConfig::default()).description(PASSWORD);
        let refused = client.change_config("100".parse().unwrap(), change).await.unwrap_err();
        let broken = client.destroy("100".parse().unwrap()).await.unwrap_err();
        // What a person sees of an error, and what a program logs of it.
        format!("{refused:?} {refused} {broken:?} {client:?}")
    };
    // While there is only one subscriber, a callsite that another test's thread comes to first is switched off for all.
    let _second = Dispatch::new(Written::default().subscriber());
    let errors = calls.with_subscriber(written.subscriber()).await;
    let trace = written.text();
    for wanted in [
        "POST",
        "/nodes/pve/lxc",
        "200",
        "answered",
        "PUT",
        "/nodes/pve/lxc/100/config",
        "500",
        "CT is locked (backup)",
        "refused",
        "DELETE",
        "failed",
        "ms=",
        run.as_str(),
    ] {
        assert!(trace.contains(wanted), "no {wanted} in {trace}");
    }
    assert_eq!(trace.matches(run.as_str()).count(), 3, "{trace}");
    let secret = TOKEN.split_once('=').unwrap().1;
    for text in [trace, errors, shown] {
        for hidden in [secret, PASSWORD, "AAAAsecretkey"] {
            assert!(!text.contains(hidden), "{hidden} is in {text}");
        }
    }
}
