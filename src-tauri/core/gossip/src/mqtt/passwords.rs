//! Passwords of brokers, from the system's keyring where the environment has none.
//!
//! Not here: users and passwords that are told in the environment or a URL (`settings`).
//!
//! Invariants:
//! - A keyring that is absent, locked or slow delays an attempt once and never again: after [`PATIENCE`] we go on
//!   without, and a keyring that has not answered yet is not asked a second time.
//! - A password is asked for anew only once a broker has refused what there was.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::endpoint::{Broker, Credentials, Secret};

/// How long a keyring may take to answer. A person who is asked to unlock it needs longer; the next attempt has it.
const PATIENCE: Duration = Duration::from_secs(2);

/// Where passwords lie.
pub(crate) trait Keyring: fmt::Debug + Send + Sync {
    /// The password of `account`, which is `USER@HOST:PORT`. May block for as long as it likes.
    fn password(&self, account: &str) -> Option<Secret>;
}

/// The system's, if this program was built with it.
pub(super) fn of_the_system() -> Option<Arc<dyn Keyring>> {
    #[cfg(feature = "keyring")]
    return Some(Arc::new(System));
    #[cfg(not(feature = "keyring"))]
    None
}

/// The system's keyring: Secret Service, Keychain, or Credential Manager.
#[cfg(feature = "keyring")]
#[derive(Debug)]
struct System;

#[cfg(feature = "keyring")]
impl Keyring for System {
    fn password(&self, account: &str) -> Option<Secret> {
        use keyring::v1::{Entry, Error};
        match Entry::new("hearsay", account).and_then(|entry| entry.get_password()) {
            Ok(password) => Some(Secret::new(password)),
            Err(Error::NoEntry) => None,
            Err(error) => {
                tracing::debug!(%error, "the keyring cannot be asked");
                None
            }
        }
    }
}

/// What is known of a password.
#[derive(Debug)]
enum Known {
    Nothing,
    /// The keyring has been asked and has not answered yet.
    Asked(oneshot::Receiver<Option<Secret>>),
    Answer(Option<Secret>),
}

/// The password of one broker's user.
#[derive(Debug)]
pub(super) struct Passwords {
    keyring: Option<Arc<dyn Keyring>>,
    account: String,
    known: Known,
}

impl Passwords {
    pub(super) fn new(keyring: Option<Arc<dyn Keyring>>) -> Self {
        Self { keyring, account: String::new(), known: Known::Nothing }
    }

    /// Gives `broker` its user's password, where it names a user without one.
    pub(super) async fn complete(&mut self, broker: &mut Broker) {
        let port = broker.contacted_port();
        let Some(Credentials { user, secret }) = &mut broker.credentials else { return };
        if !secret.reveal().is_empty() || broker.authorizer.is_some() {
            return;
        }
        let account = format!("{user}@{}:{port}", broker.host);
        if let Some(password) = self.password(&account).await {
            *secret = password;
        }
    }

    /// The broker refused what it was shown. Perhaps the person puts something else into the keyring.
    pub(super) fn were_refused(&mut self) {
        if matches!(self.known, Known::Answer(_)) {
            self.known = Known::Nothing;
        }
    }

    async fn password(&mut self, account: &str) -> Option<Secret> {
        let keyring = Arc::clone(self.keyring.as_ref()?);
        if self.account != account {
            account.clone_into(&mut self.account);
            self.known = Known::Nothing;
        }
        let is_new = matches!(self.known, Known::Nothing);
        if is_new {
            self.known = Known::Asked(ask(keyring, account.to_owned())?);
        }
        if let Known::Asked(answer) = &mut self.known {
            let patience = if is_new { PATIENCE } else { Duration::ZERO };
            if let Ok(answer) = timeout(patience, answer).await {
                // A keyring that broke down has no password for us.
                self.known = Known::Answer(answer.ok().flatten());
            }
        }
        match &self.known {
            Known::Answer(password) => password.clone(),
            _ => None,
        }
    }
}

/// Asks on a thread of its own: a question that a keyring never answers must not keep a runtime from ending, as
/// `spawn_blocking` would.
fn ask(keyring: Arc<dyn Keyring>, account: String) -> Option<oneshot::Receiver<Option<Secret>>> {
    let (answer, answered) = oneshot::channel();
    let thread = std::thread::Builder::new().name("keyring".to_owned()).spawn(move || {
        // Whoever asked may be gone.
        let _ = answer.send(keyring.password(&account));
    });
    match thread {
        Ok(_) => Some(answered),
        Err(error) => {
            tracing::debug!(%error, "no thread to ask the keyring on");
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::sync::mpsc;

    use super::*;

    /// Answers what it is handed, one question after the other, and notes who was asked for.
    #[derive(Debug)]
    struct Fake {
        answers: Mutex<mpsc::Receiver<Option<Secret>>>,
        asked: Mutex<Vec<String>>,
    }

    impl Keyring for Fake {
        fn password(&self, account: &str) -> Option<Secret> {
            self.asked.lock().unwrap().push(account.to_owned());
            self.answers.lock().unwrap().recv().ok().flatten()
        }
    }

    fn fake() -> (Arc<Fake>, Passwords, mpsc::Sender<Option<Secret>>) {
        let (answer, answers) = mpsc::channel();
        let fake = Arc::new(Fake { answers: Mutex::new(answers), asked: Mutex::default() });
        let passwords = Passwords::new(Some(Arc::clone(&fake) as Arc<dyn Keyring>));
        (fake, passwords, answer)
    }

    async fn completed(passwords: &mut Passwords, url: &str) -> String {
        let mut broker = Broker::parse(url).unwrap();
        passwords.complete(&mut broker).await;
        broker.credentials.map_or_else(String::new, |known| known.secret.reveal().to_owned())
    }

    #[tokio::test]
    async fn the_keyring_is_asked_once_and_again_only_after_a_refusal() {
        let (fake, mut passwords, answer) = fake();
        answer.send(Some(Secret::new("first"))).unwrap();
        answer.send(Some(Secret::new("second"))).unwrap();
        for _ in 0..3 {
            assert_eq!(completed(&mut passwords, "mqtts://me@broker.example").await, "first");
        }
        passwords.were_refused();
        assert_eq!(completed(&mut passwords, "mqtts://me@broker.example").await, "second");
        assert_eq!(*fake.asked.lock().unwrap(), ["me@broker.example:8883", "me@broker.example:8883"]);
    }

    #[tokio::test]
    async fn nobody_is_asked_where_there_is_no_user_or_a_password() {
        let (fake, mut passwords, _answer) = fake();
        assert_eq!(completed(&mut passwords, "mqtts://broker.example").await, "");
        assert_eq!(completed(&mut passwords, "mqtts://me:own@broker.example").await, "own");
        assert!(fake.asked.lock().unwrap().is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn a_keyring_that_stays_locked_is_asked_once_and_heard_when_it_answers() {
        let (fake, mut passwords, answer) = fake();
        for _ in 0..3 {
            assert_eq!(completed(&mut passwords, "mqtts://me@broker.example").await, "");
            passwords.were_refused();
        }
        answer.send(Some(Secret::new("late"))).unwrap();
        while completed(&mut passwords, "mqtts://me@broker.example").await.is_empty() {
            tokio::task::yield_now().await;
        }
        assert_eq!(fake.asked.lock().unwrap().len(), 1);
    }
}
