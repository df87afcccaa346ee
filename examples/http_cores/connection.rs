//! One connection: requests are answered one after the other until one side has had enough.

use std::io::{self, Write as _};
use std::net::Shutdown;
use std::time::Duration;

use hanol::cores::Strand;
use hanol::net::TcpStream;
use hanol::time::{sleep, timeout};

use crate::request::{self, Invalid, Request};

/// How long a connection may be silent, and how long the head of a request may take.
const IDLE: Duration = Duration::from_secs(30);

/// How long `/slow` takes.
const SLOW: Duration = Duration::from_secs(2);

/// How many bytes `/large` has: more than the system holds for a client that does not read.
const LARGE: usize = 16 * 1024 * 1024;

pub(crate) async fn serve(stream: TcpStream, strand: Strand) -> io::Result<()> {
    let mut input = Vec::new();
    let mut output = Vec::new();
    loop {
        let next = hanol::select! {
            biased;
            next = timeout(IDLE, next_request(&stream, &mut input)) => next,
            // The server waits for no further request, but one that has arrived by now is answered.
            () = strand.stopping() => timeout(Duration::ZERO, next_request(&stream, &mut input)).await,
        };
        match next {
            Ok(Ok(Next::Request(request))) => {
                skip_body(&stream, &mut input, &request).await?;
                let (status, body) = page(&request, &strand).await;
                // Asked now, since the page may have taken its time.
                let keep_alive = request.keep_alive && !strand.is_stopping();
                respond(status, keep_alive, &body, request.method == "HEAD", &mut output);
                stream.write_all(&output).await?;
                if !keep_alive {
                    return stream.shutdown(Shutdown::Write);
                }
            }
            Ok(Ok(Next::Invalid(invalid))) => {
                refuse(invalid, &mut output);
                stream.write_all(&output).await?;
                return stream.shutdown(Shutdown::Write);
            }
            Ok(Ok(Next::End)) => return Ok(()),
            Ok(Err(error)) => return Err(error),
            Err(_elapsed) => return Ok(()),
        }
    }
}

enum Next {
    Request(Request),
    Invalid(Invalid),
    /// The peer has ended its side.
    End,
}

/// Reads until the head of a request is there, and takes it out of `input`.
///
/// If it is dropped half-way, what was read stays in `input`.
async fn next_request(stream: &TcpStream, input: &mut Vec<u8>) -> io::Result<Next> {
    loop {
        match request::parse(input) {
            Ok(Some(request)) => {
                input.drain(..request.length);
                return Ok(Next::Request(request));
            }
            Ok(None) => {}
            Err(invalid) => return Ok(Next::Invalid(invalid)),
        }
        input.reserve(1024);
        if stream.read_buf(input).await? == 0 {
            return Ok(Next::End);
        }
    }
}

/// Throws the body of a request away.
async fn skip_body(stream: &TcpStream, input: &mut Vec<u8>, request: &Request) -> io::Result<()> {
    let mut left = request.body;
    loop {
        let skipped = input.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        input.drain(..skipped);
        left -= skipped as u64;
        if left == 0 {
            return Ok(());
        }
        input.reserve(1024);
        if stream.read_buf(input).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
}

/// The status and the body with which a request is answered.
async fn page(request: &Request, strand: &Strand) -> (&'static str, String) {
    match (request.method.as_str(), request.path.as_str()) {
        ("GET" | "HEAD", "/") => ("200 OK", "hello\n".to_owned()),
        ("GET" | "HEAD", "/strand") => ("200 OK", format!("{}\n", strand.index())),
        ("GET" | "HEAD", "/slow") => {
            sleep(SLOW).await;
            ("200 OK", "at last\n".to_owned())
        }
        ("GET" | "HEAD", "/large") => ("200 OK", "and on\n".repeat(LARGE / 7)),
        ("GET" | "HEAD", _) => ("404 Not Found", "there is no such page\n".to_owned()),
        _ => ("405 Method Not Allowed", "only GET and HEAD\n".to_owned()),
    }
}

fn refuse(invalid: Invalid, output: &mut Vec<u8>) {
    let status = match invalid {
        Invalid::Malformed => "400 Bad Request",
        Invalid::TooLarge => "431 Request Header Fields Too Large",
        Invalid::LengthRequired => "411 Length Required",
    };
    respond(status, false, "", false, output);
}

fn respond(status: &str, keep_alive: bool, body: &str, head_only: bool, output: &mut Vec<u8>) {
    output.clear();
    let connection = if keep_alive { "keep-alive" } else { "close" };
    let length = body.len();
    write!(
        output,
        "HTTP/1.1 {status}\r\ncontent-type: text/plain\r\ncontent-length: {length}\r\nconnection: {connection}\r\n\r\n"
    )
    .expect("a vector takes all that is written to it");
    if !head_only {
        output.extend_from_slice(body.as_bytes());
    }
}
