//! The end of `http_cores`.

use crate::client::Client;
use crate::program::{ENDING, Program, run};

const REQUEST: &[u8] = b"GET / HTTP/1.1\r\n\r\n";

#[hanol::test]
async fn idle_connections_are_closed_and_the_request_in_flight_is_answered() {
    for signal in ENDING {
        let (mut server, addr) = Program::server("http_cores", &["--strands", "2"]).await;
        let mut idle = Client::connect(addr).await;
        assert_eq!(greeting(&mut idle).await, "connection: keep-alive");
        let mut halfway = Client::connect(addr).await;
        assert_eq!(greeting(&mut halfway).await, "connection: keep-alive");
        let mut slow = Client::connect(addr).await;
        assert_eq!(greeting(&mut slow).await, "connection: keep-alive");

        // Sent before the signal, but the server hears of both at once, each strand on a thread of its own.
        server.suspend();
        halfway.send(b"GET / HT").await;
        slow.send(b"GET /slow HTTP/1.1\r\n\r\n").await;
        server.signal(signal);
        server.resume();
        assert_eq!(server.line().await, "stopping");
        assert_eq!(idle.rest().await, "");
        assert_eq!(halfway.rest().await, "");
        let answer = slow.rest().await;
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
        assert!(answer.contains("connection: close\r\n") && answer.ends_with("\r\n\r\nat last\n"), "{answer}");
        let ended = server.end().await;
        assert_eq!((ended.code, &*ended.errors), (Some(0), ""));
    }
}

#[hanol::test]
async fn a_client_that_does_not_read_is_cut_short_and_named() {
    for signal in ENDING {
        let (server, addr) = Program::server("http_cores", &["--strands", "1", "--deadline", "0.5"]).await;
        let mut idle = Client::connect(addr).await;
        assert_eq!(greeting(&mut idle).await, "connection: keep-alive");
        // More than the sockets on the way hold.
        let stuck = Client::connect(addr).await;
        stuck.send(b"GET /large HTTP/1.1\r\n\r\n").await;
        stuck.until_answered().await;

        server.signal(signal);
        assert_eq!(idle.rest().await, "");
        let ended = server.end().await;
        assert_eq!(ended.code, Some(1), "{ended:?}");
        let waiting = ended.errors.lines().find(|line| line.contains(" waiting: write (fd "));
        assert!(waiting.is_some_and(|line| line.contains("http_cores/connection.rs:")), "{ended:?}");
    }
}

#[hanol::test]
async fn wrong_arguments_are_told() {
    for arguments in [&["--deadline"][..], &["--deadline", "soon"], &["--strands", "0"], &["--elsewhere"]] {
        let ended = run("http_cores", arguments).await;
        assert_eq!((ended.code, &*ended.output), (Some(2), ""), "{arguments:?}");
        assert!(ended.errors.contains("usage: http_cores"), "{arguments:?}: {}", ended.errors);
    }
}

/// Asks for the greeting, and gives the header that says whether the connection is kept.
async fn greeting(client: &mut Client) -> String {
    client.send(REQUEST).await;
    assert_eq!(client.line().await, "HTTP/1.1 200 OK");
    assert_eq!(client.line().await, "content-type: text/plain");
    assert_eq!(client.line().await, "content-length: 6");
    let connection = client.line().await;
    assert_eq!((client.line().await, client.line().await), (String::new(), "hello".to_owned()));
    connection
}
