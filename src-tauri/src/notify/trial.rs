//! The trial that the settings offer: a banner whose click is waited for.
//!
//! Not here: banners of changes.
//!
//! Invariant: the answer says what was seen. `shown` is what a system claims that takes a banner; only `clicked` is
//! known to have reached the person.

use std::time::Duration;

use hearsay_live::wire::WireError;
use serde::Serialize;
use tauri::State;

use super::{Answer, Notice, Notifications};

/// How long a click is waited for.
const PATIENCE: Duration = Duration::from_secs(60);
/// A later trial takes the place of an earlier one.
const TAG: &str = "trial";

/// How the trial went.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Trial {
    state: Reached,
    message: String,
    hint: Option<&'static str>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Reached {
    Clicked,
    Shown,
    Missing,
}

/// Raises a banner, and answers when it was clicked, after a minute without a click, or at once where there is no
/// banner.
#[tauri::command]
pub(crate) async fn test_notification(notifications: State<'_, Notifications>) -> Result<Trial, WireError> {
    Ok(notifications.trial(PATIENCE).await)
}

impl Notifications {
    async fn trial(&self, patience: Duration) -> Trial {
        let mut clicks = self.trials.subscribe();
        let notice = Notice {
            title: "Hearsay can reach you".to_owned(),
            body: "Click this banner to see that a click arrives".to_owned(),
            urgent: false,
            tag: Some(TAG.to_owned()),
            answer: Answer::Trial,
        };
        if let Err(trouble) = self.show(notice).await {
            return Trial { state: Reached::Missing, message: trouble.message, hint: trouble.hint };
        }
        match tokio::time::timeout(patience, clicks.changed()).await {
            Ok(Ok(())) => Trial {
                state: Reached::Clicked,
                message: "The banner was shown, and your click arrived.".to_owned(),
                hint: None,
            },
            // Nobody clicked; a sender that is gone means that the app ends.
            Ok(Err(_)) | Err(_) => {
                self.withdraw(TAG).await;
                let quiet = self.do_not_disturb() == Some(true);
                Trial {
                    state: Reached::Shown,
                    message: "The banner was handed over, and no click came within a minute.".to_owned(),
                    hint: Some(if quiet {
                        "“do not disturb” is on, so banners wait"
                    } else {
                        "if you saw none, look whether the system keeps banners back"
                    }),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::super::{Lack, OnAnswer, Pending, Screen, Trouble};
    use super::*;

    /// Shows nothing, and clicks at once where it is to.
    struct Fake {
        clicks: bool,
        trouble: Option<Trouble>,
        on_answer: OnAnswer,
        raised: Mutex<Vec<Notice>>,
    }

    impl Screen for Fake {
        fn raise(&self, notice: Notice) -> Pending<'_, Result<(), Trouble>> {
            if self.clicks {
                (self.on_answer)(notice.answer.clone(), None);
            }
            self.raised.lock().unwrap().push(notice);
            Box::pin(async { self.trouble.clone().map_or(Ok(()), Err) })
        }

        fn withdraw<'a>(&'a self, tag: &'a str) -> Pending<'a, ()> {
            self.raised.lock().unwrap().retain(|notice| notice.tag.as_deref() != Some(tag));
            Box::pin(async {})
        }

        fn ability(&self) -> Pending<'_, Result<(), Trouble>> {
            Box::pin(async { Ok(()) })
        }

        fn do_not_disturb(&self) -> Option<bool> {
            Some(!self.clicks)
        }
    }

    fn over(clicks: bool, trouble: Option<Trouble>) -> Notifications {
        Notifications::with(
            |click| panic!("a trial opens nothing: {click:?}"),
            |on_answer| Box::new(Fake { clicks, trouble, on_answer, raised: Mutex::default() }),
        )
    }

    #[tokio::test]
    async fn a_trial_is_answered_by_its_click() {
        let trial = over(true, None).trial(PATIENCE).await;
        assert_eq!((trial.state, trial.hint), (Reached::Clicked, None));
        assert_eq!(serde_json::to_value(&trial).unwrap()["state"], "clicked");
    }

    #[tokio::test]
    async fn a_trial_without_a_click_says_only_that_it_was_shown() {
        let trial = over(false, None).trial(Duration::ZERO).await;
        assert_eq!(
            (trial.state, trial.hint),
            (Reached::Shown, Some("“do not disturb” is on, so banners wait"))
        );
    }

    #[tokio::test]
    async fn a_trial_without_a_banner_says_why_at_once() {
        let trouble = Trouble::new(Lack::Missing, "nobody is there", Some("install somebody"));
        let trial = over(false, Some(trouble)).trial(PATIENCE).await;
        let said = (trial.state, trial.message.as_str(), trial.hint);
        assert_eq!(said, (Reached::Missing, "nobody is there", Some("install somebody")));
    }
}
