//! The end of `mini_redis`.

use crate::client::{Client, assert_refused};
use crate::program::{ENDING, Program, run};

#[hanol::test]
async fn idle_clients_are_closed() {
    for signal in ENDING {
        let (server, addr) = Program::server("mini_redis", &[]).await;
        let mut idle = Client::connect(addr).await;
        idle.send(b"PING\r\n").await;
        assert_eq!(idle.line().await, "+PONG");
        let mut subscriber = Client::connect(addr).await;
        subscriber.send(b"SUBSCRIBE news\r\n").await;
        for expected in ["*3", "$9", "subscribe", "$4", "news", ":1"] {
            assert_eq!(subscriber.line().await, expected);
        }
        // The second command is not whole.
        let mut halfway = Client::connect(addr).await;
        halfway.send(b"PING\r\n*2\r\n$3\r\nGET\r\n$5\r\nco").await;
        assert_eq!(halfway.line().await, "+PONG");

        server.signal(signal);
        for client in [&mut idle, &mut subscriber, &mut halfway] {
            assert_eq!(client.rest().await, "");
        }
        server.end().await.assert_well("");
    }
}

#[hanol::test]
async fn commands_that_have_arrived_are_answered() {
    for signal in ENDING {
        let (server, addr) = Program::server("mini_redis", &[]).await;
        let mut subscriber = Client::connect(addr).await;
        subscriber.send(b"SUBSCRIBE news\r\n").await;
        for expected in ["*3", "$9", "subscribe", "$4", "news", ":1"] {
            assert_eq!(subscriber.line().await, expected);
        }
        let mut client = Client::connect(addr).await;
        client.send(b"PING\r\n").await;
        assert_eq!(client.line().await, "+PONG");

        // Sent before the signal, but the server hears of both at once.
        server.suspend();
        client.send(&[&b"PING\r\n".repeat(1000)[..], b"PUBLISH news last\r\n"].concat()).await;
        server.signal(signal);
        server.resume();
        assert_eq!(client.rest().await, format!("{}:1\r\n", "+PONG\r\n".repeat(1000)));
        assert_eq!(subscriber.rest().await, "*3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n$4\r\nlast\r\n");
        server.end().await.assert_well("");
    }
}

#[hanol::test]
async fn a_client_that_does_not_read_is_cut_short_and_named() {
    for signal in ENDING {
        let (server, addr) = Program::server("mini_redis", &["--shutdown-timeout", "0.5"]).await;
        let mut idle = Client::connect(addr).await;
        idle.send(&[b"SET large ".as_slice(), &[b'x'; 60_000], b"\r\n"].concat()).await;
        assert_eq!(idle.line().await, "+OK");
        // More than the sockets on the way hold.
        let stuck = Client::connect(addr).await;
        stuck.send(&b"GET large\r\n".repeat(500)).await;
        stuck.until_answered().await;

        server.signal(signal);
        assert_eq!(idle.rest().await, "");
        // It is still there, since it waits for the other one.
        assert_refused(addr).await;
        let ended = server.end().await;
        let [cut] = ended.assert_cut_short()[..] else { panic!("{}", ended.output) };
        assert!(cut.contains(&format!("\"client {}\" waiting: write (fd ", stuck.addr())), "{cut}");
        assert!(cut.contains("mini_redis/connection.rs:"), "{cut}");
    }
}

#[hanol::test]
async fn wrong_arguments_are_told() {
    for arguments in [&["--shutdown-timeout"][..], &["--shutdown-timeout", "soon"], &["--elsewhere"]] {
        let ended = run("mini_redis", arguments).await;
        assert_eq!((ended.code, &*ended.output), (Some(2), ""), "{arguments:?}");
        assert!(ended.errors.starts_with("usage: mini_redis"), "{arguments:?}: {}", ended.errors);
    }
}
