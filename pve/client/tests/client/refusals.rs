//! Refusals as nodes of different ages word them: the client understands the same.

use pve_client::{Class, Meaning};

use crate::server::{Reply, Server};

#[tokio::test]
async fn a_refusal_reads_the_same_from_old_and_new_nodes() {
    let text = "CT 100 already exists on node 'pve'";
    let new = format!(r#"{{"data":null,"message":"{text}\n"}}"#);
    // 8.2 and older: the reason phrase alone, with a body that says nothing, or none.
    for body in [new.as_str(), r#"{"data":null}"#, ""] {
        let server = Server::saying(Reply::refused(500, text, body)).await;
        let error = server.pinned().start("100".parse().unwrap()).await.unwrap_err();
        let refusal = error.refusal().unwrap();
        assert_eq!((refusal.text.as_str(), refusal.meaning()), (text, Meaning::GuestExists), "{body}");
    }
}

#[tokio::test]
async fn all_401_mean_the_credentials() {
    for text in [
        "Authentication failed!",
        "No ticket",
        "invalid token value!",
        "no such token 'agent' for user 'mint@pve'",
        "token 'agent' access expired",
        "permission denied - invalid PVE ticket",
    ] {
        let server = Server::saying(Reply::refused(401, text, "")).await;
        let error = server.pinned().version().await.unwrap_err();
        assert_eq!(error.refusal().unwrap().meaning(), Meaning::CredentialsRefused, "{text}");
        assert_eq!((error.class(), server.asked().len()), (Class::Authority, 1), "a refused token was shown again");
    }
}

#[tokio::test]
async fn parameter_errors_are_named() {
    let body = r#"{"data":null,"errors":{"hostname":"invalid format - value does not look like a valid DNS name\n"}}"#;
    let server = Server::saying(Reply::refused(400, "Parameter verification failed.", body)).await;
    let error = server.pinned().start("100".parse().unwrap()).await.unwrap_err();
    let refusal = error.refusal().unwrap();
    assert_eq!((refusal.meaning(), refusal.class()), (Meaning::ParameterWrong, Class::Permanent));
    assert!(refusal.to_string().contains("hostname: invalid format"), "{refusal}");
}
