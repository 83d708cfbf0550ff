//! Requests to a hub: redirects followed without telling the token to strangers, failures told apart.

use ureq::config::AutoHeaderValue;
use ureq::http::{HeaderMap, Method, Request, Response, Uri, header};
use ureq::tls::{RootCerts, TlsConfig, TlsProvider};
use ureq::{Agent, Body, Error, Proxy};

use super::response::{refusal, refusal_of_store};
use super::{Hub, HubError, Stop};

const MOST_HOPS: usize = 8;

/// What is asked for of a file.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Part {
    /// Its headers.
    Description,
    /// Its first byte: for stores that answer nothing but GET.
    FirstByte,
    /// Everything from this byte on.
    From(u64),
}

/// What was answered, and by whom: at the end of redirects that may be somebody else than the hub.
pub(super) struct Answered {
    pub response: Response<Body>,
    pub at: Uri,
}

impl Answered {
    pub fn host(&self) -> String {
        host(&self.at)
    }
}

/// Connections to one hub and to where it sends us.
pub(super) struct Client<'a> {
    hub: &'a Hub,
    stop: &'a Stop,
    agent: Agent,
    proxy: Option<Proxy>,
}

impl<'a> Client<'a> {
    pub fn new(hub: &'a Hub, stop: &'a Stop) -> Result<Self, HubError> {
        let proxy = if hub.uses_proxies { Proxy::try_from_env() } else { None };
        let silence = Some(hub.patience.silence);
        let config = Agent::config_builder()
            .http_status_as_error(false)
            // Redirects are followed here: the first answer already says what the file is, and the token stays at home.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_resolve(silence)
            .timeout_connect(silence)
            .timeout_per_read(silence)
            .timeout_per_write(silence)
            .user_agent(concat!("fathom/", env!("CARGO_PKG_VERSION")))
            .accept_encoding(AutoHeaderValue::None)
            .proxy(proxy.clone())
            .tls_config(tls())
            .build();
        let agent = Agent::new_with_config(config);
        stop.watch(&agent)?;
        Ok(Self { hub, stop, agent, proxy })
    }

    /// Follows redirects until an answer is none, or until what their headers say is enough for the caller.
    pub fn send(
        &self,
        part: Part,
        url: &str,
        mut is_enough: impl FnMut(&HeaderMap) -> bool,
    ) -> Result<Answered, HubError> {
        let method = if part == Part::Description { Method::HEAD } else { Method::GET };
        let range = match part {
            Part::Description | Part::From(0) => None,
            Part::FirstByte => Some("bytes=0-0".to_owned()),
            Part::From(byte) => Some(format!("bytes={byte}-")),
        };
        let mut at: Uri = url.parse().map_err(|_| not_a_hub(url, "its address is malformed"))?;
        for _ in 0..MOST_HOPS {
            // Compressed answers would have another length than the file.
            let mut request = Request::builder().method(&method).uri(&at).header(header::ACCEPT_ENCODING, "identity");
            if let Some(range) = &range {
                request = request.header(header::RANGE, range);
            }
            if let Some(token) = self.hub.token.as_deref().filter(|_| self.is_home(&at)) {
                request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
            }
            let request = request.body(()).map_err(|_| not_a_hub(host(&at), "the token cannot be sent as it is"))?;
            let response = self.agent.run(request).map_err(|error| self.failed(&at, error))?;
            if !response.status().is_redirection() || is_enough(response.headers()) {
                return Ok(Answered { response, at });
            }
            let to = response.headers().get(header::LOCATION).and_then(|to| to.to_str().ok());
            at = to.and_then(|to| next(&at, to)).ok_or_else(|| not_a_hub(host(&at), "it sends on to nowhere"))?;
        }
        Err(not_a_hub(host(&at), "it sends on and on"))
    }

    /// The error that an answer's status is; `None` for answers with content.
    pub fn refusal(&self, answered: &Answered, file: &str) -> Option<HubError> {
        let Answered { response, at } = answered;
        match self.sender(at) {
            Some(sender) => refusal_of_store(response, &host(at), &sender, file),
            None => refusal(response, &host(at), file, self.hub.token.is_some()),
        }
    }

    /// Who has led to an address that is not the hub's own.
    fn sender(&self, at: &Uri) -> Option<String> {
        if self.is_home(at) { None } else { Some(endpoint_host(self.hub)) }
    }

    /// Whether an address is the hub's own: only there the token is known.
    pub fn is_home(&self, at: &Uri) -> bool {
        let home: Option<Uri> = self.hub.endpoint.parse().ok();
        home.is_some_and(|home| home.scheme() == at.scheme() && home.authority() == at.authority())
    }

    fn failed(&self, at: &Uri, error: Error) -> HubError {
        let (host, reason, sender) = (host(at), reason(&error), self.sender(at));
        let proxy = self.proxy.as_ref().filter(|proxy| !proxy.is_no_proxy(at));
        match (error, proxy) {
            _ if self.stop.is_stopped() => HubError::Stopped,
            (error, _) if is_of_tls(&error) => HubError::Insecure { host, reason },
            (Error::Protocol(_) | Error::LargeResponseHeader(..) | Error::Http(_) | Error::BadUri(_), _)
                if sender.is_none() =>
            {
                HubError::NotAHub { host, reason }
            }
            (_, Some(proxy)) => HubError::Proxy { host, proxy: format!("{}:{}", proxy.host(), proxy.port()), reason },
            (_, None) => HubError::Unreachable { host, sender, reason },
        }
    }
}

/// What a failed connection says of itself, for a person.
pub(super) fn reason(error: &Error) -> String {
    match error {
        Error::Io(error) => error.to_string(),
        Error::HostNotFound => "no such host is known".into(),
        Error::Timeout(_) => "nothing came for too long".into(),
        other => other.to_string(),
    }
}

/// Whether the other side could not prove who it is.
fn is_of_tls(error: &Error) -> bool {
    match error {
        Error::Tls(_) => true,
        Error::Io(error) => error.kind() == std::io::ErrorKind::InvalidData,
        #[cfg(target_os = "linux")]
        Error::Rustls(_) => true,
        #[cfg(not(target_os = "linux"))]
        Error::NativeTls(_) => true,
        _ => false,
    }
}

/// The hub's name, as errors say it.
pub(super) fn endpoint_host(hub: &Hub) -> String {
    hub.endpoint.parse::<Uri>().map_or_else(|_| hub.endpoint.clone(), |at| host(&at))
}

/// Host and port of an address.
pub(super) fn host(at: &Uri) -> String {
    at.authority().map_or_else(|| at.to_string(), |authority| authority.to_string())
}

fn not_a_hub(host: impl Into<String>, reason: &str) -> HubError {
    HubError::NotAHub { host: host.into(), reason: reason.into() }
}

/// Where `to` leads from `at`; `None` where it is malformed, or gives up encryption.
fn next(at: &Uri, to: &str) -> Option<Uri> {
    let (scheme, authority) = (at.scheme_str()?, at.authority()?);
    let next: Uri = if let Some(rest) = to.strip_prefix("//") {
        format!("{scheme}://{rest}").parse().ok()?
    } else if has_scheme(to) {
        to.parse().ok()?
    } else {
        format!("{scheme}://{authority}{}", beside(at.path(), to)).parse().ok()?
    };
    let is_safe = next.scheme_str() == Some("https") || (scheme == "http" && next.scheme_str() == Some("http"));
    (is_safe && next.authority().is_some()).then_some(next)
}

/// Whether an address begins with the name of a protocol (RFC 3986, section 3.1).
fn has_scheme(to: &str) -> bool {
    let is_of_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
    to.split_once(':')
        .is_some_and(|(name, _)| name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.chars().all(is_of_name))
}

/// Where a relative address leads from a path (RFC 3986, section 5.2): its steps `.` and `..` are taken, a query is not
/// looked into.
fn beside(path: &str, to: &str) -> String {
    if to.starts_with('?') {
        return format!("{path}{to}");
    }
    let (to, query) = to.split_at(to.find(['?', '#']).unwrap_or(to.len()));
    let folder = if to.starts_with('/') { "" } else { path.rsplit_once('/').map_or("", |(folder, _)| folder) };
    let mut steps: Vec<&str> = folder.split('/').skip(1).collect();
    let last = to.rsplit('/').next();
    for step in to.trim_start_matches('/').split('/') {
        match step {
            "." => {}
            ".." => drop(steps.pop()),
            step => steps.push(step),
        }
    }
    let is_folder = matches!(last, Some("." | ".."));
    format!("/{}{}{query}", steps.join("/"), if is_folder && !steps.is_empty() { "/" } else { "" })
}

/// The system's certificates everywhere. Its own TLS does the work where there is one; on Linux that is rustls.
fn tls() -> TlsConfig {
    let provider = if cfg!(target_os = "linux") { TlsProvider::Rustls } else { TlsProvider::NativeTls };
    TlsConfig::builder().provider(provider).root_certs(RootCerts::PlatformVerifier).build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirects_lead_where_they_say_but_never_out_of_encryption() {
        let lead = |at: &str, to: &str| next(&at.parse().expect("an address"), to).map(|uri| uri.to_string());
        assert_eq!(lead("https://a.b:1/c/d", "/e?f=1").as_deref(), Some("https://a.b:1/e?f=1"));
        assert_eq!(lead("https://a.b/c", "//d.e/f").as_deref(), Some("https://d.e/f"));
        assert_eq!(lead("http://a.b/c", "https://d.e/f").as_deref(), Some("https://d.e/f"));
        assert_eq!(lead("http://a.b/c/d/e?f", "g?h=//i").as_deref(), Some("http://a.b/c/d/g?h=//i"));
        assert_eq!(lead("http://a.b/c/d/e", "../g/./h").as_deref(), Some("http://a.b/c/g/h"));
        assert_eq!(lead("http://a.b/c", "../../g").as_deref(), Some("http://a.b/g"));
        assert_eq!(lead("http://a.b/c/d", "?e=f").as_deref(), Some("http://a.b/c/d?e=f"));
        assert_eq!(lead("http://a.b/c/d", "..").as_deref(), Some("http://a.b/"));
        assert_eq!(lead("http://a.b/c/d", "/e/../f").as_deref(), Some("http://a.b/f"));
        assert_eq!(lead("https://a.b/c", "http://d.e/f"), None);
        assert_eq!(lead("https://a.b/c", "file:///etc/passwd"), None);
        assert_eq!(lead("https://a.b/c", "\u{1}"), None);
    }
}
