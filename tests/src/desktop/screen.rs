//! A display as whoever looks at it from outside: its windows, their titles, and what is painted.
//!
//! Not here: the page inside of a window.

use x11rb::connection::Connection;
use x11rb::errors::ReplyError;
use x11rb::protocol::xproto::{
    Atom, AtomEnum, ClientMessageEvent, ConnectionExt, EventMask, ImageFormat, InputFocus, MapState, Window,
};
use x11rb::rust_connection::RustConnection;

use crate::wait::until;

x11rb::atom_manager! {
    /// The names of what is asked of windows.
    Names: NamesCookie {
        WM_PROTOCOLS,
        WM_DELETE_WINDOW,
        WM_CHANGE_STATE,
        _NET_WM_NAME,
        _NET_WM_PID,
        _NET_SUPPORTING_WM_CHECK,
        UTF8_STRING,
    }
}

/// The state of a window that is minimised.
const ICONIC: u32 = 3;

/// A display.
#[derive(Debug)]
pub struct Screen {
    connection: RustConnection,
    root: Window,
    names: Names,
}

/// A window of an app, as it was when it was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    id: Window,
    /// What stands above it.
    pub title: String,
    /// The process that it is of.
    pub pid: u32,
    /// Whether it is to be seen: neither hidden nor minimised.
    pub shown: bool,
    /// Left, top, width and height on the display.
    pub place: (i16, i16, u16, u16),
}

type Seen<T> = Result<T, ReplyError>;

impl Screen {
    /// Looks at the display of that name.
    pub fn connect(display: &str) -> Self {
        let (connection, at) = x11rb::connect(Some(display)).expect("the display is there");
        let root = connection.setup().roots[at].root;
        let names = Names::new(&connection).expect("it answers").reply().expect("it knows names");
        Self { connection, root, names }
    }

    /// The windows that a person can close, the lowest first.
    pub fn frames(&self) -> Vec<Frame> {
        let mut frames = Vec::new();
        self.look_below(self.root, 0, &mut frames);
        frames
    }

    /// Waits for a window that is to be seen and whose title has `words`.
    pub fn shows(&self, words: &str) -> Frame {
        until(&format!("a window {words:?} among {:?}", self.frames()), || {
            self.frames().into_iter().find(|frame| frame.shown && frame.title.contains(words))
        })
    }

    /// Waits until there is no window to be seen.
    pub fn shows_none(&self) {
        until(&format!("no window, not {:?}", self.frames()), || {
            (!self.frames().iter().any(|frame| frame.shown)).then_some(())
        });
    }

    /// Waits until no window that is to be seen has `words` in its title.
    pub fn lacks(&self, words: &str) {
        until(&format!("no window {words:?} among {:?}", self.frames()), || {
            let found = self.frames().into_iter().find(|frame| frame.shown && frame.title.contains(words));
            found.is_none().then_some(())
        });
    }

    /// Closes a window as a person does: it is asked to, and may do otherwise.
    pub fn close(&self, frame: &Frame) {
        let words = [self.names.WM_DELETE_WINDOW, x11rb::CURRENT_TIME, 0, 0, 0];
        let event = ClientMessageEvent::new(32, frame.id, self.names.WM_PROTOCOLS, words);
        self.send(frame.id, EventMask::NO_EVENT, event);
    }

    /// Has the window manager minimise a window.
    pub fn minimise(&self, frame: &Frame) {
        let event = ClientMessageEvent::new(32, frame.id, self.names.WM_CHANGE_STATE, [ICONIC, 0, 0, 0, 0]);
        self.send(self.root, EventMask::SUBSTRUCTURE_REDIRECT | EventMask::SUBSTRUCTURE_NOTIFY, event);
    }

    fn send(&self, to: Window, mask: EventMask, event: ClientMessageEvent) {
        let sent = self.connection.send_event(false, to, mask, event);
        sent.expect("a display").check().expect("the window is there");
    }

    /// Waits until a window has the keyboard.
    pub fn has_focus(&self, frame: &Frame) {
        until(&format!("the focus on {frame:?}"), || {
            let focus =
                self.connection.get_input_focus().expect("a display").reply().expect("an answer").focus;
            self.is_within(focus, frame.id).then_some(())
        });
    }

    /// Whether `window` is `outer` or below it.
    fn is_within(&self, window: Window, outer: Window) -> bool {
        // Neither the root nor the two that stand for nothing have anything above.
        let above = || Some(self.connection.query_tree(window).ok()?.reply().ok()?.parent);
        window == outer || (window > 1 && above().is_some_and(|parent| self.is_within(parent, outer)))
    }

    /// Gives a window the keyboard.
    pub fn focus(&self, frame: &Frame) {
        self.give_focus(frame.id);
    }

    /// Gives nobody the keyboard.
    pub fn focus_nothing(&self) {
        self.give_focus(x11rb::NONE);
    }

    fn give_focus(&self, window: Window) {
        let given = self.connection.set_input_focus(InputFocus::NONE, window, x11rb::CURRENT_TIME);
        given.expect("a display").check().expect("the window is to be seen");
    }

    /// Whether a window manager is at work.
    pub fn is_managed(&self) -> bool {
        let name = self.names._NET_SUPPORTING_WM_CHECK;
        self.number(self.root, name, AtomEnum::WINDOW).is_ok_and(|window| window.is_some())
    }

    /// What is painted on a part of the display: left, top, width and height.
    ///
    /// # Panics
    /// Where that is not on the display.
    pub fn pixels(&self, (left, top, width, height): (i16, i16, u16, u16)) -> Vec<u32> {
        let asked =
            self.connection.get_image(ImageFormat::Z_PIXMAP, self.root, left, top, width, height, u32::MAX);
        let image = asked.expect("a display").reply().expect("a part of it");
        image
            .data
            .chunks_exact(4)
            .map(|pixel| u32::from_ne_bytes([pixel[0], pixel[1], pixel[2], 0]))
            .collect()
    }

    fn look_below(&self, window: Window, depth: u8, frames: &mut Vec<Frame>) {
        // A window that is gone meanwhile is no window.
        let Ok(tree) = self.tree(window) else { return };
        for child in tree {
            match self.frame(child) {
                Ok(Some(frame)) => frames.push(frame),
                // A window manager puts a frame of its own around each.
                Ok(None) if depth < 2 => self.look_below(child, depth + 1, frames),
                _ => {}
            }
        }
    }

    fn tree(&self, window: Window) -> Seen<Vec<Window>> {
        Ok(self.connection.query_tree(window)?.reply()?.children)
    }

    /// What is known of a window that can be closed.
    fn frame(&self, id: Window) -> Seen<Option<Frame>> {
        let names = &self.names;
        let protocols = self.property(id, names.WM_PROTOCOLS, AtomEnum::ATOM)?;
        let (_, title) = self.property(id, names._NET_WM_NAME, names.UTF8_STRING)?;
        let closes = protocols.0.contains(&names.WM_DELETE_WINDOW);
        let pid = self.number(id, names._NET_WM_PID, AtomEnum::CARDINAL)?;
        let (true, Some(pid)) = (closes && !title.is_empty(), pid) else { return Ok(None) };
        let state = self.connection.get_window_attributes(id)?.reply()?;
        let size = self.connection.get_geometry(id)?.reply()?;
        let place = self.connection.translate_coordinates(id, self.root, 0, 0)?.reply()?;
        Ok(Some(Frame {
            id,
            title: String::from_utf8_lossy(&title).into_owned(),
            pid,
            shown: state.map_state == MapState::VIEWABLE,
            place: (place.dst_x, place.dst_y, size.width, size.height),
        }))
    }

    fn number(&self, id: Window, name: Atom, kind: impl Into<Atom>) -> Seen<Option<u32>> {
        Ok(self.property(id, name, kind)?.0.first().copied())
    }

    /// A property as numbers and as bytes.
    fn property(&self, id: Window, name: Atom, kind: impl Into<Atom>) -> Seen<(Vec<u32>, Vec<u8>)> {
        let asked = self.connection.get_property(false, id, name, kind, 0, 1 << 16)?;
        let reply = asked.reply()?;
        let numbers = reply.value32().map(Iterator::collect).unwrap_or_default();
        Ok((numbers, reply.value))
    }
}
