use std::collections::VecDeque;
use std::mem;

use crate::{Bound, Overflow};

/// What waits, in order, and never more of it than may.
///
/// ```
/// use lesson_17_buffering::{Backlog, Bound, Overflow};
///
/// let two = Bound { items: 2, bytes: 1000 };
/// let mut backlog = Backlog::new(two, Overflow::DropOldest);
/// assert!(backlog.push("a", 1).is_empty());
/// assert!(backlog.push("b", 1).is_empty());
/// assert_eq!(backlog.push("c", 1), ["a"]); // lost, and not silently
/// assert!(backlog.drain().eq(["b", "c"]));
/// ```
#[derive(Debug)]
pub struct Backlog<T> {
    bound: Bound,
    overflow: Overflow,
    items: VecDeque<Item<T>>,
    bytes: usize,
}

#[derive(Debug)]
struct Item<T> {
    value: T,
    weight: usize,
}

impl<T> Backlog<T> {
    /// An empty one.
    #[must_use]
    pub fn new(bound: Bound, overflow: Overflow) -> Self {
        Self { bound, overflow, items: VecDeque::new(), bytes: 0 }
    }

    /// One more is to wait, which holds `size` bytes beside its value. What is lost for it, the oldest
    /// first; it may be this one.
    ///
    /// One that is too large even alone is lost itself, whatever the policy.
    #[must_use = "what is lost is lost silently otherwise"]
    pub fn push(&mut self, value: T, size: usize) -> Vec<T> {
        let weight = size.saturating_add(size_of::<Item<T>>());
        if self.bound.items == 0 || weight > self.bound.bytes {
            return vec![value];
        }
        self.make_room(Item { value, weight })
    }

    /// For an item that has room in an empty backlog.
    fn make_room(&mut self, item: Item<T>) -> Vec<T> {
        // TODO step 17.2: Bound what waits
        //
        // So far a client that is away for an hour sends an hour's worth on its return. `make_room`
        // keeps an item, by `self.keep(item)`, if `self.has_room(item.weight)`. If not,
        // `self.overflow` says what is lost: the item itself (`Refuse`), the oldest until there is
        // room (`DropOldest`), all that waits (`DropAll`); `self.pop()` and `self.drain()` take it
        // out, and its bytes with it. It is called only for an item that has room in an empty
        // backlog, so each of the three comes to an end. The answer is what was lost, the oldest
        // first. `emit_volatile` sends at once, if there is a connection and it takes more, or
        // drops at once: a volatile packet never waits. (Socket.IO, "Volatile events")
        //
        // Stuck? cargo course hint 17.2
        {
            self.keep(item);
            Vec::new()
        }
    }

    fn has_room(&self, weight: usize) -> bool {
        let is_counted = !self.items.is_empty() || self.bytes == 0;
        debug_assert!(is_counted, "nothing waits, and {} bytes of it are counted", self.bytes);
        self.items.len() < self.bound.items && weight <= self.bound.bytes.saturating_sub(self.bytes)
    }

    fn keep(&mut self, item: Item<T>) {
        self.bytes += item.weight;
        self.items.push_back(item);
    }

    /// Takes the oldest.
    pub fn pop(&mut self) -> Option<T> {
        self.take(0)
    }

    /// Takes the oldest of those that are meant.
    pub fn take_first(&mut self, mut is_meant: impl FnMut(&T) -> bool) -> Option<T> {
        let place = self.items.iter().position(|item| is_meant(&item.value))?;
        self.take(place)
    }

    /// Takes all, the oldest first. They are gone, whether somebody looks at them or not.
    pub fn drain(&mut self) -> impl ExactSizeIterator<Item = T> + use<T> {
        self.bytes = 0;
        mem::take(&mut self.items).into_iter().map(|item| item.value)
    }

    /// The oldest.
    #[must_use]
    pub fn first(&self) -> Option<&T> {
        self.items.front().map(|item| &item.value)
    }

    /// The oldest, to be changed.
    pub fn first_mut(&mut self) -> Option<&mut T> {
        self.items.front_mut().map(|item| &mut item.value)
    }

    /// Those behind the ones for which `is_before` says yes, which stand together, at the front. They are not
    /// walked through.
    pub fn after(
        &self,
        mut is_before: impl FnMut(&T) -> bool,
    ) -> impl ExactSizeIterator<Item = &T> {
        let start = self.items.partition_point(|item| is_before(&item.value));
        self.items.range(start..).map(|item| &item.value)
    }

    /// How many wait.
    #[must_use]
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether nothing does.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// How many bytes they are, with what it takes to keep each.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    fn take(&mut self, place: usize) -> Option<T> {
        let item = self.items.remove(place)?;
        self.bytes -= item.weight;
        if self.items.len() < self.items.capacity() / 4 {
            self.items.shrink_to(2 * self.items.len()); // a flood took more
        }
        Some(item.value)
    }
}
