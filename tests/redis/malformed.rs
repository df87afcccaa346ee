//! Bytes that are no proper requests, and proper ones that arrive in odd ways.

use crate::wire::encode;

/// What a client sends before it closes its side of the connection. The answer is all that comes until the end.
pub(crate) fn conversations() -> Vec<(String, Vec<u8>)> {
    let short: Vec<(&str, &[u8])> = vec![
        ("nothing", b""),
        ("an empty line", b"\r\n"),
        ("empty lines before a command", b"\r\n\n\r\nPING\r\n"),
        ("an inline command", b"SET a 'b c'\r\nGET a\n"),
        ("an inline command with spaces", b"   PING    hello  \r\n"),
        ("an inline command with tabs", b"PING\thello\x0b\x0c\r\n"),
        ("an inline command with escapes", b"ECHO \"\\x41\\n\\r\\t\\b\\a\\\\\\\"\\q\\x4\\xzz\"\r\n"),
        ("an inline command with single quotes", b"ECHO 'it\\'s \\n \"x\"'\r\n"),
        ("an inline command with quotes inside", b"ECHO a\"b c\"\r\n"),
        ("an inline command of empty quotes", b"\"\"\r\nECHO ''\r\n"),
        ("a carriage return in the middle", b"ECHO a\rb\r\n"),
        ("two carriage returns", b"PING\r\r\n"),
        ("bytes beyond ASCII", b"ECHO \xff\xfe\xc3\xa9\r\n"),
        ("unbalanced double quotes", b"PING\r\nECHO \"abc\r\nPING\r\n"),
        ("unbalanced single quotes", b"ECHO 'abc\r\n"),
        ("text after the quotes", b"ECHO \"abc\"d\r\n"),
        ("quotes that end in a backslash", b"ECHO \"abc\\\r\n"),
        ("a zero byte in a line", b"PING\0\r\nPING\r\n"),
        ("a line without an end", b"PING"),
        ("a line with half an end", b"PING\r"),
        ("requests that are empty", b"*0\r\n*-1\r\n*-100\r\n*1\r\n$4\r\nPING\r\n"),
        ("a count of letters", b"*abc\r\n"),
        ("a count without digits", b"*\r\n"),
        ("a count with a plus", b"*+1\r\n$4\r\nPING\r\n"),
        ("a count with a zero before it", b"*01\r\n$4\r\nPING\r\n"),
        ("a count with a space", b"* 1\r\n$4\r\nPING\r\n"),
        ("a count of minus zero", b"*-0\r\n$4\r\nPING\r\n"),
        ("a count that is too great", b"*2147483648\r\n"),
        ("the greatest count", b"*2147483647\r\n$4\r\nPING\r\n"),
        ("a count beyond a million", b"*1048577\r\n$4\r\nPING\r\n"),
        ("a count beyond 64 bits", b"*99999999999999999999\r\n"),
        ("a count with a zero byte", b"*1\0\r\n$4\r\nPING\r\n"),
        ("a count that ends without a line feed", b"*1\rx$4\r\nPING\r\n"),
        ("a bulk length of -1", b"*1\r\n$-1\r\n"),
        ("a bulk length of -2", b"*1\r\n$-2\r\n"),
        ("a bulk length of 600 MB", b"*1\r\n$629145600\r\n"),
        ("a bulk length of 512 MB and one", b"*1\r\n$536870913\r\n"),
        ("a bulk length of 512 MB", b"*1\r\n$536870912\r\nabc"),
        ("a bulk length of letters", b"*1\r\n$abc\r\n"),
        ("a bulk length without digits", b"*1\r\n$\r\n"),
        ("a bulk length with a plus", b"*1\r\n$+4\r\nPING\r\n"),
        ("a bulk length with a zero before it", b"*1\r\n$04\r\nPING\r\n"),
        ("a bulk length with spaces", b"*1\r\n$4 \r\nPING\r\n"),
        ("a bulk length beyond 64 bits", b"*1\r\n$99999999999999999999\r\n"),
        ("a bad length after a good command", b"*1\r\n$4\r\nPING\r\n*1\r\n$x\r\n*1\r\n$4\r\nPING\r\n"),
        ("a bad length as the second argument", b"*2\r\n$4\r\nECHO\r\n$-5\r\nabc\r\n"),
        ("a number in place of a bulk string", b"*1\r\n:1\r\n"),
        ("an array in place of a bulk string", b"*1\r\n*1\r\n$4\r\nPING\r\n"),
        ("an empty line in place of a bulk string", b"*1\r\n\r\n"),
        ("a line feed in place of a bulk string", b"*1\r\n\nPING\r\n"),
        ("a byte beyond ASCII in place of a bulk string", b"*1\r\n\xff\r\n"),
        ("a zero byte in place of a bulk string", b"*1\r\n\0\r\n"),
        ("a bulk string that is longer than its length", b"*1\r\n$4\r\nPINGPONG\r\n"),
        ("a bulk string that is shorter than its length", b"*1\r\n$6\r\nPING\r\n*1\r\n$4\r\nPING\r\n"),
        ("a bulk string without a line's end", b"*1\r\n$4\r\nPINGxx*1\r\n$4\r\nPING\r\n"),
        ("an empty bulk string", b"*2\r\n$4\r\nECHO\r\n$0\r\n\r\n"),
        ("bulk strings of all bytes", b"*2\r\n$4\r\nECHO\r\n$6\r\n\0\r\n\xff$*\r\n"),
        ("an unfinished header", b"*1"),
        ("an unfinished bulk length", b"*1\r\n$4"),
        ("an unfinished bulk string", b"*1\r\n$4\r\nPI"),
        ("a bulk string with half an end", b"*1\r\n$4\r\nPING\r"),
        ("an unfinished frame after a command", b"*1\r\n$4\r\nPING\r\n*2\r\n$4\r\nECHO\r\n$10\r\nabc"),
        ("an answer sent as a request", b"+OK\r\n-ERR x\r\n:1\r\n$3\r\n"),
        ("a request in HTTP", b"GET / HTTP/1.1\r\nAccept: text/html\r\n\r\n"),
        ("commands after QUIT", b"PING\r\nQUIT\r\nPING\r\n"),
        ("QUIT with arguments", b"QUIT now\r\nPING\r\n"),
        ("a protocol error while subscribed", b"SUBSCRIBE a\r\n*1\r\nx\r\n"),
        (
            "several channels in one command",
            b"SUBSCRIBE a b c a\r\nUNSUBSCRIBE a nosuch\r\nPING\r\nUNSUBSCRIBE b c\r\n",
        ),
    ];
    let mut conversations: Vec<_> = short.into_iter().map(|(name, bytes)| (name.to_owned(), bytes.to_vec())).collect();
    conversations.extend(long().into_iter().map(|(name, bytes)| (name.to_owned(), bytes)));
    conversations
}

/// Lines at the limit of 64 KiB and beyond, and requests of some size.
fn long() -> Vec<(&'static str, Vec<u8>)> {
    const LIMIT: usize = 64 * 1024;
    const MEGABYTE: usize = 1024 * 1024;
    let value = vec![b'v'; MEGABYTE];
    vec![
        ("an inline command of 1 MB", b"a".repeat(MEGABYTE)),
        ("an inline command of 1 MB after a good one", [&b"PING\r\n"[..], &value].concat()),
        ("an unfinished line as long as allowed", b"a".repeat(LIMIT)),
        ("an unfinished line one byte too long", b"a".repeat(LIMIT + 1)),
        ("an unfinished line with a zero byte, too long", b"\0".repeat(LIMIT + 1)),
        ("an endless count", [&b"*"[..], &b"1".repeat(LIMIT + 1)].concat()),
        ("an endless bulk length", [&b"*1\r\n$"[..], &b"1".repeat(LIMIT + 1)].concat()),
        ("an endless line in place of a bulk string", [&b"*1\r\n"[..], &b"x".repeat(LIMIT + 1)].concat()),
        ("a value of 1 MB", [encode(&[b"SET", &b"k"[..], &value]), encode(&["GET", "k"])].concat()),
        ("a command with 10000 arguments", encode(&vec!["DEL"; 10_000])),
        ("an unknown command of 1 MB", encode(&[&value[..], b"x"])),
    ]
}

/// A few requests of all kinds, to be cut at every place.
pub(crate) fn frames_to_split() -> Vec<u8> {
    let frames = [
        encode(&["SET", "key", "va\r\nlue"]),
        b"GET key\r\n".to_vec(),
        b"\r\n*0\r\n".to_vec(),
        encode(&["ECHO", ""]),
        b"ECHO \"a \\x41\"\n".to_vec(),
        encode(&["INCR", "key"]),
    ];
    frames.concat()
}
