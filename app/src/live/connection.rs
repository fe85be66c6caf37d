//! The connection to `/admin-panel/live`: opened, watched, and opened again.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use leptos::leptos_dom::helpers::{TimeoutHandle, WindowListenerHandle, set_timeout_with_handle};
use leptos::prelude::*;
use leptos::task::spawn_local;
use utm_dispatcher::model::live::LiveFrame;
use wasm_bindgen::prelude::*;
use web_sys::{CloseEvent, MessageEvent, WebSocket};

use super::feed::{Known, merged};
use super::{Live, LiveStatus, PAUSE, sound};
use crate::error::AppError;
use crate::functions::reports::reports;
use crate::routes::LIVE;

/// With this code the server ends a connection whose login has ended.
const LOGGED_OUT: u16 = 4401;
/// Two frames are never further apart than a third of this: a connection without any for so long is lost.
const SILENCE: Duration = Duration::from_secs(45);
/// The first pause before another attempt; each one is twice as long as the one before …
const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// … up to this.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// A page that nobody sees keeps its connection for so long: switching tabs costs nothing.
const UNSEEN: Duration = Duration::from_secs(10);
/// How long a sale is shown, and how many at a time.
const SHOWN: Duration = Duration::from_secs(8);
const MOST_SHOWN: usize = 3;

/// Opens the connection once the page has come alive, and closes it when its owner goes. `build` is the page's.
pub fn keep(live: Live, build: String) {
    let kept = StoredValue::new_local(None::<Rc<Connection>>);
    Effect::new(move || {
        let connection = Connection::new(live, build.clone());
        kept.update_value(|kept| *kept = Some(connection));
    });
    on_cleanup(move || {
        if let Some(connection) = kept.try_update_value(Option::take).flatten() {
            connection.end();
        }
    });
}

struct Connection {
    live: Live,
    build: String,
    socket: RefCell<Option<Socket>>,
    known: RefCell<Known>,
    /// Attempts since the last frame.
    attempts: Cell<u32>,
    /// What comes next unless something else does: an attempt, or the end of patience.
    timer: Cell<Option<TimeoutHandle>>,
    /// Closes the connection of a page that nobody sees.
    unseen: Cell<Option<TimeoutHandle>>,
    ticked_at: Cell<f64>,
    is_tick_due: Cell<bool>,
    listeners: RefCell<Vec<WindowListenerHandle>>,
}

/// An open WebSocket with what it calls; closed when dropped.
struct Socket {
    open: WebSocket,
    _message: Closure<dyn FnMut(MessageEvent)>,
    _close: Closure<dyn FnMut(CloseEvent)>,
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.open.set_onmessage(None);
        self.open.set_onclose(None);
        // One that is closed already stays so.
        drop(self.open.close());
    }
}

impl Connection {
    fn new(live: Live, build: String) -> Rc<Self> {
        let connection = Rc::new(Self {
            live,
            build,
            socket: RefCell::default(),
            known: RefCell::default(),
            attempts: Cell::new(0),
            timer: Cell::new(None),
            unseen: Cell::new(None),
            ticked_at: Cell::new(js_sys::Date::now()),
            is_tick_due: Cell::new(false),
            listeners: RefCell::default(),
        });
        let on = |event: &'static str, act: fn(&Rc<Self>)| {
            let connection = Rc::downgrade(&connection);
            window_event_listener_untyped(event, move |_| {
                if let Some(connection) = connection.upgrade().filter(|connection| !connection.has_ended()) {
                    act(&connection);
                }
            })
        };
        *connection.listeners.borrow_mut() = vec![
            on("online", Self::attempt),
            on("offline", Self::lose),
            // Told to the document, it rises to the window.
            on("visibilitychange", Self::look),
        ];
        if document().hidden() {
            live.status.set(LiveStatus::Paused);
        } else {
            connection.open();
        }
        connection
    }

    fn has_ended(&self) -> bool {
        self.live.status.try_get_untracked().is_none_or(|status| status == LiveStatus::Ended)
    }

    fn end(&self) {
        for listener in self.listeners.take() {
            listener.remove();
        }
        self.wait(None);
        clear(&self.unseen);
        drop(self.socket.take());
    }

    /// Opens a new socket in the place of the one before.
    fn open(self: &Rc<Self>) {
        let status = self.live.status;
        if status.get_untracked() != LiveStatus::Offline {
            status.set(LiveStatus::Connecting);
        }
        let Some(socket) = address().and_then(|address| WebSocket::new(&address).ok()) else {
            self.lose();
            return;
        };
        let (here, there) = (Rc::downgrade(self), Rc::downgrade(self));
        let message = Closure::<dyn FnMut(_)>::new(move |message: MessageEvent| {
            if let (Some(connection), Some(text)) = (here.upgrade(), message.data().as_string()) {
                connection.take(&text);
            }
        });
        let close = Closure::<dyn FnMut(_)>::new(move |close: CloseEvent| {
            let Some(connection) = there.upgrade() else { return };
            if close.code() == LOGGED_OUT { connection.log_out() } else { connection.lose() }
        });
        socket.set_onmessage(Some(message.as_ref().unchecked_ref()));
        socket.set_onclose(Some(close.as_ref().unchecked_ref()));
        self.socket.replace(Some(Socket { open: socket, _message: message, _close: close }));
        self.expect_frame();
    }

    /// A connection that says nothing for long is lost, whatever the browser thinks of it.
    fn expect_frame(self: &Rc<Self>) {
        self.after(SILENCE, Self::lose);
    }

    fn take(self: &Rc<Self>, text: &str) {
        let Ok(frame) = serde_json::from_str::<LiveFrame>(text) else {
            // A server of another build: its reports say that the page is to be loaded anew.
            self.tick();
            return;
        };
        self.attempts.set(0);
        self.expect_frame();
        let live = self.live;
        if live.status.get_untracked() != LiveStatus::On {
            live.status.set(LiveStatus::On);
        }
        if live.now_on_site.get_untracked() != Some(frame.now_on_site) {
            live.now_on_site.set(Some(frame.now_on_site));
        }
        let news = self.known.borrow_mut().learn(&frame);
        if !frame.moments.is_empty() {
            live.feed.update(|feed| *feed = merged(std::mem::take(feed), &frame.moments));
        }
        if news.has_changed {
            self.tick();
        }
        if !news.sales.is_empty() {
            if live.has_sound.get_untracked() {
                sound::chime();
            }
            for sale in &news.sales {
                let id = sale.id;
                set_timeout(move || live.dismiss(id), SHOWN);
            }
            live.sales.update(|shown| {
                shown.extend(news.sales);
                shown.drain(..shown.len().saturating_sub(MOST_SHOWN));
            });
        }
    }

    /// Lets reports be asked for again: now, or as soon as the last time is long enough ago.
    fn tick(self: &Rc<Self>) {
        let left = self.ticked_at.get() + self.live.pause.get_value() - js_sys::Date::now();
        if left <= 0.0 {
            self.ticked_at.set(js_sys::Date::now());
            self.live.tick.update(|tick| *tick += 1);
        } else if !self.is_tick_due.replace(true) {
            let connection = Rc::downgrade(self);
            let later = move || {
                if let Some(connection) = connection.upgrade().filter(|connection| !connection.has_ended()) {
                    connection.is_tick_due.set(false);
                    connection.tick();
                }
            };
            set_timeout(later, Duration::from_secs_f64(left.clamp(0.0, PAUSE) / 1000.0) + Duration::from_millis(1));
        }
    }

    /// The connection is lost, or could not be opened: tries again after a while.
    fn lose(self: &Rc<Self>) {
        // The socket may be what calls: it goes when the next one comes.
        if self.live.status.get_untracked() == LiveStatus::Paused {
            return;
        }
        self.live.status.set(LiveStatus::Offline);
        let attempts = self.attempts.replace(self.attempts.get().saturating_add(1));
        let pause = FIRST_PAUSE.saturating_mul(1 << attempts.min(6)).min(LONGEST_PAUSE);
        // Not all browsers at once, when a server has started anew.
        self.after(pause.mul_f64(0.5 + js_sys::Math::random() / 2.0), Self::attempt);
    }

    /// Asks the server whether the login still holds, and opens a socket if it does. A socket that is refused says
    /// nothing of why.
    fn attempt(self: &Rc<Self>) {
        self.wait(None);
        if matches!(self.live.status.get_untracked(), LiveStatus::On | LiveStatus::Paused) {
            return;
        }
        let connection = Rc::clone(self);
        spawn_local(async move {
            let answer = reports(connection.build.clone(), Vec::new()).await;
            if connection.listeners.borrow().is_empty() || connection.has_ended() {
                return;
            }
            match answer {
                Err(AppError::NotLoggedIn | AppError::Forbidden) => connection.log_out(),
                Err(AppError::Offline | AppError::Unavailable) => connection.lose(),
                // Of another build or not, it answers.
                Ok(_) | Err(_) => connection.open(),
            }
        });
    }

    fn log_out(&self) {
        self.wait(None);
        clear(&self.unseen);
        self.live.status.set(LiveStatus::Ended);
        self.live.now_on_site.set(None);
    }

    /// Closes the connection once nobody has seen the page for a while; somebody who looks again has it at once.
    fn look(self: &Rc<Self>) {
        clear(&self.unseen);
        if document().hidden() {
            let connection = Rc::downgrade(self);
            let pause = move || {
                if let Some(connection) = connection.upgrade() {
                    connection.wait(None);
                    connection.live.status.set(LiveStatus::Paused);
                    drop(connection.socket.take());
                }
            };
            self.unseen.set(set_timeout_with_handle(pause, UNSEEN).ok());
        } else if self.live.status.get_untracked() == LiveStatus::Paused {
            self.open();
        } else if self.live.status.get_untracked() == LiveStatus::Offline {
            self.attempt();
        }
    }

    /// Does something after a while, unless something else is to be done before.
    fn after(self: &Rc<Self>, pause: Duration, act: fn(&Rc<Self>)) {
        let connection = Rc::downgrade(self);
        let act = move || {
            if let Some(connection) = connection.upgrade() {
                act(&connection);
            }
        };
        self.wait(set_timeout_with_handle(act, pause).ok());
    }

    fn wait(&self, timer: Option<TimeoutHandle>) {
        if let Some(before) = self.timer.replace(timer) {
            before.clear();
        }
    }
}

fn clear(timer: &Cell<Option<TimeoutHandle>>) {
    if let Some(timer) = timer.take() {
        timer.clear();
    }
}

/// `wss://shop.example/admin-panel/live`.
fn address() -> Option<String> {
    let location = window().location();
    let scheme = if location.protocol().ok()? == "https:" { "wss" } else { "ws" };
    Some(format!("{scheme}://{}{LIVE}", location.host().ok()?))
}
