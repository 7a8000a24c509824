//! What goes on in the open repositories, followed from when they open until they close: how it stands, for the tray and
//! the wishes, and banners, which are raised.
//!
//! Not here: what is shown of it (`tray`), how a banner reaches the screen (`notify`).
//!
//! Invariant: following a repository does not keep it open.

use std::collections::HashMap;
use std::time::Duration;

use hearsay_live::{Attention, Banner, Class, Opens, Standing};
use tauri::async_runtime::JoinHandle;
use tauri::{AppHandle, Manager};
use tokio::sync::{broadcast, watch};

use crate::notify::{self, Notifications};
use crate::tray::Tray;
use crate::windows::Windows;
use crate::wishes;

/// How soon it is noticed that the person wants no banners at present.
const LOOK: Duration = Duration::from_secs(2);

/// Somebody who follows a repository, and by which channel.
struct Follower {
    told: watch::Receiver<Standing>,
    tasks: [JoinHandle<()>; 2],
}

impl Drop for Follower {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

/// Follows whatever is open, until the app ends.
pub(crate) async fn follow(app: AppHandle) {
    let mut changes = app.state::<Windows>().changes();
    let mut followers: HashMap<String, Follower> = HashMap::new();
    loop {
        let open = app.state::<Windows>().by_path();
        followers.retain(|path, _| {
            let stays = open.contains_key(path);
            if !stays {
                app.state::<Tray>().stand(path, None);
            }
            stays
        });
        for (path, workspace) in open {
            let Attention { banners, standing } = workspace.attention();
            // A repository that was closed and opened again speaks through another channel.
            if followers.get(&path).is_some_and(|follower| follower.told.same_channel(&standing)) {
                continue;
            }
            let name = workspace.info().name;
            let told =
                tauri::async_runtime::spawn(follow_standing(app.clone(), path.clone(), standing.clone()));
            let raising = tauri::async_runtime::spawn(raise(app.clone(), (path.clone(), name), banners));
            followers.insert(path, Follower { told: standing, tasks: [told, raising] });
        }
        if changes.changed().await.is_err() {
            return;
        }
    }
}

async fn follow_standing(app: AppHandle, path: String, mut told: watch::Receiver<Standing>) {
    loop {
        let standing = told.borrow_and_update().clone();
        // Before it has looked at anything it says nothing about what the person wants.
        if standing.is_known {
            wishes::set_close_to_tray(&app, standing.close_to_tray);
        }
        app.state::<Tray>().stand(&path, Some((&standing).into()));
        if told.changed().await.is_err() {
            return;
        }
    }
}

async fn raise(app: AppHandle, (path, name): (String, String), mut banners: broadcast::Receiver<Banner>) {
    let notifications = app.state::<Notifications>();
    let mut look = tokio::time::interval(LOOK);
    let mut disturbs = None;
    loop {
        let banner = tokio::select! {
            banner = banners.recv() => banner,
            _ = look.tick() => {
                let wanted = notifications.do_not_disturb();
                if wanted != disturbs {
                    disturbs = wanted;
                    say_whether_to_disturb(&app, &path, wanted.unwrap_or_default());
                }
                continue;
            }
        };
        match banner {
            Ok(banner) => {
                let several = app.state::<Windows>().repositories().len() > 1;
                let banner = in_words(banner, &path, several.then_some(&*name));
                // That there is none stands in the log, and the inbox has what it says.
                let _ = notifications.raise(banner).await;
            }
            Err(broadcast::error::RecvError::Lagged(many)) => {
                tracing::warn!(many, "banners came faster than the system shows them; the inbox has them");
            }
            Err(broadcast::error::RecvError::Closed) => return,
        }
    }
}

fn say_whether_to_disturb(app: &AppHandle, path: &str, wanted: bool) {
    if let Some(workspace) = app.state::<Windows>().by_path().get(path) {
        workspace.do_not_disturb(wanted);
    }
}

/// The banner as it is raised; with the `name` of its repository where there are several.
fn in_words(banner: Banner, path: &str, name: Option<&str>) -> notify::Banner {
    let Banner { title, body, opens, class } = banner;
    let body = match name {
        Some(name) if body.is_empty() => name.to_owned(),
        Some(name) => format!("{name}\n{body}"),
        None => body,
    };
    let opens = match opens {
        Opens::Issue { card, .. } => notify::Opens::Issue(card),
        Opens::Inbox => notify::Opens::Inbox,
    };
    let urgent = class == Class::Interrupt;
    notify::Banner { title, body, repository: path.to_owned(), opens, urgent, tag: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_banner_names_its_repository_where_there_are_several() {
        let banner = |body: &str| Banner {
            title: "bob moved k-1 to done".to_owned(),
            body: body.to_owned(),
            opens: Opens::Inbox,
            class: Class::Interrupt,
        };
        let body = |text, name| in_words(banner(text), "/r", name).body;
        assert_eq!(body("Title", None), "Title");
        assert_eq!(body("Title", Some("repo")), "repo\nTitle");
        assert_eq!(body("", Some("repo")), "repo");
        assert!(in_words(banner(""), "/r", None).urgent);
    }
}
