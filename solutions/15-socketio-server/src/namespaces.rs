use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use socketio_packet::Namespace as Name;

use crate::inner::Inner;
use crate::settings::Settings;
use crate::{Handshake, Namespace};

/// Which names a dynamic namespace may have: a closure of the [`Handshake`], or a [`Pattern`].
pub trait Matcher: Send + Sync + 'static {
    /// Whether a client that asks so may have this namespace.
    fn matches(&self, handshake: &Handshake) -> bool;
}

impl<F: Fn(&Handshake) -> bool + Send + Sync + 'static> Matcher for F {
    fn matches(&self, handshake: &Handshake) -> bool {
        self(handshake)
    }
}

/// Names with a `*` in them, which stands for any characters but a slash, and for at least one:
/// `/room-*`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    before: String,
    behind: String,
}

impl Pattern {
    /// The names that begin with what stands before the first `*`, and end with what stands behind it.
    #[must_use]
    pub fn new(pattern: &str) -> Self {
        let (before, behind) = pattern.split_once('*').unwrap_or((pattern, ""));
        Self { before: Name::new(before).as_str().to_owned(), behind: behind.to_owned() }
    }
}

impl Matcher for Pattern {
    fn matches(&self, handshake: &Handshake) -> bool {
        let name = handshake.nsp().as_str().strip_prefix(self.before.as_str());
        let middle = name.and_then(|name| name.strip_suffix(self.behind.as_str()));
        middle.is_some_and(|middle| !middle.is_empty() && !middle.contains('/'))
    }
}

struct Dynamic {
    matcher: Box<dyn Matcher>,
    set_up: Arc<dyn Fn(Namespace) + Send + Sync>,
}

/// The namespaces of a server, by name.
#[derive(Default)]
pub(crate) struct Namespaces {
    known: RwLock<HashMap<Name, Arc<Inner>>>,
    dynamic: RwLock<Vec<Arc<Dynamic>>>,
}

impl Namespaces {
    /// A namespace that is there from now on.
    pub(crate) fn of(&self, name: &str, settings: &Arc<Settings>) -> Arc<Inner> {
        let name = Name::new(name);
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        let new = || Arc::new(Inner::new(name.clone(), settings, false));
        Arc::clone(known.entry(name.clone()).or_insert_with(new))
    }

    pub(crate) fn add_dynamic(
        &self,
        matcher: impl Matcher,
        set_up: impl Fn(Namespace) + Send + Sync + 'static,
    ) {
        let dynamic = Dynamic { matcher: Box::new(matcher), set_up: Arc::new(set_up) };
        self.dynamic.write().unwrap_or_else(PoisonError::into_inner).push(Arc::new(dynamic));
    }

    /// The namespace that a client asks for, if there is one. A dynamic one is built once, however many
    /// ask at the same time.
    pub(crate) fn find(&self, handshake: &Handshake, settings: &Arc<Settings>) -> Option<Arc<Inner>> {
        if let Some(inner) = self.get(handshake.nsp())
            && !inner.dynamic
        {
            return Some(inner);
        }
        let dynamic = {
            let dynamic = self.dynamic.read().unwrap_or_else(PoisonError::into_inner);
            dynamic.iter().find(|dynamic| dynamic.matcher.matches(handshake)).map(Arc::clone)
        }?;
        let inner = {
            let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
            let new = || Arc::new(Inner::new(handshake.nsp().clone(), settings, true));
            Arc::clone(known.entry(handshake.nsp().clone()).or_insert_with(new))
        };
        // Without the lock: whatever is registered may ask for other namespaces.
        inner.set_up.get_or_init(|| (dynamic.set_up)(Namespace::new(Arc::clone(&inner))));
        Some(inner)
    }

    /// The last client of a dynamic namespace may have left.
    pub(crate) fn release(&self, inner: &Arc<Inner>) {
        if !inner.dynamic {
            return;
        }
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        // Those who are about to come in hold it as well.
        let unused = Arc::strong_count(inner) <= 2 && inner.rooms().is_empty();
        if unused && known.get(&inner.name).is_some_and(|known| Arc::ptr_eq(known, inner)) {
            known.remove(&inner.name);
        }
    }

    fn get(&self, name: &Name) -> Option<Arc<Inner>> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).get(name).map(Arc::clone)
    }
}

impl fmt::Debug for Namespaces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        f.debug_set().entries(known.keys()).finish()
    }
}
