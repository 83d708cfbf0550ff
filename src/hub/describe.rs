//! What a hub says of a file before it is fetched.

use ureq::http::{HeaderMap, Method, Uri};

use super::digest::{is_commit, is_sha256};
use super::http::{Client, host};
use super::response::{etag, number, refusal, text};
use super::{Check, Hub, HubError, RemoteFile};

/// A file as its server describes it.
pub(super) struct Described {
    pub commit: String,
    /// What the cache calls the content.
    pub etag: String,
    pub bytes: u64,
    /// The digest that the content must have; `None` where its length has to do.
    pub sha256: Option<String>,
}

const COMMIT: &str = "x-repo-commit";
const LINKED_ETAG: &str = "x-linked-etag";
const LINKED_SIZE: &str = "x-linked-size";

pub(super) fn describe(hub: &Hub, client: &Client, file: &RemoteFile) -> Result<Described, HubError> {
    let url = url(hub, file, &file.revision);
    // Large files lie elsewhere, and the redirect there says what they are. The other place need not know.
    let says_what_it_is = |headers: &HeaderMap| headers.contains_key(LINKED_ETAG) && headers.contains_key(LINKED_SIZE);
    let response = client.send(&Method::HEAD, &url, 0, says_what_it_is)?;
    let (host, headers) = (endpoint_host(hub), response.headers());
    let is_described = response.status().is_redirection() && says_what_it_is(headers);
    if !is_described && let Some(refusal) = refusal(&response, &host, &file.to_string(), hub.token.is_some()) {
        return Err(refusal);
    }
    let not_a_hub = |reason: &str| HubError::NotAHub { host: host.clone(), reason: reason.into() };

    let named = text(headers, COMMIT).map(str::to_owned).or_else(|| Some(file.revision.clone()));
    let commit = named.filter(|commit| is_commit(commit)).ok_or_else(|| not_a_hub("it names no commit"))?;
    let bytes = number(headers, LINKED_SIZE).or_else(|| number(headers, "content-length"));
    let bytes = bytes.ok_or_else(|| not_a_hub("it does not say how long the file is"))?;
    let etag = etag(headers, LINKED_ETAG).or_else(|| etag(headers, "etag")).unwrap_or_default();

    let offered = Some(etag).filter(|etag| is_sha256(etag)).map(str::to_owned);
    let sha256 = match (&file.check, offered) {
        (Check::Pinned(expected), Some(actual)) if actual != *expected => {
            return Err(HubError::Digest { file: file.to_string(), expected: expected.clone(), actual });
        }
        (Check::Pinned(expected), _) => Some(expected.clone()),
        (Check::Published, None) => return Err(HubError::NoDigest { host, file: file.to_string() }),
        (Check::Published | Check::Length, offered) => offered,
    };
    let etag = sha256.clone().unwrap_or_else(|| etag.to_owned());
    // It becomes a file's name.
    let is_name = !etag.is_empty() && etag.len() <= 128 && etag.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if !is_name {
        return Err(not_a_hub("its entity tag is malformed"));
    }
    Ok(Described { commit, etag, bytes, sha256 })
}

/// The address of a file at a revision.
pub(super) fn url(hub: &Hub, file: &RemoteFile, revision: &str) -> String {
    format!("{}/{}/resolve/{revision}/{}", hub.endpoint, file.repo, file.file)
}

/// The server's name, as errors say it.
pub(super) fn endpoint_host(hub: &Hub) -> String {
    hub.endpoint.parse::<Uri>().map_or_else(|_| hub.endpoint.clone(), |at| host(&at))
}
