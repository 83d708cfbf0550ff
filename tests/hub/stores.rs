//! The second host: where the hub sends on to for contents, and what it is told of when that does not give them.

use std::path::Path;

use fathom::hub::{HubError, Progress, Stop};

use crate::server::{Answer, Asked, Repo, Server};
use crate::{assert_whole, fetch, hub, pinned};

fn repo() -> Repo {
    Repo::of(200_000, "{}")
}

/// A hub that sends on to this address for contents.
fn sending_to(repo: &Repo, store: &str) -> Server {
    let (repo, store) = (repo.clone(), store.to_owned());
    Server::start(move |asked, _| match repo.answer(asked) {
        answer if answer.status == 302 => answer.with("Location", format!("{store}/cdn/weights?signature=x")),
        answer => answer,
    })
}

fn host(server: &Server) -> &str {
    server.endpoint.strip_prefix("http://").unwrap()
}

/// What is said where the store answers like this, after how many questions to it.
fn said(answer: Answer, root: &Path) -> (HubError, usize, String, String) {
    let store = Server::start(move |_, _| answer.clone().with("Content-Length", 0));
    let home = sending_to(&repo(), &store.endpoint);
    let mut hub = hub(&home, root);
    hub.token = Some("hf_secret".into());
    let error = fetch(&hub, &pinned(&repo())).unwrap_err();
    (error, store.asked().len(), host(&store).to_owned(), host(&home).to_owned())
}

#[test]
fn a_store_that_refuses_is_named_with_what_it_said_and_what_to_do() {
    let cases: [(u16, &str, &str, usize); 6] = [
        (401, "refuses it", "proxy or firewall may block", 1),
        (403, "refuses it", "signed link may have run out, so try again", 1),
        (404, "does not have it", "save the file from the model's page", 1),
        (410, "does not have it", "Try again later", 1),
        (451, "withholds it for legal reasons", "Ask who runs this network", 1),
        (503, "failed", "Try again later; what has come is kept", 3),
    ];
    for (status, what, advice, questions) in cases {
        let dir = tempfile::tempdir().unwrap();
        let (error, asked, store, home) = said(Answer::status(status), dir.path());
        let (said, advised) = (error.to_string(), error.advice());
        assert!(matches!(&error, HubError::Store { status: told, .. } if *told == status), "{error:?}");
        let beginning = format!("{store}, to which {home} sends on for someone/a-model/model.safetensors, {what}");
        assert!(said.starts_with(&beginning) && said.ends_with(&format!("(status {status})")), "{said}");
        assert!(advised.contains(advice), "{advised}");
        for blamed in ["HF_ENDPOINT", "HF_TOKEN", "token", "licence"] {
            assert!(!said.contains(blamed) && !advised.contains(blamed), "{said}. {advised}");
        }
        assert_eq!(asked, questions, "what may pass is tried again, what is refused is not: {status}");
    }
    let dir = tempfile::tempdir().unwrap();
    let (error, _, store, _) = said(Answer::status(403), dir.path());
    assert!(error.advice().contains(&format!("may block {store}")), "{}", error.advice());
}

#[test]
fn a_store_that_is_busy_or_a_hub_itself_speaks_for_itself() {
    let dir = tempfile::tempdir().unwrap();
    let (error, _, store, _) = said(Answer::status(429).with("Retry-After", 3600), dir.path());
    assert!(matches!(&error, HubError::Busy { host, .. } if *host == store), "{error:?}");
    let (error, _, store, _) = said(Answer::status(404).with("X-Error-Code", "EntryNotFound"), dir.path());
    assert!(matches!(&error, HubError::NotFound { host, .. } if *host == store), "{error:?}");
}

#[test]
fn a_store_that_fails_for_a_moment_costs_an_attempt() {
    let (repo, dir) = (repo(), tempfile::tempdir().unwrap());
    let honest = repo.clone();
    let store = Server::start(move |asked, count| match count {
        0 => Answer::status(503).with("Content-Length", 0),
        _ => honest.answer(asked),
    });
    let home = sending_to(&repo, &store.endpoint);
    let mut told = Vec::new();
    hub(&home, dir.path()).fetch(&pinned(&repo), &Stop::default(), &mut |step| told.push(step)).unwrap();
    assert_whole(dir.path(), &repo);
    let why = told.iter().find_map(|step| match step {
        Progress::Retrying { why, .. } => Some(why),
        _ => None,
    });
    assert!(why.unwrap().starts_with(host(&store)), "{told:?}");
}

#[test]
fn a_store_that_cannot_be_reached_is_not_the_endpoints_fault() {
    let dir = tempfile::tempdir().unwrap();
    let home = sending_to(&repo(), "http://127.0.0.1:1");
    let error = fetch(&hub(&home, dir.path()), &pinned(&repo())).unwrap_err();
    let beginning = format!("127.0.0.1:1, to which {} sends on, cannot be reached", host(&home));
    assert!(error.to_string().starts_with(&beginning), "{error}");
    let advice = error.advice();
    assert!(advice.contains("firewall lets 127.0.0.1:1 through") && !advice.contains("HF_ENDPOINT"), "{advice}");
}

#[test]
fn a_page_in_place_of_the_content_is_told_by_its_length_and_its_host() {
    let dir = tempfile::tempdir().unwrap();
    let page = |_: &Asked, _: usize| Answer { body: vec![b'x'; 90], ..Answer::status(200) }.with("Content-Length", 90);
    let store = Server::start(page);
    let home = sending_to(&repo(), &store.endpoint);
    let error = fetch(&hub(&home, dir.path()), &pinned(&repo())).unwrap_err();
    assert!(matches!(&error, HubError::Length { actual: 90, .. }), "{error:?}");
    assert!(error.to_string().starts_with(host(&store)) && error.advice().contains("log in"), "{error}");
}
