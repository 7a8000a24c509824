//! As much of HTTP as a stranger needs to ask `hear serve` anything, with any header, well formed or not.

use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, TcpStream};

use crate::wait::DEADLINE;

/// What came back.
#[derive(Debug)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// Names in lower case, and values.
    pub headers: Vec<(String, String)>,
    /// The body, whole.
    pub body: String,
}

impl Answer {
    /// The value of the header `name`, given in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The body as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error} in {:.400}", self.body))
    }
}

/// Connects to `port` of this machine.
pub fn connect(port: u16) -> TcpStream {
    let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).expect("somebody listens");
    stream.set_read_timeout(Some(DEADLINE)).expect("a timeout");
    stream
}

/// Sends `method path` with `headers` and nothing else, and reads the answer to its end.
pub fn ask(port: u16, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut stream = connect(port);
    send(&mut stream, method, path, headers);
    answer(stream)
}

/// The same with a body of JSON.
pub fn tell(port: u16, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
    let mut stream = connect(port);
    let length = body.len().to_string();
    let own = [("Content-Type", "application/json"), ("Content-Length", length.as_str())];
    send(&mut stream, method, path, &[&own, headers].concat());
    // A server that refuses what is too large does not read it to its end.
    let _ = stream.write_all(body);
    answer(stream)
}

fn answer(mut stream: TcpStream) -> Answer {
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).expect("an answer that ends");
    let (head, body) =
        split_head(&bytes).unwrap_or_else(|| panic!("no head in {}", String::from_utf8_lossy(&bytes)));
    let (status, headers) = parse_head(&head);
    let chunked = headers.iter().any(|(name, value)| name == "transfer-encoding" && value == "chunked");
    let body = if chunked {
        let mut rest = body.to_vec();
        take_chunks(&mut rest)
    } else {
        body.to_vec()
    };
    Answer { status, headers, body: String::from_utf8(body).expect("UTF-8") }
}

/// Sends a request without a body.
pub fn send(stream: &mut TcpStream, method: &str, path: &str, headers: &[(&str, &str)]) {
    let mut request = format!("{method} {path} HTTP/1.1\r\nConnection: close\r\n");
    for (name, value) in headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    request.push_str("\r\n");
    stream.write_all(request.as_bytes()).expect("the server reads");
}

/// The head and what follows it, once the head is whole.
pub fn split_head(bytes: &[u8]) -> Option<(String, &[u8])> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    Some((String::from_utf8_lossy(&bytes[..end]).into_owned(), &bytes[end + 4..]))
}

/// The status and the headers of a head.
pub fn parse_head(head: &str) -> (u16, Vec<(String, String)>) {
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|code| code.parse().ok());
    let header = |line: &str| {
        line.split_once(':').map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
    };
    (status.unwrap_or_else(|| panic!("no status in {head}")), lines.filter_map(header).collect())
}

/// Takes whole chunks off the front of `raw`, and answers what was in them.
pub fn take_chunks(raw: &mut Vec<u8>) -> Vec<u8> {
    let (mut content, mut at) = (Vec::new(), 0);
    while let Some(line) = raw[at..].windows(2).position(|two| two == b"\r\n") {
        let digits = std::str::from_utf8(&raw[at..at + line]).expect("a size is text");
        let size = usize::from_str_radix(digits.trim(), 16).expect("a size is a number");
        let start = at + line + 2;
        if raw.len() < start + size + 2 {
            break;
        }
        content.extend_from_slice(&raw[start..start + size]);
        at = start + size + 2;
    }
    raw.drain(..at);
    content
}

/// Reads what is there into `raw`. Answers `false` where nothing came in time.
///
/// # Panics
/// Where the other end has closed.
pub fn read_some(stream: &mut TcpStream, raw: &mut Vec<u8>) -> bool {
    let mut bytes = vec![0; 1 << 16];
    match stream.read(&mut bytes) {
        Ok(0) => panic!("the stream has ended"),
        Ok(count) => {
            raw.extend_from_slice(&bytes[..count]);
            true
        }
        Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => false,
        Err(error) => panic!("the stream broke: {error}"),
    }
}
