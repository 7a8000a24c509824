//! How a banner reaches the screen, and how a click on it comes back.
//!
//! One file an OS behind one trait: [`linux`] speaks to the notification daemon on the session's bus, `macos` to the
//! notification center, `windows` to the toasts; `elsewhere` leaves a plain banner to `tauri-plugin-notification`.
//! Not here: which changes are worth a banner and in which words (`hearsay_live`), and what a click opens (`launch`).
//!
//! Invariants:
//! - A banner that cannot be shown is an answer and never a wait: every call is over within seconds.
//! - What is shown is bounded and plain, whatever the caller hands over.
//! - That no banner can be shown stands once in the log, until one can.

#[cfg(not(any(target_os = "linux", target_os = "macos")))]
mod elsewhere;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "macos")]
mod macos;
mod text;
#[cfg(any(target_os = "windows", test))]
mod toast;
pub(crate) mod trial;
#[cfg(target_os = "windows")]
mod windows;

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde::{Deserialize, Serialize};
use tauri::AppHandle;
use tokio::sync::watch;

/// The most characters of a title.
const TITLE: usize = 200;
/// The most lines of a body, and the most characters of each.
const BODY: (usize, usize) = (8, 400);

/// What a banner says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Banner {
    pub(crate) title: String,
    pub(crate) body: String,
    /// The path of the repository that it is about, as `RepositoryInfo` has it.
    pub(crate) repository: String,
    /// What a click opens there.
    pub(crate) opens: Opens,
    /// Whether somebody waits for the person.
    pub(crate) urgent: bool,
    /// A later banner with the same tag takes the place of this one, if it is still shown.
    pub(crate) tag: Option<String>,
}

/// What a click opens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Opens {
    /// An issue, by the key of its card, without `card:`.
    Issue(String),
    /// The inbox.
    Inbox,
}

/// Somebody clicked on a banner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Click {
    /// The path of the repository, as it was in the banner.
    pub(crate) repository: String,
    pub(crate) opens: Opens,
    /// With this a compositor lets the window come to the front (`gtk_window_set_startup_id`), where one asks for it.
    pub(crate) activation: Option<String>,
}

/// Why no banner is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Trouble {
    pub(crate) lack: Lack,
    pub(crate) message: String,
    /// What to do about it.
    pub(crate) hint: Option<&'static str>,
}

/// What is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lack {
    /// There is nobody who would show it.
    Missing,
    /// The person or the system does not want it.
    Refused,
    /// It did not work this time.
    Failed,
}

impl Trouble {
    fn new(lack: Lack, message: impl Into<String>, hint: Option<&'static str>) -> Self {
        Self { lack, message: message.into(), hint }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(&self.message)?;
        self.hint.map_or(Ok(()), |hint| write!(to, " ({hint})"))
    }
}

/// A banner that is fit to be shown.
#[derive(Debug, Clone)]
struct Notice {
    title: String,
    body: String,
    #[cfg_attr(target_os = "macos", expect(dead_code, reason = "that takes an entitlement there"))]
    urgent: bool,
    tag: Option<String>,
    answer: Answer,
}

/// What a click on a banner answers. A system may keep it as text for longer than the app runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Answer {
    Open {
        repository: String,
        opens: Opens,
    },
    /// That the trial arrived.
    Trial,
}

/// Takes the answer of a click and, where there is one, what lets a window come to the front. Called from any thread,
/// and to be back at once.
type OnAnswer = Arc<dyn Fn(Answer, Option<String>) + Send + Sync>;

type Pending<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// What shows banners on this system. Everything is over within seconds.
trait Screen: Send + Sync {
    /// Shows it, in the place of the one with the same tag.
    fn raise(&self, notice: Notice) -> Pending<'_, Result<(), Trouble>>;

    /// Takes the banner with that tag away, if it is still shown.
    fn withdraw<'a>(&'a self, tag: &'a str) -> Pending<'a, ()>;

    /// Whether a banner would be shown.
    fn ability(&self) -> Pending<'_, Result<(), Trouble>>;

    /// Whether the person wants none at present, where the system tells.
    fn do_not_disturb(&self) -> Option<bool>;
}

/// What raises banners, for as long as the app runs.
pub(crate) struct Notifications {
    screen: Box<dyn Screen>,
    /// Counts the clicks on trials.
    trials: watch::Sender<u64>,
    /// Whether it stands in the log that there are no banners.
    said: AtomicBool,
}

impl fmt::Debug for Notifications {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.debug_struct("Notifications").field("said", &self.said).finish_non_exhaustive()
    }
}

impl Notifications {
    /// Starts to listen for clicks; to be called while the app is set up, so that a click that started the app is
    /// heard as well. `on_click` is called from any thread, and is to be back at once.
    pub(crate) fn start(app: &AppHandle, on_click: impl Fn(Click) + Send + Sync + 'static) -> Self {
        Self::with(on_click, |on_answer| screen(app, on_answer))
    }

    fn with(
        on_click: impl Fn(Click) + Send + Sync + 'static,
        screen: impl FnOnce(OnAnswer) -> Box<dyn Screen>,
    ) -> Self {
        let trials = watch::Sender::new(0);
        let clicked = trials.clone();
        let on_answer = move |answer, activation| match answer {
            Answer::Open { repository, opens } => on_click(Click { repository, opens, activation }),
            Answer::Trial => clicked.send_modify(|count| *count += 1),
        };
        Self { screen: screen(Arc::new(on_answer)), trials, said: AtomicBool::new(false) }
    }

    /// Shows the banner. That it is not shown is written to the log, and has to be of no concern to the caller.
    ///
    /// # Errors
    /// Where the system shows none.
    pub(crate) async fn raise(&self, banner: Banner) -> Result<(), Trouble> {
        let Banner { title, body, repository, opens, urgent, tag } = banner;
        self.show(Notice { title, body, urgent, tag, answer: Answer::Open { repository, opens } }).await
    }

    /// Takes the banner with that tag away, if it is still shown.
    pub(crate) async fn withdraw(&self, tag: &str) {
        self.screen.withdraw(tag).await;
    }

    /// Whether a banner would be shown.
    ///
    /// # Errors
    /// Where not, with the reason and what to do.
    pub(crate) async fn ability(&self) -> Result<(), Trouble> {
        self.screen.ability().await
    }

    /// Whether the person wants no banners at present, where the system tells.
    pub(crate) fn do_not_disturb(&self) -> Option<bool> {
        self.screen.do_not_disturb()
    }

    async fn show(&self, notice: Notice) -> Result<(), Trouble> {
        let title = text::one_line(&notice.title, TITLE);
        let body = text::lines(&notice.body, BODY.0, BODY.1);
        // Some daemons show nothing at all where there is no title.
        let title = if title.is_empty() { "Hearsay".to_owned() } else { title };
        let raised = self.screen.raise(Notice { title, body, ..notice }).await;
        match &raised {
            Ok(()) => self.said.store(false, Ordering::Relaxed),
            Err(trouble) if !self.said.swap(true, Ordering::Relaxed) => {
                tracing::warn!(%trouble, "no banner can be shown");
            }
            Err(trouble) => tracing::debug!(%trouble, "no banner can be shown"),
        }
        raised
    }
}

#[cfg(target_os = "linux")]
fn screen(_: &AppHandle, on_answer: OnAnswer) -> Box<dyn Screen> {
    let bus = linux::session_bus(|name| std::env::var(name).ok());
    Box::new(linux::Daemon::start(bus, linux::LIMIT, on_answer))
}

#[cfg(target_os = "macos")]
fn screen(_: &AppHandle, on_answer: OnAnswer) -> Box<dyn Screen> {
    Box::new(macos::Center::start(on_answer))
}

/// Windows shows no toast of an app that is not installed, which the plugin knows a way around.
#[cfg(target_os = "windows")]
fn screen(app: &AppHandle, on_answer: OnAnswer) -> Box<dyn Screen> {
    if cfg!(debug_assertions) {
        return Box::new(elsewhere::Plain::new(app.clone()));
    }
    Box::new(windows::Toasts::new(app.config().identifier.clone(), on_answer))
}

#[cfg(not(any(target_os = "linux", target_os = "macos", target_os = "windows")))]
fn screen(app: &AppHandle, _: OnAnswer) -> Box<dyn Screen> {
    Box::new(elsewhere::Plain::new(app.clone()))
}
