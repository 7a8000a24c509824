//! Banners on Windows: toasts, as the app that the installer registered by its identifier.
//!
//! Untried: it compiles for Windows, and was never run there; kept as simple as can be. A click on a toast follows a
//! link that stands in it, which the installer leads to Hearsay, so a toast of an earlier run starts the app and opens
//! what it is about. Only the trial is answered in this process: what is asked is whether it is reached.
//! Not here: an app that is not installed, whose toasts nobody sees (`elsewhere`), and reading the link (`opening`).

use std::hash::{DefaultHasher, Hash, Hasher};

use windows::Data::Xml::Dom::XmlDocument;
use windows::Foundation::TypedEventHandler;
use windows::UI::Notifications::{
    NotificationSetting, ToastNotification, ToastNotificationManager, ToastNotifier,
};
use windows::core::HSTRING;

use super::{Answer, Lack, Notice, OnAnswer, Pending, Screen, Trouble, toast};

/// The group of all of our toasts.
const GROUP: &str = "hearsay";

/// The toasts of the app with that identifier.
pub(super) struct Toasts {
    identifier: String,
    on_answer: OnAnswer,
}

impl Toasts {
    pub(super) fn new(identifier: String, on_answer: OnAnswer) -> Self {
        Self { identifier, on_answer }
    }

    fn notifier(&self) -> windows::core::Result<ToastNotifier> {
        ToastNotificationManager::CreateToastNotifierWithId(&HSTRING::from(&self.identifier))
    }

    fn show(&self, notice: &Notice) -> windows::core::Result<()> {
        let document = XmlDocument::new()?;
        document.LoadXml(&HSTRING::from(toast::xml(notice)))?;
        let toast = ToastNotification::CreateToastNotification(&document)?;
        toast.SetGroup(&HSTRING::from(GROUP))?;
        if let Some(tag) = &notice.tag {
            toast.SetTag(&short(tag))?;
        }
        if notice.answer == Answer::Trial {
            let on_answer = self.on_answer.clone();
            toast.Activated(&TypedEventHandler::new(move |_, _| {
                on_answer(Answer::Trial, None);
                Ok(())
            }))?;
        }
        self.notifier()?.Show(&toast)
    }

    fn take_away(&self, tag: &str) -> windows::core::Result<()> {
        let history = ToastNotificationManager::History()?;
        history.RemoveGroupedTagWithId(&short(tag), &HSTRING::from(GROUP), &HSTRING::from(&self.identifier))
    }
}

/// A toast takes no tag of more than 16 characters everywhere.
fn short(tag: &str) -> HSTRING {
    let mut hasher = DefaultHasher::new();
    tag.hash(&mut hasher);
    HSTRING::from(format!("{:016x}", hasher.finish()))
}

fn failed(error: &windows::core::Error) -> Trouble {
    Trouble::new(Lack::Failed, error.message(), None)
}

impl Screen for Toasts {
    fn raise(&self, notice: Notice) -> Pending<'_, Result<(), Trouble>> {
        let shown = self.allowed().and_then(|()| self.show(&notice).map_err(|error| failed(&error)));
        Box::pin(async { shown })
    }

    fn withdraw<'a>(&'a self, tag: &'a str) -> Pending<'a, ()> {
        if let Err(error) = self.take_away(tag) {
            // It may well have been dismissed meanwhile.
            tracing::debug!(%error, "a toast is not taken away");
        }
        Box::pin(async {})
    }

    fn ability(&self) -> Pending<'_, Result<(), Trouble>> {
        let allowed = self.allowed();
        Box::pin(async { allowed })
    }

    /// Windows keeps toasts back by itself, and does not tell.
    fn do_not_disturb(&self) -> Option<bool> {
        None
    }
}

impl Toasts {
    fn allowed(&self) -> Result<(), Trouble> {
        let missing = |error: windows::core::Error| {
            let said = format!("Windows knows no app that could show a notification: {}", error.message());
            Trouble::new(Lack::Missing, said, Some("install Hearsay anew"))
        };
        let setting = self.notifier().and_then(|notifier| notifier.Setting()).map_err(missing)?;
        if setting == NotificationSetting::Enabled {
            return Ok(());
        }
        Err(Trouble::new(
            Lack::Refused,
            "Windows is told to show no notifications of Hearsay",
            Some("allow them in Settings, under System, Notifications"),
        ))
    }
}
