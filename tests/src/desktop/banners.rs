//! What is said on a bus of banners, by whoever says it: a record of everything, kept from outside.
//!
//! Not here: who shows them (`dunst`, `daemon`).

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use zbus::MatchRule;
use zbus::blocking::MessageIterator;
use zbus::blocking::fdo::MonitoringProxy;
use zbus::message::{Message, Type};
use zbus::zvariant::{OwnedValue, Value};

use super::Desktop;
use crate::wait::until;

/// The interface through which banners are raised.
const INTERFACE: &str = "org.freedesktop.Notifications";

/// A banner as it was asked for.
#[derive(Debug, Clone)]
pub struct Banner {
    /// When the record had it.
    pub at: Instant,
    /// By what it is known from then on; `None` until somebody answers, or where nobody does.
    pub id: Option<u32>,
    /// Whoever raised it says that it is called so.
    pub app: String,
    /// Which one it replaces, 0 where none.
    pub replaces: u32,
    /// The first line.
    pub title: String,
    /// What stands below it.
    pub body: String,
    /// Names of actions, each with what a person reads.
    pub actions: Vec<(String, String)>,
    /// Hints, as far as they are text, numbers or yes and no, written as text.
    pub hints: HashMap<String, String>,
    /// Milliseconds until it goes; -1 where that is the daemon's.
    pub timeout: i32,
}

type Notify = (String, u32, String, String, String, Vec<String>, HashMap<String, OwnedValue>, i32);

/// Everything that is said of banners on a bus from its start on.
#[derive(Debug)]
pub struct Banners {
    heard: Arc<Mutex<Heard>>,
    taken: usize,
}

#[derive(Debug, Default)]
struct Heard {
    banners: Vec<Banner>,
    /// Who asked, with the number of the question, for each banner.
    asked: Vec<(String, u32)>,
    /// Those that are no more, with the reason.
    closed: Vec<(u32, u32)>,
}

impl Banners {
    /// Listens from now on.
    pub fn of(desktop: &Desktop) -> Self {
        let connection = desktop.connect();
        let rules = ["method_call", "method_return", "signal"].map(|kind| {
            let rule = format!("type='{kind}'");
            // An answer names no interface.
            let rule = if kind == "method_return" { rule } else { format!("{rule},interface='{INTERFACE}'") };
            MatchRule::try_from(rule.as_str()).expect("a rule").to_owned()
        });
        let messages = MessageIterator::from(&connection);
        let monitor = MonitoringProxy::new(&connection).expect("a bus that can be watched");
        monitor.become_monitor(&rules, 0).expect("the bus lets itself be watched");
        let heard = Arc::new(Mutex::new(Heard::default()));
        let sink = heard.clone();
        std::thread::spawn(move || {
            // The bus is gone where this ends.
            for message in messages.map_while(Result::ok) {
                sink.lock().expect("nobody panics").take_in(&message);
            }
        });
        Self { heard, taken: 0 }
    }

    /// All banners so far.
    pub fn all(&self) -> Vec<Banner> {
        self.heard.lock().expect("nobody panics").banners.clone()
    }

    /// The next banner, once it is known by an id.
    pub fn take(&mut self) -> Banner {
        let what = format!("banner {}, after {:?}", self.taken + 1, self.all().last());
        let banner =
            until(&what, || self.all().into_iter().nth(self.taken).filter(|banner| banner.id.is_some()));
        self.taken += 1;
        banner
    }

    /// Those that came since the last that was taken.
    pub fn rest(&mut self) -> Vec<Banner> {
        let rest = self.all().split_off(self.taken);
        self.taken += rest.len();
        rest
    }

    /// Waits until the banner `id` is no more, and answers why: 1 it has lasted, 2 a person, 3 who raised it.
    pub fn closed(&self, id: u32) -> u32 {
        until(&format!("banner {id} to be closed"), || {
            let heard = self.heard.lock().expect("nobody panics");
            heard.closed.iter().find(|(closed, _)| *closed == id).map(|(_, reason)| *reason)
        })
    }
}

impl Heard {
    fn take_in(&mut self, message: &Message) {
        let header = message.header();
        let member = header.member().map(|member| member.as_str()).unwrap_or_default();
        match message.message_type() {
            Type::MethodCall if member == "Notify" => {
                let sender = header.sender().map(|sender| sender.to_string()).unwrap_or_default();
                let body: Notify = message.body().deserialize().expect("what a banner consists of");
                self.banners.push(banner(body));
                self.asked.push((sender, message.primary_header().serial_num().get()));
            }
            Type::MethodReturn => {
                let reply = header.reply_serial().map(std::num::NonZero::get);
                let to = header.destination().map(|name| name.to_string());
                let is_it =
                    |(sender, serial): &(String, u32)| to.as_ref() == Some(sender) && reply == Some(*serial);
                if let Some(at) = self.asked.iter().position(is_it) {
                    self.banners[at].id = message.body().deserialize().ok();
                }
            }
            Type::Signal if member == "NotificationClosed" => {
                self.closed.extend(message.body().deserialize::<(u32, u32)>());
            }
            _ => {}
        }
    }
}

fn banner((app, replaces, _, title, body, actions, hints, timeout): Notify) -> Banner {
    let actions = actions.chunks_exact(2).map(|pair| (pair[0].clone(), pair[1].clone())).collect();
    let hints = hints.into_iter().filter_map(|(name, value)| Some((name, text(&value)?))).collect();
    Banner { at: Instant::now(), id: None, app, replaces, title, body, actions, hints, timeout }
}

fn text(value: &Value<'_>) -> Option<String> {
    Some(match value {
        Value::Str(text) => text.to_string(),
        Value::Bool(value) => value.to_string(),
        Value::U8(value) => value.to_string(),
        Value::I32(value) => value.to_string(),
        Value::U32(value) => value.to_string(),
        _ => return None,
    })
}
