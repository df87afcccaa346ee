//! The head of a request, parsed by `httparse`.

/// How large the head of a request may be, in bytes.
pub(crate) const MAX_HEAD: usize = 8 * 1024;

/// How many headers a request may have.
const MAX_HEADERS: usize = 64;

/// What the server wants to know of a request.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) keep_alive: bool,
    /// How long the head is, in bytes.
    pub(crate) length: usize,
    /// How long the body is, in bytes. It is read and thrown away.
    pub(crate) body: u64,
}

/// Why there is no request: what to answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Invalid {
    Malformed,
    TooLarge,
    /// A body whose length is not said in advance. This server takes none.
    LengthRequired,
}

/// The request at the beginning of `bytes`, or `None` if it has not come whole.
pub(crate) fn parse(bytes: &[u8]) -> Result<Option<Request>, Invalid> {
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut head = httparse::Request::new(&mut headers);
    let length = match head.parse(bytes) {
        Ok(httparse::Status::Complete(length)) => length,
        Ok(httparse::Status::Partial) if bytes.len() < MAX_HEAD => return Ok(None),
        Ok(httparse::Status::Partial) | Err(httparse::Error::TooManyHeaders) => return Err(Invalid::TooLarge),
        Err(_) => return Err(Invalid::Malformed),
    };
    // HTTP/1.1 keeps a connection unless told otherwise, HTTP/1.0 closes it unless told otherwise.
    let mut request = Request {
        method: head.method.unwrap_or_default().to_owned(),
        path: head.path.unwrap_or_default().to_owned(),
        keep_alive: head.version == Some(1),
        length,
        body: 0,
    };
    let mut body = None;
    for header in head.headers.iter() {
        let value = || std::str::from_utf8(header.value).map(str::trim).map_err(|_| Invalid::Malformed);
        if header.name.eq_ignore_ascii_case("connection") {
            for token in value()?.split(',').map(str::trim) {
                if token.eq_ignore_ascii_case("close") {
                    request.keep_alive = false;
                } else if token.eq_ignore_ascii_case("keep-alive") {
                    request.keep_alive = true;
                }
            }
        } else if header.name.eq_ignore_ascii_case("content-length") {
            let digits = value()?;
            if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
                return Err(Invalid::Malformed);
            }
            let length = digits.parse().map_err(|_| Invalid::TooLarge)?;
            // Two lengths that differ are how requests are smuggled.
            if body.replace(length).is_some_and(|other: u64| other != length) {
                return Err(Invalid::Malformed);
            }
        } else if header.name.eq_ignore_ascii_case("transfer-encoding") {
            return Err(Invalid::LengthRequired);
        }
    }
    request.body = body.unwrap_or(0);
    Ok(Some(request))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_parsed_when_it_is_whole() {
        let bytes = b"POST /a?b HTTP/1.1\r\nHost: x\r\ncontent-length: 3\r\n\r\nabcGET";
        let head = bytes.len() - 6;
        for cut in 0..head {
            assert!(parse(&bytes[..cut]).unwrap().is_none(), "{cut}");
        }
        let request = parse(bytes).unwrap().unwrap();
        assert_eq!((request.method.as_str(), request.path.as_str()), ("POST", "/a?b"));
        assert_eq!((request.length, request.body, request.keep_alive), (head, 3, true));
    }

    #[test]
    fn the_connection_is_kept_as_the_version_and_the_header_say() {
        let kept = |text: &str| parse(text.as_bytes()).unwrap().unwrap().keep_alive;
        assert!(kept("GET / HTTP/1.1\r\n\r\n"));
        assert!(!kept("GET / HTTP/1.1\r\nConnection: Close\r\n\r\n"));
        assert!(!kept("GET / HTTP/1.0\r\n\r\n"));
        assert!(kept("GET / HTTP/1.0\r\nconnection: x, keep-alive\r\n\r\n"));
    }

    #[test]
    fn what_is_no_request_is_told_apart() {
        let invalid = |text: &[u8]| parse(text).unwrap_err();
        assert_eq!(invalid(b"nonsense\r\n\r\n"), Invalid::Malformed);
        assert_eq!(invalid(b"GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n"), Invalid::Malformed);
        assert_eq!(invalid(b"GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"), Invalid::Malformed);
        assert_eq!(invalid(b"GET / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n"), Invalid::TooLarge);
        assert_eq!(invalid(b"GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"), Invalid::LengthRequired);
        let long = [b"GET /".as_slice(), &[b'x'; MAX_HEAD]].concat();
        assert_eq!(invalid(&long), Invalid::TooLarge);
    }
}
