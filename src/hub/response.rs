//! What an answer's status and headers say.

use std::time::{Duration, SystemTime};

use ureq::Body;
use ureq::http::{HeaderMap, Response, header};

use super::HubError;

/// The error that a status is; `None` for answers with content.
pub(super) fn refusal(response: &Response<Body>, host: &str, file: &str, had_token: bool) -> Option<HubError> {
    let (host, file, status) = (host.to_owned(), file.to_owned(), response.status().as_u16());
    // The hub answers 401 for what does not exist, too, so that strangers cannot tell what does.
    let is_unknown = text(response.headers(), "x-error-code")
        .is_some_and(|code| matches!(code, "RepoNotFound" | "RevisionNotFound" | "EntryNotFound"));
    Some(match status {
        200..=299 | 416 => return None,
        404 | 410 => HubError::NotFound { host, file },
        401 | 403 if is_unknown => HubError::NotFound { host, file },
        401 | 403 => HubError::Denied { host, file, status, had_token },
        429 => HubError::Busy { host, wait: retry_after(response.headers(), SystemTime::now()) },
        300..=399 => HubError::NotAHub { host, reason: "it sends on to nowhere".into() },
        _ => HubError::Server { host, status },
    })
}

/// The same of a server to which the hub has sent on. It knows neither the hub's token nor its licences, so that it is not
/// they that can be at fault; one that says what kind of error it is is a hub itself.
pub(super) fn refusal_of_store(response: &Response<Body>, store: &str, sender: &str, file: &str) -> Option<HubError> {
    let status = response.status().as_u16();
    if matches!(status, 200..=299 | 416) {
        return None;
    }
    if status == 429 || response.headers().contains_key("x-error-code") {
        return refusal(response, store, file, false);
    }
    Some(HubError::Store { store: store.to_owned(), sender: sender.to_owned(), file: file.to_owned(), status })
}

pub(super) fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

pub(super) fn number(headers: &HeaderMap, name: &str) -> Option<u64> {
    text(headers, name)?.parse().ok()
}

/// How long the server asks to be left alone: seconds, or a date.
fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let said = text(headers, header::RETRY_AFTER.as_str())?;
    let date = || Some(httpdate::parse_http_date(said).ok()?.duration_since(now).unwrap_or_default());
    said.parse().ok().map(Duration::from_secs).or_else(date)
}

/// First byte and length of the whole in `Content-Range: bytes 5-9/10`.
pub(super) fn range(headers: &HeaderMap) -> Option<(u64, u64)> {
    let (bytes, whole) = text(headers, header::CONTENT_RANGE.as_str())?.strip_prefix("bytes ")?.split_once('/')?;
    Some((bytes.split_once('-')?.0.parse().ok()?, whole.parse().ok()?))
}

/// The entity tag without its quotes and its mark of weakness.
pub(super) fn etag<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    Some(text(headers, name)?.trim_start_matches("W/").trim_matches('"'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_read_and_nonsense_is_not() {
        let mut headers = HeaderMap::new();
        for (name, value) in [("content-range", "bytes 5-9/10"), ("etag", "W/\"ab-c\""), ("retry-after", "soon")] {
            headers.insert(name, value.parse().expect("a value"));
        }
        assert_eq!(range(&headers), Some((5, 10)));
        assert_eq!(etag(&headers, "etag"), Some("ab-c"));
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_770);
        let wait = |value: &str| {
            let headers = [(header::RETRY_AFTER, value.parse().expect("a value"))].into_iter().collect();
            retry_after(&headers, now)
        };
        assert_eq!(wait("soon"), None);
        assert_eq!(wait("12"), Some(Duration::from_secs(12)));
        assert_eq!(wait("Sun, 06 Nov 1994 08:49:37 GMT"), Some(Duration::from_secs(7)));
        assert_eq!(wait("Sun, 06 Nov 1994 08:49:00 GMT"), Some(Duration::ZERO));
        headers.insert("content-range", "bytes */10".parse().expect("a value"));
        assert_eq!(range(&headers), None);
    }
}
