//! A small hub on this machine that can be told to misbehave.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use sha2::{Digest, Sha256};

pub const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";
pub const CONFIG_ETAG: &str = "aaaabbbbccccddddeeeeffff0000111122223333";

/// What a client asked for.
#[derive(Clone, Debug)]
pub struct Asked {
    pub method: String,
    pub path: String,
    /// Where a proxy was asked to lead.
    pub through: Option<String>,
    /// In lower case.
    pub headers: HashMap<String, String>,
}

impl Asked {
    /// First byte of the range that is asked for.
    pub fn first_byte(&self) -> u64 {
        let range = self.headers.get("range").and_then(|range| range.strip_prefix("bytes=")?.strip_suffix('-'));
        range.map_or(0, |start| start.parse().unwrap())
    }

    pub fn is_for_content(&self) -> bool {
        self.method == "GET" && self.path.starts_with("/cdn/")
    }
}

/// What it gets.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// The connection breaks after so many bytes of the body.
    pub cut_after: Option<usize>,
    /// The body comes in pieces of so many bytes with a pause between them.
    pub pieces: Option<(usize, Duration)>,
}

impl Answer {
    pub fn status(status: u16) -> Self {
        Self { status, ..Self::default() }
    }

    pub fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.headers.retain(|(known, _)| known != name);
        self.headers.push((name.into(), value.to_string()));
        self
    }
}

/// One repository with a weight file, which lies elsewhere, and a small config.json.
#[derive(Clone)]
pub struct Repo {
    pub weights: Vec<u8>,
    pub config: Vec<u8>,
}

impl Repo {
    /// A weight file of this many bytes that do not repeat.
    pub fn of(bytes: usize, config: &str) -> Self {
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        let weights = std::iter::repeat_with(|| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 32) as u8
        });
        Self { weights: weights.take(bytes).collect(), config: config.into() }
    }

    pub fn digest(&self) -> String {
        Sha256::digest(&self.weights).iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// What an honest hub answers.
    pub fn answer(&self, asked: &Asked) -> Answer {
        if asked.path.starts_with("/cdn/") {
            return self.content(asked);
        }
        let answer = match asked.path.rsplit('/').next().unwrap() {
            // As the hub does it: a detour to itself, whose own length means nothing.
            "config.json" if !asked.path.starts_with("/api/") => Answer { body: vec![b'.'; 50], ..Answer::status(307) }
                .with("Location", format!("/api/resolve-cache{}", asked.path))
                .with("Content-Length", 50),
            "config.json" => {
                let answer = Answer { body: self.config.clone(), ..Answer::status(200) };
                answer.with("ETag", format!("\"{CONFIG_ETAG}\"")).with("Content-Length", self.config.len())
            }
            "model.safetensors" => Answer::status(302)
                .with("Location", "/cdn/weights?signature=x")
                .with("X-Linked-ETag", format!("\"{}\"", self.digest()))
                .with("X-Linked-Size", self.weights.len())
                .with("Content-Length", 0),
            _ => return Answer::status(404).with("Content-Length", 0),
        };
        answer.with("X-Repo-Commit", COMMIT)
    }

    pub fn content(&self, asked: &Asked) -> Answer {
        let (from, whole) = (asked.first_byte() as usize, self.weights.len());
        if from >= whole {
            return Answer::status(416).with("Content-Range", format!("bytes */{whole}")).with("Content-Length", 0);
        }
        let body = self.weights[from..].to_vec();
        let answer = Answer { body, ..Answer::status(if from > 0 { 206 } else { 200 }) };
        answer
            .with("Content-Length", whole - from)
            .with("Content-Range", format!("bytes {from}-{}/{whole}", whole - 1))
            .with("ETag", "\"something-else\"")
    }
}

/// A server that runs until the test ends.
pub struct Server {
    pub endpoint: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Server {
    /// Starts one whose answers `behaviour` makes: the request, and how many came before it.
    pub fn start(behaviour: impl Fn(&Asked, usize) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (log, behaviour) = (asked.clone(), Arc::new(behaviour));
        named("hub", move || {
            for stream in listener.incoming().flatten() {
                let (log, behaviour) = (log.clone(), behaviour.clone());
                named("connection", move || serve(stream, &log, &*behaviour));
            }
        });
        Self { endpoint, asked }
    }

    pub fn honest(repo: Repo) -> Self {
        Self::start(move |asked, _| repo.answer(asked))
    }

    /// Everything that was asked so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// First bytes of the contents that were asked for.
    pub fn ranges(&self) -> Vec<u64> {
        self.asked().iter().filter(|asked| asked.is_for_content()).map(Asked::first_byte).collect()
    }
}

pub fn named(name: &str, work: impl FnOnce() + Send + 'static) {
    std::thread::Builder::new().name(name.into()).spawn(work).unwrap();
}

/// One request per connection. A client that has gone away is no failure of the test.
fn serve(mut stream: TcpStream, log: &Mutex<Vec<Asked>>, behaviour: &dyn Fn(&Asked, usize) -> Answer) {
    let Some(mut asked) = read(&stream) else { return };
    if asked.method == "CONNECT" {
        // As a proxy it is the hub behind itself.
        let _ = stream.write_all(b"HTTP/1.1 200 Connected\r\n\r\n");
        let Some(through) = read(&stream) else { return };
        asked = Asked { through: Some(asked.path), ..through };
    }
    let count = {
        let mut log = log.lock().unwrap();
        log.push(asked.clone());
        log.len() - 1
    };
    let _ = send(&mut stream, &asked, &behaviour(&asked, count));
}

fn read(stream: &TcpStream) -> Option<Asked> {
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
    let first = lines.next()?;
    let mut words = first.split(' ');
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let header = |line: String| {
        let (name, value) = line.split_once(':').unwrap();
        (name.to_lowercase(), value.trim().to_owned())
    };
    let headers = lines.take_while(|line| !line.is_empty()).map(header).collect();
    Some(Asked { method, path, through: None, headers })
}

fn send(stream: &mut TcpStream, asked: &Asked, answer: &Answer) -> std::io::Result<()> {
    let mut head = format!("HTTP/1.1 {} Whatever\r\nConnection: close\r\n", answer.status);
    for (name, value) in &answer.headers {
        head += &format!("{name}: {value}\r\n");
    }
    stream.write_all(format!("{head}\r\n").as_bytes())?;
    if asked.method == "HEAD" {
        return Ok(());
    }
    let body = &answer.body[..answer.cut_after.unwrap_or(answer.body.len()).min(answer.body.len())];
    let (size, pause) = answer.pieces.unwrap_or((body.len().max(1), Duration::ZERO));
    for piece in body.chunks(size) {
        stream.write_all(piece)?;
        std::thread::sleep(pause);
    }
    Ok(())
}
