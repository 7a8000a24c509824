//! A window with a board in it, as a person sees and uses it.

use hearsay_tests::wait::until;
use hearsay_tests::{Board, Desktop, Group, Project, Server};
use serde_json::{Value, json};

use crate::driver::Session;

/// The key that closes.
pub(crate) const ESCAPE: &str = "\u{E00C}";
/// The key that opens.
pub(crate) const ENTER: &str = "\u{E007}";
/// The key that makes other keys commands.
pub(crate) const CONTROL: char = '\u{E009}';
/// The key to the last card of a column.
pub(crate) const END: &str = "\u{E010}";

const COLUMNS: &str = "return [...document.querySelectorAll('[data-testid=column]')].map((column) => ({
  key: column.dataset.key,
  title: (column.querySelector('h2') ?? column.querySelector('.name')).textContent.trim(),
  count: column.querySelector('.count').textContent.trim(),
  note: column.querySelector('.note')?.textContent.trim() ?? '',
  cards: [...column.querySelectorAll('[data-testid=card]')].map((card) => card.dataset.id),
}));";

/// A column as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Column {
    /// The status.
    pub(crate) key: String,
    /// What it is called.
    pub(crate) title: String,
    /// The number at its head, as text.
    pub(crate) count: String,
    /// Why it is there, if that is not the configuration.
    pub(crate) note: String,
    /// Ids of the cards that are in the document, in order.
    pub(crate) cards: Vec<String>,
}

impl Column {
    fn of(value: &Value) -> Self {
        let text = |name: &str| value[name].as_str().expect("text").to_owned();
        let cards = value["cards"].as_array().into_iter().flatten();
        let cards = cards.filter_map(|id| id.as_str().map(str::to_owned)).collect();
        Self { key: text("key"), title: text("title"), count: text("count"), note: text("note"), cards }
    }
}

/// A window and what it runs on. The session ends before its driver, and the driver before what it talks to.
#[derive(Debug)]
pub(crate) struct Window {
    /// What drives it.
    pub(crate) session: Session,
    group: Group,
    /// The session that was made for it, where one was.
    desktop: Option<Desktop>,
    /// `hear serve`, where it comes from there.
    pub(crate) server: Option<Server>,
}

impl Window {
    pub(crate) fn new(session: Session, group: Group, server: Option<Server>) -> Self {
        Self { session, group, desktop: None, server }
    }

    /// The same with that session, which ends with it.
    pub(crate) fn on(self, desktop: Desktop) -> Self {
        Self { desktop: Some(desktop), ..self }
    }

    /// Closes it and lets its storage be written, as it is for a person who closes a window; answers its server.
    pub(crate) fn close(self) -> Option<Server> {
        let Self { session, group, desktop, server } = self;
        drop(session);
        group.is_rid_of("WebKitNetworkProcess");
        drop((group, desktop));
        server
    }

    /// Waits until the board that is shown has the tag of a fresh `hear board`, and answers that.
    pub(crate) fn settle(&self, project: &Project) -> Board {
        until("the tag of a fresh `hear board`", || {
            let fresh = project.caller().read(project.root());
            (self.tag().as_deref() == Some(fresh.tag.as_str())).then_some(fresh)
        })
    }

    /// The tag of the board that is shown.
    pub(crate) fn tag(&self) -> Option<String> {
        self.ask("return document.querySelector('[data-testid=board]')?.dataset.tag ?? null;")
            .as_str()
            .map(str::to_owned)
    }

    /// Runs a script without arguments.
    pub(crate) fn ask(&self, script: &str) -> Value {
        self.session.run(script, &[])
    }

    /// The columns, left to right.
    pub(crate) fn columns(&self) -> Vec<Column> {
        self.ask(COLUMNS).as_array().into_iter().flatten().map(Column::of).collect()
    }

    /// The column with the card `id`, once it is in one.
    pub(crate) fn column_of(&self, id: &str) -> Option<String> {
        let holds = |column: &Column| column.cards.iter().any(|card| card == id);
        self.columns().into_iter().find(holds).map(|column| column.key)
    }

    /// How many elements `selector` finds.
    pub(crate) fn count(&self, selector: &str) -> u64 {
        let found =
            self.session.run("return document.querySelectorAll(arguments[0]).length;", &[json!(selector)]);
        found.as_u64().expect("a number")
    }

    /// What a person reads in the first element that `selector` finds, spaces folded; `None` where there is none.
    pub(crate) fn text(&self, selector: &str) -> Option<String> {
        let text = self
            .session
            .run("return document.querySelector(arguments[0])?.innerText ?? null;", &[json!(selector)]);
        text.as_str().map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "))
    }

    /// Waits until the first element that `selector` finds says `words`, and answers all that it says.
    pub(crate) fn reads(&self, selector: &str, words: &str) -> String {
        until(&format!("{selector} to say {words:?}"), || {
            self.text(selector).filter(|text| text.contains(words))
        })
    }

    /// Waits until the first element that `selector` finds says `words`, and later says them with something else.
    pub(crate) fn counts_on(&self, selector: &str, words: &str) {
        let before = self.reads(selector, words);
        until(&format!("{before:?} to count on"), || {
            self.text(selector).filter(|text| text.contains(words) && *text != before)
        });
    }

    /// Waits until `selector` finds something.
    pub(crate) fn shows(&self, selector: &str) {
        until(&format!("{selector} to be there"), || (self.count(selector) > 0).then_some(()));
    }

    /// Waits until `selector` finds nothing.
    pub(crate) fn shows_no(&self, selector: &str) {
        until(&format!("{selector} to be gone"), || (self.count(selector) == 0).then_some(()));
    }

    /// Clicks the first element that `selector` finds, once it is there and nothing lies over it.
    pub(crate) fn click(&self, selector: &str) {
        until(&format!("{selector} to be clicked"), || {
            let element = self.session.find(selector)?;
            self.session.try_click(&element).ok()
        });
    }

    /// The middle of the first element that `selector` finds, in pixels of the page; waits until it is in sight.
    pub(crate) fn middle(&self, selector: &str) -> (i64, i64) {
        until(&format!("{selector} to be in sight"), || {
            let place = self.session.run(
                "const box = document.querySelector(arguments[0])?.getBoundingClientRect();
                 if (!box) return null;
                 const [x, y] = [box.x + box.width / 2, box.y + box.height / 2].map(Math.round);
                 return x >= 0 && y >= 0 && x < innerWidth && y < innerHeight ? [x, y] : null;",
                &[json!(selector)],
            );
            Some((place[0].as_i64()?, place[1].as_i64()?))
        })
    }

    /// Clicks the card `id`.
    pub(crate) fn click_card(&self, id: &str) {
        self.click(&card(id));
    }

    /// The id of the card that has the focus.
    pub(crate) fn focused(&self) -> Option<String> {
        let id =
            self.ask("return document.activeElement?.closest('[data-testid=card]')?.dataset.id ?? null;");
        id.as_str().map(str::to_owned)
    }

    /// Waits until the card `id` has the focus.
    pub(crate) fn focuses(&self, id: &str) {
        until(&format!("the focus on {id}, which is on {:?}", self.focused()), || {
            (self.focused().as_deref() == Some(id)).then_some(())
        });
    }

    /// Gives the page a size, and waits until it has it.
    pub(crate) fn resize(&self, width: i64, height: i64) {
        until(&format!("a page of {width}×{height}"), || {
            let inner = self.ask("return [innerWidth, innerHeight];");
            if inner == json!([width, height]) {
                return Some(());
            }
            self.session.resize(width, height);
            None
        });
    }
}

/// A selector of the card `id`.
pub(crate) fn card(id: &str) -> String {
    format!("[data-testid=card][data-id=\"{id}\"]")
}
