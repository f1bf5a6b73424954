//! The page in a real browser: logged in by its form, whole without JavaScript, live with it.

use std::fs;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::process::Command;
use tokio::sync::Notify;

use super::bench::{ALL, Service, create, get, token, wanted};
use super::http::Ask;
use super::stops::{Held, held_in_the_middle};
use crate::bench::Bench;

/// Where the pictures go: an artefact, not committed.
fn pictures() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("page");
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// A page of the same site that fills the form in and sends it, as a person would.
async fn typist(page: &str, token: &str) -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let html = format!(
        "<!DOCTYPE html><title>typist</title><form method=post action='{page}/login'>\
         <input name=token value='{token}'></form><script>document.forms[0].submit()</script>"
    );
    let answer = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{html}",
        html.len()
    );
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut asked = [0; 4096];
            let _ = stream.read(&mut asked).await;
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    format!("http://{address}/")
}

/// What the browser shows, and what it complained about.
async fn browse(url: &str, arguments: &[&str]) -> (String, String) {
    let profile = tempfile::tempdir().unwrap();
    let shown = Command::new("chromium")
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"])
        .args(["--enable-logging=stderr", "--window-size=1280,1100", "--hide-scrollbars"])
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .args(arguments)
        .arg(url)
        .kill_on_drop(true)
        .output();
    let shown = tokio::time::timeout(std::time::Duration::from_mins(1), shown).await.unwrap();
    let shown = shown.unwrap_or_else(|error| panic!("chromium ({error}): install Debian's chromium"));
    (String::from_utf8_lossy(&shown.stdout).into_owned(), String::from_utf8_lossy(&shown.stderr).into_owned())
}

fn console(stderr: &str) -> Vec<&str> {
    stderr.lines().filter(|line| line.contains("CONSOLE")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_shows_runs_guests_goldens_and_the_last_audit_and_follows_a_run() {
    let bench = Bench::new().await;
    let (entered, let_go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let held = Held { entered: Arc::clone(&entered), let_go: Arc::clone(&let_go) };
    let more = "insecure_loopback_listen = \"127.0.0.1:0\"\nrequests_per_second = 100\n";
    let service = Arc::new(Service::of_plan(&bench, held_in_the_middle(held), more).await);
    let page = service.places.iter().find_map(|place| place.split(' ').next().filter(|url| url.starts_with("http:")));
    let page = page.unwrap().to_owned();
    let (_, token) = token(&bench, None, &ALL).await;
    let_go.notify_one();
    assert_eq!(service.ask(create(&token, "order-1", &wanted("acme")).with("prefer", "wait=60")).await.status, 201);
    entered.notified().await;
    let run =
        service.ask(create(&token, "order-2", &wanted("globex"))).await.value()["run"].as_str().unwrap().to_owned();
    entered.notified().await;
    let audit = Ask::new("POST", "/v1/audits").with("authorization", format!("Bearer {}", token.as_str()));
    service.ask(audit).await;

    let picture = format!("--screenshot={}", pictures().join("login.png").display());
    let (_, said) = browse(&page, &[&picture]).await;
    assert_eq!(console(&said), Vec::<&str>::new());
    let (login, _) = browse(&page, &["--dump-dom"]).await;
    assert!(login.contains("<label for=\"token\">") && login.contains("<button type=\"submit\">Log in"), "{login}");

    // Without JavaScript the typist cannot type: the whole page is looked at as the server sends it.
    let cookie = format!("mintmark={}", token.as_str());
    let sent = service.ask(Ask::new("GET", "/").with("cookie", cookie)).await;
    for whole in ["acme", "globex", "debian13", "20261120T100000Z", "Last audit", "unfinished", "BC:24:11:", "Log out"]
    {
        assert!(sent.body.contains(whole), "{whole}: {}", sent.body);
    }

    // The run goes on only after the page has begun to follow it.
    let (watching, of) = (Arc::clone(&service), token.clone());
    let going_on = tokio::spawn(async move {
        let followed = "mintmark_http_requests_count{method=\"GET\",route=\"/v1/runs/{run}/events\",status=\"200\"}";
        while !watching.ask(get(&of, "/metrics")).await.body.contains(followed) {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        let_go.notify_one();
    });
    let typist = typist(&page, &token).await;
    let (live, said) = browse(&typist, &["--virtual-time-budget=20000", "--dump-dom"]).await;
    going_on.await.unwrap();
    assert_eq!(console(&said), Vec::<&str>::new());
    let row = live.split("<tr").find(|row| row.contains(&run)).unwrap_or_else(|| panic!("{live}"));
    assert!(row.contains("data-end=\"done\""), "the page followed the run to its end: {row}");
    assert!(row.contains("data-step=\"start\" data-state=\"succeeded\""), "{row}");
    let picture = pictures().join("page.png");
    let (_, said) =
        browse(&typist, &["--virtual-time-budget=3000", &format!("--screenshot={}", picture.display())]).await;
    assert_eq!(console(&said), Vec::<&str>::new());
    assert!(fs::metadata(&picture).unwrap().len() > 10_000, "a picture");
    println!("pictures in {}", pictures().display());
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_token_that_may_read_logs_in_and_no_page_runs_anothers_script() {
    let bench = Bench::new().await;
    let service = Service::start(&bench).await;
    let (_, blind) = token(&bench, None, &[reset_agent::serve::Scope::Provision]).await;
    let (_, tenant) = token(&bench, Some("a"), &ALL).await;
    let log_in = |token: &str| Ask::new("POST", format!("/login?{token}")).form(&format!("token={token}"));
    for refused in ["nonsense", blind.as_str(), ""] {
        let answer = service.ask(log_in(refused)).await;
        assert_eq!(answer.status, 401, "{answer:?}");
        assert!(!answer.head.contains("set-cookie") && answer.body.contains("role=\"alert\""));
    }
    let taken = service.ask(log_in(&tenant)).await;
    assert_eq!(taken.status, 303);
    assert!(taken.head.contains("httponly; samesite=strict"), "{}", taken.head);
    let page = service.ask(Ask::new("GET", "/").with("cookie", format!("mintmark={}", tenant.as_str()))).await;
    assert!(page.body.contains("tenant a") && !page.body.contains("Last audit") && !page.body.contains("Goldens"));
    assert!(page.head.contains("content-security-policy: default-src 'none'"), "{}", page.head);
}
