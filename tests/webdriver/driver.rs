//! As much of the W3C WebDriver protocol as the scenarios need: JSON over HTTP, one session.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::time::Duration;

use base64::Engine;
use hearsay_tests::http::{parse_head, split_head, take_chunks};
use hearsay_tests::wait::DEADLINE;
use serde_json::{Value, json};

/// The key under which the protocol names an element.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";
/// How long the end of a session may take: whatever is left is ended with its process group.
const FAREWELL: Duration = Duration::from_secs(5);

/// One browser or one desktop app under a driver. Dropping it ends it.
#[derive(Debug)]
pub(crate) struct Session {
    port: u16,
    id: String,
}

/// An element of the page.
#[derive(Debug)]
pub(crate) struct Element(String);

impl Session {
    /// Whether a driver answers on `port`.
    pub(crate) fn is_ready(port: u16) -> bool {
        ask(port, "GET", "/status", None, DEADLINE).is_ok_and(|value| value["ready"] == true)
    }

    /// Starts what `capabilities` describe.
    pub(crate) fn start(port: u16, capabilities: &Value) -> Self {
        let wanted = json!({"capabilities": {"alwaysMatch": capabilities}});
        let value = ask(port, "POST", "/session", Some(&wanted), DEADLINE)
            .unwrap_or_else(|error| panic!("no session of {capabilities}: {error}"));
        let id = value["sessionId"].as_str().unwrap_or_else(|| panic!("no session in {value}")).to_owned();
        Self { port, id }
    }

    fn try_do(&self, method: &str, what: &str, body: Option<&Value>) -> Result<Value, String> {
        ask(self.port, method, &format!("/session/{}{what}", self.id), body, DEADLINE)
    }

    fn post(&self, what: &str, body: &Value) -> Value {
        self.try_do("POST", what, Some(body)).unwrap_or_else(|error| panic!("{what} {body:.300}: {error}"))
    }

    fn get(&self, what: &str) -> Value {
        self.try_do("GET", what, None).unwrap_or_else(|error| panic!("{what}: {error}"))
    }

    /// Runs the body of a function in the page, and answers what it returns.
    pub(crate) fn run(&self, script: &str, arguments: &[Value]) -> Value {
        self.post("/execute/sync", &json!({"script": script, "args": arguments}))
    }

    /// The windows there are.
    pub(crate) fn windows(&self) -> Vec<String> {
        let handles = self.get("/window/handles");
        let handles = handles.as_array().expect("windows are listed").iter();
        handles.filter_map(|handle| handle.as_str().map(str::to_owned)).collect()
    }

    /// From now on everything is about that window.
    pub(crate) fn turn_to(&self, window: &str) {
        self.post("/window", &json!({"handle": window}));
    }

    /// Goes to an address.
    pub(crate) fn go(&self, url: &str) {
        self.post("/url", &json!({"url": url}));
    }

    /// The address that is shown.
    pub(crate) fn url(&self) -> String {
        self.get("/url").as_str().expect("an address is text").to_owned()
    }

    /// The first element that `selector` finds.
    pub(crate) fn find(&self, selector: &str) -> Option<Element> {
        let wanted = json!({"using": "css selector", "value": selector});
        let found = self.try_do("POST", "/element", Some(&wanted)).ok()?;
        found[ELEMENT].as_str().map(|id| Element(id.to_owned()))
    }

    /// Clicks where `element` is, as a mouse would; says so where something lies over it.
    pub(crate) fn try_click(&self, element: &Element) -> Result<(), String> {
        self.try_do("POST", &format!("/element/{}/click", element.0), Some(&json!({}))).map(drop)
    }

    /// Presses and releases keys, one after the other.
    pub(crate) fn press(&self, keys: &str) {
        let actions: Vec<Value> =
            keys.chars().flat_map(|key| [key_action("keyDown", key), key_action("keyUp", key)]).collect();
        self.act(&json!({"type": "key", "id": "keys", "actions": actions}));
    }

    /// Presses `key` while `held` is down.
    pub(crate) fn chord(&self, held: char, key: char) {
        let actions = [("keyDown", held), ("keyDown", key), ("keyUp", key), ("keyUp", held)]
            .map(|(kind, key)| key_action(kind, key));
        self.act(&json!({"type": "key", "id": "keys", "actions": actions}));
    }

    /// Takes the mouse to a place of the page, and then presses its button, lets it go, or neither.
    pub(crate) fn mouse(&self, (x, y): (i64, i64), then: Option<&str>) {
        let to = json!({"type": "pointerMove", "duration": 0, "origin": "viewport", "x": x, "y": y});
        let mut actions = vec![to];
        actions.extend(then.map(|kind| json!({"type": kind, "button": 0})));
        self.act(&json!({
            "type": "pointer", "id": "mouse", "parameters": {"pointerType": "mouse"}, "actions": actions,
        }));
    }

    fn act(&self, source: &Value) {
        self.post("/actions", &json!({"actions": [source]}));
    }

    /// Gives the page, without what is around it, a size.
    pub(crate) fn resize(&self, width: i64, height: i64) {
        let around = self.run("return [outerWidth - innerWidth, outerHeight - innerHeight];", &[]);
        let whole = |at: usize, inner: i64| inner + around[at].as_i64().expect("a number of pixels").max(0);
        self.post("/window/rect", &json!({"width": whole(0, width), "height": whole(1, height)}));
    }

    /// The page as a PNG.
    pub(crate) fn screenshot(&self) -> Vec<u8> {
        let shot = self.get("/screenshot");
        let text = shot.as_str().expect("a screenshot is text");
        base64::engine::general_purpose::STANDARD.decode(text).expect("a screenshot is base64")
    }

    /// What the browser has logged since it was last asked. Chromium only.
    pub(crate) fn console(&self) -> Vec<Value> {
        self.post("/se/log", &json!({"type": "browser"})).as_array().cloned().unwrap_or_default()
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // A driver that is gone has no session to end.
        let _ = ask(self.port, "DELETE", &format!("/session/{}", self.id), None, FAREWELL);
    }
}

fn key_action(kind: &str, key: char) -> Value {
    json!({"type": kind, "value": key})
}

/// Asks a driver, and answers the `value` of what it says, or why there is none.
fn ask(
    port: u16,
    method: &str,
    path: &str,
    body: Option<&Value>,
    patience: Duration,
) -> Result<Value, String> {
    let body = body.map(Value::to_string).unwrap_or_default();
    let (status, text) = exchange(port, method, path, &body, patience).map_err(|error| error.to_string())?;
    let mut answer: Value = serde_json::from_slice(&text).map_err(|error| error.to_string())?;
    let value = answer["value"].take();
    if status == 200 { Ok(value) } else { Err(format!("{}: {}", value["error"], value["message"])) }
}

fn exchange(
    port: u16,
    method: &str,
    path: &str,
    body: &str,
    patience: Duration,
) -> std::io::Result<(u16, Vec<u8>)> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    stream.set_read_timeout(Some(patience))?;
    stream.set_nodelay(true)?;
    let length = body.len();
    // No `Connection: close`: tauri-driver hands it on, and then fails where WebKit's driver closes before it looks.
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\
         Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes())?;
    let (mut raw, mut bytes) = (Vec::new(), vec![0; 1 << 16]);
    loop {
        let count = stream.read(&mut bytes)?;
        raw.extend_from_slice(&bytes[..count]);
        if let Some(answer) = whole(&raw, count == 0) {
            return Ok(answer);
        }
        if count == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
    }
}

/// The status and the body, once the answer is whole.
fn whole(raw: &[u8], ended: bool) -> Option<(u16, Vec<u8>)> {
    let (head, body) = split_head(raw)?;
    let (status, headers) = parse_head(&head);
    let header =
        |name: &str| headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    if header("transfer-encoding") == Some("chunked") {
        return body.ends_with(b"0\r\n\r\n").then(|| (status, take_chunks(&mut body.to_vec())));
    }
    match header("content-length").and_then(|length| length.parse().ok()) {
        Some(length) => body.get(..length).map(|body| (status, body.to_vec())),
        None => ended.then(|| (status, body.to_vec())),
    }
}
