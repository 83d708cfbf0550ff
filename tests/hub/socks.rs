//! A SOCKS proxy on this machine, and downloads that go through it.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddrV4, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::machine::{CONFIG, MODEL, Machine};
use crate::server::{Repo, Server, named};

/// Speaks SOCKS 5 (RFC 1928) without a password, to IPv4 addresses; counts the connections that it leads on.
fn start() -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let led = Arc::new(AtomicUsize::new(0));
    let counter = led.clone();
    named("proxy", move || {
        for client in listener.incoming() {
            let counter = counter.clone();
            // A client that has gone away is no failure of the test.
            named("client", move || drop(lead(client.unwrap(), &counter)));
        }
    });
    (port, led)
}

fn lead(mut client: TcpStream, counter: &AtomicUsize) -> io::Result<()> {
    let mut greeting = [0; 2];
    client.read_exact(&mut greeting)?;
    client.read_exact(&mut vec![0; greeting[1] as usize])?;
    client.write_all(&[5, 0])?;
    // Version, "connect", nothing, IPv4; address; port.
    let mut request = [0; 10];
    client.read_exact(&mut request)?;
    assert_eq!(&request[..4], &[5, 1, 0, 1]);
    let address = Ipv4Addr::new(request[4], request[5], request[6], request[7]);
    let server = TcpStream::connect(SocketAddrV4::new(address, u16::from_be_bytes([request[8], request[9]])))?;
    counter.fetch_add(1, Ordering::Relaxed);
    client.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0])?;
    let (mut from, mut to) = (client.try_clone()?, server.try_clone()?);
    named("requests", move || drop(io::copy(&mut from, &mut to)));
    io::copy(&mut &server, &mut &client).map(drop)
}

#[test]
fn a_socks_proxy_is_used_too() {
    let server = Server::honest(Repo::of(70_000, CONFIG));
    let (port, led) = start();
    let mut machine = Machine::new(&server.endpoint);
    machine.variables.push(("ALL_PROXY", format!("socks5://127.0.0.1:{port}")));
    let got = machine.fathom(&["models", "get", MODEL]);
    assert_eq!(got.code, 0, "{}", got.err);
    assert!(led.load(Ordering::Relaxed) > 0 && !server.asked().is_empty());
    machine.variables.push(("ALL_PROXY", "socks5://127.0.0.1:1".into()));
    let failed = machine.fathom(&["models", "get", "da2-base"]);
    assert!(failed.code == 1 && failed.err.contains("127.0.0.1:1"), "{}", failed.err);
}
