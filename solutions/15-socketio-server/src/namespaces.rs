use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockWriteGuard};

use socketio_packet::Namespace as Name;

use crate::Namespace;
use crate::inner::Inner;
use crate::settings::Settings;

/// Which names a dynamic namespace may have: a closure of the name, or a [`Pattern`].
pub trait Matcher: Send + Sync + 'static {
    /// Whether there may be a namespace of this name. It must not ask the server for another: that one's
    /// name would be asked about in turn.
    fn matches(&self, name: &str) -> bool;
}

impl<F: Fn(&str) -> bool + Send + Sync + 'static> Matcher for F {
    fn matches(&self, name: &str) -> bool {
        self(name)
    }
}

/// Names with a `*` in them, which stands for any characters but a slash, and for at least one:
/// `/room-*`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    before: String,
    /// `None`: there is no star, and one name.
    behind: Option<String>,
}

impl Pattern {
    /// The names that begin with what stands before the first `*`, and end with what stands behind it.
    #[must_use]
    pub fn new(pattern: &str) -> Self {
        let (before, behind) = match pattern.split_once('*') {
            Some((before, behind)) => (before, Some(behind.to_owned())),
            None => (pattern, None),
        };
        Self { before: Name::new(before).as_str().to_owned(), behind }
    }
}

impl Matcher for Pattern {
    fn matches(&self, name: &str) -> bool {
        let Some(end) = &self.behind else { return name == self.before };
        let behind = name.strip_prefix(self.before.as_str());
        let middle = behind.and_then(|name| name.strip_suffix(end.as_str()));
        middle.is_some_and(|middle| !middle.is_empty() && !middle.contains('/'))
    }
}

struct Dynamic {
    matcher: Box<dyn Matcher>,
    set_up: Box<dyn Fn(Namespace) + Send + Sync>,
}

/// The namespaces of a server, by name.
#[derive(Default)]
pub(crate) struct Namespaces {
    known: RwLock<HashMap<Name, Known>>,
    dynamic: RwLock<Vec<Arc<Dynamic>>>,
    /// Held by whoever tells the adapter that a namespace is there, or is no more: it hears that one is gone
    /// before it hears of the next of that name.
    telling: Mutex<()>,
}

struct Known {
    inner: Arc<Inner>,
    /// How many clients are in a dynamic one, or about to come in. `None`: it stays without any.
    visits: Option<usize>,
}

/// A client's part in a namespace. A dynamic namespace goes with its last.
pub(crate) struct Visit {
    namespaces: Arc<Namespaces>,
    pub(crate) inner: Arc<Inner>,
}

impl Namespaces {
    pub(crate) fn add_dynamic(
        &self,
        matcher: impl Matcher,
        set_up: impl Fn(Namespace) + Send + Sync + 'static,
    ) {
        let dynamic = Dynamic { matcher: Box::new(matcher), set_up: Box::new(set_up) };
        self.dynamic.write().unwrap_or_else(PoisonError::into_inner).push(Arc::new(dynamic));
    }

    /// A namespace that is there from now on.
    pub(crate) fn of(&self, name: &str, settings: &Arc<Settings>) -> Arc<Inner> {
        if let Some(inner) = self.lasting(name) {
            return inner;
        }
        let name = Name::new(name);
        let dynamic = self.dynamic(&name);
        let inner = {
            let mut all = self.known();
            let known = all.entry(name).or_insert_with_key(|name| Known::new(name, settings));
            known.visits = None;
            Arc::clone(&known.inner)
        };
        self.set_up(&inner, dynamic.as_deref());
        inner
    }

    /// One that stays, and is ready: nearly always it is, and nobody has to wait for anybody.
    fn lasting(&self, name: &str) -> Option<Arc<Inner>> {
        let all = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let known = all.get(name).filter(|known| known.visits.is_none())?;
        known.inner.set_up.get().map(|()| Arc::clone(&known.inner))
    }

    /// The namespace that a client asks for, if there is one. A dynamic one is built once, however many
    /// ask at the same time.
    pub(crate) fn visit(self: &Arc<Self>, name: &Name, settings: &Arc<Settings>) -> Option<Visit> {
        if let Some(inner) = self.lasting(name.as_str()) {
            return Some(Visit { namespaces: Arc::clone(self), inner });
        }
        let dynamic = self.dynamic(name);
        let inner = {
            let mut all = self.known();
            if !all.contains_key(name) {
                dynamic.as_ref()?;
                all.insert(name.clone(), Known { visits: Some(0), ..Known::new(name, settings) });
            }
            let known = all.get_mut(name)?;
            known.visits = known.visits.map(|visits| visits + 1);
            Arc::clone(&known.inner)
        };
        let visit = Visit { namespaces: Arc::clone(self), inner };
        self.set_up(&visit.inner, dynamic.as_deref());
        Some(visit)
    }

    /// A namespace that is there.
    pub(crate) fn get(&self, name: &str) -> Option<Arc<Inner>> {
        let all = self.known.read().unwrap_or_else(PoisonError::into_inner);
        all.get(name).map(|known| Arc::clone(&known.inner))
    }

    /// Those that are there.
    pub(crate) fn all(&self) -> Vec<Arc<Inner>> {
        let all = self.known.read().unwrap_or_else(PoisonError::into_inner);
        all.values().map(|known| Arc::clone(&known.inner)).collect()
    }

    /// One client less. A dynamic namespace goes with its last.
    fn leave(&self, inner: &Arc<Inner>) {
        // ANCHOR: step_15_5_e
        let mut all = self.known();
        let Some(Known { visits: Some(visits), .. }) = all.get_mut(&inner.name) else { return };
        *visits -= 1;
        if *visits == 0 {
            drop(all);
            self.close(inner);
        }
        // ANCHOR_END: step_15_5_e
    }

    /// Closes a namespace that nobody is in, unless somebody has come meanwhile.
    fn close(&self, inner: &Arc<Inner>) {
        let telling = self.telling.lock().unwrap_or_else(PoisonError::into_inner);
        let mut all = self.known();
        let is_empty = |known: &Known| known.visits == Some(0) && Arc::ptr_eq(&known.inner, inner);
        if !all.get(&inner.name).is_some_and(is_empty) {
            return;
        }
        all.remove(&inner.name);
        drop(all);
        inner.tell_closed();
        drop(telling); // what a handler captured may ask for a namespace when it goes
        inner.clear();
    }

    /// Without a lock of the map: whatever is registered may ask for other namespaces.
    fn set_up(&self, inner: &Arc<Inner>, dynamic: Option<&Dynamic>) {
        inner.set_up.get_or_init(|| {
            if let Some(dynamic) = dynamic {
                inner.clear(); // one that panicked may have registered something
                (dynamic.set_up)(Namespace::new(Arc::clone(inner)));
            }
            let _telling = self.telling.lock().unwrap_or_else(PoisonError::into_inner);
            inner.adapter().opened(&inner.name);
        });
    }

    /// Matchers are asked without the lock: they are the application's.
    fn dynamic(&self, name: &Name) -> Option<Arc<Dynamic>> {
        let all: Vec<_> = self.dynamic.read().unwrap_or_else(PoisonError::into_inner).clone();
        all.into_iter().find(|dynamic| dynamic.matcher.matches(name.as_str()))
    }

    fn known(&self) -> RwLockWriteGuard<'_, HashMap<Name, Known>> {
        self.known.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn new(name: &Name, settings: &Arc<Settings>) -> Self {
        Self { inner: Arc::new(Inner::new(name.clone(), settings)), visits: None }
    }
}

impl Drop for Visit {
    fn drop(&mut self) {
        self.namespaces.leave(&self.inner);
    }
}

impl fmt::Debug for Namespaces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        f.debug_set().entries(known.keys()).finish()
    }
}
