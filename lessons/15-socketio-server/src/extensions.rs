use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

type Values = HashMap<TypeId, Arc<dyn Any + Send + Sync>>;

/// One value of each type, that anyone who holds the socket, or the handshake, may put there and read.
#[derive(Default)]
pub struct Extensions(Mutex<Option<Box<Values>>>);

impl Extensions {
    /// Puts a value there, in the place of an earlier one of its type.
    pub fn insert<T: Send + Sync + 'static>(&self, value: T) {
        let value = Arc::new(value);
        let earlier = self.values().get_or_insert_default().insert(TypeId::of::<T>(), value);
        drop(earlier); // without the lock: it may come here
    }

    /// The value of this type.
    #[must_use]
    pub fn get<T: Send + Sync + 'static>(&self) -> Option<Arc<T>> {
        let value = self.values().as_ref()?.get(&TypeId::of::<T>())?.clone();
        value.downcast().ok()
    }

    fn values(&self) -> MutexGuard<'_, Option<Box<Values>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Extensions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Extensions").field(&self.values().as_ref().map_or(0, |it| it.len())).finish()
    }
}
