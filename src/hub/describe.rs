//! What a hub says of a file before it is fetched.

use ureq::http::HeaderMap;

use super::digest::{is_commit, is_sha256, sha256_of_bytes};
use super::http::{Client, Part, endpoint_host};
use super::response::{etag, number, range, text};
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

/// What the answers on the way to a file have said of it; the first word counts.
#[derive(Default)]
struct Said {
    commit: Option<String>,
    etag: Option<String>,
    bytes: Option<u64>,
}

impl Said {
    /// Takes in the headers of a redirect. Large files lie elsewhere, and the redirect there says what they are; the other
    /// place need not know. A mirror may say only some of it, and leave the rest to a later answer.
    fn hear(&mut self, headers: &HeaderMap) {
        self.commit = self.commit.take().or_else(|| text(headers, COMMIT).map(str::to_owned));
        // A redirect's own entity tag and length are those of its page, unless the tag is a digest.
        let digest = || etag(headers, "etag").filter(|tag| is_sha256(&tag.to_ascii_lowercase()));
        let tag = etag(headers, LINKED_ETAG).filter(|tag| !tag.is_empty()).or_else(digest);
        self.etag = self.etag.take().or_else(|| tag.map(str::to_owned));
        self.bytes = self.bytes.or_else(|| number(headers, LINKED_SIZE));
    }

    /// Takes in those of the answer that is the file.
    fn hear_last(&mut self, headers: &HeaderMap) {
        self.hear(headers);
        self.etag = self.etag.take().or_else(|| etag(headers, "etag").map(str::to_owned));
        let whole = range(headers).map(|(_, whole)| whole);
        self.bytes = self.bytes.or(whole).or_else(|| number(headers, "content-length"));
    }

    fn is_enough(&self) -> bool {
        self.etag.is_some() && self.bytes.is_some()
    }
}

pub(super) fn describe(hub: &Hub, client: &Client, file: &RemoteFile) -> Result<Described, HubError> {
    let (url, label) = (url(hub, file, &file.revision), file.to_string());
    let mut said = Said::default();
    // False where a store refuses the question.
    let ask = |part: Part, said: &mut Said| -> Result<bool, HubError> {
        let answered = client.send(part, &url, |headers| {
            said.hear(headers);
            said.is_enough()
        })?;
        if answered.response.status().is_redirection() && said.is_enough() {
            return Ok(true);
        }
        match client.refusal(&answered, &label) {
            // A link may be signed for GET alone.
            Some(_) if part == Part::Description && !client.is_home(&answered.at) => Ok(false),
            Some(refusal) => Err(refusal),
            None => {
                said.hear_last(answered.response.headers());
                Ok(true)
            }
        }
    };
    let is_answered = ask(Part::Description, &mut said)?;
    if !is_answered || said.bytes.is_none() {
        ask(Part::FirstByte, &mut said)?;
    }
    settle(hub, file, said)
}

/// What is made of it all.
fn settle(hub: &Hub, file: &RemoteFile, said: Said) -> Result<Described, HubError> {
    let host = endpoint_host(hub);
    let not_a_hub = |reason: &str| HubError::NotAHub { host: host.clone(), reason: reason.into() };
    let commit = said.commit.unwrap_or_else(|| file.revision.clone());
    if !is_commit(&commit) {
        return Err(not_a_hub("it names no commit"));
    }
    let bytes = said.bytes.ok_or_else(|| not_a_hub("it does not say how long the file is"))?;
    let tag = said.etag.unwrap_or_default();
    let offered = Some(tag.to_ascii_lowercase()).filter(|tag| is_sha256(tag));
    let sha256 = match (&file.check, offered) {
        (Check::Pinned(expected), Some(actual)) if actual != *expected => {
            return Err(HubError::Digest { file: file.to_string(), expected: expected.clone(), actual });
        }
        (Check::Pinned(expected), _) => Some(expected.clone()),
        (Check::Published, None) => return Err(HubError::NoDigest { host, file: file.to_string() }),
        (Check::Published | Check::Length, offered) => offered,
    };
    // It becomes a file's name. A mirror may give none, or one that cannot be that.
    let is_name = !tag.is_empty() && tag.len() <= 128 && tag.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    let etag = match &sha256 {
        Some(sha256) => sha256.clone(),
        None if is_name => tag,
        // As long as a commit, so that nobody takes it for the content's digest.
        None => sha256_of_bytes(format!("{commit}/{}", file.file).as_bytes()).split_off(24),
    };
    Ok(Described { commit, etag, bytes, sha256 })
}

/// The address of a file at a revision.
pub(super) fn url(hub: &Hub, file: &RemoteFile, revision: &str) -> String {
    format!("{}/{}/resolve/{revision}/{}", hub.endpoint, file.repo, file.file)
}
