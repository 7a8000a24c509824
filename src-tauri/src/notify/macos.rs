//! Banners on macOS: the notification center, `UNUserNotificationCenter`.
//!
//! Untried: it compiles for macOS, and was never run there; kept as simple as can be. The answer of a banner travels
//! with it, so a click on one of an earlier run, which starts the app, is answered as well: the delegate has to be
//! there when the app has finished launching, as Tauri's setup is.
//! Not here: an app that runs outside of its bundle. The center ends such a process, so it is never asked.

#![expect(unsafe_code, reason = "a delegate is a class of Objective-C, which is declared, not checked")]

use std::ptr::NonNull;
use std::time::Duration;

use block2::{DynBlock, RcBlock};
use objc2::rc::Retained;
use objc2::runtime::{Bool, NSObject, NSObjectProtocol, ProtocolObject};
use objc2::{AnyThread, DefinedClass, define_class, msg_send};
use objc2_foundation::{NSArray, NSBundle, NSDictionary, NSError, NSString, ns_string};
use objc2_user_notifications::{
    UNAuthorizationOptions, UNAuthorizationStatus, UNMutableNotificationContent, UNNotification,
    UNNotificationDefaultActionIdentifier, UNNotificationPresentationOptions, UNNotificationRequest,
    UNNotificationResponse, UNNotificationSettings, UNUserNotificationCenter,
    UNUserNotificationCenterDelegate,
};
use tokio::sync::oneshot;

use super::{Answer, Lack, Notice, OnAnswer, Pending, Screen, Trouble};

/// How long the center may take to answer.
const LIMIT: Duration = Duration::from_secs(5);
/// How long the person may take to allow banners; asked only once.
const PERSON: Duration = Duration::from_secs(60);

define_class!(
    // SAFETY: NSObject asks nothing of those who inherit from it, and nothing is done when it is dropped.
    #[unsafe(super(NSObject))]
    #[name = "HearsayNotificationDelegate"]
    #[ivars = OnAnswer]
    struct Delegate;

    // SAFETY: the protocol asks for nothing.
    unsafe impl NSObjectProtocol for Delegate {}

    // SAFETY: the methods have the types that the protocol gives them.
    unsafe impl UNUserNotificationCenterDelegate for Delegate {
        #[unsafe(method(userNotificationCenter:willPresentNotification:withCompletionHandler:))]
        fn will_present(
            &self,
            _center: &UNUserNotificationCenter,
            _notification: &UNNotification,
            done: &DynBlock<dyn Fn(UNNotificationPresentationOptions)>,
        ) {
            // Whether a window shows it already was decided before it was raised.
            done.call((UNNotificationPresentationOptions::Banner | UNNotificationPresentationOptions::List,));
        }

        #[unsafe(method(userNotificationCenter:didReceiveNotificationResponse:withCompletionHandler:))]
        fn did_receive(
            &self,
            _center: &UNUserNotificationCenter,
            response: &UNNotificationResponse,
            done: &DynBlock<dyn Fn()>,
        ) {
            // SAFETY: a constant of the framework.
            let click = unsafe { UNNotificationDefaultActionIdentifier };
            if *response.actionIdentifier() == *click {
                match answer_of(&response.notification()) {
                    Some(answer) => (self.ivars())(answer, None),
                    None => tracing::warn!("a banner that was clicked says not what to open"),
                }
            }
            done.call(());
        }
    }
);

impl Delegate {
    fn new(on_answer: OnAnswer) -> Retained<Self> {
        let this = Self::alloc().set_ivars(on_answer);
        // SAFETY: this is how NSObject is made.
        unsafe { msg_send![super(this), init] }
    }
}

/// The answer that was put into the banner, maybe by an earlier version.
fn answer_of(notification: &UNNotification) -> Option<Answer> {
    let kept = notification.request().content().userInfo().objectForKey(ns_string!("answer"))?;
    let kept = kept.downcast::<NSString>().ok()?;
    // What cannot be read opens nothing, and the caller says so.
    serde_json::from_str(&kept.to_string()).ok()
}

/// The notification center, where the app runs from its bundle.
pub(super) struct Center {
    bundled: bool,
}

impl Center {
    /// Listens for clicks from now on, as long as the process runs.
    pub(super) fn start(on_answer: OnAnswer) -> Self {
        let bundled = NSBundle::mainBundle().bundleIdentifier().is_some();
        if bundled {
            let delegate = Delegate::new(on_answer);
            let center = UNUserNotificationCenter::currentNotificationCenter();
            center.setDelegate(Some(ProtocolObject::from_ref(&*delegate)));
            // The center does not keep it, and it is needed to the end.
            std::mem::forget(delegate);
        }
        Self { bundled }
    }

    fn center(&self) -> Result<Retained<UNUserNotificationCenter>, Trouble> {
        if self.bundled {
            return Ok(UNUserNotificationCenter::currentNotificationCenter());
        }
        Err(Trouble::new(
            Lack::Missing,
            "macOS shows banners only of an app that is installed",
            Some("move Hearsay.app to the Applications folder, and start it there"),
        ))
    }

    /// Asks the person, who is asked only once; answers at once after that.
    fn allow(&self) -> Result<oneshot::Receiver<bool>, Trouble> {
        let (told, allowed) = once();
        let block = RcBlock::new(move |granted: Bool, _: *mut NSError| told(granted.as_bool()));
        let wanted = UNAuthorizationOptions::Alert;
        self.center()?.requestAuthorizationWithOptions_completionHandler(wanted, &block);
        Ok(allowed)
    }

    fn add(&self, notice: &Notice) -> Result<oneshot::Receiver<Option<String>>, Trouble> {
        let center = self.center()?;
        let answer = serde_json::to_string(&notice.answer)
            .map_err(|error| Trouble::new(Lack::Failed, error.to_string(), None))?;
        let content = UNMutableNotificationContent::new();
        content.setTitle(&NSString::from_str(&notice.title));
        content.setBody(&NSString::from_str(&notice.body));
        let info = NSDictionary::from_slices(&[ns_string!("answer")], &[&*NSString::from_str(&answer)]);
        // SAFETY: a text by a text is what may be kept there.
        unsafe { content.setUserInfo(info.cast_unchecked()) };
        let own = || format!("{:?}", std::time::SystemTime::now());
        let name = NSString::from_str(&notice.tag.clone().unwrap_or_else(own));
        let request = UNNotificationRequest::requestWithIdentifier_content_trigger(&name, &content, None);
        let (told, added) = once();
        let block = RcBlock::new(move |error: *mut NSError| {
            // SAFETY: the center hands over an error, or none.
            let error = unsafe { error.as_ref() };
            told(error.map(|error| error.localizedDescription().to_string()));
        });
        center.addNotificationRequest_withCompletionHandler(&request, Some(&block));
        Ok(added)
    }

    fn status(&self) -> Result<oneshot::Receiver<UNAuthorizationStatus>, Trouble> {
        let (told, status) = once();
        let block = RcBlock::new(move |settings: NonNull<UNNotificationSettings>| {
            // SAFETY: the center hands over settings that live as long as this call.
            told(unsafe { settings.as_ref() }.authorizationStatus());
        });
        self.center()?.getNotificationSettingsWithCompletionHandler(&block);
        Ok(status)
    }
}

/// What is told once by a block, which by its type may be called more often.
fn once<T>() -> (impl Fn(T), oneshot::Receiver<T>) {
    let (told, heard) = oneshot::channel();
    let told = std::sync::Mutex::new(Some(told));
    let tell = move |value| {
        let told = told.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
        // Whoever asked may wait no longer.
        let _ = told.map(|told| told.send(value));
    };
    (tell, heard)
}

async fn within<T>(limit: Duration, answer: oneshot::Receiver<T>) -> Result<T, Trouble> {
    let late = || Trouble::new(Lack::Failed, "the notification center does not answer", None);
    tokio::time::timeout(limit, answer).await.ok().and_then(Result::ok).ok_or_else(late)
}

fn refused() -> Trouble {
    Trouble::new(
        Lack::Refused,
        "macOS is told to show no banners of Hearsay",
        Some("allow them in System Settings, under Notifications"),
    )
}

impl Screen for Center {
    fn raise(&self, notice: Notice) -> Pending<'_, Result<(), Trouble>> {
        Box::pin(async move {
            if !within(PERSON, self.allow()?).await? {
                return Err(refused());
            }
            match within(LIMIT, self.add(&notice)?).await? {
                None => Ok(()),
                Some(why) => Err(Trouble::new(Lack::Failed, why, None)),
            }
        })
    }

    fn withdraw<'a>(&'a self, tag: &'a str) -> Pending<'a, ()> {
        if let Ok(center) = self.center() {
            let names = NSArray::from_retained_slice(&[NSString::from_str(tag)]);
            center.removeDeliveredNotificationsWithIdentifiers(&names);
        }
        Box::pin(async {})
    }

    fn ability(&self) -> Pending<'_, Result<(), Trouble>> {
        Box::pin(async {
            match within(LIMIT, self.status()?).await? {
                UNAuthorizationStatus::Denied => Err(refused()),
                // Whoever was not asked yet is asked with the first banner.
                _ => Ok(()),
            }
        })
    }

    /// Macs keep banners back by themselves, and do not tell.
    fn do_not_disturb(&self) -> Option<bool> {
        None
    }
}
